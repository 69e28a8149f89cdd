"""Entering the tree of places, from a list that a county hands in."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from core.actor import Actor
from core.database import LEVELS, fetch, new_id, transaction
from core.errors import Reason, Refused
from core.journal import record
from core.texts import N_
from core.web.clock import local_day

COLUMNS = ("code", "name", "level", "parent")

AREA_LIST_UNREADABLE = Reason(
    "registry.area_list_unreadable",
    N_("Line {line} of the list of places is not as it must be: code, name, level, code of the place above."),
)
AREA_WITHOUT_PARENT = Reason(
    "registry.area_without_parent",
    N_("{name} ({code}) lies in {parent}, which is neither in the list before it nor known."),
)


@dataclass(frozen=True)
class NewArea:
    """A place to be entered: its code, and the code of the place above it.

    :param code: national (12 digits), or local: L and something of the county's own (a zone without a code).
    :param level: city, county, town or village. :param parent: None for a city.
    """

    code: str
    name: str
    level: str
    parent: str | None


def read_area_list(file: Path) -> list[NewArea]:
    """Read a CSV file with the columns code, name, level, parent; each place after the one it lies in.

    :raises Refused: AREA_LIST_UNREADABLE, naming the line.
    """
    made = []
    with file.open(encoding="utf-8-sig", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines), 2):
            values = [(row.get(column) or "").strip() for column in COLUMNS]
            code, name, level, parent = values
            if not code or not name or level not in LEVELS or (level != "city" and not parent):
                raise Refused(AREA_LIST_UNREADABLE, line=number)
            made.append(NewArea(code, name, level, parent or None))
    return made


async def add_areas(
    areas: Iterable[NewArea], *, actor: Actor, now: datetime, since: date | None = None
) -> Mapping[str, UUID]:
    """Enter places that are not known yet, all or none; those that are known stay as they are.

    :param areas: each after the one it lies in. :param since: the local day from which they count; None: today.
    :returns: code → area id, of the known ones too.
    :raises Refused: AREA_WITHOUT_PARENT.
    """
    from_on = since or local_day(now)
    async with transaction():
        rows = await fetch("SELECT code, area FROM registry_area_code WHERE until_on IS NULL")
        ids: dict[str, UUID] = {row["code"]: row["area"] for row in rows}
        for area in areas:
            if area.code in ids:
                continue
            if area.parent is not None and area.parent not in ids:
                raise Refused(AREA_WITHOUT_PARENT, name=area.name, code=area.code, parent=area.parent)
            ids[area.code] = new_id()
            await fetch(
                "INSERT INTO registry_area (id, parent, level, name, from_on) VALUES (?, ?, ?, ?, ?)",
                (ids[area.code], ids[area.parent] if area.parent else None, area.level, area.name, from_on),
            )
            await fetch(
                "INSERT INTO registry_area_code (id, area, scheme, code, from_on) VALUES (?, ?, ?, ?, ?)",
                (new_id(), ids[area.code], "local" if area.code.startswith("L") else "national", area.code, from_on),
            )
            await record(actor, "registry.area_added", ids[area.code], now=now, fields={"code": area.code})
    return ids
