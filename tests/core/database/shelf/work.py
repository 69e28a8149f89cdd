"""What people do with the shelf; `python -m tests.core.database.shelf.work` is a second process that does it."""

import asyncio
import sys
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from core.database import Overlap, claim, open_database, refuse_overlap, transaction

from .tables import Booking, Shift, Stay

LIVE = "NOT {row}cancelled"
NOON = datetime(2027, 1, 4, 12, tzinfo=UTC)
MONDAY = date(2027, 1, 4)


async def a_shift(capacity: int = 5) -> UUID:
    shift = Shift(name="朝阳社区", capacity=capacity)
    await shift.save()
    id_: UUID = shift.id
    return id_


async def sign_up(shift: UUID, person: str) -> bool:
    """Take a place and write the sign-up, together or not at all."""
    async with transaction():
        if not await claim(Shift.taken, up_to=Shift.capacity, where=Shift.id == shift):
            return False
        await Booking(person=person, shift=shift, starts=NOON, ends=NOON + timedelta(hours=1)).save()
        return True


async def book(person: str, starts: datetime, hours: float | None) -> bool:
    """Write a booking unless the person is elsewhere; no hours means for ever."""
    ends = None if hours is None else starts + timedelta(hours=hours)
    span = (("starts", starts), ("ends", ends))
    try:
        async with refuse_overlap("shelf_booking", {"person": person}, *span, live=LIVE):
            await Booking(person=person, starts=starts, ends=ends).save()
    except Overlap:
        return False
    return True


async def stay(bed: str, from_on: date, days: int | None) -> bool:
    """Give the bed unless somebody lies in it; no days means for ever."""
    until_on = None if days is None else from_on + timedelta(days=days)
    try:
        async with refuse_overlap("shelf_stay", {"bed": bed}, ("from_on", from_on), ("until_on", until_on)):
            await Stay(bed=bed, from_on=from_on, until_on=until_on).save()
    except Overlap:
        return False
    return True


async def race(url: str, shift: UUID, people: int, name: str) -> None:
    """Print how many of `people` sign-ups, overlapping bookings and overlapping stays were accepted."""
    async with open_database(url):
        places = await asyncio.gather(*(sign_up(shift, f"{name}{n}") for n in range(people)))
        tomorrow = NOON + timedelta(days=1)
        hours = await asyncio.gather(*(book("wang", tomorrow + timedelta(minutes=n % 7), 1) for n in range(people)))
        nights = await asyncio.gather(*(stay("bed 7", MONDAY + timedelta(days=n % 3), 5) for n in range(people)))
    print(sum(places), sum(hours), sum(nights))


if __name__ == "__main__":
    asyncio.run(race(sys.argv[1], UUID(sys.argv[2]), int(sys.argv[3]), sys.argv[4]))
