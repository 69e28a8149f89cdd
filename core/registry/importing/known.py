"""What the registry knows of the households that a workbook names, and which member a row is about."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from core.access import seen
from core.actor import Actor
from core.database import fetch
from core.place import Place
from core.registry.codes import HEAD
from core.registry.tables import Household
from core.registry.workbook import MemberRow
from core.registry.writing import number_mac
from core.vault import unseal

AT_ONCE = 100  # more would hold the event loop while rows become objects


@dataclass(frozen=True)
class KnownMember:
    """A person in a household; `identities` are (id, kind, sealed number, digest)."""

    person: UUID
    relation: str
    name: str
    sex: str | None
    birth_on: date | None
    ethnicity: str | None
    health: str | None
    education: str | None
    marital_status: str | None
    phone_sealed: str | None
    note_sealed: str | None
    identities: tuple[tuple[UUID, str, str, str], ...] = ()
    disability: tuple[UUID, str | None, str | None] | None = None

    @property
    def phone(self) -> str | None:
        return _open(self.phone_sealed, f"registry_person/{self.person}/phone")

    @property
    def note(self) -> str | None:
        return _open(self.note_sealed, f"registry_person/{self.person}/note")

    def number(self, kind: str) -> str | None:
        """Return the number of a kind of document."""
        for id_, known, number, _ in self.identities:
            if known == kind:
                return unseal(number, about=f"registry_identity/{id_}")
        return None


@dataclass(frozen=True)
class KnownHousehold:
    """A household as it stands, with its members."""

    id: UUID
    number: str
    place: Place
    address: str | None
    setting: str | None
    cause: str | None
    phone_sealed: str | None
    note_sealed: str | None
    version: int
    members: tuple[KnownMember, ...]

    @property
    def phone(self) -> str | None:
        return _open(self.phone_sealed, f"registry_household/{self.id}/phone")

    @property
    def note(self) -> str | None:
        return _open(self.note_sealed, f"registry_household/{self.id}/note")

    def is_head(self, row: MemberRow) -> bool:
        """Say whether a row is about the head of this household."""
        found = match_members(self.members, [row])[0]
        return found is not None and found.relation == HEAD


@dataclass(frozen=True)
class Known:
    """Households by their number, and numbers that the county has given elsewhere."""

    households: dict[str, KnownHousehold]
    taken: frozenset[str]

    @property
    def heads(self) -> dict[str, Callable[[MemberRow], bool]]:
        """Return for each household a test "is this row its head?"; one without a head gives none."""
        return {
            number: known.is_head
            for number, known in self.households.items()
            if any(member.relation == HEAD for member in known.members)
        }


async def load_known(county: UUID, numbers: Sequence[str], actor: Actor) -> Known:
    """Read what is known of households, by their number in the county: a few queries for each AT_ONCE.

    Households outside the actor's scope are not returned; that their number is taken, is.
    """
    scope = seen(Household, actor, "registry.import")
    households: dict[str, KnownHousehold] = {}
    taken: set[str] = set()
    for some in chunks(numbers, AT_ONCE):
        await asyncio.sleep(0)  # in a transaction on SQLite nothing else below lets others have a turn
        blanks = ", ".join("?" * len(some))
        rows = await fetch(
            f"SELECT collector_number FROM registry_household WHERE county = ? AND collector_number IN ({blanks})",
            (county, *some),
        )
        if not rows:
            continue
        taken |= {row["collector_number"] for row in rows}
        found = await scope.some(
            (Household.county == county) & Household.collector_number.is_in(list(some)), limit=len(some)
        )
        members = await _members([row.id for row in found])
        for row in found:
            households[row.collector_number] = KnownHousehold(
                row.id, row.collector_number, Place.of(row), row.address, row.setting, row.cause, row.phone_sealed,
                row.note_sealed, row.version, tuple(members.get(row.id, ())),
            )  # fmt: skip
    return Known(households, frozenset(taken - households.keys()))


async def _members(households: list[UUID]) -> dict[UUID, list[KnownMember]]:
    if not households:
        return {}
    inside = f"m.household IN ({', '.join('?' * len(households))}) AND m.until_on IS NULL"
    people = await fetch(
        "SELECT m.household, m.relation, p.id, p.name, p.sex, p.birth_on, p.ethnicity, p.health, p.education,"
        " p.marital_status, p.phone_sealed, p.note_sealed FROM registry_membership m"
        f" JOIN registry_person p ON p.id = m.person WHERE {inside} ORDER BY m.id",
        tuple(households),
    )
    identities: dict[UUID, list[Any]] = defaultdict(list)
    for row in await fetch(
        "SELECT i.person, i.id, i.kind, i.number_sealed, i.number_mac FROM registry_membership m"
        f" JOIN registry_identity i ON i.person = m.person WHERE {inside} ORDER BY i.id",
        tuple(households),
    ):
        identities[row["person"]].append(tuple(row)[1:])
    disabled = {
        row["person"]: (row["id"], row["code"], row["grade"])
        for row in await fetch(
            "SELECT c.person, c.id, c.code, c.grade FROM registry_membership m"
            f" JOIN registry_circumstance c ON c.person = m.person WHERE {inside}"
            " AND c.kind = 'disability' AND c.until_on IS NULL ORDER BY c.id DESC",
            tuple(households),
        )
    }
    members: dict[UUID, list[KnownMember]] = defaultdict(list)
    for row in people:
        household, relation, person, *facts = tuple(row)
        member = KnownMember(person, relation, *facts)
        members[household].append(
            replace(member, identities=tuple(identities.get(person, ())), disability=disabled.get(person))
        )
    return members


def match_members(known: Sequence[KnownMember], rows: Sequence[MemberRow]) -> list[KnownMember | None]:
    """Say for each row which known member it is about, each member at most once.

    By document number, else by name and birth date; a birth date that one side does not know is no
    difference if only one member has the name and no two document numbers contradict.
    """
    matched: dict[int, KnownMember] = {}
    free = list(known)

    def take(fits: Callable[[MemberRow, KnownMember], bool], only: bool = False) -> None:
        for at, row in enumerate(rows):
            if at in matched:
                continue
            candidates = [member for member in free if fits(row, member)]
            if candidates and (len(candidates) == 1 or not only):
                matched[at] = candidates[0]
                free.remove(candidates[0])

    macs = {row.document: number_mac(row.document) for row in rows if isinstance(row.document, str)}
    take(lambda row, member: any(macs.get(str(row.document)) == mac for _, _, _, mac in member.identities))
    take(lambda row, member: row.name == member.name and _birth(row) == member.birth_on)
    take(_compatible, only=True)
    return [matched.get(at) for at in range(len(rows))]


def _compatible(row: MemberRow, member: KnownMember) -> bool:
    unknown = _birth(row) is None or member.birth_on is None
    contradicts = isinstance(row.document, str) and bool(member.identities)
    return row.name == member.name and unknown and not contradicts


def _birth(row: MemberRow) -> date | None:
    return row.birth_on if isinstance(row.birth_on, date) else None


def _open(sealed: str | None, about: str) -> str | None:
    return unseal(sealed, about=about) if sealed else None


def chunks(rows: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """Cut rows into pieces of at most `size`."""
    return (rows[start : start + size] for start in range(0, len(rows), size))
