"""Providers, service orders and sessions: who can help, what was ordered, what was done."""

from piccolo.columns import UUID, Boolean, Date, ForeignKey, Integer, OnDelete, Text, Varchar
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from core.database import DataClass, HouseholdRef, Id, Instant, Key, OrganisationRef, PersonRef, ScopedTable

STILL_OPEN = "state IN ('dispatched', 'accepted', 'in_progress', 'completed')"


class Provider(Table, tablename="social_work_provider"):
    """An organisation (机构) that takes service orders under an agreement.

    Who may see it stands in `ServedTown`: it is found through the towns it serves.
    """

    id = Id()
    organisation = OrganisationRef(unique=True)
    agreement_from = Date(default=None)
    agreement_until = Date(default=None, null=True, help_text="first day on which it holds no more")
    services = Text(default=None, help_text="kinds of service, codes between spaces: ' a.b c.d '")
    places = Integer(default=0, help_text="orders at once")
    taken = Integer(default=0, help_text="orders; moved by claim() and give_back() alone")
    contact_days = Integer(default=3, help_text="days until the first contact")
    note = Varchar(length=500, default=None, null=True)
    created_at = Instant()
    created_by = UUID(default=None, null=True)
    changed_at = Instant(null=True)
    changed_by = UUID(default=None, null=True)

    never_overfull = Check("taken BETWEEN 0 AND places")
    ends_after_start = Check("agreement_until IS NULL OR agreement_until > agreement_from")
    contact_within_reason = Check("contact_days BETWEEN 0 AND 60")


class ServedTown(ScopedTable, tablename="social_work_served_town"):
    """A town that a provider serves; through these rows officers see providers."""

    id = Id()
    provider = ForeignKey(Provider, on_delete=OnDelete.restrict, null=False, default=None)
    organisation = OrganisationRef()
    city = UUID(default=None, null=True)
    county = UUID(default=None)
    town = UUID(default=None)

    once_a_town = Unique(["provider", "town"])


class Series(Table, tablename="social_work_series"):
    """The running number of a county's orders in one year."""

    id = Id()
    county = UUID(default=None)
    year = Integer(default=None)
    last = Integer(default=0)

    one_a_year = Unique(["county", "year"])


class Order(ScopedTable, tablename="social_work_order"):
    """A service order (服务工单): one need, handed to one organisation."""

    id = Id()
    series = ForeignKey(Series, on_delete=OnDelete.restrict, null=False, default=None)
    number = Key(length=16, help_text="2026-0001; unique in its series")
    need = UUID(default=None)
    household = HouseholdRef(open_when=STILL_OPEN)
    city = UUID(default=None, null=True)
    county = UUID(default=None, null=True)
    town = UUID(default=None, null=True)
    village = UUID(default=None, null=True)
    organisation = OrganisationRef()
    provider = ForeignKey(Provider, on_delete=OnDelete.restrict, null=False, default=None)
    kind = Key(length=64, help_text="term of kind need")
    instructions_sealed = Text(default=None, null=True, help_text="what to know before going, sealed")
    due_on = Date(default=None, help_text="first contact by")
    state = Varchar(length=16, default="dispatched")
    reason = Varchar(length=500, default=None, null=True, help_text="why it was declined, returned or cancelled")
    holds_place = Boolean(default=True, help_text="counted in the provider's `taken`; given back once")
    worker = PersonRef(null=True)
    worker_name = Varchar(length=100, default=None, null=True, help_text="who accepted it")
    accepted_on = Date(default=None, null=True)
    created_at = Instant()
    created_by = UUID(default=None, null=True)
    created_by_name = Varchar(length=100, default=None)
    changed_at = Instant(null=True)
    changed_by = UUID(default=None, null=True)

    one_number = Unique(["series", "number"])


class Session(ScopedTable, tablename="social_work_session"):
    """One time of work on an order (服务记录); written once, told to the ledger without the note."""

    id = Id()
    service_order = ForeignKey(Order, on_delete=OnDelete.restrict, null=False, default=None)
    line = Integer(default=None)
    household = HouseholdRef(data_class=DataClass.C4)
    organisation = OrganisationRef()
    day = Date(default=None)
    minutes = Integer(default=None)
    setting = Varchar(length=8, default=None, help_text="home | office | phone | outside")
    place_text = Varchar(length=100, default=None, null=True)
    outcome = Varchar(length=16, default=None, help_text="done | not_met | refused")
    note_sealed = Text(default=None, null=True, help_text="what was done, sealed; for the organisation's people")
    worker = PersonRef(null=True)
    worker_name = Varchar(length=100, default=None)
    created_at = Instant()
    created_by = UUID(default=None, null=True)

    one_line = Unique(["service_order", "line"])
    minutes_of_a_day = Check("minutes BETWEEN 1 AND 720")
    known_setting = Check("setting IN ('home', 'office', 'phone', 'outside')")
    known_outcome = Check("outcome IN ('done', 'not_met', 'refused')")
