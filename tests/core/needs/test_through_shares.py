"""What a provider reads of a household that it was asked to help: its own needs' words, and nothing of others."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from core.access import seen
from core.activities import Activity, hours_of_relief, log_activity, of_household
from core.actor import Actor
from core.database import new_id, transaction
from core.errors import NotYours
from core.needs import need_view, withdraw_need
from core.needs.queries import flows, limits_of, need_history, needs_of, referrals_of, timeline
from core.place import Place
from core.registry import Household, locked_household
from core.web.clock import stopped

from .browser import visitor
from .small_county import SmallCounty


async def help_given(county: SmallCounty, household: UUID, by: Actor, *, audience: str = "facts") -> UUID:
    """Half an hour of help, written down now."""
    async with transaction():
        place = Place.of(await locked_household(household))
        return await log_activity(
            plugin="test", record=new_id(), line=1, kind="activities.conversation", day=county.now.date(),
            today=county.now.date(), household=household, place=place, minutes=30, actor=by, now=county.now,
            workers=[(by.person or await county.person(by.name), by.name)], organisation=by.organisation,
            audience=audience,
        )  # fmt: skip


async def words_read(actor: Actor, needs: dict[str, UUID]) -> set[str]:
    """Which of the needs the actor reads the words of."""
    return {name for name, need in needs.items() if (await need_view(actor, need, words=True)).words is not None}


async def acts_seen(actor: Actor, household: UUID) -> list[tuple[str, str]]:
    """What the actor's timeline says: act, who; the earliest first."""
    look = seen(Household, actor, "registry.see")
    limits = await look.limits(await look.one(household))
    return [(moment.what, moment.who) for moment in reversed(await timeline(actor, household, limits))]


async def test_words_are_read_by_whom_a_need_was_handed_to_and_by_officers(county: SmallCounty) -> None:
    officer, wide, household = await county.officer(), await county.county_wide(), await county.household()
    near, far = await county.organisation("Near"), await county.organisation("Far")
    worker, stranger = await county.worker(near), await county.worker(far, "stranger")
    needs = {name: await county.need(officer, household) for name in ("near", "far", "nobody")}
    await county.move(await county.referred(needs["near"], officer, near), worker, "decline", reason="full")
    await county.referred(needs["nobody"], officer, None)
    await county.referred(needs["far"], officer, far)
    await county.move(await county.referred(await county.need(officer, household), officer, near), worker, "accept")
    assert await words_read(worker, needs) == {"near"}
    assert await words_read(stranger, needs) == {"far"}
    assert await words_read(officer, needs) == await words_read(wide, needs) == set(needs)
    assert await words_read(await county.county_wide("auditor", "auditor"), needs) == set()
    page = await visitor(county.house, worker, datetime.now(tz=county.now.tzinfo))
    assert "The boy of 12" in await page.get(f"/needs/{needs['near']}")
    text = await page.get(f"/needs/{needs['far']}")
    assert "The boy of 12" not in text
    assert "That you read this is recorded" not in text


async def test_nothing_made_after_the_end_of_a_share_is_seen_through_it(county: SmallCounty) -> None:
    officer, organisation, household = await county.officer(), await county.organisation(), await county.household()
    worker, begun = await county.worker(organisation), county.now
    old = await county.need(officer, household)
    record = await county.referred(old, officer, organisation)
    old_help = await help_given(county, household, officer)
    await county.move(record, worker, "decline", reason="full")
    county.now = begun + timedelta(seconds=1)
    new, new_help = await county.need(officer, household), await help_given(county, household, officer)
    with stopped(county.now):
        assert [view.id for view in await needs_of(worker, household)] == [old]
        assert [view.id for view in await needs_of(officer, household)] == [old, new]
        with pytest.raises(NotYours):
            await need_view(worker, new, words=True)
        assert [row["id"] for row in await of_household(worker, household)] == [old_help]
        assert await seen(Activity, worker, "activities.see").count() == 1
        assert {row["id"] for row in await of_household(officer, household)} == {old_help, new_help}
        raised = [act for act in await acts_seen(worker, household) if act[0] == "needs.raised"]
        assert len(raised) == 1
        assert len([act for act in await acts_seen(officer, household) if act[0] == "needs.raised"]) == 2
        day = county.now.date()
        assert [await hours_of_relief(household, since=day, until=end) for end in (begun, None)] == [30, 60]
        assert "came" not in (await flows([household], today=day, until=begun - timedelta(1)))[household]
        # A second referral opens it all again.
        await county.referred(new, officer, organisation)
        assert {view.id for view in await needs_of(worker, household)} == {old, new}
        assert (await need_view(worker, new, words=True)).words is not None
        assert {row["id"] for row in await of_household(worker, household)} == {old_help, new_help}


async def test_one_organisation_is_told_nothing_of_what_another_said_and_did(county: SmallCounty) -> None:
    officer, household = await county.officer(), await county.household()
    near, far = await county.organisation("Near"), await county.organisation("Far")
    worker, stranger = await county.worker(near), await county.worker(far, "stranger")
    need = await county.need(officer, household)
    first = await county.referred(need, officer, near, provider="Near")
    await county.move(first, worker, "accept", "decline", reason="our only nurse is ill")
    second = await county.referred(need, officer, far, provider="Far")
    await county.move(second, stranger, "accept")
    await help_given(county, household, stranger, audience="organisation")

    told: dict[str, tuple[set[str], set[str | None], set[str | None], set[str]]] = {}
    for actor in (officer, worker, stranger):
        limits = await limits_of(actor, await need_view(actor, need))
        referrals, steps = await referrals_of(need, limits), await need_history(need, limits)
        told[actor.login] = (
            {row["provider"] for row in referrals},
            {row["reason"] for row in referrals} | {step["why"] for step in steps},
            {step["by_name"] for step in steps},
            {who for _, who in await acts_seen(actor, household)},
        )
    ill, by = "our only nurse is ill", {login: actor.name for login, actor in county.actors.items()}
    assert told["town"] == ({"Near", "Far"}, {None, ill}, set(by.values()), set(by.values()))
    assert told["worker"] == ({"Near"}, {None, ill}, {by["town"], by["worker"]}, {by["town"], by["worker"]})
    assert told["stranger"] == ({"Far"}, {None}, {by["town"], by["stranger"]}, {by["town"], by["stranger"]})

    page = await visitor(county.house, stranger, datetime.now(tz=county.now.tzinfo))
    for path in (f"/needs/{need}", f"/households/{household}"):
        text = await page.get(path)
        assert by["worker"] not in text
        assert ill not in text
        assert "Near" not in text
    page = await visitor(county.house, worker, datetime.now(tz=county.now.tzinfo))
    text = await page.get(f"/needs/{need}")
    assert "Another provider" in text
    assert by["stranger"] not in text


async def test_a_long_history_shows_the_latest(county: SmallCounty) -> None:
    officer, household, begun = await county.officer(), await county.household(), county.now
    made = []
    for number in range(15):
        county.now = begun - timedelta(days=20 - number)
        made.append(await help_given(county, household, officer))
    rows = await of_household(officer, household, limit=10)
    assert [row["id"] for row in rows] == made[:-11:-1]


async def test_an_open_need_is_not_lost_behind_closed_ones(county: SmallCounty) -> None:
    officer, household = await county.officer(), await county.household()
    closed = []
    for number in range(7):
        closed.append(await county.need(officer, household, due_on=county.today + timedelta(days=number)))
        await withdraw_need(closed[-1], why="", actor=officer, now=county.now)
    late = await county.need(officer, household, due_on=county.today + timedelta(days=99))
    found = [view.id for view in await needs_of(officer, household, limit=3)]
    assert found == [late, closed[-1], closed[-2]]
