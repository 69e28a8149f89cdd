"""Pages of needs, as a browser without JavaScript sees them."""

import re
from collections.abc import Callable
from datetime import date, datetime
from types import ModuleType
from typing import Any
from uuid import UUID, uuid4

import pytest

from core.actor import Actor
from core.database import fetch, new_id
from core.declarations import Offer, Panel
from core.errors import Reason
from core.needs import NeedView, withdraw_need

from .browser import Visitor, visitor
from .small_county import SmallCounty

Install = Callable[..., ModuleType]
LONG_NAME = "Gulinar·Abdurehim Abdurehimjan"


async def browser(county: SmallCounty, actor: Actor | None) -> Visitor:
    return await visitor(county.house, actor, datetime.now(tz=county.now.tzinfo))


async def many_needs(county: SmallCounty, need: UUID, amount: int) -> None:
    """Write copies of a need, due on a few days only."""
    (row,) = await fetch("SELECT * FROM needs_need WHERE id = ?", (need,))
    names = [name for name in row.keys() if name not in ("id", "due_on")]  # noqa: SIM118 (a Row is a tuple)
    for number in range(amount):
        await fetch(
            f"INSERT INTO needs_need (id, due_on, {', '.join(names)}) VALUES ({', '.join('?' * (len(names) + 2))})",
            (new_id(), date(2027, 1, 1 + number % 3), *(row[name] for name in names)),
        )


# ── the start page ───────────────────────────────────────────────────────────────────────────────


async def test_an_officer_begins_with_what_is_overdue(county: SmallCounty) -> None:
    officer = await county.officer()
    late = await county.need(officer, await county.household(name=LONG_NAME), due_on=date(2026, 11, 20))
    later = await county.need(officer, due_on=date(2030, 11, 20))
    done = await county.delivered(officer)
    text = await (await browser(county, officer)).get("/")
    places = [text.index(f'href="/needs/{need}"') for need in (late, later, done)]
    assert places == sorted(places)
    assert LONG_NAME in text
    assert "Overdue" in text
    assert len(re.findall(r"<li data-next>", text)) == 1, "one next step on a page"
    assert 'href="/needs?state=open"' in text
    assert "never" in text


async def test_nothing_to_do_is_said_kindly(county: SmallCounty) -> None:
    officer = await county.officer()
    text = await (await browser(county, officer)).get("/")
    assert "Nothing waits for you" in text
    assert "data-next" not in text


@pytest.mark.parametrize(
    ("role", "links", "absent"),
    [("auditor", ["/trail", "/looks"], ["/accounts"]), ("admin", ["/accounts", "/deliveries"], ["/trail", "/needs"])],
)
async def test_auditors_and_administrators_find_their_pages(
    county: SmallCounty, role: str, links: list[str], absent: list[str]
) -> None:
    actor = await (county.administrator() if role == "admin" else county.county_wide("auditor", "auditor"))
    text = await (await browser(county, actor)).get("/")
    assert all(f'href="{link}"' in text for link in links)
    assert not any(f'href="{link}"' in text for link in absent)


async def test_a_worker_sees_the_boxes_of_plugins(county: SmallCounty, plugin: Install) -> None:
    worker = await county.worker(await county.organisation())

    async def panels_for(page: str, subject: UUID | None, actor: Actor) -> list[Panel]:
        return [Panel(f"Orders on {page} of {actor.login}", "/kind/box", "/kind/orders")]

    plugin("kind", panels_for=panels_for)
    text = await (await browser(county, worker)).get("/")
    assert "Orders on start of worker" in text
    assert 'hx-get="/kind/box"' in text
    assert 'href="/kind/orders"' in text, "a plain link for those without JavaScript"


async def test_the_start_page_costs_the_same_however_much_waits(
    county: SmallCounty, counted: Callable[[], Any]
) -> None:
    officer = await county.officer()
    need = await county.need(officer)
    await county.delivered(officer)
    page = await browser(county, officer)
    with counted() as few:
        await page.get("/")
    first = len(few)
    await many_needs(county, need, 40)
    for _ in range(6):
        await county.delivered(officer)
    with counted() as many:
        await page.get("/")
    assert 5 < first == len(many) <= 16


# ── the list ─────────────────────────────────────────────────────────────────────────────────────


async def test_the_list_is_paged_both_ways_and_keeps_its_filters(county: SmallCounty) -> None:
    officer = await county.officer()
    await many_needs(county, await county.need(officer), 120)
    page, seen, url = await browser(county, officer), [], "/needs?state=open&kind=needs.counselling"
    addresses = []
    while url:
        text = await page.get(url)
        addresses.append(url)
        seen += re.findall(r'<th scope="row"><a href="/needs/([0-9a-f-]{36})"', text)
        found = re.search(r'rel="next" href="([^"]+)"', text)
        url = found[1].replace("&amp;", "&") if found else ""
        assert not url or "kind=needs.counselling" in url
    assert len(seen) == len(set(seen)) == 121
    assert len(addresses) == 3
    found = re.search(r'rel="prev" href="([^"]+)"', text)
    assert found is not None
    back = await page.get(found[1].replace("&amp;", "&"))
    assert re.findall(r'<th scope="row"><a href="/needs/([0-9a-f-]{36})"', back) == seen[50:100]


async def test_the_list_of_needs_costs_the_same_with_one_row_and_with_fifty(
    county: SmallCounty, counted: Callable[[], Any]
) -> None:
    officer = await county.officer(towns=(0, 1))
    need = await county.need(officer)
    page = await browser(county, officer)
    with counted() as few:
        await page.get("/needs")
    first = len(few)
    await many_needs(county, need, 60)
    with counted() as many:
        await page.get("/needs")
    assert 5 < first == len(many) <= 14


async def test_more_than_a_thousand_are_not_counted_out(county: SmallCounty) -> None:
    officer = await county.officer()
    await many_needs(county, await county.need(officer), 1000)
    assert "1,000+" in await (await browser(county, officer)).get("/needs")


async def test_the_town_is_chosen_by_who_has_several(county: SmallCounty) -> None:
    one, two, wide = await county.officer(), await county.officer("two", towns=(0, 1)), await county.county_wide()
    here = await county.need(two, await county.household(0))
    there = await county.need(two, await county.household(1))
    assert 'name="town"' not in await (await browser(county, one)).get("/needs")
    for actor in (two, wide):
        page = await browser(county, actor)
        text = await page.get("/needs")
        assert 'name="town"' in text
        assert str(here) in text
        assert str(there) in text
        text = await page.get(f"/needs?town={county.towns[1]}")
        assert str(here) not in text
        assert str(there) in text
    text = await (await browser(county, one)).get(f"/needs?town={county.towns[1]}")
    assert str(there) not in text


async def test_a_spoilt_address_shows_the_first_page(county: SmallCounty) -> None:
    officer = await county.officer()
    need = await county.need(officer)
    for query in ("state=lost", "kind=none", "after=rubbish", "before=%00", "town=1", "state=open&after=&before="):
        assert str(need) in await (await browser(county, officer)).get(f"/needs?{query}")


@pytest.mark.parametrize("state", ["open", "referred", "met"])
async def test_an_empty_list_says_what_to_do(county: SmallCounty, state: str) -> None:
    text = await (await browser(county, await county.officer())).get(f"/needs?state={state}")
    assert 'class="empty"' in text


async def test_a_closed_need_stays_in_the_list_when_its_household_moved_away(county: SmallCounty) -> None:
    officer = await county.officer()
    need = await county.need(officer)
    await withdraw_need(need, why="", actor=officer, now=county.now)
    await fetch("UPDATE registry_household SET town = ?, village = ?", (county.towns[1], county.villages[1]))
    page = await browser(county, officer)
    text = await page.get("/needs?state=withdrawn")
    assert str(need) in text
    assert "moved away" in text
    assert "moved away" in await page.get(f"/needs/{need}")


async def test_only_officers_have_the_list(county: SmallCounty) -> None:
    worker = await county.worker(await county.organisation())
    await (await browser(county, worker)).get("/needs", status=403)


# ── writing down ─────────────────────────────────────────────────────────────────────────────────

GOOD = {
    "kind": "needs.counselling", "words": "He does not <b>leave</b> his room.", "urgency": "urgent", "source": "visit",
    "due": "",
}  # fmt: skip


async def test_a_need_is_written_down_once_however_often_the_form_is_sent(county: SmallCounty) -> None:
    officer, household, operation = await county.officer(), await county.household(), uuid4()
    page, path = await browser(county, officer), f"/households/{household}/needs/new"
    text = await page.get(path)
    assert text.index("Psychological counselling") < text.index('value="needs.counselling"')
    first = await page.post(path, operation=operation, **GOOD)
    again = await page.post(path, operation=operation, **GOOD)
    (row,) = await fetch("SELECT id, state FROM needs_need")
    assert first.headers["location"] == again.headers["location"] == f"/needs/{row['id']}"
    text = await page.get(first.headers["location"])
    assert "He does not &lt;b&gt;leave&lt;/b&gt; his room." in text
    assert "is written down" in text


async def test_a_form_with_faults_keeps_what_was_typed(county: SmallCounty) -> None:
    page = await browser(county, await county.officer())
    path = f"/households/{await county.household()}/needs/new"
    answer = await page.post(path, 422, **{**GOOD, "kind": "", "due": "2020-01-01"})
    assert 'class="error-summary"' in answer.text
    assert 'href="#kind"' in answer.text
    assert 'href="#due"' in answer.text
    assert "He does not &lt;b&gt;leave&lt;/b&gt; his room." in answer.text
    assert not await fetch("SELECT id FROM needs_need")


@pytest.mark.parametrize(
    "spoilt",
    [{"people": str(new_id())}, {"urgency": "now"}, {"source": "rumour"}, {"words": "x" * 2001}, {"kind": "no.such"}],
    ids=lambda spoilt: next(iter(spoilt)),
)
async def test_what_the_form_did_not_offer_is_not_taken(county: SmallCounty, spoilt: dict[str, str]) -> None:
    page = await browser(county, await county.officer())
    path = f"/households/{await county.household()}/needs/new"
    await page.post(path, 422, **{**GOOD, **spoilt})
    assert not await fetch("SELECT id FROM needs_need")


async def test_a_household_of_another_town_has_no_form(county: SmallCounty) -> None:
    page = await browser(county, await county.officer())
    other = f"/households/{await county.household(town=1)}/needs/new"
    await page.get(other, status=404)
    await page.post(other, 404, **GOOD)
    await page.get(f"/households/{new_id()}/needs/new", status=404)
    assert not await fetch("SELECT id FROM needs_need")


# ── one need ─────────────────────────────────────────────────────────────────────────────────────


async def test_each_view_of_a_need_is_recorded_once(county: SmallCounty) -> None:
    officer = await county.officer()
    need = await county.need(officer)
    page = await browser(county, officer)
    for views in (1, 2):
        assert "The boy of 12" in await page.get(f"/needs/{need}")
        rows = await fetch("SELECT actor, field, purpose, town FROM access_entry WHERE object = ?", (need,))
        assert len(rows) == views
    assert (rows[0]["actor"], rows[0]["field"], rows[0]["purpose"], rows[0]["town"]) == (
        officer.user, "needs_need.words", "need_page", county.towns[0],
    )  # fmt: skip


async def test_offers_are_ranked_by_room_then_day_then_distance(county: SmallCounty, plugin: Install) -> None:
    officer = await county.officer()
    need = await county.need(officer)
    asked: list[NeedView] = []

    def offer(name: str, capacity: int | None, earliest: date | None, km: float | None = None) -> Offer:
        return Offer(name, None, (f"{name} is near",), earliest, capacity, f"/kind/{name}", km)

    async def offers_for_need(need: NeedView, actor: Actor) -> list[Offer]:
        asked.append(need)
        return [
            offer("full", 0, date(2026, 11, 24)), offer("late", 3, date(2026, 12, 9)),
            offer("far", 3, date(2026, 11, 25), 30.0), offer("near", 1, date(2026, 11, 25), 2.0),
            offer("uncounted", None, date(2026, 11, 24)), offer("someday", 2, None),
        ]  # fmt: skip

    plugin("kind", offers_for_need=offers_for_need)
    text = await (await browser(county, officer)).get(f"/needs/{need}")
    assert re.findall(r'href="/kind/(\w+)"', text) == ["near", "far", "late", "someday", "uncounted", "full"]
    assert "near is near" in text
    assert (asked[0].id, asked[0].words) == (need, None), "a plugin is not told what was said"


@pytest.mark.parametrize("how", ["raises", "answers rubbish"])
async def test_a_plugin_that_fails_is_named_and_the_page_works(county: SmallCounty, plugin: Install, how: str) -> None:
    officer = await county.officer()
    need = await county.need(officer)

    async def offers_for_need(need: Any, actor: Any) -> Any:
        if how == "raises":
            raise ZeroDivisionError
        return ["come tomorrow"]

    async def panels_for(page: str, subject: UUID | None, actor: Actor) -> Any:
        return await offers_for_need(None, None)

    plugin("clumsy", offers_for_need=offers_for_need, panels_for=panels_for)
    text = await (await browser(county, officer)).get(f"/needs/{need}")
    assert "may have offers, too: clumsy" in text
    assert 'data-state="failed"' in text
    assert "The boy of 12" in text
    assert "Nobody offers help with this yet" in text


async def test_a_need_that_somebody_works_on_is_not_offered(county: SmallCounty, plugin: Install) -> None:
    officer = await county.officer()
    need = await county.need(officer)
    await county.referred(need, officer, None)

    async def offers_for_need(need: Any, actor: Any) -> Any:
        raise AssertionError("nobody is asked")

    plugin("kind", offers_for_need=offers_for_need)
    text = await (await browser(county, officer)).get(f"/needs/{need}")
    assert "Who can help" not in text
    assert "Wait for the answer: Warm Sun says whether it takes this on" in text


async def test_a_need_is_withdrawn_with_a_reason(county: SmallCounty) -> None:
    officer = await county.officer()
    need = await county.need(officer)
    page = await browser(county, officer)
    answer = await page.post(f"/needs/{need}/withdraw", 422, why=" ")
    assert 'href="#why"' in answer.text
    await page.post(f"/needs/{need}/withdraw", why="the aunt helps")
    text = await page.get(f"/needs/{need}")
    assert "the aunt helps" in text
    assert f'action="/needs/{need}/reopen"' in text
    await page.post(f"/needs/{need}/reopen", why="she fell ill")
    assert f'action="/needs/{need}/withdraw"' in await page.get(f"/needs/{need}")


async def test_an_objection_is_shown_on_the_page(county: SmallCounty, plugin: Install) -> None:
    officer = await county.officer()
    need = await county.need(officer)
    in_service = Reason("kind.in_service", "Order {number} is in service.")

    async def object_to(subject: UUID, actor: Actor) -> Any:
        return {in_service: {"number": "2026-0001"}}

    plugin("kind", provide_objections=lambda: {"needs.withdraw": object_to})
    await fetch("INSERT INTO gate (step, plugin) VALUES ('needs.withdraw', 'kind')")
    page = await browser(county, officer)
    answer = await page.post(f"/needs/{need}/withdraw", 409, why="no reason")
    assert "Order 2026-0001 is in service." in answer.text
    assert 'class="blocked"' in answer.text
    assert "no reason" in answer.text
    form = answer.text.partition(f'action="/needs/{need}/withdraw"')[2].partition("</form>")[0]
    assert 'class="blocked"' in form
    assert 'data-kind="danger"' not in form, "what stands against the act takes the place of its button"
    (row,) = await fetch("SELECT state FROM needs_need")
    assert row["state"] == "open"


@pytest.mark.parametrize(("answer", "state"), [("yes", "met"), ("no", "unmet")])
async def test_the_household_is_asked(county: SmallCounty, answer: str, state: str) -> None:
    officer = await county.officer()
    need = await county.delivered(officer, await county.worker(await county.organisation()))
    page = await browser(county, officer)
    assert "Ask the household" in await page.get(f"/needs/{need}")
    refused = await page.post(f"/needs/{need}/confirm", 422, met="perhaps", words="")
    assert 'href="#met"' in refused.text
    assert 'href="#words"' in refused.text
    await page.post(f"/needs/{need}/confirm", met=answer, words="She laughed again.")
    (row,) = await fetch("SELECT state FROM needs_need")
    assert row["state"] == state
    assert "She laughed again." in await page.get(f"/needs/{need}")
    fields = await fetch("SELECT field FROM access_entry WHERE object = ? ORDER BY id DESC LIMIT 2", (need,))
    assert {entry["field"] for entry in fields} == {"needs_need.words", "needs_need.outcome_words"}


async def test_who_did_the_work_is_told_why_a_colleague_must_ask(county: SmallCounty) -> None:
    officer, organisation = await county.officer(), await county.organisation()
    grants = [{"area": county.towns[0], "level": "town"}]
    employed = await county.person_in_office("double", "town", grants, body=organisation)
    need = await county.delivered(officer, await county.worker(organisation))
    page = await browser(county, employed)
    text = await page.get(f"/needs/{need}")
    assert "ask a colleague to make the call" in text
    assert f'action="/needs/{need}/confirm"' not in text
    refused = await page.post(f"/needs/{need}/confirm", 409, met="yes", words="fine")
    assert "ask a colleague to make the call" in refused.text


async def test_a_worker_reads_the_need_and_finds_no_acts(county: SmallCounty) -> None:
    officer, organisation = await county.officer(), await county.organisation()
    worker = await county.worker(organisation)
    need = await county.need(officer)
    page = await browser(county, worker)
    await page.get(f"/needs/{need}", status=404)
    await county.referred(need, officer, organisation)
    text = await page.get(f"/needs/{need}")
    assert "The boy of 12" in text
    assert f'action="/needs/{need}' not in text
    await page.post(f"/needs/{need}/withdraw", 403, why="x")


async def test_a_need_of_another_town_does_not_exist(county: SmallCounty) -> None:
    officer, other = await county.officer(), await county.officer("other", towns=(1,))
    need = await county.need(officer)
    page = await browser(county, other)
    await page.get(f"/needs/{need}", status=404)
    for act, fields in (
        ("withdraw", {"why": "x"}),
        ("confirm", {"met": "yes", "words": "x"}),
        ("reopen", {"why": "x"}),
    ):
        await page.post(f"/needs/{need}/{act}", 404, **fields)
    assert not await fetch("SELECT id FROM access_entry")


async def test_the_page_of_a_need_costs_the_same_however_long_its_history(
    county: SmallCounty, counted: Callable[[], Any]
) -> None:
    officer = await county.officer()
    need = await county.need(officer)
    page = await browser(county, officer)
    await county.move(await county.referred(need, officer, None), officer, "decline")
    with counted() as short:
        await page.get(f"/needs/{need}")
    first = len(short)
    for _ in range(5):
        await county.move(await county.referred(need, officer, None), officer, "decline")
    with counted() as long:
        await page.get(f"/needs/{need}")
    assert 5 < first == len(long) <= 13


async def test_the_list_of_needs_is_turned_by_its_due_day(county: SmallCounty) -> None:
    officer, household = await county.officer(), await county.household()
    need = await county.need(officer, household)
    await many_needs(county, need, 6)
    page = await browser(county, officer)
    shown = {}
    for sort in ("due", "latest"):
        text = await page.get(f"/needs?state=open&sort={sort}")
        shown[sort] = re.findall(r'class="fit">[^<]*?(\d+ (?:Jan|Feb|Mar|Oct|Nov|Dec))', text)
    assert len(set(shown["due"])) > 1
    assert shown["latest"] == shown["due"][::-1]
