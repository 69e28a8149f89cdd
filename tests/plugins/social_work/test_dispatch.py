"""An order is given: to whom, under which conditions, and what is written with it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from core import Actor, Forbidden, NotYours, Refused
from core.database import fetch, new_id
from core.needs import ALREADY_REFERRED, confirm_need, need_view
from core.registry import cards, move_household
from plugins.social_work import offers_for_need, rules, service

from .conftest import TODAY, Scene, row_of, taken, together


async def test_order_referral_share_and_place_are_written_together(scene: Scene, provider: UUID, worker: Actor) -> None:
    household = await scene.household()
    need = await scene.need(household)

    order = await scene.order(provider, need)

    row = await row_of("social_work_order", order)
    assert (row["state"], row["number"], row["town"]) == ("dispatched", "2026-0001", scene.towns[0])
    assert row["due_on"] == TODAY + timedelta(days=3)
    assert "shy" not in row["instructions_sealed"]
    assert (await need_view(scene.town, need)).state == "referred"
    assert await taken(provider) == 1
    assert set(await cards([household], worker)) == {household}


async def test_numbers_run_on_in_a_county_and_year(scene: Scene, provider: UUID) -> None:
    orders = [await scene.order(provider) for _ in range(3)]

    numbers = [(await row_of("social_work_order", order))["number"] for order in orders]
    assert numbers == ["2026-0001", "2026-0002", "2026-0003"]


async def test_every_reason_against_a_provider_is_said_at_once(scene: Scene) -> None:
    lapsed = await scene.provider(services=["needs.service_nursing"], until_on=TODAY, places=0)
    both = await scene.person_in_office("both", "county", area=scene.county_area, level="county")
    need = await scene.need(town=1)

    with pytest.raises(Refused) as refused:
        await scene.order(lapsed, need, actor=both)

    assert refused.value.reasons == {
        rules.NOT_ITS_SERVICE: {"provider": "Warm Sun"},
        rules.NOT_ITS_TOWN: {"provider": "Warm Sun"},
        rules.NO_AGREEMENT: {"provider": "Warm Sun"},
        rules.NO_PLACE: {"provider": "Warm Sun", "places": 0},
    }
    assert (await need_view(both, need)).state == "open"
    assert await fetch("SELECT id FROM social_work_order") == []


async def test_a_need_goes_to_one_organisation_at_a_time(scene: Scene, provider: UUID) -> None:
    need = await scene.need()
    await scene.order(provider, need)

    with pytest.raises(Refused) as refused:
        await scene.order(provider, need)

    assert list(refused.value.reasons) == [ALREADY_REFERRED]
    assert await taken(provider) == 1


async def test_a_need_or_provider_of_another_town_does_not_exist(scene: Scene, provider: UUID) -> None:
    mine, theirs = await scene.need(), await scene.need(town=1)
    elsewhere = await scene.provider(await scene.organisation("Far Away"), towns=[scene.towns[1]])

    for need, chosen in ((theirs, provider), (mine, elsewhere), (new_id(), provider), (mine, new_id())):
        with pytest.raises(NotYours):
            await scene.order(chosen, need)


async def test_a_worker_gives_no_orders(scene: Scene, provider: UUID, worker: Actor) -> None:
    with pytest.raises(Forbidden):
        await scene.order(provider, actor=worker)


async def test_thirty_officers_choose_the_last_place_and_one_gets_it(scene: Scene) -> None:
    last = await scene.provider(places=1)
    needs = [await scene.need() for _ in range(30)]

    answers = await together(scene.order(last, need) for need in needs)

    won = [answer for answer in answers if isinstance(answer, UUID)]
    lost = [answer for answer in answers if isinstance(answer, Refused)]
    assert (len(won), len(lost)) == (1, 29), answers
    assert all(refused.reasons == {rules.NO_PLACE: {"provider": "Warm Sun", "places": 1}} for refused in lost)
    assert await taken(last) == 1
    assert len(await fetch("SELECT id FROM social_work_order")) == 1
    assert len(await fetch("SELECT id FROM needs_need WHERE state = 'referred'")) == 1


async def test_officers_at_once_get_numbers_without_a_double(scene: Scene) -> None:
    wide = await scene.provider(places=40)
    needs = [await scene.need() for _ in range(20)]

    answers = await together(scene.order(wide, need) for need in needs)

    assert all(isinstance(answer, UUID) for answer in answers), answers
    rows = await fetch("SELECT number FROM social_work_order ORDER BY number")
    assert [row["number"] for row in rows] == [f"2026-{n:04}" for n in range(1, 21)]
    assert await taken(wide) == 20


async def test_an_order_is_passed_on_and_the_need_is_never_without_one(
    scene: Scene, provider: UUID, worker: Actor
) -> None:
    need = await scene.need()
    old = await scene.accepted(provider, worker, need)
    next_one = await scene.provider(await scene.organisation("Bright Moon"))

    new = await service.redispatch(old, next_one, why="too far away", actor=scene.town, now=scene.now, today=TODAY)

    gone, here = await row_of("social_work_order", old), await row_of("social_work_order", new)
    assert (gone["state"], gone["reason"], bool(gone["holds_place"])) == ("cancelled", "too far away", False)
    assert (here["state"], here["provider"], here["number"]) == ("dispatched", next_one, "2026-0002")
    assert (await taken(provider), await taken(next_one)) == (0, 1)
    assert (await need_view(scene.town, need)).state == "referred"
    with pytest.raises(Refused):
        await scene.session(old, worker)


async def test_an_order_is_not_passed_on_to_its_own_provider_or_a_full_one(scene: Scene, provider: UUID) -> None:
    order = await scene.order(provider)
    full = await scene.provider(await scene.organisation("Bright Moon"), places=0)
    common: dict[str, Any] = {"why": "no answer", "actor": scene.town, "now": scene.now, "today": TODAY}

    with pytest.raises(Refused) as same:
        await service.redispatch(order, provider, **common)
    with pytest.raises(Refused) as no_place:
        await service.redispatch(order, full, **common)

    assert list(same.value.reasons) == [rules.SAME_PROVIDER]
    assert list(no_place.value.reasons) == [rules.NO_PLACE]
    assert (await row_of("social_work_order", order))["state"] == "dispatched"
    assert await taken(provider) == 1


async def test_orders_passed_on_crosswise_at_once_do_not_wait_for_each_other(scene: Scene) -> None:
    one = await scene.provider(places=40)
    other = await scene.provider(await scene.organisation("Bright Moon"), places=40)
    pairs = [(await scene.order(one), other) for _ in range(8)] + [(await scene.order(other), one) for _ in range(8)]

    answers = await together(
        service.redispatch(order, to, why="swap", actor=scene.town, now=scene.now, today=TODAY) for order, to in pairs
    )

    assert all(isinstance(answer, UUID) for answer in answers), answers
    assert (await taken(one), await taken(other)) == (8, 8)


async def test_only_providers_that_can_take_it_are_offered(scene: Scene, provider: UUID, speaking: Any) -> None:
    await scene.provider(await scene.organisation("Full House"), places=0)
    await scene.provider(await scene.organisation("Nurses"), services=["needs.service_nursing"])
    await scene.provider(await scene.organisation("Next Town"), towns=[scene.towns[1]])
    await scene.provider(await scene.organisation("Lapsed"), until_on=TODAY)
    view = await need_view(scene.town, await scene.need())

    with speaking("en"):
        (offer,) = await offers_for_need(view, scene.town)

    assert (offer.provider, offer.capacity) == ("Warm Sun", 5)
    assert offer.url == f"/social_work/needs/{view.id}/dispatch?provider={provider}"
    assert offer.why == ("Its agreement covers Psychological counselling.", "Free places: 5 of 5.")
    assert offer.earliest == TODAY + timedelta(days=3)


async def test_an_offer_says_that_the_household_is_known(
    scene: Scene, provider: UUID, worker: Actor, speaking: Any
) -> None:
    household = await scene.household()
    await scene.completed(provider, worker, await scene.need(household))

    view = await need_view(scene.town, await scene.need(household))

    with speaking("en"):
        (offer,) = await offers_for_need(view, scene.town)

    assert offer.why[0] == "Has served this household before: 1."
    assert offer.capacity == 5


async def test_an_offer_counts_only_orders_that_its_reader_may_see(scene: Scene, speaking: Any) -> None:
    both = await scene.provider(towns=list(scene.towns))
    household, worker = await scene.household(town=1), await scene.worker_of(both)
    need = await scene.need(household, town=1)
    order = await scene.order(both, need, actor=scene.other_town)
    await service.accept(order, actor=worker, now=scene.now, today=TODAY)
    await scene.session(order, worker)
    await service.complete(order, actor=worker, now=scene.now)
    await confirm_need(need, met=True, words="it helped", actor=scene.other_town, now=scene.now)
    await service.settle(order, now=scene.now)
    await move_household(household, scene.villages[0], actor=scene.county, now=scene.now, why="to the daughter")
    next_need = await scene.need(household)

    def known(why: tuple[str, ...]) -> list[str]:
        return [line for line in why if "before" in line]

    with speaking("en"):
        (mine,) = await offers_for_need(await need_view(scene.town, next_need), scene.town)
        (whole,) = await offers_for_need(await need_view(scene.county, next_need), scene.county)

    assert known(mine.why) == []
    assert known(whole.why) == ["Has served this household before: 1."]


async def test_a_provider_whose_organisation_is_gone_is_neither_offered_nor_chosen(
    scene: Scene, provider: UUID
) -> None:
    need = await scene.need()
    await fetch("UPDATE social_work_provider SET organisation = ? WHERE id = ?", (new_id(), provider))

    assert await offers_for_need(await need_view(scene.town, need), scene.town) == []
    with pytest.raises(NotYours):
        await scene.order(provider, need)
    assert (await need_view(scene.town, need)).state == "open"


async def test_who_may_not_give_orders_is_offered_nothing(scene: Scene, provider: UUID, worker: Actor) -> None:
    need = await scene.need()
    await scene.order(provider, need)

    assert await offers_for_need(await need_view(worker, need), worker) == []
