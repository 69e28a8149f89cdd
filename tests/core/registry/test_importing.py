"""Workbooks applied to a registry: what is new, what changes, what stays; one at a time, whole or not at all."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from core.access import actor_for, add_user, give_grant
from core.actor import Actor, house
from core.app import House
from core.database import Engine, fetch, new_id
from core.demo import read_areas
from core.registry import import_file
from core.web.clock import stopped

CASES = Path(__file__).parents[2] / "cases" / "import"
NOW = datetime(2026, 11, 23, 1, 40, tzinfo=UTC)
SINCE = date(2020, 1, 1)
COUNTY = "360803000000"


@dataclass
class Places:
    """The demo county's areas by their code, and its officers."""

    areas: dict[str, UUID]
    county: Actor
    town: Actor


@pytest.fixture
async def places(prepared: House, database: Engine) -> AsyncIterator[Places]:
    """Areas of the demo county, an officer of the county, and one of its first town."""
    from core import access

    access.learn(prepared.permissions)
    ids: dict[str, UUID] = {}
    for area in read_areas():
        ids[area.code] = new_id()
        parent = ids[area.parent] if area.parent else None
        await fetch(
            "INSERT INTO registry_area (id, parent, level, name, from_on) VALUES (?, ?, ?, ?, ?)",
            (ids[area.code], parent, area.level, area.name, SINCE),
        )
        scheme = "local" if area.code.startswith("L") else "national"
        await fetch(
            "INSERT INTO registry_area_code (id, area, scheme, code, from_on) VALUES (?, ?, ?, ?, ?)",
            (new_id(), ids[area.code], scheme, area.code, SINCE),
        )
    first = next(area for area in read_areas() if area.level == "town" and not area.code.startswith("L"))
    with stopped(NOW):
        yield Places(
            ids,
            await officer("county", "county", ids[COUNTY], "county"),
            await officer("town", "town", ids[first.code], "town"),
        )


async def officer(login: str, role: str, area: UUID, level: Any) -> Actor:
    user = await add_user(login, f"{login} officer", "a password for tests", actor=house("a test"), now=NOW)
    await give_grant(user, role, actor=house("a test"), now=NOW, from_on=SINCE, area=area, level=level, label=level)
    actor = await actor_for(login, now=NOW)
    assert actor is not None
    return actor


def expected(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((CASES / f"{name}.expected.json").read_text(encoding="utf-8"))
    return found


async def bring(name: str, actor: Actor, *, apply: bool = True, leave_out_faulty: bool = True) -> dict[str, Any]:
    return await import_file(
        CASES / f"{name}.xlsx", actor=actor, now=NOW, apply=apply, leave_out_faulty=leave_out_faulty
    )


async def count(table: str, where: str = "1 = 1", *args: Any) -> int:
    rows = await fetch(f"SELECT count(*) AS n FROM {table} WHERE {where}", args)
    return int(rows[0]["n"])


async def test_the_three_workbooks_in_order_give_what_is_expected(places: Places) -> None:
    first = expected("households-300")
    done = await bring("households-300", places.county)
    assert done["faults"] == first["faults"]
    assert done["held_back_households"] == first["held_back_households"]
    assert (done["applied_households"], done["applied_members"]) == (288, 829)
    assert (len(done["new"]), done["changed"]) == (288, [])
    assert (await count("registry_household"), await count("registry_person")) == (288, 829)
    again = await bring("households-300", places.county)
    assert (again["new"], again["changed"]) == ([], [])
    assert (again["applied_households"], again["applied_members"]) == (288, 829)
    update = await bring("households-300-update", places.county)
    assert update["faults"] == []
    assert update["changed"] == [change["household"] for change in expected("households-300-update")["changes"]]
    assert (update["new"], update["applied_households"]) == ([], 40)
    strange = await bring("households-300-unknown-column", places.county)
    assert strange["faults"] == expected("households-300-unknown-column")["faults"]
    assert (strange["applied_households"], strange["applied_members"], strange["new"]) == (0, 0, [])
