"""The third answer of a page: what comes next, said to its reader, warm only where the reader may do it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest

from core import access
from core.actor import Actor
from core.database import fetch
from core.declarations import Panel, Permission
from core.needs import withdraw_need
from core.registry import move_household, saw
from core.web.clock import local_day

from .browser import visitor
from .small_county import SmallCounty

ANSWER = re.compile(r'<div( class="next")?><dt>Next</dt><dd>(.*?)</dd>(?:<dd class="more">(.*?)</dd>)?</div>', re.S)
BOX = "#panel-test-1"


async def text_of(county: SmallCounty, actor: Actor, path: str) -> str:
    return await (await visitor(county.house, actor, datetime.now(tz=county.now.tzinfo))).get(path)


async def next_on(county: SmallCounty, actor: Actor, path: str) -> tuple[bool, str, str]:
    """Return whether the answer is warm, what it says with its link, and what it says more."""
    (found,) = ANSWER.findall(await text_of(county, actor, path))
    warm, says, more = found
    return bool(warm), says, more


@pytest.fixture(autouse=True)
def boxes(county: SmallCounty, plugin: Callable[..., ModuleType]) -> None:
    """A plugin `test` with a box on every page; workers work in it, supervisors read in it."""

    async def panels_for(page: str, subject: UUID | None, actor: Actor) -> list[Panel]:
        return [Panel("Test orders", "/test/box", "/test/box")]

    plugin("test", panels_for=panels_for)
    reads = Permission("test.see", "see", ("worker", "supervisor", "auditor"), reads=True)
    access.learn([*county.house.permissions, reads, Permission("test.work", "work", ("worker",))])


async def test_each_reader_of_a_need_is_told_what_is_theirs(county: SmallCounty) -> None:
    officer, auditor = await county.officer(), await county.county_wide("auditor", "auditor")
    ours, others = await county.organisation(), await county.organisation("Green Hill")
    worker, supervisor = await county.worker(ours), await county.worker(ours, "supervisor", "supervisor")
    stranger, household = await county.worker(others, "stranger"), await county.household()
    await county.referred(await county.need(officer, household), officer, others)  # the stranger sees the household
    need = await county.need(officer, household)
    path = f"/needs/{need}"

    async def all_read(**expected: tuple[bool, str]) -> None:
        readers = {"officer": officer, "auditor": auditor, "worker": worker, "supervisor": supervisor}
        for name, (warm, words) in expected.items():
            found = await next_on(county, readers.get(name, stranger), path)
            assert (found[0], words in found[1]) == (warm, True), (name, found)

    await all_read(
        officer=(True, "Choose who helps"),
        auditor=(False, "An officer chooses"),
        stranger=(False, "An officer chooses"),
    )
    record = await county.referred(need, officer, ours)
    await all_read(
        officer=(False, "Wait for the answer: Warm Sun"),
        auditor=(False, "Wait for the answer: Warm Sun"),
        worker=(True, f'<a href="{BOX}">Say whether your organisation takes this on'),
        supervisor=(False, "Your organisation says whether"),
        stranger=(False, "Another provider"),
    )
    assert "asked on" in (await next_on(county, officer, path))[2]
    await county.move(record, worker, "accept")
    await all_read(
        officer=(False, "Warm Sun is at work"),
        worker=(True, f'<a href="{BOX}">Do the work'),
        supervisor=(False, "Your organisation works on it"),
        stranger=(False, "Another provider is at work"),
    )
    assert "since" in (await next_on(county, officer, path))[2]
    await county.move(record, worker, "finish")
    await all_read(
        officer=(True, "Ask the household"), auditor=(False, "An officer asks"), worker=(False, "An officer asks")
    )
    assert "reported as done on" in (await next_on(county, officer, path))[2]


async def test_who_did_the_work_leaves_the_asking_to_a_colleague(county: SmallCounty) -> None:
    officer, organisation = await county.officer(), await county.organisation()
    grants = [{"area": county.towns[0], "level": "town"}]
    employed = await county.person_in_office("double", "town", grants, body=organisation)
    household = await county.household()
    need = await county.delivered(officer, await county.worker(organisation), household)
    for path in (f"/needs/{need}", f"/households/{household}"):
        assert (await next_on(county, employed, path))[:1] == (False,)
        assert "A colleague asks" in (await next_on(county, employed, path))[1]
        assert (await next_on(county, officer, path))[0]


@pytest.mark.parametrize(
    ("days", "says"),
    [
        (None, "Look in: nobody has been there yet"),
        (140, "Look in: nobody was there for 140 days"),
        (80, "Nothing waits"),
    ],
)
async def test_a_household_nobody_saw_for_long_is_to_be_looked_in_on(
    county: SmallCounty, days: int | None, says: str
) -> None:
    officer, auditor = await county.officer(), await county.county_wide("auditor", "auditor")
    household = await county.household()
    if days is not None:  # the pages go by the true clock
        await saw(household, local_day(datetime.now(UTC)) - timedelta(days=days))
    path, late = f"/households/{household}", days != 80
    warm, words, more = await next_on(county, officer, path)
    assert (warm, says in words) == (late, True), words
    assert ("Look in when you pass by" in more) is not late
    warm, words, _ = await next_on(county, auditor, path)
    assert (warm, "An officer looks in" in words) == (False, late), words


async def test_a_household_says_the_step_of_its_most_pressing_need(county: SmallCounty) -> None:
    officer, organisation = await county.officer(), await county.organisation()
    household = await county.household()
    need = await county.need(officer, household)
    path = f"/households/{household}"
    warm, words, _ = await next_on(county, officer, path)
    assert (warm, "Choose who helps" in words, f"/needs/{need}" in words) == (True, True, True)
    record = await county.referred(need, officer, organisation)
    warm, words, _ = await next_on(county, officer, path)
    assert (warm, "Wait for the answer: Warm Sun" in words, f"/needs/{need}" in words) == (False, True, True)
    worker = await county.worker(organisation)
    await county.need(officer, household, urgency="urgent")  # another one, which is nothing to the worker
    warm, words, more = await next_on(county, worker, path)
    assert (warm, BOX in words, "Your organisation" in more) == (True, True, True), words
    await county.move(record, worker, "decline")
    warm, words, more = await next_on(county, worker, path)
    assert (warm, "An officer chooses" in words, "Your organisation" in more) == (False, True, False), words


async def test_the_old_town_that_opens_a_need_again_is_told_where_it_is(county: SmallCounty) -> None:
    officer, wide, household = await county.officer(), await county.county_wide(), await county.household()
    need = await county.need(officer, household)
    await withdraw_need(need, why="the aunt helps", actor=officer, now=county.now)
    await move_household(household, county.villages[1], actor=wide, now=county.now, why="moved")
    page = await visitor(county.house, officer, datetime.now(tz=county.now.tzinfo))
    answer = await page.post(f"/needs/{need}/reopen", why="she fell ill")
    assert answer.headers["location"] == "/needs"
    assert "lives elsewhere now" in await page.get("/needs")
    (row,) = await fetch("SELECT state, town FROM needs_need WHERE id = ?", (need,))
    assert (row["state"], row["town"]) == ("open", county.towns[1])


@pytest.mark.parametrize("role", ["worker", "auditor", "admin", "town"])
async def test_everybody_finds_the_start_page_in_the_menu(county: SmallCounty, role: str) -> None:
    makers: dict[str, Any] = {
        "worker": lambda: _worker(county), "auditor": lambda: county.county_wide("auditor", "auditor"),
        "admin": county.administrator, "town": county.officer,
    }  # fmt: skip
    text = await text_of(county, await makers[role](), "/")
    menu = text.partition('<nav class="side"')[2].partition("</nav>")[0]
    assert re.search(r'<a [^>]*href="/"', menu), menu


async def _worker(county: SmallCounty) -> Actor:
    return await county.worker(await county.organisation())
