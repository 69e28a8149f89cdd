"""The ledger: what was done for whom, by whom, how long, what came of it."""

from piccolo.columns import UUID, Date, ForeignKey, Integer, OnDelete, Varchar
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from core.database import HouseholdRef, Id, Instant, Key, OrganisationRef, PersonRef, ScopedTable


class Activity(ScopedTable, tablename="activities_activity"):
    """One piece of help (服务记录); append-only, corrected by another row.

    :cvar audience: facts (whoever sees the household), organisation (its people only) or named.
    """

    named_in = ("activities_worker", "activity")

    id = Id()
    household = HouseholdRef(null=True)
    city = UUID(default=None, null=True)
    county = UUID(default=None, null=True)
    town = UUID(default=None, null=True)
    village = UUID(default=None, null=True)
    need = UUID(default=None, null=True)
    plugin = Key(length=64)
    record = UUID(default=None)
    line = Integer(default=0)
    kind = Key(length=64, help_text="term of kind activity")
    organisation = OrganisationRef(null=True)
    start_at = Instant(null=True)
    day = Date(default=None)
    minutes = Integer(default=None, null=True)
    place_text = Varchar(length=100, default=None, null=True)
    outcome = Varchar(length=16, default="done", help_text="done | not_met | refused")
    audience = Varchar(length=16, default="facts")
    corrects = UUID(default=None, null=True)
    created_at = Instant()
    created_by = UUID(default=None, null=True)

    one_row_a_line = Unique(["plugin", "record", "line"])
    minutes_are_positive = Check("minutes IS NULL OR minutes > 0")
    known_audience = Check("audience IN ('facts', 'organisation', 'named')")


class ActivityWorker(Table, tablename="activities_worker"):
    """Who did it, and how long."""

    id = Id()
    activity = ForeignKey(Activity, on_delete=OnDelete.restrict, null=False, default=None)
    person = PersonRef()
    name = Varchar(length=100, default=None)
    minutes = Integer(default=None, null=True)


class ActivityPerson(Table, tablename="activities_person"):
    """For whom in the household it was done."""

    id = Id()
    activity = ForeignKey(Activity, on_delete=OnDelete.restrict, null=False, default=None)
    person = PersonRef()
