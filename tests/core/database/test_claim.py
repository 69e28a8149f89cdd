"""Places are taken without counting first."""

import asyncio
import sys

import pytest

from core.database import Engine, claim, give_back, open_database

from .shelf.tables import Booking, Shift
from .shelf.work import a_shift, sign_up


async def test_a_crowd_at_once_for_five_places_gets_five(database: Engine, crowd: int) -> None:
    shift = await a_shift(5)
    accepted = await asyncio.gather(*(sign_up(shift, f"p{n}") for n in range(2 * crowd)))
    assert sum(accepted) == 5
    assert await Booking.count() == 5
    assert await Shift.select(Shift.taken).output(as_list=True) == [5]


async def test_two_processes_share_five_places_one_hour_and_one_bed(url: str, crowd: int) -> None:
    async with open_database(url):
        shift = await a_shift(5)
    command = [sys.executable, "-m", "tests.core.database.shelf.work", url, str(shift), str(crowd)]
    both = [await asyncio.create_subprocess_exec(*command, name, stdout=asyncio.subprocess.PIPE) for name in "ab"]
    async with asyncio.timeout(100):
        printed = [(await process.communicate())[0].decode().split() for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert [sum(map(int, column)) for column in zip(*printed, strict=True)] == [5, 1, 1]


async def test_several_places_are_taken_together_or_not_at_all(database: Engine) -> None:
    shift = await a_shift(3)
    assert await claim(Shift.taken, up_to=Shift.capacity, where=Shift.id == shift, places=2)
    assert not await claim(Shift.taken, up_to=Shift.capacity, where=Shift.id == shift, places=2)
    assert await Shift.select(Shift.taken).output(as_list=True) == [2]


async def test_places_come_back_but_never_below_zero(database: Engine) -> None:
    shift = await a_shift(3)
    assert await claim(Shift.taken, up_to=Shift.capacity, where=Shift.id == shift, places=2)
    assert await give_back(Shift.taken, where=Shift.id == shift)
    assert not await give_back(Shift.taken, where=Shift.id == shift, places=2)
    assert await Shift.select(Shift.taken).output(as_list=True) == [1]


async def test_the_database_keeps_the_check_whoever_writes(database: Engine) -> None:
    shift = await a_shift(1)
    with pytest.raises(Exception, match="shelf_shift_never_overfull"):
        await Shift.update({Shift.taken: 2}).where(Shift.id == shift)
