"""Find every fault of a household workbook and sort out what can be applied. Pure: no database, no clock.

One root cause gives one fault: a cell that cannot be read raises nothing further from what it might have said.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import cast
from uuid import UUID

from core.registry import numbers
from core.registry.codes import HEAD

from .cells import CLEAR, GivenDay, GivenText
from .faults import Fault
from .read import Row, Workbook
from .sheet_check import SheetCheck

PARSERS = {
    "resident_id": numbers.parse_id,
    "hmt_residence_permit": numbers.parse_residence_permit,
    "foreign_permanent_residence": numbers.parse_foreign_residence,
}


@dataclass(slots=True)
class MemberRow:
    """One member: codes, normalised texts, days. None leaves what is known alone, CLEAR deletes it.

    Sex and birth date are filled from the document number where the row does not give them.
    """

    row: int
    household: str | None = None
    name: str = ""
    document_kind: GivenText = None
    document: GivenText = None
    relation: str = ""
    sex: GivenText = None
    birth_on: GivenDay = None
    ethnicity: GivenText = None
    health: GivenText = None
    disability_category: GivenText = None
    disability_grade: GivenText = None
    education: GivenText = None
    marital: GivenText = None
    phone: GivenText = None
    note: GivenText = None


@dataclass(slots=True)
class HouseholdRow:
    """One household with its members: `number` as the collector gave it, `village` the id of its division."""

    row: int
    number: str | None = None
    division: str = ""
    village: UUID | None = None
    address: GivenText = None
    zone: str = ""
    cause: GivenText = None
    phone: GivenText = None
    note: GivenText = None
    members: list[MemberRow] = field(default_factory=list)


@dataclass(frozen=True)
class Checked:
    """The result: households that can be applied, all faults in the order of the file, numbers held back.

    :param wrong_layout: a heading is at fault, so nothing was read below it and nothing can be applied.
    """

    households: list[HouseholdRow]
    faults: list[Fault]
    held_back: list[str]
    wrong_layout: bool = False


KnownHeads = Mapping[str, Callable[[MemberRow], bool]]


def household_numbers(workbook: Workbook) -> list[str]:
    """Return the household numbers of sheet 家庭, for looking up what is known of them before `check`."""
    sheet = SheetCheck(workbook.households, date.max)
    read = (sheet.read(row, {"number"})[0].get("number") for row in workbook.households.rows)
    return list(dict.fromkeys(number for number in read if isinstance(number, str)))


def check(
    workbook: Workbook, *, divisions: Mapping[str, UUID], today: date, known_heads: KnownHeads | None = None
) -> Checked:
    """Check a workbook by the rules of its format.

    :param divisions: codes of the villages and communities of the county, with their ids.
    :param today: the local date; nobody is born after it.
    :param known_heads: households that the registry knows, each with a test "is this row its head?". A known
        head who is not in the file stays head. Without it each household of the file must name its head.
    """
    sheets = [SheetCheck(sheet, today) for sheet in workbook.sheets]
    wrong = [fault for sheet in sheets for fault in sheet.heading_faults()]
    if wrong:
        return Checked([], wrong, [], wrong_layout=True)
    return _Check(sheets[0], sheets[1], divisions, today, known_heads or {}).run()


class _Check:
    """The whole workbook once its headings are right."""

    def __init__(
        self,
        households: SheetCheck,
        members: SheetCheck,
        divisions: Mapping[str, UUID],
        today: date,
        known_heads: KnownHeads,
    ) -> None:
        self.homes, self.people = households, members
        self.divisions, self.today, self.known_heads = divisions, today, known_heads
        self.rows_of: dict[str, list[HouseholdRow]] = defaultdict(list)
        self.members_of: dict[str, list[MemberRow]] = defaultdict(list)
        self.unread_relation: set[str] = set()
        self.identities: dict[int, numbers.IdNumber] = {}
        self.identified: dict[str, list[MemberRow]] = defaultdict(list)

    def run(self) -> Checked:
        for row in self.homes.sheet.rows:
            self._household(row)
        for row in self.people.sheet.rows:
            self._member(row)
        self._duplicates()
        for number, members in self.members_of.items():
            if number not in self.rows_of:
                for member in members:
                    self.people.add(member.row, "number", "orphan_member", number)
        for number, rows in self.rows_of.items():
            if len(rows) == 1:  # members of a repeated number may belong to either
                self._head(rows[0], self.members_of[number])
        faults = self.homes.sorted_faults() + self.people.sorted_faults()
        held = {fault.household for fault in faults if fault.household in self.rows_of}
        good = [rows[0] for number, rows in self.rows_of.items() if number not in held]
        for household in good:
            household.members = self.members_of[str(household.number)]
        return Checked(good, faults, sorted(number for number in held if number is not None))

    def _household(self, row: Row) -> None:
        values, bad = self.homes.read(row)
        division = values.get("division")
        if division is not None and division not in self.divisions:
            bad["division"] = "unknown_division"
        number = values.pop("number", None) or self._named_anyway(self.homes, row, bad)
        for key, code in bad.items():
            self.homes.add(row.number, key, code, number)
        village = self.divisions.get(str(division))
        if number is not None:
            self.rows_of[number].append(HouseholdRow(row.number, number, village=village, **values))

    def _member(self, row: Row) -> None:
        values, bad = self.people.read(row)
        number = values.pop("number", None) or self._named_anyway(self.people, row, bad)
        if number is not None and bad.get("number") == "unknown_value":
            del bad["number"]  # a number that is too long is the household's fault, or an orphan's
        member = MemberRow(row.number, number, **values)
        if isinstance(member.document, str) and "document_kind" not in bad:
            if not isinstance(member.document_kind, str):
                member.document_kind = "resident_id"
            self._identify(member, bad)
        elif member.document_kind is CLEAR:
            member.document_kind = None  # a kind without a number says nothing
        has_category = isinstance(member.disability_category, str) or "disability_category" in bad
        if isinstance(member.disability_grade, str) and not has_category:
            bad["disability_category"] = "grade_without_category"
        for key, code in bad.items():
            self.people.add(row.number, key, code, number)
        if number is not None:
            self.members_of[number].append(member)
            if "relation" in bad:
                self.unread_relation.add(number)

    def _named_anyway(self, sheet: SheetCheck, row: Row, bad: dict[str, str]) -> str | None:
        """A household number that is too long still says which household the row is about."""
        return sheet.shown(row.number, "number") if bad.get("number") == "unknown_value" else None

    def _identify(self, member: MemberRow, bad: dict[str, str]) -> None:
        parse = PARSERS.get(cast(str, member.document_kind))
        if parse is None:
            return
        try:
            identity = parse(cast(str, member.document), today=self.today)
        except numbers.BadNumber as number:
            bad["document"] = number.code
            return
        member.document = identity.number
        self.identified[identity.number].append(member)
        self.identities[member.row] = identity

    def _duplicates(self) -> None:
        for number, rows in self.rows_of.items():
            for row in rows if len(rows) > 1 else ():
                others = (other.row for other in rows if other is not row)
                self.homes.add(row.row, "number", "duplicate_household", number, *others)
        for members in self.identified.values():
            for member in members:
                if len(members) == 1:
                    self._agree(member, self.identities[member.row])
                else:  # whose number it is, is not known: what it says of sex and birth is no second fault
                    others = (other.row for other in members if other is not member)
                    self.people.add(member.row, "document", "duplicate_id", member.household, *others)

    def _agree(self, member: MemberRow, identity: numbers.IdNumber) -> None:
        if isinstance(member.birth_on, date) and identity.birth_on and member.birth_on != identity.birth_on:
            expected = identity.birth_on.isoformat()
            self.people.add(member.row, "birth_on", "birth_contradicts_id", member.household, expected=expected)
        if isinstance(member.sex, str) and identity.sex and member.sex != identity.sex:
            self.people.add(member.row, "sex", "sex_contradicts_id", member.household)
        if not isinstance(member.birth_on, date):
            member.birth_on = identity.birth_on or member.birth_on
        if not isinstance(member.sex, str):
            member.sex = identity.sex or member.sex

    def _head(self, household: HouseholdRow, members: list[MemberRow]) -> None:
        number = str(household.number)
        heads = [member for member in members if member.relation == HEAD]
        is_known_head = self.known_heads.get(number)
        stays = is_known_head is not None and not any(is_known_head(member) for member in members)
        if stays and heads:  # the registry's head is not in the file, so that person stays head beside this one
            for head in heads:
                self.people.add(head.row, "relation", "two_heads", number)
        for head in heads[1:] if not stays else ():
            if not isinstance(head.document, str) or head.document != heads[0].document:
                self.people.add(head.row, "relation", "two_heads", number, heads[0].row)
        if not heads and not stays and number not in self.unread_relation:
            self.homes.add(household.row, "number", "no_head", number)
