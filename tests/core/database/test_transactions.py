"""Transactions: one task, savepoints inside, nothing left behind."""

import asyncio

import pytest

from core.database import Engine, TransactionMisused, fetch, transaction

from .shelf.tables import Shift
from .shelf.work import a_shift


async def test_an_exception_takes_everything_back(database: Engine) -> None:
    with pytest.raises(ZeroDivisionError):
        async with transaction():
            await a_shift()
            assert await Shift.count() == 1
            raise ZeroDivisionError
    assert await Shift.count() == 0
    assert await a_shift()  # and no lock is left


async def test_an_inner_transaction_is_a_savepoint(database: Engine) -> None:
    async with transaction():
        kept = await a_shift()
        with pytest.raises(ZeroDivisionError):
            async with transaction():
                await a_shift()
                raise ZeroDivisionError
        also_kept = await a_shift()
    assert set(await Shift.select(Shift.id).output(as_list=True)) == {kept, also_kept}


async def test_a_statement_that_fails_inside_a_savepoint_leaves_the_rest_usable(database: Engine) -> None:
    async with transaction():
        shift = await a_shift(1)
        with pytest.raises(Exception, match="never_overfull"):
            async with transaction():
                await Shift.update({Shift.taken: 2}).where(Shift.id == shift)
        await Shift.update({Shift.taken: 1}).where(Shift.id == shift)
    assert await Shift.select(Shift.taken).output(as_list=True) == [1]


async def test_a_task_started_inside_is_refused(database: Engine) -> None:
    async with transaction():
        await a_shift()
        inside = asyncio.create_task(fetch("SELECT count(*) AS n FROM shelf_shift"))
        with pytest.raises(TransactionMisused, match="one task"):
            await inside
        with pytest.raises(TransactionMisused, match="one task"):
            await asyncio.gather(a_shift(), a_shift())
    assert await Shift.count() == 1


async def test_a_task_that_outlives_its_transaction_is_refused(database: Engine) -> None:
    over = asyncio.Event()

    async def late() -> None:
        await over.wait()
        await a_shift()

    async with transaction():
        left = asyncio.create_task(late())
        await asyncio.sleep(0)
    over.set()
    with pytest.raises(TransactionMisused, match="has ended"):
        await left
    assert await Shift.count() == 0


async def test_others_read_what_was_committed_while_a_transaction_is_open(database: Engine) -> None:
    written, read = asyncio.Event(), asyncio.Event()

    async def write() -> None:
        async with transaction():
            await a_shift()
            written.set()
            await read.wait()

    writer = asyncio.create_task(write())
    await written.wait()
    async with asyncio.timeout(5):
        assert await Shift.count() == 0
    read.set()
    await writer
    assert await Shift.count() == 1


async def test_a_cancelled_task_leaves_no_lock(database: Engine) -> None:
    async def slow() -> None:
        async with transaction():
            await a_shift()
            await asyncio.sleep(60)

    for wait in (0, 0.001, 0.003, 0.01, 0.05):
        task = asyncio.create_task(slow())
        await asyncio.sleep(wait)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    async with asyncio.timeout(5):
        await a_shift()
    assert await Shift.count() == 1


async def test_a_hundred_cancelled_readers_leave_every_connection(database: Engine) -> None:
    tasks = [asyncio.create_task(fetch("SELECT count(*) FROM shelf_shift")) for _ in range(100)]
    await asyncio.sleep(0.002)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    async with asyncio.timeout(5):
        assert await asyncio.gather(*(Shift.count() for _ in range(50))) == [0] * 50
