"""Filling an empty house with the demo county."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.access import DEMO_PASSWORD, ROLES, actor_for, add_user
from core.access.sessions import actor_of, allow_demo_accounts, sign_in, start_session
from core.actor import house as acting
from core.app import House
from core.database import fetch
from core.demo import DemoCounty, NotEmpty, build, generate
from core.needs import NEED
from core.needs.queries import my_work
from core.registry import household_list
from core.registry.codes import HEAD

HOUSEHOLDS = 100
NOW = datetime(2026, 11, 23, 1, 40, tzinfo=UTC)


@pytest.fixture
def a_demo() -> Iterator[None]:
    """Leave the house a demo when the test is over."""
    yield
    allow_demo_accounts(True)


async def filled(house: House, **more: Any) -> DemoCounty:
    made = await build(house, households=HOUSEHOLDS, now=NOW, **more)
    assert made is not None
    return made


async def count(table: str) -> int:
    return int((await fetch(f"SELECT count(*) AS n FROM {table}"))[0]["n"])


async def test_the_county_has_people_needs_and_a_past(built: House) -> None:
    told: list[tuple[str, int, int]] = []
    county = await filled(built, progress=lambda *step: told.append(step))
    assert await count("registry_household") == len(county.everyone) == HOUSEHOLDS
    assert len(county.towns) == 12
    assert (await fetch("SELECT min(code) AS first FROM registry_household"))[0]["first"] == "360803-000001"
    assert len(await county.open_needs()) >= 10
    (seen,) = await fetch(
        "SELECT count(last_seen_on) AS ever, max(last_seen_on) AS last, count(*) AS every FROM registry_household"
    )
    assert 0.5 < seen["ever"] / seen["every"] < 1, "most were seen, some never"
    assert str(seen["last"]) < str(county.today)
    assert {what for what, _, _ in told} >= {"households", "visits", "needs"}
    assert all(0 <= done <= of for _, done, of in told)


async def test_there_is_an_account_for_each_role_that_sees_its_part(built: House) -> None:
    county = await filled(built)
    for role in ROLES:
        actor = await actor_for(role, now=NOW + timedelta(hours=1))
        assert actor is not None
        # An organisation acts by an agreement, and agreements are a plugin's; here is none.
        assert actor.roles == (set() if role in ("worker", "supervisor") else {role})
        assert await sign_in(role, DEMO_PASSWORD, "a test", now=NOW) is not None
    officer, other = await county.officer(), await county.officer(county.towns[1][0])
    mine, theirs = [{row["id"] for row in await household_list(one)} for one in (officer, other)]
    assert mine
    assert theirs
    assert not mine & theirs
    assert mine == set(county.households(county.towns[0][0]))
    assert (await my_work(await county.signed_in("county"), today=county.today)).unanswered_count == len(
        await county.open_needs()
    )


async def test_a_second_time_changes_nothing(built: House) -> None:
    await filled(built)
    tables = ("access_user", "registry_household", "registry_person", "needs_need", "journal_entry")
    before = [await count(table) for table in tables]
    assert await build(built, households=HOUSEHOLDS, now=NOW + timedelta(days=1)) is None
    assert [await count(table) for table in tables] == before


async def test_a_house_that_has_other_data_is_left_alone(built: House) -> None:
    await add_user("somebody", "Somebody", "a good password", actor=acting("a test"), now=NOW)
    with pytest.raises(NotEmpty, match="access_user"):
        await build(built, households=HOUSEHOLDS, now=NOW)
    assert await count("registry_area") == 0


async def test_the_same_day_gives_the_same_county(built: House) -> None:
    county = await filled(built)
    households = await fetch("SELECT code, collector_number, head_name, size FROM registry_household ORDER BY code")
    invented = list(generate(HOUSEHOLDS, today=county.today))
    heads = [next(member.name for member in home.members if member.relation == HEAD) for home in invented]
    assert [(row["collector_number"], row["head_name"], row["size"]) for row in households] == [
        (home.number, name, len(home.members)) for home, name in zip(invented, heads, strict=True)
    ]
    assert county.households(n=3) == county.everyone[:3]
    kinds = await fetch("SELECT kind, due_on FROM needs_need ORDER BY id")
    assert len({row["kind"] for row in kinds}) >= 5
    assert {row["state"] for row in await fetch("SELECT state FROM needs_need")} <= {s.name for s in NEED.states}


async def test_accounts_of_the_demo_are_none_in_a_house_that_is_no_demo(built: House, a_demo: None) -> None:
    await filled(built)
    (user,) = await fetch("SELECT id FROM access_user WHERE login = 'county'")
    cookie = await start_session(user["id"], "a test", now=NOW)
    assert await actor_of(cookie, now=NOW, grace_days=30) is not None
    assert await sign_in("county", DEMO_PASSWORD, "a test", now=NOW) is not None
    allow_demo_accounts(False)
    assert await sign_in("county", DEMO_PASSWORD, "a test", now=NOW) is None
    assert await actor_of(cookie, now=NOW, grace_days=30) is None
    assert await actor_for("county", now=NOW) is None
