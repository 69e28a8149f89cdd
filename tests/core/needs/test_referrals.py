"""Handing a need to a provider, and what its provider reports."""

from typing import Any
from uuid import UUID

import pytest

from core.access import seen
from core.database import fetch, new_id, transaction
from core.errors import Forbidden, NotYours, Refused
from core.needs import ALREADY_REFERRED, REFERRAL_CLOSED, need_view, pass_on, refer, report, turn, withdraw_need
from core.registry import Household
from core.workflow import NOT_NOW, history

from .small_county import SmallCounty


async def referral(need: UUID) -> dict[str, Any]:
    rows = await fetch("SELECT * FROM needs_referral WHERE need = ? ORDER BY id", (need,))
    return dict(zip(rows[-1].keys(), rows[-1], strict=True))


async def actions(household: UUID) -> list[str]:
    rows = await fetch("SELECT action FROM journal_entry WHERE household = ? ORDER BY id", (household,))
    return [row["action"] for row in rows]


async def test_a_referral_shares_the_household_with_the_provider(county: SmallCounty) -> None:
    officer, organisation = await county.officer(), await county.organisation()
    worker, stranger = await county.worker(organisation), await county.worker(await county.organisation(), "stranger")
    household = await county.household()
    need = await county.need(officer, household)
    with pytest.raises(NotYours):
        await need_view(worker, need)
    record = await county.referred(need, officer, organisation)
    assert (await need_view(worker, need)).state == "referred"
    assert (await seen(Household, worker, "registry.see").one(household)).id == household
    written = await referral(need)
    assert (written["state"], bool(written["open"]), written["record"], written["town"]) == (
        "sent", True, record, county.towns[0],
    )  # fmt: skip
    assert await actions(household) == ["needs.raised", "needs.referred"]
    for look in (need_view(stranger, need), seen(Household, stranger, "registry.see").one(household)):
        with pytest.raises(NotYours):
            await look


async def test_one_provider_at_a_time_is_asked(county: SmallCounty) -> None:
    officer = await county.officer()
    need = await county.need(officer)
    await county.referred(need, officer, await county.organisation())
    with pytest.raises(Refused) as refused:
        await county.referred(need, officer, await county.organisation("Other"), provider="Other")
    assert refused.value.reasons == {ALREADY_REFERRED: {"provider": "Warm Sun"}}
    assert len(await fetch("SELECT id FROM needs_referral")) == 1
    assert len(await fetch("SELECT id FROM access_share")) == 1


async def test_a_withdrawn_need_is_not_referred(county: SmallCounty) -> None:
    officer = await county.officer()
    need = await county.need(officer)
    await withdraw_need(need, why="twice", actor=officer, now=county.now)
    with pytest.raises(Refused) as refused:
        await county.referred(need, officer, None)
    assert list(refused.value.reasons) == [NOT_NOW]
    assert not await fetch("SELECT id FROM needs_referral")


async def test_a_need_of_another_town_is_not_referred(county: SmallCounty) -> None:
    officer, other = await county.officer(), await county.officer("town2", towns=(1,))
    need = await county.need(officer)
    with pytest.raises(NotYours):
        await county.referred(need, other, None)


async def test_a_worker_refers_nothing(county: SmallCounty) -> None:
    officer, organisation = await county.officer(), await county.organisation()
    worker, need = await county.worker(organisation), await county.need(officer)
    with pytest.raises(Forbidden):
        await county.referred(need, worker, organisation)


async def test_verbs_of_a_referral_belong_into_a_transaction(county: SmallCounty) -> None:
    officer = await county.officer()
    need = await county.need(officer)
    record = await county.referred(need, officer, None)
    async with transaction():
        taken = await turn("test", record, actor=officer, now=county.now)
    sending: dict[str, Any] = {"record_id": new_id(), "plugin": "test", "provider": "x", "organisation": None}
    for verb in (
        refer(need, actor=officer, now=county.now, **sending),
        turn("test", record, actor=officer, now=county.now),
        report(taken, "accept", actor=officer, now=county.now),
        pass_on(taken, reason="", actor=officer, now=county.now, **sending),
    ):
        with pytest.raises(RuntimeError, match="transaction"):
            await verb


@pytest.mark.parametrize(
    ("moves", "state_of_need", "state_of_referral", "is_open"),
    [
        (["accept"], "in_service", "accepted", True),
        (["accept", "finish"], "delivered", "done", False),
        (["decline"], "open", "declined", False),
        (["accept", "decline"], "open", "declined", False),
    ],
)
async def test_what_a_provider_reports_moves_the_need(
    county: SmallCounty, moves: list[str], state_of_need: str, state_of_referral: str, is_open: bool
) -> None:
    officer, organisation = await county.officer(), await county.organisation()
    worker, need = await county.worker(organisation), await county.need(officer)
    record = await county.referred(need, officer, organisation)
    await county.move(record, worker, *moves, reason="full until March" if "decline" in moves else None)
    written = await referral(need)
    assert (await need_view(officer, need)).state == state_of_need
    assert (written["state"], bool(written["open"]), written["step"]) == (state_of_referral, is_open, len(moves))
    assert written["reason"] == ("full until March" if "decline" in moves else None)
    shares = await fetch("SELECT until_at FROM access_share WHERE record = ?", (record,))
    assert [row["until_at"] is None for row in shares] == [is_open]


@pytest.mark.parametrize("moves", [["finish"], ["accept", "accept"]])
async def test_a_report_that_does_not_fit_the_referral_changes_nothing(county: SmallCounty, moves: list[str]) -> None:
    officer = await county.officer()
    need = await county.need(officer)
    record = await county.referred(need, officer, None)
    await county.move(record, officer, *moves[:-1]) if moves[:-1] else None
    before = (await referral(need), await history("needs.need", need))
    with pytest.raises(Refused) as refused:
        await county.move(record, officer, moves[-1])
    assert list(refused.value.reasons) == [NOT_NOW]
    assert (await referral(need), await history("needs.need", need)) == before


async def test_nothing_more_is_reported_on_a_closed_referral(county: SmallCounty) -> None:
    officer = await county.officer()
    need = await county.need(officer)
    record = await county.referred(need, officer, None)
    await county.move(record, officer, "decline")
    with pytest.raises(Refused) as refused:
        await county.move(record, officer, "accept")
    assert list(refused.value.reasons) == [REFERRAL_CLOSED]
    with pytest.raises(NotYours):
        await county.move(new_id(), officer, "accept")


@pytest.mark.parametrize("moves", [[], ["accept"]])
async def test_passing_on_leaves_no_moment_without_a_provider(county: SmallCounty, moves: list[str]) -> None:
    officer, first, second = await county.officer(), await county.organisation(), await county.organisation("Second")
    old, new = await county.worker(first, "old"), await county.worker(second, "new")
    need = await county.need(officer)
    record, next_record = await county.referred(need, officer, first), new_id()
    if moves:
        await county.move(record, old, *moves)
    async with transaction():
        taken = await turn("test", record, actor=officer, now=county.now)
        await pass_on(
            taken, plugin="test", record_id=next_record, provider="Second", organisation=second, reason="no answer",
            actor=officer, now=county.now,
        )  # fmt: skip
    states = await fetch(
        "SELECT state, open, organisation, reason FROM needs_referral WHERE need = ? ORDER BY id", (need,)
    )
    assert [(row["state"], bool(row["open"]), row["organisation"]) for row in states] == [
        ("revoked", False, first), ("sent", True, second),
    ]  # fmt: skip
    assert states[0]["reason"] == "no answer"
    assert (await need_view(new, need)).state == "referred"
    with pytest.raises(Refused):
        await county.move(record, old, "accept")
    await county.move(next_record, new, "accept")
    assert (await need_view(officer, need)).state == "in_service"


async def test_only_who_refers_passes_on(county: SmallCounty) -> None:
    officer, organisation = await county.officer(), await county.organisation()
    worker, need = await county.worker(organisation), await county.need(officer)
    record = await county.referred(need, officer, organisation)
    with pytest.raises(Forbidden):
        async with transaction():
            taken = await turn("test", record, actor=worker, now=county.now)
            await pass_on(
                taken, plugin="test", record_id=new_id(), provider="x", organisation=None, reason="", actor=worker,
                now=county.now,
            )  # fmt: skip
    assert (await referral(need))["state"] == "sent"


async def test_a_need_that_came_back_may_be_referred_again(county: SmallCounty) -> None:
    officer, organisation = await county.officer(), await county.organisation()
    need = await county.need(officer)
    await county.move(await county.referred(need, officer, organisation), officer, "decline")
    again = await county.referred(need, officer, organisation)
    assert (await referral(need))["record"] == again
    assert [step["transition"] for step in await history("needs.need", need)] == ["refer", "release", "refer"]


async def test_the_unique_index_is_the_second_wall(county: SmallCounty) -> None:
    officer = await county.officer()
    need = await county.need(officer)
    await county.referred(need, officer, None)
    row = await referral(need)
    names = [name for name in row if name != "id"]
    with pytest.raises(Exception, match=r"(?i)unique"):
        await fetch(
            f"INSERT INTO needs_referral (id, {', '.join(names)}) VALUES ({', '.join('?' * (len(names) + 1))})",
            (new_id(), *(row[name] for name in names)),
        )
