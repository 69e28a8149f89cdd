"""Columns that carry promises: moments in UTC, keys in the order of their bytes, ids that sort by time."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from piccolo.columns import ForeignKey, Integer, Timestamptz, Varchar
from piccolo.table import Table

from core.database import Engine, aware, careless, create_table, fetch, new_id
from core.database.migrations import Run

from .shelf.tables import Booking, Note, Shift, Stay
from .shelf.work import NOON, book

SHANGHAI = timezone(timedelta(hours=8))
KEYS = ["", "-", "10", "9", "A", "B", "Z", "_", "a", "b", "ab", "é", "z", "中", "文", "Ａ", "𠮷"]


async def test_a_moment_is_read_as_utc_wherever_it_was_written(database: Engine) -> None:
    written = datetime(2027, 1, 4, 20, 0, 0, 123456, tzinfo=SHANGHAI)
    await Booking(person="wang", starts=written, ends=None).save()
    by_table = await Booking.objects().first()
    assert by_table is not None
    (by_hand,) = await fetch("SELECT starts FROM shelf_booking WHERE starts = ?", (written,))
    for read in (by_table.starts, by_hand["starts"]):
        assert read == written
        assert read.utcoffset() == timedelta(0)


async def test_moments_sort_by_time_and_not_by_their_writing(database: Engine) -> None:
    moments = [NOON, NOON + timedelta(microseconds=1), NOON + timedelta(seconds=1), NOON.replace(hour=13)]
    for n, moment in enumerate(reversed(moments)):
        await Booking(person=str(n), starts=moment.astimezone(timezone(timedelta(hours=n))), ends=None).save()
    assert await Booking.select(Booking.starts).order_by(Booking.starts).output(as_list=True) == moments
    assert await Booking.count().where(Booking.starts > moments[1].astimezone(SHANGHAI)) == 2


async def test_a_moment_without_a_time_zone_is_refused(database: Engine) -> None:
    naive = datetime(2027, 1, 4, 12)
    with pytest.raises(ValueError, match="no time zone"):
        await Booking(person="wang", starts=naive, ends=None).save()
    with pytest.raises(ValueError, match="no time zone"):
        await Booking.count().where(Booking.starts > naive)
    with pytest.raises(ValueError, match="no time zone"):
        await fetch("SELECT id FROM shelf_booking WHERE starts = ?", (naive,))
    assert await Booking.count() == 0


def test_aware_gives_utc_and_refuses_what_has_no_zone() -> None:
    assert aware(datetime(2027, 1, 4, 20, tzinfo=SHANGHAI)) == NOON
    assert aware(datetime(2027, 1, 4, 20, tzinfo=SHANGHAI)).tzinfo is UTC
    with pytest.raises(ValueError, match="no time zone"):
        aware(datetime(2027, 1, 4, 12))


async def test_keys_are_sorted_and_compared_by_their_bytes(database: Engine) -> None:
    await Shift.insert(*(Shift(code=key, name="x") for key in reversed(KEYS)))
    by_bytes = sorted(KEYS, key=lambda key: key.encode())
    assert by_bytes != sorted(KEYS, key=str.casefold)  # a dictionary would sort otherwise
    assert await Shift.select(Shift.code).order_by(Shift.code).output(as_list=True) == by_bytes
    after = await Shift.select(Shift.code).where(Shift.code > "Z").order_by(Shift.code).output(as_list=True)
    assert after == by_bytes[by_bytes.index("Z") + 1 :]


def test_ids_sort_by_the_moment_they_were_made() -> None:
    made = [new_id() for _ in range(1000)]
    assert made == sorted(made)
    assert {id_.version for id_ in made} == {7}


async def test_a_table_is_written_with_its_promises_inline(database: Engine) -> None:
    for table in ("shelf_booking", "shelf_shift"):
        await fetch(f"DROP TABLE {table}")
    await Run(database.engine_type)(*create_table(Shift), *create_table(Booking))
    with pytest.raises(Exception, match="shelf_shift_never_overfull"):
        await Shift.insert(Shift(name="x", capacity=1, taken=2))
    assert await book("wang", NOON, 1)
    assert " COLLATE C" in create_table(Shift)[0]


def test_careless_defaults_and_cascades_are_named() -> None:
    class Careless(Table):
        missing = Varchar(null=True)
        nothing = Integer(null=True)
        written = Timestamptz()
        shift = ForeignKey(Shift, default=None)

    assert careless(Careless) == [
        "careless.missing: default=None",
        "careless.nothing: default=None",
        "careless.written: default=None, the verb says when",
        "careless.shift: on_delete=OnDelete.restrict",
    ]
    for table in (Shift, Booking, Stay, Note):
        assert careless(table) == []
