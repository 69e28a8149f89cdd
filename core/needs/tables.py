"""Needs and who was asked to meet them."""

from piccolo.columns import UUID, Boolean, Date, ForeignKey, Integer, OnDelete, Text, Varchar
from piccolo.table import Table

from core.database import DataClass, HouseholdRef, Id, Instant, Key, OrganisationRef, PersonRef, ScopedTable

STILL_OPEN = "state NOT IN ('met', 'unmet', 'withdrawn')"


class Need(ScopedTable, tablename="needs_need"):
    """Something that a household lacks (需求)."""

    id = Id()
    household = HouseholdRef(open_when=STILL_OPEN)
    city = UUID(default=None, null=True)
    county = UUID(default=None, null=True)
    town = UUID(default=None, null=True)
    village = UUID(default=None, null=True)
    kind = Key(length=64, help_text="term of kind need")
    urgency = Varchar(length=8, default="normal", help_text="urgent | soon | normal")
    source = Varchar(length=16, default=None, help_text="visit | household | village | application | other")
    words_sealed = Text(default=None, help_text="what was seen or said, sealed")
    due_on = Date(default=None, help_text="set from the urgency when nobody says")
    state = Varchar(length=16, default="open")
    raised_by_name = Varchar(length=100, default=None)
    outcome_words_sealed = Text(default=None, null=True, help_text="the household's word at the end")
    created_at = Instant()
    created_by = UUID(default=None, null=True)
    changed_at = Instant(null=True)
    changed_by = UUID(default=None, null=True)


class NeedMember(Table, tablename="needs_member"):
    """Whose need it is, where it is not the whole household's."""

    id = Id()
    need = ForeignKey(Need, on_delete=OnDelete.restrict, null=False, default=None)
    person = PersonRef(data_class=DataClass.C4)


class Referral(ScopedTable, tablename="needs_referral"):
    """A need handed to somebody who can meet it (转介); one open at a time."""

    id = Id()
    need = ForeignKey(Need, on_delete=OnDelete.restrict, null=False, default=None)
    household = HouseholdRef(open_when="open")
    city = UUID(default=None, null=True)
    county = UUID(default=None, null=True)
    town = UUID(default=None, null=True)
    village = UUID(default=None, null=True)
    plugin = Key(length=64)
    record = UUID(default=None)
    organisation = OrganisationRef(null=True)
    provider = Varchar(length=100, default=None)
    state = Varchar(length=16, default="sent", help_text="sent | accepted | declined | done | revoked")
    open = Boolean(default=True, help_text="false once declined, done or revoked")
    reason = Varchar(length=500, default=None, null=True)
    step = Integer(default=0, help_text="raised by each move; a late message is told by it")
    created_at = Instant()
    created_by = UUID(default=None, null=True)
    changed_at = Instant(null=True)
    changed_by = UUID(default=None, null=True)
