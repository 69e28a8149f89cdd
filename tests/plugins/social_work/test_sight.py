"""Who sees what of orders: between organisations, after the share, and in which order lists are walked."""

import re
import sys
from collections.abc import Awaitable
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any
from uuid import UUID

import pytest

import core
import plugins.social_work
from core import Actor
from core.access import give_grant
from core.database import Engine, fetch, new_id
from core.needs import need_view
from plugins.social_work import agreements, offering, offers_for_need, queries, service
from plugins.social_work.tables import Order

from .conftest import NOW, TODAY, Scene, row_of

OF_CORE, OF_PLUGIN = Path(core.__file__).parent, Path(plugins.social_work.__file__).parent
TABLE = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE)\s+\"?([a-z]+_[a-z_]+)")


async def copies(order: UUID, number: int, **more: Any) -> list[UUID]:
    """Copy an order as often as wanted, each with a number of its own; return the ids, oldest first."""
    row = {**await row_of("social_work_order", order), "holds_place": False, **more}
    rows = [Order(**{**row, "id": new_id(), "number": f"copy-{n}"}) for n in range(number)]
    for first in range(0, number, 500):
        await Order.insert(*rows[first : first + 500])
    return [one.id for one in rows]


async def test_a_box_shows_the_newest_orders_first(scene: Scene, provider: UUID) -> None:
    household = await scene.household()
    order = await scene.order(provider, await scene.need(household))
    need = (await row_of("social_work_order", order))["need"]
    made = await copies(order, queries.SHOWN + 5, state="declined")

    for actor in (scene.town, await scene.worker_of(provider)):
        for subject in ({"household": household}, {"need": need}):
            rows, _ = await queries.orders_of(actor, **subject)
            assert [row["id"] for row in rows] == made[::-1][: queries.SHOWN]


async def test_organisations_do_not_see_each_others_orders_of_a_household(
    scene: Scene, provider: UUID, worker: Actor, visitor: Any
) -> None:
    other = await scene.provider(await scene.organisation("Bright Moon"), until_on=None)
    await scene.worker_of(other, "stranger")
    household = await scene.household()
    need = await scene.need(household)
    declined = await scene.order(provider, need)
    await service.decline(declined, why="nobody speaks Hakka", actor=worker, now=NOW)
    served = await scene.accepted(provider, worker, await scene.need(household))
    await scene.session(served, worker, minutes=77, place_text="in the yard")
    theirs = await scene.order(other, need)
    boxes = (f"/social_work/panels/households/{household}", f"/social_work/panels/needs/{need}")
    expected = {
        "worker": ({served, declined}, {declined}),
        "stranger": ({theirs}, {theirs}),
        "town": ({served, declined, theirs}, {declined, theirs}),
    }
    for login, shown in expected.items():
        who, actor = await visitor(login), await scene.again(login)
        for box, ids, subject in zip(boxes, shown, ({"household": household}, {"need": need}), strict=True):
            page = (await who.get(box)).text
            assert set(map(UUID, re.findall(r"/social_work/orders/([0-9a-f-]{36})", page))) == ids, (login, box)
            rows, sessions = await queries.orders_of(actor, **subject)  # type: ignore[arg-type]
            assert {row["id"] for row in rows} == ids
            assert {one.service_order for one in sessions} == ids & {served}
            if login == "stranger":
                for words in (
                    "Hakka",
                    "Warm Sun",
                    worker.name,
                    "Last session",
                    "in the yard",
                    "2026-0001",
                    "2026-0002",
                ):
                    assert words not in page.partition("<main")[2], (box, words)


async def test_after_its_time_an_order_says_nothing_of_the_household(
    scene: Scene, provider: UUID, worker: Actor, visitor: Any, stop_clock: Any
) -> None:
    order = await scene.accepted(provider, worker)
    await scene.session(order, worker, place_text="in the yard")
    await service.return_order(order, why="Xiulan moved to her daughter", actor=worker, now=NOW)
    within = scene.later(29)
    with stop_clock(within):
        view = await queries.order_view(await scene.again("worker", within), order, now=within)
        assert view.card is not None
        assert (view.instructions, list(view.notes.values())) == ("He is shy.", ["He opened the door himself."])
    looks = await fetch("SELECT id FROM access_entry")

    later = scene.later(31)
    with stop_clock(later):
        actor = await scene.again("worker", later)
        view = await queries.order_view(actor, order, now=later)
        assert (view.card, view.instructions, view.notes, view.may_read_notes) == (None, None, {}, False)
        assert (view.order.reason, view.order.instructions_sealed) == (None, None)
        assert [(one.minutes, one.place_text, one.note_sealed) for one in view.sessions] == [(60, None, None)]
        (row,) = await queries.order_list(actor, state="returned")
        assert (row["id"], row["card"], row["reason"]) == (order, None, None)
    assert len(await fetch("SELECT id FROM access_entry")) == len(looks)

    await fetch("UPDATE access_share SET until_at = ?, reads_until = ?", (NOW - timedelta(9), NOW - timedelta(2)))
    who = await visitor("worker")
    for address in (f"/social_work/orders/{order}", "/social_work/orders?state=returned"):
        page = await who.get(address)
        assert page.status_code == 200
        assert "A household that is not shared any more" in page.text
        for words in ("Xiulan", "Pingtian", "in the yard", "He is shy", "opened the door", "/households/0"):
            assert words not in page.text, (address, words)
    household = (await row_of("social_work_order", order))["household"]
    assert (await who.get(f"/social_work/panels/households/{household}")).status_code == 404
    assert "He is shy." in (await (await visitor("town")).get(f"/social_work/orders/{order}")).text


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_the_list_is_walked_in_index_order_and_never_sorted(
    scene: Scene, database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = await scene.provider(towns=list(scene.towns))
    await scene.worker_of(both)
    first = await scene.order(both)
    for town in scene.towns:
        for state in ("dispatched", "confirmed"):
            await copies(first, 800, town=town, state=state, series=await _series(scene))
    await database.fetch("ANALYZE")
    user = (await fetch("SELECT id FROM access_user WHERE login = 'town'"))[0]["id"]
    await give_grant(
        user, "town", actor=scene.county, now=NOW, from_on=TODAY, area=scene.towns[1], level="town"
    )  # fmt: skip
    reads = {"town": ("town=?", 2), "county": ("county=?", 1), "worker": ("organisation=?", 1)}
    for login, (column, walks) in reads.items():
        actor = await scene.again(login)
        for state in ("dispatched", "confirmed"):
            for provider in (None, both):
                reading = queries.order_list(actor, state=state, provider=provider)
                (plan, *_) = await plans_of(database, monkeypatch, reading)
                found = [step for step in plan if step.startswith("SEARCH social_work_order")]
                assert len(found) == walks, (login, plan)
                assert all(column in step and "state=?" in step for step in found), (login, plan)
                last = max(n for n, step in enumerate(plan) if step in found)
                assert "FOR ORDER BY" not in str(plan[: last + 1]), (login, state, provider, plan)
                assert walks > 1 or "FOR ORDER BY" not in str(plan), (login, plan)


async def _series(scene: Scene) -> UUID:
    made = new_id()
    await fetch("INSERT INTO social_work_series (id, county, year, last) VALUES (?, ?, ?, 0)", (made, new_id(), 2026))
    return made


async def plans_of(database: Engine, monkeypatch: pytest.MonkeyPatch, reading: Awaitable[Any]) -> list[list[str]]:
    """Return the plans of SQLite for what a reading asks of the orders, instead of asking it."""
    asked: list[Any] = []

    async def keep(query: Any, in_pool: bool = False) -> list[Any]:
        asked.append(query)
        return []

    with monkeypatch.context() as patch:
        patch.setattr(database, "run_querystring", keep)
        await reading
    plans = []
    for query in asked:
        sql, args = query.compile_string(engine_type="sqlite")
        plans.append([row[3] for row in await database.fetch(f"EXPLAIN QUERY PLAN {sql}", args)])
    return plans


def sender(frame: FrameType | None) -> Path | None:
    """The file that asked: nearest to the database, what carries questions for others left out."""
    carriers = (OF_CORE / "database", OF_CORE / "access" / "scope.py")
    while frame is not None:
        file = Path(frame.f_code.co_filename)
        ours = file.is_relative_to(OF_CORE) or file.is_relative_to(OF_PLUGIN)
        if ours and not any(file.is_relative_to(carrier) for carrier in carriers):
            return file
        frame = frame.f_back
    return None


async def test_what_the_package_sends_names_only_tables_of_its_own(
    scene: Scene, provider: UUID, worker: Actor, database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[tuple[str, str]] = []

    def watch(name: str) -> None:
        original = getattr(database, name)

        async def watched(query: Any, *args: Any, **more: Any) -> Any:
            file = sender(sys._getframe(1))
            if file is not None and file.is_relative_to(OF_PLUGIN):
                text = query if isinstance(query, str) else query.compile_string()[0]
                sent.append((file.name, text))
            return await original(query, *args, **more)

        monkeypatch.setattr(database, name, watched)

    for name in ("fetch", "run_querystring"):
        watch(name)
    need = await scene.need()
    await offers_for_need(await need_view(scene.town, need), scene.town)
    order = await scene.completed(provider, worker, need)
    await queries.order_view(worker, order, now=NOW)
    await queries.orders_of(worker, need=need)
    for actor in (scene.town, worker):
        view = await queries.order_head(actor, order)
        assert await queries.need_of(view.order, actor) is not None
        await queries.possible_for(view.order, actor)
    asked = await scene.need()
    declined = await scene.order(provider, asked)
    assert await offering.standing_against(await need_view(scene.town, asked), scene.town, now=NOW) != ({}, "")
    await service.decline(declined, why="full", actor=worker, now=NOW)
    await offering.reasons_against_asking(await need_view(scene.town, asked), provider, scene.town, today=TODAY)
    for actor in (scene.town, worker):
        await queries.order_list(actor, state="completed")
        await queries.counts(actor)
        await queries.waiting(actor, today=TODAY, now=NOW)
        await queries.providers(actor)
    await queries.objections_to_withdrawal(need)
    await agreements.change_provider(provider, scene.agreement(), actor=scene.county, now=NOW)
    for found in await queries.unsettled((await row_of("social_work_order", order))["household"]):
        await service.settle(found, now=NOW)

    assert {name for name, _ in sent} == {"agreements.py", "offering.py", "queries.py", "service.py", "workflows.py"}
    named = {(table, name) for name, sql in sent for table in TABLE.findall(sql)}
    own = {table for table, _ in named if table.startswith("social_work_")}
    assert own == {"social_work_order", "social_work_provider", "social_work_served_town", "social_work_series",
                   "social_work_session"}  # fmt: skip
    assert {table for table, _ in named} - own == set(), named
