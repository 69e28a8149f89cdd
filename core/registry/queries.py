"""The reads of the registry: areas, cards of households, a household's page, finding."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from piccolo.columns.combination import And

from core.access import Sort, seen
from core.actor import Actor
from core.database import fetch
from core.place import Place

from .tables import Household

LIST_SORTS = {
    "code": Sort(Household.code, unique=True),
    "name": Sort(Household.head_sort),
    "seen": Sort(Household.seen_sort),
}
LIST_COLUMNS = (
    Household.id,
    Household.code,
    Household.head_name,
    Household.size,
    Household.setting,
    Household.cause,
    Household.town,
    Household.village,
    Household.last_seen_on,
)


@dataclass(frozen=True)
class Card:
    """What one may call a household in a list: who, where, how many."""

    id: UUID
    code: str
    head_name: str | None
    village_name: str
    town_name: str
    size: int


@dataclass(frozen=True)
class Member:
    """A person in a household, masked."""

    person: UUID
    name: str
    relation: str
    sex: str | None
    birth_on: date | None
    died_on: date | None
    ethnicity: str | None
    health: str | None
    education: str | None
    marital_status: str | None
    document_kind: str | None
    masked_number: str | None
    circumstances: tuple[tuple[str, str | None, str | None], ...] = ()


async def area_names(ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """Return the names of areas, as one query."""
    wanted = sorted({id_ for id_ in ids if id_ is not None})
    if not wanted:
        return {}
    blanks = ", ".join("?" * len(wanted))
    rows = await fetch(f"SELECT id, name FROM registry_area WHERE id IN ({blanks})", tuple(wanted))
    return {row["id"]: row["name"] for row in rows}


async def areas_below(area: UUID | None, level: str) -> list[dict[str, Any]]:
    """Return the areas of a level whose parent is `area`, by name and code."""
    rows = await fetch(
        "SELECT a.id, a.name, c.code FROM registry_area a LEFT JOIN registry_area_code c ON c.area = a.id"
        " AND c.until_on IS NULL WHERE a.parent = ? AND a.level = ? AND a.until_on IS NULL ORDER BY c.code",
        (area, level),
    )
    return [dict(zip(row.keys(), row, strict=True)) for row in rows]


async def place_of_village(village: UUID) -> Place | None:
    """Return the place of a village or neighbourhood; None if it is none or has ended."""
    rows = await fetch(
        "SELECT v.id AS village, t.id AS town, k.id AS county, c.id AS city FROM registry_area v"
        " JOIN registry_area t ON t.id = v.parent JOIN registry_area k ON k.id = t.parent"
        " LEFT JOIN registry_area c ON c.id = k.parent"
        " WHERE v.id = ? AND v.level = 'village' AND v.until_on IS NULL",
        (village,),
    )
    return Place(rows[0]["city"], rows[0]["county"], rows[0]["town"], rows[0]["village"]) if rows else None


async def places_of_towns(towns: Iterable[UUID]) -> dict[UUID, Place]:
    """Return where towns lie, as one query; what is no town, or ended, is left out."""
    wanted = sorted(set(towns))
    if not wanted:
        return {}
    rows = await fetch(
        "SELECT t.id AS town, k.id AS county, c.id AS city FROM registry_area t JOIN registry_area k ON k.id = t.parent"
        f" LEFT JOIN registry_area c ON c.id = k.parent WHERE t.id IN ({', '.join('?' * len(wanted))})"
        " AND t.level = 'town' AND t.until_on IS NULL",
        tuple(wanted),
    )
    return {row["town"]: Place(row["city"], row["county"], row["town"], None) for row in rows}


async def cards(ids: Collection[UUID], actor: Actor, *, permission: str = "registry.see") -> dict[UUID, Card]:
    """Return what each household may be called; those outside the actor's scope are left out.

    Two queries, however many: households, then names of their areas.
    """
    if not ids:
        return {}
    rows = await seen(Household, actor, permission).some(Household.id.is_in(list(ids)), limit=len(ids))
    names = await area_names([area for row in rows for area in (row.village, row.town)])
    return {
        row.id: Card(row.id, row.code, row.head_name, names.get(row.village, ""), names.get(row.town, ""), row.size)
        for row in rows
    }


async def household_list(
    actor: Actor,
    *,
    sort: str = "code",
    where: Sequence[Any] = (),
    after: Sequence[Any] | None = None,
    before: Sequence[Any] | None = None,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """Return one page of households, with the names of their areas: two queries."""
    condition: Any = None
    for one in where:
        condition = one if condition is None else And(condition, one)
    rows = await seen(Household, actor, "registry.see").page(
        *LIST_COLUMNS, sort=LIST_SORTS[sort], where=condition, after=after, before=before, limit=limit
    )
    names = await area_names([area for row in rows for area in (row["village"], row["town"])])
    for row in rows:
        row["village_name"], row["town_name"] = names.get(row["village"], ""), names.get(row["town"], "")
    return rows


async def members_of(household: UUID) -> list[Member]:
    """Return the people of a household now, its head first; the caller has seen the household.

    Two queries: people with their documents, then their circumstances.
    """
    rows = await fetch(
        "SELECT p.id, p.name, m.relation, p.sex, p.birth_on, p.died_on, p.ethnicity, p.health, p.education,"
        " p.marital_status, i.kind AS document_kind, i.masked FROM registry_membership m"
        " JOIN registry_person p ON p.id = m.person LEFT JOIN registry_identity i ON i.person = p.id"
        " WHERE m.household = ? AND m.until_on IS NULL ORDER BY m.relation <> '02', m.relation, p.birth_on, p.id",
        (household,),
    )
    facts = await fetch(
        "SELECT c.person, c.kind, c.code, c.grade FROM registry_circumstance c"
        " JOIN registry_membership m ON m.person = c.person"
        " WHERE m.household = ? AND m.until_on IS NULL AND c.until_on IS NULL ORDER BY c.kind, c.code",
        (household,),
    )
    of: dict[UUID, list[tuple[str, str | None, str | None]]] = {}
    for fact in facts:
        of.setdefault(fact["person"], []).append((fact["kind"], fact["code"], fact["grade"]))
    people: dict[UUID, Member] = {}
    for row in rows:
        values: list[Any] = [*row, tuple(of.get(row["id"], ()))]
        people.setdefault(row["id"], Member(*values))
    return list(people.values())


def sorts_for(actor: Actor) -> list[str]:
    """Return the orders that the actor's sight of households can be walked in, the usual one first.

    Whoever sees through shares alone has the order of the household's code: the share carries it.
    """
    through_areas = any(reach.organisation is None for reach in actor.with_permission("registry.see"))
    return ["code", "name", "seen"] if through_areas else ["code"]


async def count_households(actor: Actor, where: Sequence[Any] = ()) -> int:
    """Count households within the actor's scope; 1,001 says "more than 1,000"."""
    condition: Any = None
    for one in where:
        condition = one if condition is None else And(condition, one)
    return await seen(Household, actor, "registry.see").count(condition)


async def places_for(actor: Actor, town: UUID | None) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the towns that the actor's areas contain, and the villages of the chosen (or only) one."""
    towns: list[dict[str, Any]] = []
    for reach in actor.with_permission("registry.see"):
        if reach.level == "county":
            towns += await areas_below(reach.area, "town")
        elif reach.level == "town" and reach.area is not None:
            towns += [{"id": reach.area, "name": name} for name in (await area_names([reach.area])).values()]
    known = {one["id"]: one for one in towns}
    chosen = town if town in known else next(iter(known)) if len(known) == 1 else None
    return list(known.values()), await areas_below(chosen, "village") if chosen else []


async def villages_of_county(county: UUID) -> list[tuple[str, list[tuple[UUID, str]]]]:
    """Return the villages of a county, by town, as a form offers them."""
    rows = await fetch(
        "SELECT v.id, v.name, t.name AS town FROM registry_area t JOIN registry_area v ON v.parent = t.id"
        " LEFT JOIN registry_area_code c ON c.area = v.id AND c.until_on IS NULL"
        " WHERE t.parent = ? AND t.level = 'town' AND v.level = 'village' AND v.until_on IS NULL ORDER BY c.code",
        (county,),
    )
    grouped: dict[str, list[tuple[UUID, str]]] = {}
    for row in rows:
        grouped.setdefault(row["town"], []).append((row["id"], row["name"]))
    return list(grouped.items())


async def area_by_code(code: str) -> dict[str, Any] | None:
    """Return the area that has a code now; national codes may leave out trailing zeros."""
    rows = await fetch(
        "SELECT a.id, a.level, a.name FROM registry_area_code c JOIN registry_area a ON a.id = c.area"
        " WHERE c.code IN (?, ?) AND c.until_on IS NULL LIMIT 1",
        (code, code.ljust(12, "0")),
    )
    return {name: rows[0][name] for name in ("id", "level", "name")} if rows else None


def filters(
    *, town: UUID | None, village: UUID | None, setting: str | None, cause: str | None, unseen_since: date | None
) -> list[Any]:
    """Return the conditions of a list of households; None leaves one out.

    In the order of numbers a setting or a cause is walked by an index of its own (city, county, town); a
    village is small. In the orders of name and of last visit, and for `unseen_since` in another order than
    the visits', rows that do not fit are passed over in index order, never sorted: a page costs at most one
    walk of the scope, 20,000 rows in the largest county.

    :param unseen_since: nobody was there since this day.
    """
    wanted = (
        (Household.town, town),
        (Household.village, village),
        (Household.setting, setting),
        (Household.cause, cause),
    )
    conditions: list[Any] = [column == value for column, value in wanted if value is not None]
    if unseen_since is not None:
        conditions.append(Household.seen_sort < unseen_since)
    return conditions


async def to_move(actor: Actor, household: UUID) -> tuple[UUID, Card]:
    """Return the county and the card of a household that the actor may move.

    :raises NotYours: no such household in the actor's scope.
    """
    row = await seen(Household, actor, "registry.move").one(household)
    return row.county, (await cards([household], actor, permission="registry.move"))[household]
