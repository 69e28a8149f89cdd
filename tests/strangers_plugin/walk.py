"""What `tests/contract/test_stranger.py` does inside the stranger's environment; prints one JSON object.

walk.py loop      plan, object, bring, finish, confirm, and read the pages; then leave a second round open
walk.py move      move the household to the other town and count what is held (the plugin may be gone)
"""

import asyncio
import json
import re
import sys
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from core import Event
from core.access import actor_for
from core.access.sessions import start_session
from core.actor import Actor
from core.app import House, create_app, prepare
from core.database import fetch
from core.errors import Refused
from core.journal import deliver_once, seal_once
from core.needs import confirm_need, need_view, withdraw_need
from core.registry import held_about, move_household
from core.settings import Settings
from core.terms import word
from core.texts import LANGUAGES, language
from core.web.clock import local_day
from tests.contract.small_county import SmallCounty, a_need, build


def now() -> datetime:
    return datetime.now(UTC)


async def loop(house: House) -> dict[str, Any]:
    """Walk the whole loop once."""
    from meal_rounds.service import bring_meal, finish_round, follow_referral, plan_round, start_round

    county = await build()
    luo, today, told = county.officer, local_day(now()), {}
    need = await a_need(county, "meal_rounds.meals")
    offers, failed = await house.plugins.ask("offers_for_need", need=await need_view(luo, need), actor=luo)
    mine = offers["meal_rounds"]
    told["offers"], told["failed"] = [[offer.provider, offer.url, list(offer.why)] for offer in mine], failed
    planned = await plan_round(need, first_on=today, diet="soft", actor=luo, now=now(), eater=county.person)
    told["after plan"] = (await need_view(luo, need)).state
    told["objection"] = await refusal(house, withdraw_need(need, why="a mistake", actor=luo, now=now()))
    await start_round(planned, actor=luo, now=now())
    told["after start"] = (await need_view(luo, need)).state
    await bring_meal(planned, day=today, minutes=20, actor=luo, now=now())
    told["not called back"] = await refusal(house, start_round(planned, actor=luo, now=now()))
    await finish_round(planned, actor=luo, now=now())
    told["after finish"] = (await need_view(luo, need)).state
    told["own work"] = await refusal(house, confirm_need(need, met=True, words="yes", actor=luo, now=now()))
    await confirm_need(need, met=True, words="It tastes good.", actor=county.county_officer, now=now())
    told["after confirm"] = (await need_view(luo, need)).state
    told["closed"] = await refusal(house, bring_meal(planned, day=today, minutes=5, actor=luo, now=now()))
    told["wrong kind"] = await refusal(
        house,
        plan_round(await a_need(county, "needs.papers"), first_on=today, diet="soft", actor=luo, now=now()),
    )

    another = await a_need(county)
    stopped = await plan_round(another, first_on=today + timedelta(days=1), diet="plain", actor=luo, now=now())
    await withdraw_need(another, why="moved to her son", actor=luo, now=now())
    await seal_once(now())
    await deliver_once(now())
    told["stopped"] = await state(stopped)
    (referral,) = await fetch("SELECT id FROM needs_referral WHERE record = ?", (stopped,))
    await follow_referral(Event(1, "needs.referral_revoked", referral["id"], county.household))
    told["steps"] = len(await fetch("SELECT id FROM workflow_step WHERE object = ?", (stopped,)))

    left_open = await plan_round(await a_need(county), first_on=today, diet="plain", actor=luo, now=now())
    told["journal"] = sorted({row["action"] for row in await fetch("SELECT action FROM journal_entry")})
    told["ledger"] = [tuple(row) for row in await fetch("SELECT kind, minutes FROM activities_activity")]
    told["town"], told["open round"], told["closed round"] = str(county.here), str(left_open), str(planned)
    told["pages"] = await pages(house, county, await a_need(county))
    return told


async def pages(house: House, county: SmallCounty, need: UUID) -> dict[str, Any]:
    """Read the stranger's pages as the town's officer, in Chinese."""
    app = create_app(house.settings, house=house, background=False)
    found: dict[str, Any] = {}
    address = f"/meal_rounds/needs/{need}/plan"
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as browser:
        browser.headers["accept-language"] = "zh-CN"
        found["a stranger"] = (await browser.get("/meal_rounds/rounds")).status_code
        browser.cookies.set("nuanliu", await start_session(county.officer.user, "a test", now=now()))
        for path in (
            "/meal_rounds/rounds",
            f"/meal_rounds/households/{county.household}",
            f"/meal_rounds/households/{county.household}/panel",
            address,
        ):
            answer = await browser.get(path)
            found[path.replace(str(county.household), "H").replace(str(need), "N")] = [answer.status_code, answer.text]
        form = await filled(browser, address)
        answer = await browser.post(address, data=form | {"first_on": "2001-01-01", "diet": "soft"})
        found["too early"] = [answer.status_code, answer.text]
        day = local_day(now()).isoformat()
        answer = await browser.post(address, data=form | {"first_on": day, "diet": "soft"})
        found["planned"] = [answer.status_code, answer.headers.get("location", "")]
        again = await browser.post(address, data=form | {"first_on": day, "diet": "soft"})
        found["planned twice"] = [again.status_code, again.headers.get("location", "")]
        (row,) = await fetch("SELECT count(*) AS n FROM meal_rounds_round WHERE need = ?", (need,))
        found["rows"] = row["n"]
    return found


async def filled(browser: httpx.AsyncClient, path: str) -> dict[str, str]:
    """Return the hidden fields of the form on a page."""
    text = (await browser.get(path)).text
    main = text[text.index("<main") :]
    names = ("_csrf_token", "operation")
    return {name: re.search(rf'name="{name}" value="([^"]*)"', main)[1] for name in names}  # type: ignore[index]


async def move(house: House) -> dict[str, Any]:
    """Move the household; say where its rounds are now, and what is held."""
    chen = await actor("chen")
    (home,) = await fetch("SELECT id, village FROM registry_household")
    (other,) = await fetch(
        "SELECT id, parent FROM registry_area WHERE level = 'village' AND id <> ?", (home["village"],)
    )
    await move_household(home["id"], other["id"], actor=chen, now=now(), why="lives with her daughter now")
    rounds = await fetch("SELECT id, town FROM meal_rounds_round ORDER BY id")
    (person,) = await fetch("SELECT id FROM registry_person")
    return {
        "town": str(other["parent"]),
        "rounds": {str(row["id"]): str(row["town"]) for row in rounds},
        "held about the household": await held_about(home["id"]),
        "held about the person": await held_about(person["id"], "person"),
        "enabled": house.plugins.is_enabled("meal_rounds"),
        "routes": sum(str(route.paths).count("/meal_rounds/") for route in house.routes),
        "words": {code: said("meal_rounds.meals", code) for code in LANGUAGES},
        "withdraw": [
            await refusal(house, withdraw_need(row["need"], why="?", actor=chen, now=now()))
            for row in await fetch("SELECT need FROM meal_rounds_round WHERE state = 'planned' ORDER BY id")
        ],
    }


async def actor(login: str) -> Actor:
    found = await actor_for(login, now=now())
    assert found is not None
    return found


async def state(round_: UUID) -> str:
    (row,) = await fetch("SELECT state FROM meal_rounds_round WHERE id = ?", (round_,))
    return str(row["state"])


async def refusal(house: House, verb: Any) -> list[str]:
    """Return the sentences with which a verb is refused; empty when it is not."""
    try:
        await verb
    except Refused as refused:
        return [house.templates.globals["said"](reason, blanks) for reason, blanks in refused.reasons.items()]
    return []


def said(term: str, code: str) -> str:
    token = language.set(code)
    try:
        return word(term)
    finally:
        language.reset(token)


async def main() -> None:
    house = prepare(Settings.read())
    async with house.open():
        print(json.dumps(await {"loop": loop, "move": move}[sys.argv[1]](house), ensure_ascii=False, default=str))


asyncio.run(main())
