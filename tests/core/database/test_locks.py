"""One order of locks for the whole house."""

import asyncio
import logging

import pytest

from core.database import Engine, LockOrder, Rank, lock, locks, new_id, note_rank, transaction

from .shelf.tables import Shift
from .shelf.work import a_shift


async def test_a_lower_rank_after_a_higher_is_refused(database: Engine) -> None:
    shift = await a_shift()
    async with transaction():
        await lock(Shift, shift, rank=Rank.NEED)
        await lock(Shift, shift, rank=Rank.NEED)
        await lock(Shift, shift, rank=Rank.COUNTER)
        with pytest.raises(LockOrder, match="shelf_shift \\(REFERRAL\\) is locked after COUNTER"):
            await lock(Shift, shift, rank=Rank.REFERRAL)
        async with transaction():  # a savepoint belongs to the same order
            with pytest.raises(LockOrder):
                note_rank(Rank.HOUSEHOLD, "a household")
    async with transaction():  # the next transaction begins anew
        await lock(Shift, shift, rank=Rank.HOUSEHOLD)


async def test_a_running_house_logs_it_and_goes_on(
    database: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(locks, "strict", False)
    async with transaction():
        note_rank(Rank.COUNTER, "a counter")
        with caplog.at_level(logging.ERROR):
            note_rank(Rank.NEED, "a need")
    assert "a need (NEED) is locked after COUNTER" in caplog.text


async def test_a_lock_needs_a_transaction(database: Engine) -> None:
    with pytest.raises(RuntimeError, match="open one first"):
        await lock(Shift, await a_shift(), rank=Rank.PLUGIN)


async def test_a_lock_says_which_rows_there_are(database: Engine) -> None:
    there, not_there = await a_shift(), new_id()
    async with transaction():
        assert await lock(Shift, [not_there, there], rank=Rank.PLUGIN) == {there}
        assert await lock(Shift, [there], rank=Rank.PLUGIN, share=True) == {there}


async def test_two_that_ask_in_opposite_order_both_get_their_rows(database: Engine) -> None:
    ids = [await a_shift() for _ in range(5)]

    async def take(wanted: list[object]) -> None:
        for _ in range(20):
            async with transaction():
                assert len(await lock(Shift, wanted, rank=Rank.PLUGIN)) == 5  # type: ignore[arg-type]
                await Shift.update({Shift.name: "x"}).where(Shift.id.is_in(wanted))

    async with asyncio.timeout(20):
        await asyncio.gather(take([*ids]), take([*reversed(ids)]))


async def test_a_locked_row_waits_for_its_holder(database: Engine) -> None:
    shift, order, held = await a_shift(), [], asyncio.Event()

    async def first() -> None:
        async with transaction():
            await lock(Shift, shift, rank=Rank.PLUGIN)
            held.set()
            await asyncio.sleep(0.1)
            order.append("first")

    async def second() -> None:
        await held.wait()
        async with transaction():
            await lock(Shift, shift, rank=Rank.PLUGIN)
            order.append("second")

    await asyncio.gather(second(), first())
    assert order == ["first", "second"]
