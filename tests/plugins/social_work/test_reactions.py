"""Orders follow what becomes of their referral, told once, twice, late or out of order."""

from uuid import UUID

import pytest

from core import Actor, Event
from core.database import fetch, new_id
from core.needs import confirm_need, need_view, reopen_need, withdraw_need
from plugins.social_work import provide_reactions

from .conftest import NOW, Scene, row_of, taken

REACTIONS = provide_reactions()


async def tell(action: str, household: UUID, times: int = 1) -> None:
    for seq in range(times):
        await REACTIONS[action](Event(seq=seq, action=action, object=new_id(), household=household))


async def household_of(order: UUID) -> UUID:
    household: UUID = (await row_of("social_work_order", order))["household"]
    return household


@pytest.mark.parametrize("times", [1, 2, 5])
async def test_an_order_of_a_withdrawn_need_is_cancelled_and_its_place_freed_once(
    scene: Scene, provider: UUID, times: int
) -> None:
    kept, need = await scene.order(provider), await scene.need()
    order = await scene.order(provider, need)
    await withdraw_need(need, why="the aunt helps", actor=scene.town, now=NOW)

    await tell("needs.referral_revoked", await household_of(order), times)

    assert (await row_of("social_work_order", order))["state"] == "cancelled"
    assert (await row_of("social_work_order", kept))["state"] == "dispatched"
    assert await taken(provider) == 1
    done = await fetch("SELECT id FROM journal_entry WHERE action = 'social_work.cancelled'")
    assert len(done) == 1


@pytest.mark.parametrize("met", [True, False])
async def test_the_households_word_confirms_the_order(scene: Scene, provider: UUID, worker: Actor, met: bool) -> None:
    need = await scene.need()
    order = await scene.completed(provider, worker, need)
    household = await household_of(order)

    await tell("needs.met", household, 2)  # too early: nobody has asked yet
    assert (await row_of("social_work_order", order))["state"] == "completed"
    await confirm_need(need, met=met, words="it helped", actor=scene.town, now=NOW)
    await tell("needs.met" if met else "needs.unmet", household, 3)

    assert (await row_of("social_work_order", order))["state"] == "confirmed"
    assert await taken(provider) == 0
    assert len(await fetch("SELECT id FROM journal_entry WHERE action = 'social_work.confirmed'")) == 1


async def test_a_word_told_late_still_confirms_the_first_order_and_not_the_second(
    scene: Scene, provider: UUID, worker: Actor
) -> None:
    need = await scene.need()
    first = await scene.completed(provider, worker, need)
    await confirm_need(need, met=False, words="no", actor=scene.town, now=NOW)
    await reopen_need(need, why="try again", actor=scene.town, now=NOW)
    second = await scene.completed(provider, worker, need)
    assert (await need_view(scene.town, need)).state == "delivered"

    await tell("needs.unmet", await household_of(first), 2)

    assert (await row_of("social_work_order", first))["state"] == "confirmed"
    assert (await row_of("social_work_order", second))["state"] == "completed"


async def test_an_order_that_goes_on_is_left_alone(scene: Scene, provider: UUID, worker: Actor) -> None:
    order = await scene.accepted(provider, worker)

    for action in REACTIONS:
        await tell(action, await household_of(order), 2)
        await tell(action, new_id())

    assert (await row_of("social_work_order", order))["state"] == "accepted"
    assert await taken(provider) == 1
