"""Writes many households and people at once: for imports and for the demo county.

Rows are gathered by table and inserted many at a time, each statement short enough not to hold the
event loop. Callers hold a transaction and have checked what they write.
"""

import asyncio
from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from core.actor import Actor
from core.database import Rank, aware, fetch, new_id, note_rank, transaction
from core.journal import record
from core.place import Place
from core.vault import blind, seal

from .codes import HEAD
from .find_keys import find_keys, number_key, sort_key
from .numbers import mask_id, mask_phone
from .tables import NEVER

Progress = Callable[[int], None]
ROWS = 100  # of one INSERT, so that none holds the event loop
AT_ONCE = 500  # households whose rows are in memory at a time

COLUMNS = {
    "registry_household": (
        "id, code, collector_number, city, county, town, village, address, setting, cause, phone_sealed, phone_masked,"
        " note_sealed, head_name, head_sort, size, seen_sort, created_at, created_by"
    ),
    "registry_person": (
        "id, name, sex, birth_on, ethnicity, health, education, marital_status, phone_sealed, note_sealed, created_at,"
        " created_by"
    ),
    "registry_identity": "id, person, kind, number_sealed, number_mac, masked",
    "registry_membership": "id, household, person, relation, from_on",
    "registry_circumstance": "id, person, kind, code, grade, from_on",
    "registry_find_key": "id, kind, key, household, person, city, county, town, village",
}


@dataclass(frozen=True, slots=True)
class NewMember:
    """A person to be entered; codes are those of `codes`, texts are checked and normalised."""

    name: str
    relation: str
    document_kind: str | None = None
    document_number: str | None = None
    sex: str | None = None
    birth_on: date | None = None
    ethnicity: str | None = None
    health: str | None = None
    disability_category: str | None = None
    disability_grade: str | None = None
    education: str | None = None
    marital_status: str | None = None
    phone: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class NewHousehold:
    """A household to be entered, with exactly one head among its members."""

    place: Place
    collector_number: str | None
    address: str | None
    setting: str | None
    cause: str | None
    phone: str | None
    note: str | None
    members: tuple[NewMember, ...]


class Rows:
    """Rows gathered by table, written in the order in which they refer to one another."""

    def __init__(self, *, actor: Actor, now: datetime, today: date) -> None:
        self._by, self._now, self._today = actor.user, aware(now), today
        self._rows: dict[str, list[tuple[Any, ...]]] = defaultdict(list)

    def household(self, code: str, household: NewHousehold) -> UUID:
        """Gather a household with its members and the words it is found by."""
        id_ = new_id()
        phone, place = household.phone, household.place.columns().values()
        heads = [member.name for member in household.members if member.relation == HEAD]
        head = heads[0] if heads else None
        self._rows["registry_household"].append(
            (
                *(id_, code, household.collector_number, *place),
                *(household.address, household.setting, household.cause),
                *(sealed(phone, "registry_household", id_, "phone"), mask_phone(phone) if phone else None),
                *(sealed(household.note, "registry_household", id_, "note"), head, sort_key(head) if head else ""),
                *(len(household.members), NEVER, self._now, self._by),
            )
        )
        for number in (code, household.collector_number):
            if number:
                self._key(number_key(number), id_, None, household.place)
        for member in household.members:
            self.member(id_, household.place, member)
        return id_

    def member(self, household: UUID, place: Place, member: NewMember) -> UUID:
        """Gather a person of a household."""
        id_ = new_id()
        self._rows["registry_person"].append(
            (
                *(id_, member.name, member.sex, member.birth_on, member.ethnicity, member.health, member.education),
                *(member.marital_status, sealed(member.phone, "registry_person", id_, "phone")),
                *(sealed(member.note, "registry_person", id_, "note"), self._now, self._by),
            )
        )
        if member.document_number:
            self.identity(id_, member.document_kind or "resident_id", member.document_number)
        self._rows["registry_membership"].append((new_id(), household, id_, member.relation, self._today))
        if member.disability_category:
            self.disability(id_, member.disability_category, member.disability_grade)
        self.names(id_, member.name, household, place)
        return id_

    def identity(self, person: UUID, kind: str, number: str) -> None:
        """Gather a document number, sealed."""
        id_ = new_id()
        self._rows["registry_identity"].append(
            (id_, person, kind, seal(number, about=f"registry_identity/{id_}"), number_mac(number), mask_id(number))
        )

    def disability(self, person: UUID, category: str, grade: str | None) -> None:
        """Gather a disability that is known from today."""
        self._rows["registry_circumstance"].append((new_id(), person, "disability", category, grade, self._today))

    def names(self, person: UUID, name: str, household: UUID, place: Place) -> None:
        """Gather the words by which a person is found."""
        for key in sorted(find_keys(name)):
            self._key(key, household, person, place)

    def _key(self, key: tuple[str, str], household: UUID, person: UUID | None, place: Place) -> None:
        self._rows["registry_find_key"].append((new_id(), *key, household, person, *place.columns().values()))

    async def write(self) -> None:
        """Insert what was gathered, and forget it."""
        for table, columns in COLUMNS.items():
            width = columns.count(",") + 1
            blanks = f"({', '.join('?' * width)})"
            for rows in _chunks(self._rows[table], ROWS):
                await fetch(
                    f"INSERT INTO {table} ({columns}) VALUES {', '.join([blanks] * len(rows))}",
                    tuple(value for row in rows for value in row),
                )
                await asyncio.sleep(0)
        self._rows.clear()


async def add_households(
    rows: Sequence[NewHousehold], *, actor: Actor, now: datetime, today: date, progress: Progress | None = None
) -> list[UUID]:
    """Enter households that the registry does not know, all of them or none.

    Each gets the platform's own number (its county's code and a running number) and one journal row.
    The counter is the last lock of the order: nothing of a lower rank may be locked after it.

    :param now: aware UTC. :param today: the local day from which membership counts.
    :param progress: told how many are done.
    :returns: ids in the order given.
    :raises ValueError: a county has no code.
    """
    made: list[UUID] = []
    async with transaction():
        codes = await _claim_codes(Tally(household.place.county for household in rows))
        for some in _chunks(rows, AT_ONCE):
            gathered = Rows(actor=actor, now=now, today=today)
            ids = [gathered.household(next(codes[household.place.county]), household) for household in some]
            await gathered.write()
            for id_, household in zip(ids, some, strict=True):
                fields = {"collector_number": household.collector_number, "members": len(household.members)}
                await record(
                    actor, "registry.household_added", id_, now=now, household=id_, place=household.place, fields=fields
                )
            made += ids
            if progress is not None:
                progress(len(made))
            await asyncio.sleep(0)
    return made


async def _claim_codes(wanted: Tally[UUID | None]) -> dict[UUID | None, Iterator[str]]:
    """Take running numbers for each county, one statement a county, so that two at once get different ones."""
    note_rank(Rank.COUNTER, "registry_counter")
    codes: dict[UUID | None, Iterator[str]] = {}
    for county, count in sorted(wanted.items(), key=lambda item: str(item[0])):
        rows = await fetch(
            "SELECT code FROM registry_area_code WHERE area = ? AND until_on IS NULL ORDER BY scheme DESC LIMIT 1",
            (county,),
        )
        if not rows:
            raise ValueError(f"the county {county} has no code, so its households cannot be numbered")
        prefix = rows[0]["code"][:6]
        claimed = await fetch(
            "INSERT INTO registry_counter (county, last) VALUES (?, ?) ON CONFLICT (county)"
            " DO UPDATE SET last = registry_counter.last + excluded.last RETURNING last",
            (county, count),
        )
        last = claimed[0]["last"]
        codes[county] = (f"{prefix}-{number:06}" for number in range(last - count + 1, last + 1))
    return codes


def number_mac(number: str) -> str:
    """Return the digest by which a document number is found."""
    return blind(number, purpose="identity")


def sealed(text: str | None, table: str, id_: UUID, column: str) -> str | None:
    """Seal a text for one column of one row; None stays None."""
    return seal(text, about=f"{table}/{id_}/{column}") if text else None


def _chunks(rows: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    return (rows[start : start + size] for start in range(0, len(rows), size))
