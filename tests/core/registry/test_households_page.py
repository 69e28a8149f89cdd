"""The list of households: what is in it, in which order, page by page."""

import html
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from core.access import share
from core.actor import Actor
from core.database import fetch, new_id
from core.registry.tables import NEVER
from core.web.clock import local_day
from tests.core.needs.browser import Visitor, visitor
from tests.core.needs.small_county import SmallCounty

ROW = re.compile(r'<th scope="row"><a href="/households/([0-9a-f-]{36})"')


async def browser(county: SmallCounty, actor: Actor) -> Visitor:
    return await visitor(county.house, actor, datetime.now(UTC))


def ids(page: str) -> list[UUID]:
    return [UUID(found) for found in ROW.findall(page)]


def address(page: str, rel: str) -> str | None:
    found = re.search(rf'rel="{rel}" href="([^"]+)"', page)
    return html.unescape(found[1]) if found else None


async def many(county: SmallCounty, amount: int, town: int = 0, **more: Any) -> list[UUID]:
    """Households of which several share a name and a day of the last contact."""
    made = []
    for number in range(amount):
        seen_on = None if number % 4 == 0 else date(2026, 1, 1 + number % 5)
        made.append(
            await county.household(
                town, f"Name {number % 7}", f"360803-{number:06}-{town}", last_seen_on=seen_on,
                seen_sort=seen_on or NEVER, **more,
            )
        )  # fmt: skip
    return made


@pytest.mark.parametrize("sort", ["code", "name", "seen"])
async def test_every_household_stands_once_on_the_way_there_and_back(county: SmallCounty, sort: str) -> None:
    mine = await many(county, 60) + await many(county, 55, town=1)
    look = await browser(county, await county.officer("towns", towns=(0, 1)))
    pages, url = [], f"/households?sort={sort}"
    while url:
        text = await look.get(url)
        pages.append(ids(text))
        last, url = text, address(text, "next") or ""
    assert [len(page) for page in pages] == [50, 50, 15]
    walked = [id_ for page in pages for id_ in page]
    assert sorted(walked) == sorted(mine)
    column = {"code": "code", "name": "head_sort, id", "seen": "seen_sort, id"}[sort]
    assert walked == [row["id"] for row in await fetch(f"SELECT id FROM registry_household ORDER BY {column}")]
    back = []
    while before := address(last, "prev"):
        last = await look.get(before)
        back.append(ids(last))
    assert back == pages[-2::-1]


async def test_each_filter_leaves_what_fits(county: SmallCounty) -> None:
    today = local_day(datetime.now(UTC))
    long_ago, lately = today - timedelta(days=100), today - timedelta(days=3)
    ill = await county.household(cause="illness", setting="rural", last_seen_on=lately, seen_sort=lately)
    town_people = await county.household(cause="disability", setting="urban", last_seen_on=long_ago, seen_sort=long_ago)
    unseen, far = await county.household(setting="rural"), await county.household(1, setting="rural")
    look = await browser(county, await county.county_wide())
    for query, expected in (
        ("", {ill, town_people, unseen, far}),
        ("cause=illness", {ill}),
        ("setting=urban", {town_people}),
        ("unseen=30", {town_people, unseen, far}),
        ("unseen=180", {unseen, far}),
        (f"town={county.towns[1]}", {far}),
        (f"town={county.towns[0]}&village={county.villages[0]}&setting=rural", {ill, unseen}),
        ("cause=nonsense&unseen=x&town=1", {ill, town_people, unseen, far}),
    ):
        text = await look.get(f"/households?{query}")
        assert set(ids(text)) == expected, query
        assert f"{len(expected)} household" in text
    assert "No household fits" in await look.get("/households?cause=accident")


async def test_a_filter_stays_while_one_turns_the_page(county: SmallCounty) -> None:
    await many(county, 60, cause="illness")
    await many(county, 20, town=1, cause="accident")
    look = await browser(county, await county.county_wide())
    first = await look.get("/households?sort=name&cause=illness")
    assert "cause=illness" in (address(first, "next") or "")
    assert len(ids(await look.get(address(first, "next") or ""))) == 10


async def test_a_page_address_names_nobody(county: SmallCounty) -> None:
    await many(county, 60)
    look = await browser(county, await county.officer())
    url = address(await look.get("/households?sort=name"), "next") or ""
    assert "ame" not in url.replace("sort=name", "")
    assert ids(await look.get(url[:-3])) == ids(await look.get("/households?sort=name")), "a spoilt cursor: page one"
    assert ids(await look.get(url.replace("sort=name", "sort=code"))) == ids(await look.get("/households?sort=code"))


async def test_a_town_sees_nothing_of_another(county: SmallCounty) -> None:
    (mine,), (theirs,) = await many(county, 1), await many(county, 1, town=1)
    look = await browser(county, await county.officer())
    text = await look.get("/households")
    assert ids(text) == [mine]
    assert "1 household" in text
    assert ids(await look.get(f"/households?town={county.towns[1]}")) == []
    for path in (f"/households/{theirs}", f"/households/{theirs}/move"):
        await look.get(path, 404)


async def test_a_worker_sees_what_is_shared_in_the_order_of_its_number(county: SmallCounty) -> None:
    rows = [(await county.household(code=f"360803-9{number:05}"), f"360803-9{number:05}") for number in range(55)]
    worker = await county.worker(await county.organisation())
    for household, code in rows[:52]:
        await share(
            household, code, plugin="test", record=new_id(), permissions=["registry.see"], now=county.now,
            organisation=worker.organisation,
        )  # fmt: skip
    look = await browser(county, worker)
    text = await look.get("/households?sort=name")
    assert ids(text) == [id_ for id_, _ in rows[:50]]
    assert "52 households" in text
    assert "sort=seen" not in text
    assert "/imports" not in text
    assert ids(await look.get(address(text, "next") or "")) == [id_ for id_, _ in rows[50:52]]
    await look.post("/find", 403, q="Zhong")


async def test_an_empty_list_says_what_to_do(county: SmallCounty) -> None:
    assert 'href="/imports"' in await (await browser(county, await county.officer())).get("/households")
    worker = await county.worker(await county.organisation())
    assert "No household is shared with you" in await (await browser(county, worker)).get("/households")


async def test_the_list_costs_as_much_with_many_households_as_with_few(
    county: SmallCounty, counted: Callable[[], Any]
) -> None:
    look = await browser(county, await county.officer())
    costs = []
    for amount in (3, 60):
        await fetch("DELETE FROM registry_membership")
        await fetch("DELETE FROM registry_household")
        await many(county, amount)
        with counted() as sent:
            await look.get("/households?sort=seen")
        costs.append(len(sent))
    assert costs[0] == costs[1] <= 8
