"""Tables that use each promise of `core.database` once."""

from piccolo.columns import UUID, Boolean, Bytea, Date, ForeignKey, Integer, OnDelete, Varchar
from piccolo.constraints import Check
from piccolo.table import Table

from core.database import HouseholdRef, Id, Instant, Key, ScopedTable


class Shift(Table, tablename="shelf_shift"):
    """A stretch of time (班次) that needs hands."""

    id = Id()
    code = Key(length=16, null=True)
    name = Varchar(length=64, default=None)
    capacity = Integer(default=1)
    taken = Integer(default=0)

    never_overfull = Check("taken BETWEEN 0 AND capacity")


class Booking(Table, tablename="shelf_booking"):
    """A person's time on a shift: moments."""

    id = Id()
    person = Varchar(length=32, default=None)
    shift = ForeignKey(Shift, on_delete=OnDelete.restrict, null=True, default=None)
    starts = Instant()
    ends = Instant(null=True)
    cancelled = Boolean(default=False)


class Stay(Table, tablename="shelf_stay"):
    """Somebody's nights in a bed: days, from is in, until is out."""

    id = Id()
    bed = Varchar(length=32, default=None)
    from_on = Date(default=None)
    until_on = Date(default=None, null=True)


class Note(ScopedTable, tablename="shelf_note"):
    """A line about a household, seen from its place."""

    id = Id()
    household = HouseholdRef(open_when="NOT done")
    city = UUID(default=None, null=True)
    county = UUID(default=None, null=True)
    town = UUID(default=None, null=True)
    village = UUID(default=None, null=True)
    words = Varchar(length=64, default=None)
    picture = Bytea(default=None, null=True)
    done = Boolean(default=False)
