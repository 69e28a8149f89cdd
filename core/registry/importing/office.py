"""Where somebody may import: one county, and of it what their grants cover."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from core.actor import Actor
from core.database import fetch
from core.errors import Reason, Refused
from core.place import Place
from core.texts import N_

NO_COUNTY = Reason(
    "registry.no_one_county", N_("Imports go into one county, and your account belongs to none or to several.")
)


@dataclass(frozen=True)
class Office:
    """A county with the villages an officer may import for.

    :param divisions: code → village id. :param names: (code, name) in the order of codes, for the template.
    :param places: village id → place.
    :param areas: what the grants cover, as `covered_areas` writes it.
    """

    county: UUID
    city: UUID | None
    divisions: dict[str, UUID]
    names: tuple[tuple[str, str], ...]
    places: dict[UUID, Place]
    areas: str


async def office_of(actor: Actor) -> Office:
    """Return where the actor may import.

    :raises Forbidden: nowhere, by the actor's roles.
    :raises Refused: NO_COUNTY.
    """
    actor.must("registry.import")
    reaches = [reach for reach in actor.with_permission("registry.import") if reach.area is not None]
    above = await _counties_of({reach.area for reach in reaches if reach.area is not None})
    counties = {county for county, _ in above.values()}
    if len(counties) != 1:
        raise Refused(NO_COUNTY)
    ((county, city),) = set(above.values())
    rows = await fetch(
        "SELECT c.code, v.id AS village, v.name, t.id AS town, t.name AS town_name FROM registry_area t"
        " JOIN registry_area v ON v.parent = t.id JOIN registry_area_code c ON c.area = v.id"
        " WHERE t.parent = ? AND t.level = 'town' AND v.level = 'village' AND v.until_on IS NULL"
        " AND c.until_on IS NULL ORDER BY c.code",
        (county,),
    )
    mine = {reach.area for reach in reaches}
    rows = [row for row in rows if mine & {county, row["town"], row["village"]}]
    return Office(
        county,
        city,
        {row["code"]: row["village"] for row in rows},
        tuple((row["code"], f"{row['town_name']} {row['name']}") for row in rows),
        {row["village"]: Place(city, county, row["town"], row["village"]) for row in rows},
        covered_areas(actor),
    )


def covered_areas(actor: Actor) -> str:
    """Return the areas that the actor may import for, as they are kept with an import."""
    return " ".join(sorted({str(reach.area) for reach in actor.with_permission("registry.import") if reach.area}))


def still_covered(areas: str, actor: Actor) -> bool:
    """Say whether the actor may import today for every area that an import was made for."""
    return set(areas.split()) <= set(covered_areas(actor).split())


def whole_counties(actor: Actor) -> list[UUID]:
    """Return the counties whose imports the actor sees, whoever made them."""
    reaches = actor.with_permission("registry.import")
    return sorted({reach.area for reach in reaches if reach.level == "county" and reach.area is not None})


async def _counties_of(areas: set[UUID]) -> dict[UUID, tuple[UUID, Any]]:
    """Return the county of each area, with its city."""
    if not areas:
        return {}
    blanks = ", ".join("?" * len(areas))
    rows = await fetch(
        "SELECT a.id, a.level, a.parent, p.id AS above, p.level AS above_level, p.parent AS above_parent,"
        " g.id AS higher, g.parent AS higher_parent FROM registry_area a"
        f" LEFT JOIN registry_area p ON p.id = a.parent LEFT JOIN registry_area g ON g.id = p.parent"
        f" WHERE a.id IN ({blanks})",
        tuple(sorted(areas)),
    )
    found: dict[UUID, tuple[UUID, Any]] = {}
    for row in rows:
        match row["level"]:
            case "county":
                found[row["id"]] = row["id"], row["parent"]
            case "town":
                found[row["id"]] = row["above"], row["above_parent"]
            case "village":
                found[row["id"]] = row["higher"], row["higher_parent"]
    return found
