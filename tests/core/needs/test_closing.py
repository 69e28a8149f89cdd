"""Withdrawing, confirming with the household, opening again."""

import asyncio
from collections.abc import Callable
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest

from core import vault
from core.activities import log_activity
from core.actor import Actor
from core.database import fetch, new_id, transaction
from core.errors import Forbidden, NotYours, Reason, Refused
from core.needs import OWN_WORK, confirm_need, need_view, reopen_need, withdraw_need
from core.place import Place
from core.plugins import UNANSWERED
from core.registry import locked_household, move_household
from core.workflow import NOT_NOW, history

from .small_county import SmallCounty

IN_USE = Reason("test.in_use", "An order is in service since {day}.")


async def state(county: SmallCounty, need: UUID) -> str:
    rows = await fetch("SELECT state FROM needs_need WHERE id = ?", (need,))
    return str(rows[0]["state"])


async def guard(plugin: str) -> None:
    await fetch("INSERT INTO gate (step, plugin) VALUES ('needs.withdraw', ?)", (plugin,))


async def test_withdrawing_revokes_the_open_referral_and_ends_its_share(county: SmallCounty) -> None:
    officer, organisation = await county.officer(), await county.organisation()
    need = await county.need(officer)
    record = await county.referred(need, officer, organisation)
    await withdraw_need(need, why="the aunt helps", actor=officer, now=county.now)
    assert await state(county, need) == "withdrawn"
    (row,) = await fetch("SELECT state, open, reason FROM needs_referral WHERE need = ?", (need,))
    assert (row["state"], bool(row["open"]), row["reason"]) == ("revoked", False, "the aunt helps")
    (share,) = await fetch("SELECT until_at FROM access_share WHERE record = ?", (record,))
    assert share["until_at"] == county.now
    assert (await history("needs.need", need))[-1]["why"] == "the aunt helps"


@pytest.mark.parametrize("moves", [["accept", "finish"], None])
async def test_a_need_that_is_done_or_withdrawn_is_not_withdrawn(county: SmallCounty, moves: list[str] | None) -> None:
    officer = await county.officer()
    need = await county.delivered(officer) if moves else await county.need(officer)
    if not moves:
        await withdraw_need(need, why="twice", actor=officer, now=county.now)
    before = await state(county, need)
    with pytest.raises(Refused) as refused:
        await withdraw_need(need, why="again", actor=officer, now=county.now)
    assert list(refused.value.reasons) == [NOT_NOW]
    assert await state(county, need) == before


async def test_a_plugin_that_objects_keeps_the_need(county: SmallCounty, plugin: Callable[..., ModuleType]) -> None:
    officer, asked = await county.officer(), []
    need = await county.need(officer)

    async def object_to(subject: UUID, actor: Actor) -> dict[Reason, dict[str, Any]]:
        asked.append((subject, actor.login))
        return {IN_USE: {"day": county.today}}

    plugin("test", provide_objections=lambda: {"needs.withdraw": object_to})
    await guard("test")
    with pytest.raises(Refused) as refused:
        await withdraw_need(need, why="", actor=officer, now=county.now)
    assert refused.value.reasons == {IN_USE: {"day": county.today}}
    assert asked == [(need, "town")]
    assert await state(county, need) == "open"


@pytest.mark.parametrize("how", ["raises", "late", "gone"])
async def test_a_guard_that_does_not_answer_refuses_the_step(
    county: SmallCounty, plugin: Callable[..., ModuleType], how: str
) -> None:
    officer = await county.officer()
    need = await county.need(officer)

    async def broken(subject: UUID, actor: Actor) -> dict[Reason, dict[str, Any]]:
        if how == "late":
            await asyncio.sleep(5)
        raise ZeroDivisionError

    if how != "gone":
        plugin("test", provide_objections=lambda: {"needs.withdraw": broken})
    await guard("test")
    with pytest.raises(Refused) as refused:
        await withdraw_need(need, why="", actor=officer, now=county.now)
    assert refused.value.reasons == {UNANSWERED: {"plugin": ["test"]}}
    assert await state(county, need) == "open"


@pytest.mark.parametrize(("met", "after"), [(True, "met"), (False, "unmet")])
async def test_the_households_word_closes_the_need(county: SmallCounty, met: bool, after: str) -> None:
    officer = await county.officer()
    worker = await county.worker(await county.organisation())
    need = await county.delivered(officer, worker)
    await confirm_need(need, met=met, words="He comes down to eat now.", actor=officer, now=county.now)
    view = await need_view(officer, need, words=True)
    assert (view.state, view.outcome) == (after, "He comes down to eat now.")
    (row,) = await fetch("SELECT outcome_words_sealed AS sealed FROM needs_need WHERE id = ?", (need,))
    assert "eat" not in row["sealed"]
    assert vault.unseal(row["sealed"], about=f"needs_need/{need}/outcome").startswith("He comes")
    (entry,) = await fetch("SELECT fields FROM journal_entry WHERE action = ?", (f"needs.{after}",))
    assert entry["fields"] == '["words"]'


@pytest.mark.parametrize("before", ["open", "referred", "in_service", "withdrawn"])
async def test_only_what_was_delivered_is_confirmed(county: SmallCounty, before: str) -> None:
    officer = await county.officer()
    need = await county.need(officer)
    if before in ("referred", "in_service"):
        record = await county.referred(need, officer, None)
        if before == "in_service":
            await county.move(record, officer, "accept")
    elif before == "withdrawn":
        await withdraw_need(need, why="", actor=officer, now=county.now)
    with pytest.raises(Refused) as refused:
        await confirm_need(need, met=True, words="fine", actor=officer, now=county.now)
    assert list(refused.value.reasons) == [NOT_NOW]
    assert await state(county, need) == before


async def test_who_acts_for_the_provider_does_not_confirm(county: SmallCounty) -> None:
    officer, organisation = await county.officer(), await county.organisation()
    worker = await county.worker(organisation)
    grants = [{"area": county.towns[0], "level": "town"}]
    employed = await county.person_in_office("double", "town", grants, body=organisation)
    need = await county.delivered(officer, worker)
    with pytest.raises(Refused) as refused:
        await confirm_need(need, met=True, words="fine", actor=employed, now=county.now)
    assert refused.value.reasons == {OWN_WORK: {}}
    assert await state(county, need) == "delivered"


async def test_who_acted_for_an_earlier_provider_does_not_confirm(county: SmallCounty) -> None:
    officer, first, second = await county.officer(), await county.organisation(), await county.organisation("Second")
    grants = [{"area": county.towns[0], "level": "town"}]
    employed = await county.person_in_office("double", "town", grants, body=first)
    need = await county.need(officer)
    await county.move(await county.referred(need, officer, first), officer, "decline")
    await county.move(await county.referred(need, officer, second), officer, "accept", "finish")
    with pytest.raises(Refused) as refused:
        await confirm_need(need, met=True, words="fine", actor=employed, now=county.now)
    assert refused.value.reasons == {OWN_WORK: {}}


@pytest.mark.parametrize("how", ["went along", "wrote it down"])
async def test_who_worked_on_a_need_does_not_confirm_it(county: SmallCounty, how: str) -> None:
    officer, colleague = await county.officer(), await county.officer("colleague")
    household = await county.household()
    person = await county.person()
    grants = [{"area": county.towns[0], "level": "town"}]
    helper = await county.person_in_office("helper", "town", grants, person=person)
    need = await county.delivered(officer, household=household)
    async with transaction():
        place = Place.of(await locked_household(household))
        await log_activity(
            plugin="test", record=new_id(), line=1, kind="activities.conversation", day=county.today,
            today=county.today, household=household, place=place, need=need, minutes=45, now=county.now,
            actor=colleague if how == "went along" else helper,
            workers=[(person, "helper")] if how == "went along" else [],
        )  # fmt: skip
    with pytest.raises(Refused) as refused:
        await confirm_need(need, met=True, words="fine", actor=helper, now=county.now)
    assert refused.value.reasons == {OWN_WORK: {}}
    await confirm_need(need, met=True, words="fine", actor=officer, now=county.now)
    assert await state(county, need) == "met"


@pytest.mark.parametrize("after", ["met", "unmet", "withdrawn"])
async def test_a_closed_need_is_opened_again(county: SmallCounty, after: str) -> None:
    officer = await county.officer()
    need = await county.need(officer) if after == "withdrawn" else await county.delivered(officer)
    if after == "withdrawn":
        await withdraw_need(need, why="", actor=officer, now=county.now)
    else:
        await confirm_need(need, met=after == "met", words="…", actor=officer, now=county.now)
    await reopen_need(need, why="it came back", actor=officer, now=county.now)
    assert await state(county, need) == "open"
    assert (await history("needs.need", need))[-1]["why"] == "it came back"
    await county.referred(need, officer, None)


async def test_an_open_need_is_not_opened_again(county: SmallCounty) -> None:
    officer = await county.officer()
    need = await county.need(officer)
    with pytest.raises(Refused) as refused:
        await reopen_need(need, why="", actor=officer, now=county.now)
    assert list(refused.value.reasons) == [NOT_NOW]


async def test_a_need_opened_again_lies_where_the_household_lives_now(county: SmallCounty) -> None:
    officer, wide = await county.officer(), await county.county_wide()
    household = await county.household()
    need = await county.need(officer, household)
    await withdraw_need(need, why="", actor=officer, now=county.now)
    await move_household(household, county.villages[1], actor=wide, now=county.now, why="moved")
    assert (await need_view(officer, need)).town == county.towns[0]
    await reopen_need(need, why="again", actor=wide, now=county.now)
    assert (await need_view(wide, need)).town == county.towns[1]
    with pytest.raises(NotYours):
        await need_view(officer, need)


async def test_an_open_need_moves_with_its_household(county: SmallCounty) -> None:
    officer, other, wide = await county.officer(), await county.officer("t2", towns=(1,)), await county.county_wide()
    household = await county.household()
    need = await county.need(officer, household)
    await county.referred(need, officer, await county.organisation())
    await move_household(household, county.villages[1], actor=wide, now=county.now, why="moved")
    assert (await need_view(other, need)).household == household
    (row,) = await fetch("SELECT town, village FROM needs_referral WHERE need = ?", (need,))
    assert (row["town"], row["village"]) == (county.towns[1], county.villages[1])
    with pytest.raises(NotYours):
        await need_view(officer, need)
    with pytest.raises(NotYours):
        await withdraw_need(need, why="", actor=officer, now=county.now)


async def test_what_is_not_yours_or_not_your_task_is_neither_closed_nor_opened(county: SmallCounty) -> None:
    officer, other = await county.officer(), await county.officer("t2", towns=(1,))
    organisation = await county.organisation()
    worker, need = await county.worker(organisation), await county.need(officer)
    await county.referred(need, officer, organisation)
    for actor, error in ((other, NotYours), (worker, Forbidden)):
        for act in (
            withdraw_need(need, why="", actor=actor, now=county.now),
            confirm_need(need, met=True, words="x", actor=actor, now=county.now),
            reopen_need(need, why="", actor=actor, now=county.now),
        ):
            with pytest.raises(error):
                await act
    assert await state(county, need) == "referred"
