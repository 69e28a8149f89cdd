"""Workbooks applied to a registry: what is new, what changes, what stays; one at a time, whole or not at all."""

import asyncio
import io
import json
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import openpyxl
import pytest

from core.access import actor_for, add_user, give_grant
from core.access.middleware import cookie_name
from core.access.sessions import start_session
from core.actor import Actor, house
from core.app import House, create_app
from core.database import Engine, fetch, new_id, transaction
from core.demo import read_areas
from core.errors import Refused
from core.registry import import_file
from core.registry.find_keys import find_keys
from core.registry.importing import look_into
from core.registry.importing.apply import MOVED_ON, apply_plan
from core.registry.importing.compare import compare
from core.registry.importing.known import Known, load_known
from core.registry.workbook import Checked, HouseholdRow, MemberRow
from core.testing import TEST_SECRET
from core.web.clock import local_day, stopped

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


async def test_looking_writes_nothing(places: Places) -> None:
    seen = await bring("households-300", places.county, apply=False)
    assert len(seen["new"]) == 288
    assert await count("registry_household") == 0


async def test_with_faults_nothing_is_applied_unless_they_are_left_out(places: Places) -> None:
    done = await bring("households-300", places.county, leave_out_faulty=False)
    assert (done["applied_households"], done["new"]) == (0, [])
    assert len(done["held_back_households"]) == 12
    assert await count("registry_household") == 0


async def test_the_same_workbook_again_writes_no_row_at_all(places: Places) -> None:
    await bring("households-300", places.county)
    before = [await count(table) for table in TABLES]
    await bring("households-300", places.county)
    assert [await count(table) for table in TABLES] == before
    assert before[-1] == 1


TABLES = (
    *("registry_household", "registry_person", "registry_identity", "registry_membership", "registry_find_key"),
    *("journal_entry", "registry_import"),
)


async def test_each_household_gets_a_number_of_the_county_and_is_recorded(places: Places) -> None:
    await bring("households-300", places.county)
    rows = await fetch("SELECT code, size, head_name, head_sort FROM registry_household ORDER BY code")
    assert [row["code"] for row in rows] == [f"360803-{number:06}" for number in range(1, 289)]
    assert all(row["size"] and row["head_name"] and row["head_sort"] for row in rows)
    assert await count("journal_entry", "action = 'registry.household_added'") == 288
    assert await count("journal_entry", "action = 'registry.imported'") == 1


async def test_an_update_reaches_the_columns(places: Places) -> None:
    await bring("households-300", places.county)
    await bring("households-300-update", places.county)
    rows = {
        row["collector_number"]: row
        for row in await fetch(
            "SELECT id, collector_number, phone_masked, address, cause, size, version FROM registry_household"
        )
    }
    assert rows["QY00004"]["phone_masked"] == "139****0001"
    assert rows["QY00009"]["address"] is None
    assert rows["QY00033"]["cause"] == "accident"
    (joined,) = await fetch("SELECT id FROM registry_person WHERE name = '蓝丽水'")
    (membership,) = await fetch("SELECT household FROM registry_membership WHERE person = ?", (joined["id"],))
    assert membership["household"] == rows["QY00014"]["id"]
    assert await count("registry_membership", "household = ?", rows["QY00014"]["id"]) == rows["QY00014"]["size"]
    assert await count("registry_person", "name = '彭水细' AND health = '30'") == 1
    assert sum(row["version"] > 1 for row in rows.values()) == 5


async def test_a_town_officer_imports_for_the_own_town_only(places: Places) -> None:
    done = await bring("households-300", places.town)
    strange = {fault["household"] for fault in done["faults"] if fault["code"] == "unknown_division"}
    assert strange
    assert done["new"]
    assert not strange & set(done["new"])
    towns = {row["town"] for row in await fetch("SELECT DISTINCT town FROM registry_household")}
    assert towns == {places.town.reaches[0].area}


async def test_a_number_given_in_another_town_is_held_back_with_true_words_and_says_no_more(places: Places) -> None:
    before = await bring("households-300", places.town)
    number = before["new"][0]
    elsewhere = next(id_ for code, id_ in places.areas.items() if code.startswith("L") and len(code) > 7)
    await fetch(
        "UPDATE registry_household SET town = ?, village = NULL WHERE collector_number = ?", (elsewhere, number)
    )
    done = await bring("households-300", places.town)
    assert number in done["held_back_households"]
    assert {"column": "家庭编号*", "code": "number_taken", "household": number}.items() <= next(
        fault for fault in done["faults"] if fault.get("household") == number
    ).items()
    assert (done["new"], done["changed"]) == ([], [])
    assert (await load_known(places.areas[COUNTY], [number, "none"], places.town)).taken == {number}


async def test_of_two_that_apply_one_plan_the_second_is_told(places: Places) -> None:
    look = await look_into(CASES / "households-300.xlsx", actor=places.county, today=local_day(NOW))
    given = {"office": look.office, "actor": places.county, "now": NOW, "today": local_day(NOW)}
    async with transaction():
        await apply_plan(look.plan, look.known, **given)
    with pytest.raises(Refused) as refused:
        async with transaction():
            await apply_plan(look.plan, look.known, **given)
    assert list(refused.value.reasons) == [MOVED_ON]
    assert await count("registry_household") == 288


async def test_two_that_apply_at_the_same_moment_leave_each_household_once(places: Places) -> None:
    ended = await asyncio.gather(*(bring("households-300", places.county) for _ in range(2)), return_exceptions=True)
    told = [one for one in ended if isinstance(one, BaseException)]
    assert all(isinstance(one, Refused) and list(one.reasons) == [MOVED_ON] for one in told), told
    assert len(told) == 1
    assert await count("registry_household") == 288


async def test_a_new_head_takes_over_from_the_old_one(places: Places) -> None:
    await bring("households-300", places.county)
    (home,) = await fetch("SELECT id, head_name FROM registry_household WHERE collector_number = 'QY00023'")
    known = (await load_known(places.areas[COUNTY], ["QY00023"], places.county)).households["QY00023"]
    assert len(known.members) > 1
    village = next(code for code, id_ in places.areas.items() if id_ == known.place.village)
    rows = [
        MemberRow(2 + at, "QY00023", member.name, relation="02" if at == 1 else "99", birth_on=member.birth_on)
        for at, member in enumerate(known.members)
    ]
    row = HouseholdRow(2, "QY00023", village, known.place.village, zone=known.setting or "", members=rows)
    look = await look_into(CASES / "households-300.xlsx", actor=places.county, today=local_day(NOW))
    plan = compare(Checked([row], [], []), Known({"QY00023": known}, frozenset()), look.office.divisions)
    async with transaction():
        await apply_plan(
            plan, Known({"QY00023": known}, frozenset()), office=look.office, actor=places.county, now=NOW,
            today=local_day(NOW),
        )  # fmt: skip
    (after,) = await fetch("SELECT head_name FROM registry_household WHERE id = ?", (home["id"],))
    assert after["head_name"] == known.members[1].name != home["head_name"]
    assert await count("registry_membership", "household = ? AND relation = '02'", home["id"]) == 1


async def test_a_household_that_the_workbook_puts_elsewhere_moves_with_its_keys(places: Places) -> None:
    await bring("households-300", places.county)
    known = (await load_known(places.areas[COUNTY], ["QY00023"], places.county)).households["QY00023"]
    look = await look_into(CASES / "households-300.xlsx", actor=places.county, today=local_day(NOW))
    code, village = next(
        (code, id_) for code, id_ in look.office.divisions.items() if look.office.places[id_].town != known.place.town
    )
    row = HouseholdRow(2, "QY00023", code, village, zone=known.setting or "")
    one = Known({"QY00023": known}, frozenset())
    plan = compare(Checked([row], [], []), one, look.office.divisions)
    async with transaction():
        await apply_plan(plan, one, office=look.office, actor=places.county, now=NOW, today=local_day(NOW))
    keys = await fetch("SELECT DISTINCT village FROM registry_find_key WHERE household = ?", (known.id,))
    assert [key["village"] for key in keys] == [village]
    assert await count("journal_entry", "household = ? AND action = 'registry.household_moved'", known.id) == 1


async def test_no_document_number_stands_in_the_database_in_the_clear(places: Places, url: str, tmp_path: Path) -> None:
    await bring("households-300", places.county)
    values = [
        str(value)
        for table in (*TABLES, "registry_circumstance", "registry_import")
        for row in await fetch(f"SELECT * FROM {table}")
        for value in tuple(row)
    ]
    assert not [value for value in values if "households-300" in value]
    found = [value for value in values if re.search(r"\b\d{17}[\dX]\b", value)]
    assert not found
    assert sum("********" in value for value in values) > 700


async def test_members_are_found_by_every_reading_of_their_family_name() -> None:
    keys = find_keys("曾广贤")
    assert {("pinyin", "zengguangxian"), ("pinyin", "cengguangxian"), ("initials", "zgx"), ("name", "曾广贤")} <= keys
    for name, readings in {
        "单雄信": {"shan", "dan"}, "仇英": {"qiu", "chou"}, "解缙": {"xie", "jie"}, "区瑞强": {"ou", "qu"},
        "乐毅": {"le", "yue"},
    }.items():  # fmt: skip
        begun = {key for kind, key in find_keys(name) if kind == "pinyin"}
        assert all(any(key.startswith(reading) for key in begun) for reading in readings), name
    assert ("pinyin", "yuchigong") in find_keys("尉迟恭")
    assert ("name", "古丽娜尔阿卜杜热西提") in find_keys("古丽娜尔·阿卜杜热西提")
    assert ("name", "㵘䶮𠮷") in find_keys("㵘䶮𠮷")


@pytest.fixture
async def browser(places: Places, prepared: House, tmp_path: Path) -> AsyncIterator[Any]:
    """Open browsers of officers: `client = await browser("county")`; uploads stand in a folder of the test."""
    settings = replace(prepared.settings, uploads=tmp_path / "uploads")
    app: Any = create_app(settings, house=prepared, background=False)
    clients: list[httpx.AsyncClient] = []

    async def enter(login: str) -> httpx.AsyncClient:
        (user,) = await fetch("SELECT id FROM access_user WHERE login = ?", (login,))
        cookie = await start_session(user["id"], "a test", now=datetime.now(UTC))
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url="http://testserver",
            cookies={cookie_name(settings): cookie}, headers={"accept-language": "en"},
        )  # fmt: skip
        clients.append(client)
        return client

    yield enter
    for client in clients:
        await client.aclose()


async def send(client: httpx.AsyncClient, page: str, to: str, file: Path | None = None, **fields: str) -> Any:
    token = re.search(r'name="_csrf_token" value="([^"]+)"', (await client.get(page)).text)
    assert token, page
    form = {"_csrf_token": token[1], "operation": str(uuid4()), **fields}
    sent = {"file": (file.name, await asyncio.to_thread(file.read_bytes))} if file else None
    return await client.post(to, data=form, files=sent)


async def test_a_workbook_is_handed_in_looked_at_and_applied_on_pages(browser: Any, tmp_path: Path) -> None:
    county = await browser("county")
    handed = await send(county, "/imports", "/imports", CASES / "households-300.xlsx")
    assert handed.status_code == 303, handed.text[:3000]
    address = handed.headers["location"]
    page = await county.get(address)
    assert page.status_code == 200
    assert "362421197807024870" not in page.text
    assert "362421********4870" in page.text
    assert await count("registry_household") == 0
    (kept,) = (tmp_path / "uploads").iterdir()
    assert b"PK" not in kept.read_bytes()[:2]
    refused = await send(county, address, f"{address}/apply")
    assert refused.status_code == 409
    assert await count("registry_household") == 0
    faulty = await county.get(f"{address}/faulty.xlsx")
    assert len(openpyxl.load_workbook(io.BytesIO(faulty.content))["家庭"]["A"]) == 13
    assert await count("journal_entry", "action = 'registry.import_handed_in'") == 1
    (look,) = await fetch("SELECT * FROM access_entry")
    assert (look["field"], look["purpose"], look["data_class"]) == ("registry_import.workbook", "mending", "C4")
    assert str(look["object"]) in address
    assert look["county"] is not None
    operation = str(uuid4())
    for _ in range(2):
        done = await send(county, address, f"{address}/apply", leave_out="1", operation=operation)
        assert (done.status_code, done.headers["location"]) == (303, address), done.text[:3000]
    assert await count("registry_household") == 288
    again = await send(county, "/imports", f"{address}/apply", leave_out="1")
    assert again.status_code == 409
    assert "was already applied or left, by county officer" in again.text


async def test_an_import_is_refused_when_the_registry_is_not_as_shown_and_is_shown_anew(browser: Any) -> None:
    county = await browser("county")
    one, two = [
        (await send(county, "/imports", "/imports", CASES / "households-300.xlsx")).headers["location"]
        for _ in range(2)
    ]
    assert (await send(county, one, f"{one}/apply", leave_out="1")).status_code == 303
    told = await send(county, two, f"{two}/apply", leave_out="1")
    assert told.status_code == 409
    assert "The registry has changed since" in told.text
    assert await count("journal_entry", "action = 'registry.import_looked_again'") == 1
    assert await count("registry_household") == 288


async def test_an_import_is_seen_by_its_maker_and_the_county(browser: Any) -> None:
    county, town = await browser("county"), await browser("town")
    of_county = (await send(county, "/imports", "/imports", CASES / "households-300.xlsx")).headers["location"]
    of_town = (await send(town, "/imports", "/imports", CASES / "households-300.xlsx")).headers["location"]
    assert (await county.get(of_town)).status_code == 200
    assert (await town.get(of_county)).status_code == 404
    assert of_county not in (await town.get("/imports")).text


async def test_what_is_left_is_deleted_and_cannot_be_applied(browser: Any, tmp_path: Path) -> None:
    county = await browser("county")
    address = (await send(county, "/imports", "/imports", CASES / "households-300.xlsx")).headers["location"]
    assert (await send(county, address, f"{address}/leave")).status_code == 303
    assert not list((tmp_path / "uploads").iterdir())
    assert (await send(county, "/imports", f"{address}/apply", leave_out="1")).status_code == 409
    assert (await county.get(f"{address}/faulty.xlsx")).status_code == 404


async def test_a_file_that_is_no_workbook_is_refused_in_words(browser: Any, tmp_path: Path) -> None:
    county = await browser("county")
    (tmp_path / "junk.xlsx").write_bytes(b"no workbook")
    answer = await send(county, "/imports", "/imports", tmp_path / "junk.xlsx")
    assert answer.status_code == 422
    assert "not an .xlsx workbook" in answer.text
    assert (await send(county, "/imports", "/imports")).status_code == 422
    template = await county.get("/imports/template")
    assert openpyxl.load_workbook(io.BytesIO(template.content)).sheetnames[:2] == ["家庭", "成员"]


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_a_process_killed_in_the_middle_leaves_nothing(places: Places, url: str) -> None:
    script = f"""
import asyncio, os, signal
from core.app import prepare
from core.database import open_database
from core.settings import Settings
from core.access import actor_for
from core.registry import importing
import core.registry.writing as writing
from datetime import datetime
from pathlib import Path
house = prepare(Settings(secret={TEST_SECRET!r}, demo=True))
record = writing.record
told = []
async def dying(*args, **kwargs):
    told.append(1)
    if len(told) == 100:
        os.kill(os.getpid(), signal.SIGKILL)
    return await record(*args, **kwargs)
writing.record = dying
async def main():
    async with open_database({url!r}):
        now = datetime.fromisoformat({NOW.isoformat()!r})
        actor = await actor_for("county", now=now)
        file = Path({str(CASES / "households-300.xlsx")!r})
        await importing.import_file(file, actor=actor, now=now, apply=True, leave_out_faulty=True)
asyncio.run(main())
"""
    ran = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == -signal.SIGKILL, ran.stderr[-2000:]
    assert await count("registry_household") == 0
    assert await count("registry_person") == 0
    assert len((await bring("households-300", places.county))["new"]) == 288
