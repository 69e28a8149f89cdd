"""A query compiled once gives what the query gives."""

from piccolo.columns.combination import WhereRaw

from core.database import Blank, Engine, Prepared

from .shelf.tables import Booking, Shift
from .shelf.work import NOON, a_shift, book

WITH_ROOM = Prepared(
    lambda: Shift.select(Shift.id, Shift.name, Shift.capacity).where(
        (Shift.capacity >= Blank("least")) & WhereRaw("taken < {}", Blank("most"))
    )
)
AFTER = Prepared(
    lambda: Booking.select(Booking.person, Booking.starts, Booking.shift.name).where(Booking.starts >= Blank("moment"))
)


async def test_the_same_statement_runs_with_other_values(database: Engine) -> None:
    shift = await a_shift(3)
    assert await WITH_ROOM(least=4, most=1) == []
    assert [tuple(row) for row in await WITH_ROOM(least=2, most=1)] == [(shift, "朝阳社区", 3)]
    assert [row.name for row in await WITH_ROOM(least=3, most=9)] == ["朝阳社区"]


async def test_rows_are_typed_and_a_joined_column_has_a_name(database: Engine) -> None:
    assert await book("wang", NOON, 1)
    (row,) = await AFTER(moment=NOON)
    assert (row.person, row.starts, row.shift_name) == ("wang", NOON, None)
    assert row.starts.utcoffset() is not None
