"""The door, the trail, who looked, accounts, deliveries."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from core.access.routes import DEMO_PASSWORD
from core.actor import Actor, house
from core.database import fetch, new_id, transaction
from core.journal import record, seal_once
from core.place import Place
from tests.core.needs.browser import Visitor, visitor
from tests.core.needs.small_county import PASSWORD, SmallCounty


async def browser(county: SmallCounty, actor: Actor | None) -> Visitor:
    return await visitor(county.house, actor, datetime.now(tz=county.now.tzinfo))


# ── the door ─────────────────────────────────────────────────────────────────────────────────────


async def test_one_button_signs_in_each_demo_account(county: SmallCounty, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.access.routes.DEMO_PASSWORD", PASSWORD)
    await county.officer()
    await county.administrator()
    page = await browser(county, None)
    text = await page.get("/sign-in")
    logins = re.findall(r'name="login" value="(\w+)"', text)
    assert set(logins) == {"town", "admin"}
    assert f'name="password" value="{PASSWORD}"' in text
    answer = await page.post("/sign-in", login=logins[0], password=PASSWORD, next="/needs")
    assert answer.headers["location"] == "/needs"
    assert "What to do first" in await page.get("/")


async def test_the_accounts_of_the_demo_are_listed_in_the_demo_only(
    county: SmallCounty, monkeypatch: pytest.MonkeyPatch
) -> None:
    await county.officer()
    monkeypatch.setitem(county.house.settings.__dict__, "demo", False)
    text = await (await browser(county, None)).get("/sign-in")
    assert DEMO_PASSWORD not in text
    assert "town of the test" not in text


async def test_a_wrong_password_and_an_unknown_login_are_answered_alike(county: SmallCounty) -> None:
    await county.officer()
    page = await browser(county, None)
    await page.get("/sign-in")
    wrong = await page.post("/sign-in", 422, login="town", password="not this one")
    unknown = await page.post("/sign-in", 422, login="nobody", password="not this one")
    assert "do not fit together" in wrong.text
    assert 'href="#login"' in wrong.text
    assert "not this one" not in wrong.text

    def plain(text: str) -> str:
        return re.sub(r'value="[^"]*"', "", text)

    assert plain(wrong.text) == plain(unknown.text)


async def test_nobody_is_sent_to_another_house(county: SmallCounty) -> None:
    await county.officer()
    for address in ("https://elsewhere.test/", "//elsewhere.test", "/\\elsewhere.test"):
        page = await browser(county, None)
        await page.get("/sign-in")
        answer = await page.post("/sign-in", login="town", password=PASSWORD, next=address)
        assert answer.headers["location"] == "/"


async def test_who_is_not_signed_in_comes_back_to_the_page_afterwards(county: SmallCounty) -> None:
    page = await browser(county, None)
    answer = await page.client.get("/needs?state=met")
    assert answer.status_code == 303
    text = await page.get(answer.headers["location"])
    assert 'name="next" value="/needs?state=met"' in text


# ── the trail ────────────────────────────────────────────────────────────────────────────────────


async def test_the_trail_says_who_did_what_and_when(county: SmallCounty) -> None:
    officer, household = await county.officer(), await county.household()
    need = await county.need(officer, household)
    await county.referred(need, officer, None)
    page = await browser(county, await county.county_wide("auditor", "auditor"))
    text = await page.get("/trail")
    assert "wrote down a need" in text
    assert f'href="/households/{household}"' in text
    assert "town of the test" in text
    assert "words" in text
    assert "The boy" not in text
    assert "not yet sealed" in text
    assert await seal_once(county.now)
    assert "not yet sealed" not in await page.get("/trail")


async def test_the_trail_is_filtered(county: SmallCounty) -> None:
    officer, colleague = await county.officer(), await county.officer("colleague")
    need, other = await county.need(officer), await county.need(colleague)
    await county.referred(need, officer, None)
    page = await browser(county, await county.county_wide("auditor", "auditor"))

    async def lines(query: str) -> int:
        return (await page.get(f"/trail?{query}")).count('<tr><th scope="row"')

    assert await lines("action=needs.raised") == 2
    assert await lines("action=needs.raised&login=colleague") == 1
    assert await lines(f"object={other}") == 1
    assert await lines("day=2026-11-23") == 3
    assert await lines("day=2026-11-22") == 0
    assert await lines("login=nobody") == 0
    assert "No line fits" in await page.get("/trail?login=nobody")
    for query, field in (("day=yesterday", "day"), ("object=1", "object"), ("action=no.such", "action")):
        assert f'href="#{field}"' in await page.get(f"/trail?{query}")


async def test_an_auditor_reads_the_trail_of_the_own_county_only(county: SmallCounty) -> None:
    elsewhere = Place(new_id(), new_id(), new_id(), new_id())
    async with transaction():
        await record(house("neighbour county"), "needs.raised", new_id(), now=county.now, place=elsewhere)
    page = await browser(county, await county.county_wide("auditor", "auditor"))
    assert "neighbour county" not in await page.get("/trail")


async def test_the_trail_is_paged_with_a_fixed_number_of_statements(
    county: SmallCounty, counted: Callable[[], Any]
) -> None:
    auditor = await county.county_wide("auditor", "auditor")
    place = Place(county.city, county.area, None, None)

    async def write(amount: int) -> None:
        async with transaction():
            for _ in range(amount):
                await record(house("the test"), "needs.raised", new_id(), now=county.now, place=place)

    page = await browser(county, auditor)
    await write(1)
    with counted() as few:
        await page.get("/trail?action=needs.raised")
    first = len(few)
    await write(60)
    with counted() as many:
        text = await page.get("/trail?action=needs.raised")
    assert 0 < first == len(many) <= 5
    assert text.count('<tr><th scope="row"') == 50
    found = re.search(r'rel="next" href="([^"]+)"', text)
    assert found is not None
    assert (await page.get(found[1].replace("&amp;", "&"))).count('<tr><th scope="row"') == 11


async def test_who_looked_is_shown_with_the_purpose(county: SmallCounty, counted: Callable[[], Any]) -> None:
    officer, household = await county.officer(), await county.household()
    need = await county.need(officer, household)
    reader = await browser(county, officer)
    await reader.get(f"/needs/{need}")
    page = await browser(county, await county.county_wide("auditor", "auditor"))
    text = await page.get("/looks")
    assert "opened the page of the need" in text
    assert "what was seen or said" in text
    assert f'href="/households/{household}"' in text
    assert str(household) in await page.get(f"/looks?household={household}")
    assert "Nobody has looked" in await page.get(f"/looks?household={new_id()}")
    with counted() as few:
        await page.get("/looks")
    first = len(few)
    for _ in range(60):
        await reader.get(f"/needs/{need}")
    with counted() as many:
        await page.get("/looks")
    assert 0 < first == len(many) <= 4


# ── administrators ───────────────────────────────────────────────────────────────────────────────


async def test_accounts_are_listed_with_their_roles(county: SmallCounty) -> None:
    await county.officer("both", towns=(0, 1))
    await county.person_in_office("bare", "town", [])
    page = await browser(county, await county.administrator())
    text = await page.get("/accounts")
    assert text.count("town officer") == 2
    assert "can sign in and see nothing" in text
    assert "administrator" in text


async def test_a_delivery_that_was_set_aside_is_tried_again(county: SmallCounty) -> None:
    officer = await county.officer()
    await county.need(officer)
    assert await seal_once(county.now)
    page = await browser(county, await county.administrator())
    assert "Everything has arrived" in await page.get("/deliveries")
    (entry,) = await fetch("SELECT seq, object FROM journal_entry WHERE action = 'needs.raised'")
    delivery = new_id()
    await fetch(
        "INSERT INTO journal_delivery (id, subscriber, seq, object, attempts, next_at, state, error)"
        " VALUES (?, 'kind', ?, ?, 10, ?, 'set_aside', 'ZeroDivisionError: <script>')",
        (delivery, entry["seq"], entry["object"], county.now),
    )
    text = await page.get("/deliveries")
    assert "set aside" in text
    assert "&lt;script&gt;" in text
    assert "wrote down a need" in text
    await page.post(f"/deliveries/{delivery}/retry")
    (row,) = await fetch("SELECT state FROM journal_delivery WHERE id = ?", (delivery,))
    assert row["state"] == "waiting"
    (tried,) = await fetch("SELECT actor_name FROM journal_entry WHERE action = 'access.delivery_retried'")
    assert tried["actor_name"] == "admin of the test"


@pytest.mark.parametrize("path", ["/trail", "/looks", "/accounts", "/deliveries"])
async def test_oversight_is_not_for_officers(county: SmallCounty, path: str) -> None:
    await (await browser(county, await county.officer())).get(path, status=403)
