"""Numbers in full: shown for a purpose, to those who see the household, and written down each time."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from core.actor import Actor
from core.database import Engine, fetch, new_id
from core.errors import Forbidden, NotYours
from core.registry import NewMember, members_of, reveal_number, reveal_phone
from tests.core.needs.browser import visitor
from tests.core.needs.small_county import SmallCounty

from .conftest import Enter

NUMBER, PHONE, OWN_PHONE = "362421195507198643", "15400001234", "15477775678"
NOTE = "The neighbour has the key."


@pytest.fixture
async def home(enter: Enter) -> UUID:
    return await enter(
        NewMember("蓝建平", "02", "resident_id", NUMBER, phone=OWN_PHONE, note=NOTE),
        NewMember("蓝小英", "30"),
        phone=PHONE,
    )


async def entries() -> list[dict[str, Any]]:
    names = "actor, household, object, field, purpose, town"
    rows = await fetch(f"SELECT {names} FROM access_entry ORDER BY id")
    return [dict(zip(names.split(", "), row, strict=True)) for row in rows]


async def test_a_number_is_shown_and_who_read_it_is_kept(coded: SmallCounty, home: UUID) -> None:
    officer = await coded.officer()
    person = (await members_of(home))[0].person
    assert await reveal_number(home, person, purpose="visit", actor=officer, now=coded.now) == NUMBER
    assert await reveal_phone(home, purpose="referral", actor=officer, now=coded.now) == PHONE
    assert [(entry["object"], entry["field"], entry["purpose"]) for entry in await entries()] == [
        (person, "registry_identity.number", "visit"),
        (home, "registry_household.phone", "referral"),
    ]
    assert {(e["actor"], e["household"], e["town"]) for e in await entries()} == {(officer.user, home, coded.towns[0])}


async def test_who_has_no_number_costs_no_entry(coded: SmallCounty, home: UUID, enter: Enter) -> None:
    officer = await coded.officer()
    child = (await members_of(home))[1].person
    silent = await enter(NewMember("胡敏", "02"))
    assert await reveal_number(home, child, purpose="visit", actor=officer, now=coded.now) is None
    assert await reveal_phone(silent, purpose="visit", actor=officer, now=coded.now) is None
    assert await entries() == []


async def test_outside_the_scope_there_is_nothing_to_show(coded: SmallCounty, home: UUID, enter: Enter) -> None:
    person, other = (await members_of(home))[0].person, await enter(NewMember("胡敏", "02"), town=1)
    elsewhere: Actor = await coded.officer("elsewhere", towns=(1,))
    for household, whose in ((home, person), (other, person), (new_id(), person)):
        with pytest.raises(NotYours):
            await reveal_number(household, whose, purpose="visit", actor=elsewhere, now=coded.now)
    with pytest.raises(NotYours):
        await reveal_phone(home, purpose="visit", actor=elsewhere, now=coded.now)
    auditor = await coded.county_wide("auditor", "auditor")
    with pytest.raises(Forbidden):
        await reveal_number(home, person, purpose="visit", actor=auditor, now=coded.now)
    with pytest.raises(ValueError, match="curiosity"):
        await reveal_phone(home, purpose="curiosity", actor=await coded.officer(), now=coded.now)
    assert await entries() == []


async def test_a_browser_without_a_purpose_is_shown_nothing(coded: SmallCounty, home: UUID) -> None:
    person = (await members_of(home))[0].person
    browser = await visitor(coded.house, await coded.officer(), datetime.now(UTC))
    page = await browser.get(f"/households/{home}")
    assert NUMBER not in page
    assert PHONE not in page
    assert NOTE not in page
    assert "362421********8643" in page
    assert "154****1234" in page
    for path in (f"/households/{home}/members/{person}/reveal", f"/households/{home}/phone/reveal"):
        assert f'action="{path}"' in page
        for fields in ({}, {"purpose": "curiosity"}):
            refused = await browser.post(path, 422, **fields)
            assert NUMBER not in refused.text
            assert PHONE not in refused.text
    assert await entries() == []
    shown = await browser.post(f"/households/{home}/members/{person}/reveal", 200, purpose="visit")
    assert f'data-hide-after="60">{NUMBER}<' in shown.text
    assert "<!doctype html>" in shown.text, "without JavaScript it is a page"
    assert shown.headers["cache-control"] == "private, no-store"
    assert "doctype" not in (await fragment(browser, f"/households/{home}/phone/reveal")).text
    assert len(await entries()) == 2


async def fragment(browser: Any, path: str) -> Any:
    headers = {"hx-request": "true", "hx-request-type": "partial", "x-csrftoken": browser.token}
    return await browser.client.post(path, data={"purpose": "visit"}, headers=headers)


async def test_no_number_stands_in_the_database_in_the_clear(coded: SmallCounty, home: UUID, database: Engine) -> None:
    browser = await visitor(coded.house, await coded.officer(), datetime.now(UTC))
    person = (await members_of(home))[0].person
    await browser.post(f"/households/{home}/members/{person}/reveal", 200, purpose="visit")
    await browser.post("/find", 200, q=NUMBER)
    if database.engine_type == "sqlite":
        file = Path(database.path)
        held = [part.read_bytes() for part in file.parent.glob(f"{file.name}*")]
    else:
        tables = await fetch("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        held = [str(await fetch(f"SELECT t::text FROM {row['table_name']} t")).encode() for row in tables]
    everything = b"".join(held)
    assert "蓝建平".encode() in everything, "names are found by, so they stand there"
    for secret in (NUMBER, NUMBER[6:], PHONE, OWN_PHONE, NOTE):
        assert secret.encode() not in everything
