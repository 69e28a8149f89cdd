"""The organisation works on an order: accept, log, complete; or decline, return."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from core import Actor, Forbidden, NotYours, Refused
from core.access import give_grant
from core.activities import of_household
from core.database import fetch
from core.needs import OWN_WORK, REFERRAL_CLOSED, confirm_need, need_view, withdraw_need
from core.registry import move_household
from core.workflow import NOT_NOW
from plugins.social_work import queries, rules, service

from .conftest import NOW, TODAY, Scene, row_of, taken, together


async def test_an_accepted_order_takes_its_need_into_service(scene: Scene, provider: UUID, worker: Actor) -> None:
    need = await scene.need()

    order = await scene.accepted(provider, worker, need)

    row = await row_of("social_work_order", order)
    assert (row["state"], row["worker"], row["worker_name"]) == ("accepted", worker.person, worker.name)
    assert row["accepted_on"] == TODAY
    assert (await need_view(scene.town, need)).state == "in_service"


async def test_an_order_is_accepted_once(scene: Scene, provider: UUID, worker: Actor) -> None:
    order = await scene.accepted(provider, worker)

    with pytest.raises(Refused) as refused:
        await service.accept(order, actor=worker, now=NOW, today=TODAY)

    assert list(refused.value.reasons) == [NOT_NOW]


async def test_a_declined_order_opens_its_need_and_frees_the_place(scene: Scene, provider: UUID, worker: Actor) -> None:
    need = await scene.need()
    order = await scene.order(provider, need)

    await service.decline(order, why="nobody speaks Hakka", actor=worker, now=NOW)

    row = await row_of("social_work_order", order)
    assert (row["state"], row["reason"]) == ("declined", "nobody speaks Hakka")
    assert (await need_view(scene.town, need)).state == "open"
    assert await taken(provider) == 0
    with pytest.raises(Refused) as again:
        await service.decline(order, why="again", actor=worker, now=NOW)
    assert list(again.value.reasons) == [REFERRAL_CLOSED]
    assert await taken(provider) == 0


async def test_an_accepted_order_is_returned_not_declined(scene: Scene, provider: UUID, worker: Actor) -> None:
    need = await scene.need()
    order = await scene.accepted(provider, worker, need)
    await scene.session(order, worker)

    with pytest.raises(Refused) as refused:
        await service.decline(order, why="too late", actor=worker, now=NOW)
    await service.return_order(order, why="our colleague is ill", actor=worker, now=NOW)

    assert list(refused.value.reasons) == [NOT_NOW]
    assert (await row_of("social_work_order", order))["state"] == "returned"
    assert (await need_view(scene.town, need)).state == "open"
    assert await taken(provider) == 0
    assert await scene.order(provider, need)


async def test_an_order_that_was_not_accepted_cannot_be_returned_or_worked_on(
    scene: Scene, provider: UUID, worker: Actor
) -> None:
    order = await scene.order(provider)

    for verb in (
        service.return_order(order, why="no", actor=worker, now=NOW),
        service.complete(order, actor=worker, now=NOW),
        scene.session(order, worker),
    ):
        with pytest.raises(Refused) as refused:
            await verb
        assert NOT_NOW in refused.value.reasons
    assert await fetch("SELECT id FROM social_work_session") == []


async def test_a_session_reaches_the_ledger_without_its_note(scene: Scene, provider: UUID, worker: Actor) -> None:
    household = await scene.household()
    order = await scene.accepted(provider, worker, await scene.need(household))

    await scene.session(order, worker, place_text="in the yard")
    await scene.session(order, worker, setting="phone", minutes=30, note=None)

    assert (await row_of("social_work_order", order))["state"] == "in_progress"
    first, second = sorted(await of_household(scene.town, household), key=lambda row: row["line"])
    assert (first["kind"], first["minutes"], first["place_text"]) == ("social_work.home_visit", 60, "in the yard")
    assert (second["kind"], second["minutes"], second["line"]) == ("social_work.phone_call", 30, 2)
    assert first["workers"] == [worker.name]
    assert not any("opened the door" in str(value) for row in (first, second) for value in row.values())
    sessions = await fetch("SELECT note_sealed FROM social_work_session ORDER BY line")
    assert "opened the door" not in sessions[0]["note_sealed"]
    assert sessions[1]["note_sealed"] is None
    assert (await row_of("registry_household", household))["last_seen_on"] == TODAY


async def test_a_call_is_no_visit(scene: Scene, provider: UUID, worker: Actor) -> None:
    household = await scene.household()
    order = await scene.accepted(provider, worker, await scene.need(household))

    await scene.session(order, worker, setting="phone")
    await scene.session(order, worker, outcome="not_met")

    assert (await row_of("registry_household", household))["last_seen_on"] is None


async def test_a_session_lies_between_the_order_and_today(scene: Scene, provider: UUID, worker: Actor) -> None:
    order = await scene.accepted(provider, worker)

    with pytest.raises(Refused) as tomorrow:
        await scene.session(order, worker, day=TODAY + timedelta(days=1))
    with pytest.raises(Refused) as yesterday:
        await scene.session(order, worker, day=TODAY - timedelta(days=1))

    assert [reason.code for reason in tomorrow.value.reasons] == ["activities.in_future"]
    assert yesterday.value.reasons == {rules.BEFORE_ORDER: {"day": TODAY}}
    assert (await row_of("social_work_order", order))["state"] == "accepted"
    assert await fetch("SELECT id FROM social_work_session") == []


async def test_an_order_is_completed_after_a_session_in_which_something_was_done(
    scene: Scene, provider: UUID, worker: Actor
) -> None:
    need = await scene.need()
    order = await scene.accepted(provider, worker, need)
    await scene.session(order, worker, outcome="not_met")

    with pytest.raises(Refused) as refused:
        await service.complete(order, actor=worker, now=NOW)
    await scene.session(order, worker)
    await service.complete(order, actor=worker, now=NOW)

    assert refused.value.reasons == {rules.NO_SESSION: {}}
    assert (await row_of("social_work_order", order))["state"] == "completed"
    assert (await need_view(scene.town, need)).state == "delivered"
    assert await taken(provider) == 0


async def test_only_a_third_party_confirms(scene: Scene, provider: UUID, worker: Actor) -> None:
    need = await scene.need()
    await scene.completed(provider, worker, need)
    both = await scene.person_in_office("both", "town", area=scene.towns[0], level="town")
    await fetch("UPDATE access_user SET organisation = ? WHERE login = 'both'", (worker.organisation,))
    both = await scene.again("both")

    with pytest.raises(Refused) as refused:
        await confirm_need(need, met=True, words="better", actor=both, now=NOW)

    assert list(refused.value.reasons) == [OWN_WORK]


async def test_a_need_is_not_withdrawn_over_an_order_in_service(scene: Scene, provider: UUID, worker: Actor) -> None:
    need = await scene.need()
    order = await scene.accepted(provider, worker, need)

    with pytest.raises(Refused) as refused:
        await withdraw_need(need, why="moved", actor=scene.town, now=NOW)

    assert refused.value.reasons == {rules.IN_SERVICE: {"number": "2026-0001", "provider": "Warm Sun", "since": TODAY}}
    assert (await row_of("social_work_order", order))["state"] == "accepted"
    await service.return_order(order, why="they asked us to stop", actor=worker, now=NOW)
    await withdraw_need(need, why="moved", actor=scene.town, now=NOW)
    assert (await need_view(scene.town, need)).state == "withdrawn"


async def test_accepting_and_withdrawing_at_once_leave_no_withdrawn_need_in_service(
    scene: Scene, provider: UUID, worker: Actor
) -> None:
    needs = [await scene.need() for _ in range(5)]
    orders = [await scene.order(provider, need) for need in needs]

    await together(
        verb
        for need, order in zip(needs, orders, strict=True)
        for verb in (
            service.accept(order, actor=worker, now=NOW, today=TODAY),
            withdraw_need(need, why="moved", actor=scene.town, now=NOW),
        )
    )

    states = await fetch(
        "SELECT n.state AS need, o.state AS work FROM needs_need n JOIN social_work_order o ON o.need = n.id"
    )
    assert len(states) == 5
    assert {tuple(row) for row in states} <= {("in_service", "accepted"), ("withdrawn", "dispatched")}


@pytest.mark.parametrize("move", ["accept", "decline", "return_order", "complete", "log_session"])
async def test_another_organisation_and_another_town_find_nothing(
    scene: Scene, provider: UUID, worker: Actor, move: str
) -> None:
    order = await scene.accepted(provider, worker)
    strangers = await scene.worker_of(await scene.provider(await scene.organisation("Bright Moon")), "stranger")
    more: dict[str, dict[str, Any]] = {
        "accept": {"today": TODAY}, "decline": {"why": "no"}, "return_order": {"why": "no"}, "complete": {},
        "log_session": {
            "day": TODAY, "minutes": 30, "setting": "home", "outcome": "done", "note": None, "today": TODAY
        },
    }  # fmt: skip

    with pytest.raises(NotYours):
        await getattr(service, move)(order, actor=strangers, now=NOW, **more[move])
    for actor in (scene.town, scene.other_town):
        with pytest.raises(Forbidden):
            await getattr(service, move)(order, actor=actor, now=NOW, **more[move])
    for actor in (strangers, scene.other_town):
        with pytest.raises(NotYours):
            await queries.order_view(actor, order, now=NOW)
        assert await queries.order_list(actor, state="accepted") == []
        assert await queries.counts(actor) == dict.fromkeys(queries.COUNTED_STATES, 0)
    with pytest.raises(NotYours):
        await service.redispatch(order, provider, why="mine", actor=scene.other_town, now=NOW, today=TODAY)


async def test_notes_are_for_the_organisation_and_reading_them_is_recorded(
    scene: Scene, provider: UUID, worker: Actor
) -> None:
    order = await scene.accepted(provider, worker)
    session = await scene.session(order, worker)
    supervisor = await scene.worker_of(provider, "supervisor", "supervisor")

    for actor in (scene.town, scene.county):
        view = await queries.order_view(actor, order, now=NOW)
        assert (view.notes, view.may_read_notes, len(view.sessions)) == ({}, False, 1)
        assert view.instructions == "He is shy."
    read = "SELECT id FROM access_entry WHERE field = 'social_work_session.note'"
    assert await fetch(read) == []
    for actor in (worker, supervisor):
        view = await queries.order_view(actor, order, now=NOW)
        assert view.notes == {session: "He opened the door himself."}
    assert len(await fetch(read)) == 2
    with pytest.raises(Forbidden):
        await scene.session(order, supervisor)


async def test_somebody_of_two_houses_reads_notes_of_their_own_organisation_only(
    scene: Scene, provider: UUID, worker: Actor
) -> None:
    order = await scene.accepted(provider, worker)
    await scene.session(order, worker)
    elsewhere = await scene.provider(await scene.organisation("Bright Moon"))
    both = await scene.worker_of(elsewhere, "both")
    rows = await fetch("SELECT id FROM access_user WHERE login = 'both'")

    await give_grant(
        rows[0]["id"], "town", actor=scene.county, now=NOW, from_on=TODAY, area=scene.towns[0], level="town"
    )
    both = await scene.again("both")

    view = await queries.order_view(both, order, now=NOW)

    assert (view.notes, view.may_read_notes) == ({}, False)


async def test_after_the_agreement_people_read_for_a_time_and_do_nothing(scene: Scene) -> None:
    ending = await scene.provider(until_on=TODAY + timedelta(days=1))
    worker = await scene.worker_of(ending)
    order = await scene.order(ending)

    later = await scene.again("worker", scene.later(10))
    with pytest.raises(Forbidden):
        await service.accept(order, actor=later, now=scene.later(10), today=TODAY + timedelta(days=10))
    assert (await queries.order_view(later, order, now=scene.later(10))).order.id == order
    assert not (await scene.again("worker", scene.later(40))).permissions
    assert worker.may("social_work.work")


async def test_an_open_order_moves_with_its_household_and_a_closed_one_stays(
    scene: Scene, provider: UUID, worker: Actor
) -> None:
    household = await scene.household()
    closed = await scene.order(provider, await scene.need(household))
    await service.decline(closed, why="no", actor=worker, now=NOW)
    order = await scene.accepted(provider, worker, await scene.need(household))

    await move_household(household, scene.villages[1], actor=scene.county, now=NOW, why="to the daughter")

    assert (await row_of("social_work_order", order))["town"] == scene.towns[1]
    assert (await row_of("social_work_order", closed))["town"] == scene.towns[0]
    assert (await queries.order_view(scene.other_town, order, now=NOW)).order.id == order
    with pytest.raises(NotYours):
        await queries.order_view(scene.town, order, now=NOW)
    await scene.session(order, worker)


@pytest.mark.parametrize("url", ["postgres"], indirect=True)
async def test_fifty_are_accepted_while_their_needs_are_withdrawn(scene: Scene) -> None:
    wide = await scene.provider(places=60)
    worker = await scene.worker_of(wide)
    needs = [await scene.need() for _ in range(50)]
    orders = [await scene.order(wide, need) for need in needs]

    answers = await together(
        verb
        for order, need in zip(orders, needs, strict=True)
        for verb in (
            service.accept(order, actor=worker, now=NOW, today=TODAY),
            withdraw_need(need, why="the aunt helps", actor=scene.town, now=NOW),
        )
    )
    for order in orders:
        await service.settle(order, now=NOW)

    assert not [one for one in answers if isinstance(one, Exception) and not isinstance(one, Refused)], answers
    ended = []
    for number, (order, need) in enumerate(zip(orders, needs, strict=True)):
        pair = ((await row_of("social_work_order", order))["state"], (await need_view(scene.town, need)).state)
        accepted, withdrawn = (not isinstance(one, Refused) for one in answers[2 * number : 2 * number + 2])
        assert accepted != withdrawn, (number, answers[2 * number : 2 * number + 2])
        assert pair == (("accepted", "in_service") if accepted else ("cancelled", "withdrawn"))
        ended.append(pair[0])
    assert await taken(wide) == ended.count("accepted")


async def test_a_place_is_given_back_once_however_many_decline_at_once(
    scene: Scene, provider: UUID, worker: Actor
) -> None:
    kept, order = await scene.order(provider), await scene.order(provider)

    answers = await together(service.decline(order, why="full", actor=worker, now=NOW) for _ in range(6))

    assert sorted(isinstance(answer, Refused) for answer in answers) == [False, *[True] * 5], answers
    assert await taken(provider) == 1
    assert (await row_of("social_work_order", kept))["state"] == "dispatched"
