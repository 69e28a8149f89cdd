"""What a workbook would change: new households, changed fields, new members. Pure; writes nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from core.place import Place
from core.registry.numbers import mask_id, mask_phone
from core.registry.workbook import CLEAR, Checked, HouseholdRow, MemberRow
from core.registry.workbook.columns import HOUSEHOLD_COLUMNS, MEMBER_COLUMNS, Column
from core.registry.writing import NewHousehold, NewMember
from core.vault import blind

from .known import Known, KnownHousehold, KnownMember, match_members

# Columns that are compared one by one, with the names that the registry's columns have.
HOME_FIELDS = {"address": "address", "zone": "setting", "cause": "cause", "phone": "phone", "note": "note"}
MEMBER_FIELDS = {
    "name": "name", "relation": "relation", "sex": "sex", "birth_on": "birth_on", "ethnicity": "ethnicity",
    "health": "health", "education": "education", "marital": "marital_status", "phone": "phone", "note": "note",
}  # fmt: skip
HOME_COLUMNS = {column.key: column for column in HOUSEHOLD_COLUMNS}
PERSON_COLUMNS = {column.key: column for column in MEMBER_COLUMNS}


@dataclass(frozen=True)
class FieldChange:
    """One field before and after, by the key of its column; None is empty."""

    key: str
    before: Any
    after: Any


@dataclass
class MemberChange:
    """What changes about a known member."""

    known: KnownMember
    row: MemberRow
    fields: list[FieldChange] = field(default_factory=list)


@dataclass
class HouseholdChange:
    """What changes about a known household."""

    known: KnownHousehold
    row: HouseholdRow
    fields: list[FieldChange] = field(default_factory=list)
    members: list[MemberChange] = field(default_factory=list)
    joining: list[MemberRow] = field(default_factory=list)

    @property
    def is_one(self) -> bool:
        return bool(self.fields or self.members or self.joining)


@dataclass
class Plan:
    """What applying a workbook does. `unchanged` counts households that are so already."""

    new: list[HouseholdRow] = field(default_factory=list)
    changed: list[HouseholdChange] = field(default_factory=list)
    unchanged: int = 0

    def lines(self) -> Iterator[tuple[str, str | None, str, str, str]]:
        """Yield (household number, member, heading, before, after) as people may read it: numbers masked.

        A member who joins has no heading.
        """
        for change in self.changed:
            number = change.known.number
            for one in change.fields:
                yield number, None, *_readable(HOME_COLUMNS[one.key], one)
            for member in change.members:
                for one in member.fields:
                    yield number, member.known.name, *_readable(PERSON_COLUMNS[one.key], one)
            for row in change.joining:
                yield number, row.name, "", "", ""

    def digest(self) -> str:
        """Return what tells this plan from another: the same households and changes, to the letter."""
        parts = [f"new {row.number}" for row in self.new]
        for change in self.changed:
            every: list[tuple[UUID | None, FieldChange]] = [(None, one) for one in change.fields]
            every += [(member.known.person, one) for member in change.members for one in member.fields]
            parts += [f"{change.known.id} {who} {one.key} {one.before!r} {one.after!r}" for who, one in every]
            parts += [f"{change.known.id} joins {row.name} {row.birth_on}" for row in change.joining]
        return blind("\n".join(parts), purpose="import plan")


def compare(checked: Checked, known: Known, villages: Mapping[str, UUID]) -> Plan:
    """Compare what can be applied with what is known; a blank cell is no difference.

    :param villages: code → village id.
    """
    codes = {village: code for code, village in villages.items()}
    plan = Plan()
    for row in checked.households:
        there = known.households.get(str(row.number))
        if there is None:
            plan.new.append(row)
            continue
        change = HouseholdChange(there, row, list(_differences(row, there, HOME_FIELDS)))
        if row.village is not None and row.village != there.place.village:
            before = codes.get(there.place.village) if there.place.village else None
            change.fields.insert(0, FieldChange("division", before, row.division))
        for member, person in zip(row.members, match_members(there.members, row.members), strict=True):
            if person is None:
                change.joining.append(member)
                continue
            fields = [*_differences(member, person, MEMBER_FIELDS), *_document(member, person)]
            fields += _disability(member, person)
            if fields:
                change.members.append(MemberChange(person, member, fields))
        if change.is_one:
            plan.changed.append(change)
        else:
            plan.unchanged += 1
    return plan


def new_household(row: HouseholdRow, places: Mapping[UUID, Place]) -> NewHousehold:
    """Turn a row into a household to be entered."""
    assert row.village is not None, "a row without a village has a fault"
    return NewHousehold(
        places[row.village], row.number, _plain(row.address), row.zone, _plain(row.cause), _plain(row.phone),
        _plain(row.note), tuple(new_member(member) for member in row.members),
    )  # fmt: skip


def new_member(row: MemberRow) -> NewMember:
    """Turn a row into a person to be entered."""
    return NewMember(
        row.name, row.relation, _plain(row.document_kind), _plain(row.document), _plain(row.sex), _plain(row.birth_on),
        _plain(row.ethnicity), _plain(row.health), _plain(row.disability_category), _plain(row.disability_grade),
        _plain(row.education), _plain(row.marital), _plain(row.phone), _plain(row.note),
    )  # fmt: skip


def _plain(value: Any) -> Any:
    return None if value is CLEAR else value


def _differences(row: Any, known: Any, fields: Mapping[str, str]) -> Iterator[FieldChange]:
    for key, name in fields.items():
        given = getattr(row, key)
        if given is None or given == "":
            continue
        before, after = getattr(known, name), _plain(given)
        if (before or None) != after:
            yield FieldChange(key, before, after)


def _document(row: MemberRow, known: KnownMember) -> Iterator[FieldChange]:
    if row.document is None:
        return
    if row.document is CLEAR:
        if known.identities:
            yield FieldChange("document", known.number(known.identities[0][1]), None)
        return
    before = known.number(str(row.document_kind))
    if before != row.document:
        yield FieldChange("document", before, row.document)


def _disability(row: MemberRow, known: KnownMember) -> Iterator[FieldChange]:
    _, category, grade = known.disability or (None, None, None)
    after = category if row.disability_category is None else _plain(row.disability_category)
    after_grade = grade if row.disability_grade is None else _plain(row.disability_grade)
    if after is None:
        after_grade = None  # a grade is the grade of a disability
    if after != category:
        yield FieldChange("disability_category", category, after)
    if after_grade != grade:
        yield FieldChange("disability_grade", grade, after_grade)


def _readable(column: Column, change: FieldChange) -> tuple[str, str, str]:
    return column.name, _words(column, change.before), _words(column, change.after)


def _words(column: Column, value: Any) -> str:
    if value is None:
        return ""
    if column.codes is not None:
        return column.codes[value].zh if value in column.codes else str(value)
    match column.key:
        case "phone":
            return mask_phone(value)
        case "document":
            return mask_id(value)
        case "note":
            return "•••"  # may say what only the household's page shows
    return value.isoformat() if isinstance(value, date) else str(value)
