"""The pages as a visitor without scripts sees them, and what a form does when it is sent twice."""

import re
from typing import Any
from uuid import UUID, uuid4

import pytest

from core import Actor
from core.database import Engine, fetch
from plugins.social_work import queries

from .conftest import TODAY, Scene, row_of, taken


@pytest.fixture
async def endless(scene: Scene) -> UUID:
    """A provider whose agreement has no end: pages live by the wall clock."""
    return await scene.provider(until_on=None)


async def test_the_loop_from_offer_to_completion_works_without_scripts(
    scene: Scene, endless: UUID, visitor: Any
) -> None:
    await scene.worker_of(endless)
    town, worker = await visitor("town"), await visitor("worker")
    need = await scene.need()
    form = f"/social_work/needs/{need}/dispatch?provider={endless}"

    sent = await town.post(form.partition("?")[0], page=form, provider=str(endless), instructions="He is shy.")
    assert sent.status_code == 303, sent.text
    page = sent.headers["location"]
    assert "-0001" in (await town.get(page)).text
    (order,) = [row["id"] for row in await fetch("SELECT id FROM social_work_order")]

    assert str(order) in (await worker.get("/social_work/orders")).text
    assert (await worker.post(f"{page}/accept", page=page)).status_code == 303
    early = await worker.get(page)
    assert "Log a session" in early.text
    assert f'action="{page}/complete"' not in early.text
    logged = await worker.post(
        f"{page}/sessions/new", page=f"{page}/sessions/new", day=(await today_of(worker, page)), minutes="60",
        setting="home", outcome="done", note="He opened the door himself.",
    )  # fmt: skip
    assert logged.status_code == 303, logged.text
    assert "He opened the door himself." in (await worker.get(page)).text
    assert "He opened the door himself." not in (await town.get(page)).text
    assert (await worker.post(f"{page}/complete", page=page)).status_code == 303
    assert (await row_of("social_work_order", order))["state"] == "completed"


async def today_of(visitor: Any, page: str) -> str:
    """The day that the session form proposes."""
    form = await visitor.get(f"{page}/sessions/new")
    found = re.search(r'id="day" name="day"[^>]* value="([\d-]+)"', form.text)
    assert found, form.text
    return found[1]


async def test_a_form_sent_twice_has_one_effect(scene: Scene, endless: UUID, visitor: Any) -> None:
    town, need = await visitor("town"), await scene.need()
    form, operation = f"/social_work/needs/{need}/dispatch", str(uuid4())

    answers = [
        await town.post(form, page=f"{form}?provider={endless}", operation=operation, provider=str(endless))
        for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].headers["location"] == answers[1].headers["location"]
    assert len(await fetch("SELECT id FROM social_work_order")) == 1
    assert await taken(endless) == 1


async def test_what_is_refused_is_said_on_the_same_form(scene: Scene, endless: UUID, visitor: Any) -> None:
    worker_actor = await scene.worker_of(endless)
    order = await scene.accepted(endless, worker_actor)
    worker = await visitor("worker")
    page = f"/social_work/orders/{order}"

    empty = await worker.post(f"{page}/return", page=f"{page}/return", why="")
    assert empty.status_code == 422
    assert "error-summary" in empty.text
    early = await worker.post(f"{page}/complete", page=page)
    assert early.status_code == 409
    late = await worker.post(f"{page}/decline", page=f"{page}/decline", why="too late for that")
    assert late.status_code == 409
    assert "too late for that" in late.text
    future = await worker.post(
        f"{page}/sessions/new", page=f"{page}/sessions/new", day="2199-01-01", minutes="60", setting="home",
        outcome="done", note="keep this",
    )  # fmt: skip
    assert future.status_code == 422
    assert "keep this" in future.text
    full = await scene.provider(await scene.organisation("Full House"), until_on=None, places=0)
    need = await scene.need()
    form = f"/social_work/needs/{need}/dispatch"
    refused = await (await visitor("town")).post(form, page=form, provider=str(full))
    assert refused.status_code == 409
    assert "Full House has no free place" in refused.text


async def test_strangers_get_the_answer_of_what_never_was(scene: Scene, endless: UUID, visitor: Any) -> None:
    worker = await scene.worker_of(endless)
    order = await scene.accepted(endless, worker)
    household = (await row_of("social_work_order", order))["household"]
    need = (await row_of("social_work_order", order))["need"]
    await scene.worker_of(await scene.provider(await scene.organisation("Bright Moon"), until_on=None), "stranger")
    stranger, other_town = await visitor("stranger"), await visitor("town2")

    for address in (
        f"/social_work/orders/{order}", f"/social_work/panels/households/{household}",
        f"/social_work/panels/needs/{need}",
    ):  # fmt: skip
        nothing = address.replace(address.rpartition("/")[2], str(uuid4()))
        for who in (stranger, other_town):
            assert (await who.get(address)).status_code == (await who.get(nothing)).status_code == 404, address
    assert (await stranger.get(f"/social_work/orders/{order}/sessions/new")).status_code == 404
    assert (await other_town.get(f"/social_work/providers/{endless}")).status_code == 404
    for thing in (order, uuid4()):  # the address of an act leads back to its page, whether that is there or not
        back = await other_town.get(f"/social_work/orders/{thing}/accept")
        assert back.headers["location"] == f"/social_work/orders/{thing}"
    assert str(order) not in (await other_town.get("/social_work/orders?state=accepted")).text


async def test_every_page_opens_for_those_who_may(scene: Scene, endless: UUID, visitor: Any) -> None:
    actor = await scene.worker_of(endless)
    await scene.worker_of(endless, "supervisor", "supervisor")
    orders = [await scene.order(endless), await scene.accepted(endless, actor), await scene.completed(endless, actor)]
    await scene.provider(await scene.organisation("Bright Moon"), until_on=None)
    row = await row_of("social_work_order", orders[1])
    lists = [f"/social_work/orders?state={state}" for state in ("dispatched", "completed", "returned", "cancelled")]
    boxes = [
        "/social_work/panels/start", f"/social_work/panels/households/{row['household']}",
        f"/social_work/panels/needs/{row['need']}",
    ]  # fmt: skip
    shared = [*lists, *boxes, *(f"/social_work/orders/{order}" for order in orders), "/social_work/providers"]
    own = {
        "town": [f"/social_work/orders/{orders[0]}/pass-on", f"/social_work/needs/{row['need']}/dispatch"],
        "county": ["/social_work/providers/new", f"/social_work/providers/{endless}/change"],
        "worker": [
            f"/social_work/orders/{orders[0]}/decline", f"/social_work/orders/{orders[1]}/return",
            f"/social_work/orders/{orders[1]}/sessions/new",
        ],
        "supervisor": [f"/social_work/providers/{endless}"],
    }  # fmt: skip
    for login, more in own.items():
        who = await visitor(login)
        for address in [*shared, *more]:
            answer = await who.get(address)
            assert answer.status_code == 200, (login, address, answer.text[:400])
        for box in boxes:
            part = await who.get(box, **{"hx-request": "true", "hx-request-type": "partial"})
            assert part.status_code == 200
            assert "<html" not in part.text


async def test_a_county_officer_enters_and_changes_a_provider(scene: Scene, visitor: Any) -> None:
    county = await visitor("county")
    fields = {
        "name": "Warm Home", "credit_code": "91110000600037341L", "from": TODAY.isoformat(),
        "services": ["needs.service_counselling"], "towns": [str(scene.towns[0])], "places": "3", "contact_days": "2",
    }  # fmt: skip

    made = await county.post("/social_work/providers/new", page="/social_work/providers/new", **fields)
    assert made.status_code == 303, made.text
    page = made.headers["location"]
    changed = await county.post(f"{page}/change", page=f"{page}/change", **{**fields, "places": "7"})

    assert changed.status_code == 303, changed.text
    assert (await row_of("social_work_provider", UUID(page.rpartition("/")[2])))["places"] == 7
    wrong = await county.post("/social_work/providers/new", page="/social_work/providers/new", **{**fields, "name": ""})
    assert wrong.status_code == 422


@pytest.mark.parametrize(
    ("field", "day"),
    [("last_day", "9999-12-31"), ("from", "9999-12-31"), ("from", "0001-01-01"), ("last_day", "2199-01-01")],
)
async def test_an_agreement_does_not_last_for_ages(scene: Scene, visitor: Any, field: str, day: str) -> None:
    county, page = await visitor("county"), "/social_work/providers/new"
    fields = {
        "name": "Warm Home", "credit_code": "91110000600037341L", "from": TODAY.isoformat(), "places": "3",
        "services": ["needs.service_counselling"], "towns": [str(scene.towns[0])], "contact_days": "2",
    }  # fmt: skip

    answer = await county.post(page, page=page, **{**fields, field: day})

    assert answer.status_code == 422, answer.text
    assert f'href="#{field}"' in answer.text
    assert await fetch("SELECT id FROM social_work_provider") == []


async def test_a_first_contact_lies_within_a_year(scene: Scene, endless: UUID, visitor: Any) -> None:
    town, page = await visitor("town"), f"/social_work/needs/{await scene.need()}/dispatch"

    answer = await town.post(page, page=page, provider=str(endless), due="9999-12-31")

    assert answer.status_code == 422, answer.text
    assert await fetch("SELECT id FROM social_work_order") == []


async def test_a_guessed_organisation_is_answered_as_nothing(scene: Scene, visitor: Any) -> None:
    county, page = await visitor("county"), "/social_work/providers/new"

    answer = await county.post(
        page, page=page, organisation=str(uuid4()), services=["needs.service_counselling"], places="3",
        towns=[str(scene.towns[0])], contact_days="2", **{"from": TODAY.isoformat()},
    )  # fmt: skip

    assert answer.status_code == 404


async def test_no_statement_of_the_package_names_a_table_of_another(
    scene: Scene, endless: UUID, database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read from the source: what core sends when it is called by its face is core's own."""
    from importlib.resources import files

    foreign = re.compile(r"\b(FROM|JOIN|INTO|UPDATE)\s+(?!social_work_)([a-z]+_[a-z_]+)")
    found = [
        (file.name, match[0])
        for file in files("plugins.social_work").iterdir()
        if file.name.endswith(".py")
        for match in foreign.finditer(file.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize("orders", [2, 12])
async def test_the_list_costs_the_same_however_many_orders_there_are(
    scene: Scene, worker: Actor, provider: UUID, orders: int, database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = await scene.provider(await scene.organisation("Bright Moon"), places=50)
    for _ in range(orders):
        await scene.order(wide)
    sent: list[str] = []
    original = database.fetch

    async def counted(sql: str, *args: Any) -> Any:
        sent.append(sql)
        return await original(sql, *args)

    monkeypatch.setattr(database, "fetch", counted)
    rows = await queries.order_list(scene.town, state="dispatched")
    await queries.counts(scene.town)

    assert len(rows) == orders
    assert len(sent) == 8, sent
