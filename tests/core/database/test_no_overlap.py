"""Nobody is in two places at once: moments and days, on both databases."""

import asyncio
from datetime import timedelta

import pytest

from core.database import Engine, Overlap, refuse_overlap, transaction

from .shelf.tables import Booking, Stay
from .shelf.work import LIVE, MONDAY, NOON, book, stay

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def test_two_bookings_that_overlap_name_the_first(database: Engine) -> None:
    assert await book("wang", NOON, 1)
    first = await Booking.select(Booking.id).output(as_list=True)
    ends = NOON + 2 * HOUR
    async with transaction():
        with pytest.raises(Overlap) as refused:
            async with refuse_overlap("shelf_booking", {"person": "wang"}, ("starts", NOON), ("ends", ends)):
                await Booking(person="wang", starts=NOON, ends=ends).save()
        assert await Booking.count() == 1  # the transaction around it stays usable
    assert [refused.value.other] == first


async def test_the_end_is_free_and_so_is_everybody_else(database: Engine) -> None:
    assert await book("wang", NOON, 1)
    assert await book("wang", NOON + HOUR, 1)
    assert await book("wang", NOON - HOUR, 1)
    assert await book("li", NOON, 1)
    assert not await book("wang", NOON + HOUR / 2, 1)


async def test_a_change_by_hand_is_refused_too(database: Engine) -> None:
    assert await book("wang", NOON, 1)
    assert await book("wang", NOON + HOUR, 1)
    with pytest.raises(Exception, match="shelf_booking_no_overlap"):
        await Booking.update({Booking.starts: NOON}).where(Booking.starts > NOON)


async def test_another_fault_is_not_taken_for_an_overlap(database: Engine) -> None:
    with pytest.raises(Exception, match=r"CHECK|check") as refused:
        async with refuse_overlap("shelf_booking", {"person": "wang"}, ("starts", NOON), ("ends", NOON - HOUR)):
            await Booking(person="wang", starts=NOON, ends=NOON - HOUR).save()
    assert not isinstance(refused.value, Overlap)


async def test_a_cancelled_booking_blocks_nobody_and_does_not_come_back(database: Engine) -> None:
    assert await book("wang", NOON, 1)
    await Booking.update({Booking.cancelled: True}, force=True)
    assert await book("wang", NOON, 1)
    old, new = await Booking.select(Booking.id).order_by(Booking.cancelled, ascending=False).output(as_list=True)
    span = (("starts", NOON), ("ends", NOON + HOUR))
    with pytest.raises(Overlap) as refused:
        async with refuse_overlap("shelf_booking", {"person": "wang"}, *span, live=LIVE, own=old):
            await Booking.update({Booking.cancelled: False}).where(Booking.id == old)
    assert refused.value.other == new


async def test_a_booking_without_an_end_lasts_for_ever(database: Engine) -> None:
    assert await book("wang", NOON, None)
    assert not await book("wang", NOON + 9000 * DAY, 1)
    assert not await book("wang", NOON + DAY, None)
    assert not await book("wang", NOON - DAY, None)
    assert await book("wang", NOON - HOUR, 1)


async def test_a_crowd_of_overlapping_bookings_at_once_leaves_one(database: Engine, crowd: int) -> None:
    accepted = await asyncio.gather(*(book("wang", NOON + timedelta(minutes=n % 9), 1) for n in range(crowd)))
    assert sum(accepted) == 1


async def test_a_bed_is_free_again_on_the_day_somebody_leaves(database: Engine) -> None:
    assert await stay("bed 7", MONDAY, 3)
    assert not await stay("bed 7", MONDAY + 2 * DAY, 1)
    assert await stay("bed 7", MONDAY + 3 * DAY, 1)
    assert await stay("bed 8", MONDAY, 3)


async def test_a_stay_without_an_end_lasts_for_ever(database: Engine) -> None:
    assert await stay("bed 7", MONDAY, None)
    first = await Stay.select(Stay.id).output(as_list=True)
    assert not await stay("bed 7", MONDAY + 9000 * DAY, 1)
    assert await stay("bed 7", MONDAY - DAY, 1)
    with pytest.raises(Overlap) as refused:
        async with refuse_overlap("shelf_stay", {"bed": "bed 7"}, ("from_on", MONDAY + DAY), ("until_on", None)):
            await Stay(bed="bed 7", from_on=MONDAY + DAY, until_on=None).save()
    assert [refused.value.other] == first


async def test_a_crowd_at_once_for_one_bed_leaves_one(database: Engine, crowd: int) -> None:
    accepted = await asyncio.gather(*(stay("bed 7", MONDAY + (n % 3) * DAY, 5) for n in range(crowd)))
    assert sum(accepted) == 1
