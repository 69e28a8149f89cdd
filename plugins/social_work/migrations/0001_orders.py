"""Service orders: providers, the towns they serve, running numbers, orders, sessions.

Why    The first plugin that meets a need: an organisation takes an order for one household.
What   `taken BETWEEN 0 AND places` stands behind `claim()`; `holds_place` is what lets a place be given
       back once; numbers are unique in their series (county and year); one line per session. Each list
       has its index at each level of place and for the organisation: state, first contact, id.
Back   Drop the five tables and their lines in `catalogue`; needs and the ledger stay.
"""

from core.database import Run

STILL_OPEN = "state IN ('dispatched', 'accepted', 'in_progress', 'completed')"


async def forwards(run: Run) -> None:
    """Create everything."""
    await run(*TABLES)
    await run(*INDEXES)
    await run.refer("social_work_provider", "organisation", "organisation")
    await run.refer("social_work_served_town", "organisation", "organisation")
    await run.refer("social_work_order", "household", "household", open_when=STILL_OPEN, has_place=True, lock_rank=5)
    await run.refer("social_work_order", "organisation", "organisation")
    await run.refer("social_work_order", "worker", "person")
    await run.refer("social_work_session", "household", "household", data_class="C4")
    await run.refer("social_work_session", "organisation", "organisation")
    await run.refer("social_work_session", "worker", "person")


TABLES = (
    """CREATE TABLE social_work_provider (
            id UUID PRIMARY KEY NOT NULL,
            organisation UUID NOT NULL UNIQUE,
            agreement_from DATE NOT NULL,
            agreement_until DATE,
            services TEXT NOT NULL,
            places INTEGER NOT NULL DEFAULT 0,
            taken INTEGER NOT NULL DEFAULT 0,
            contact_days INTEGER NOT NULL DEFAULT 3,
            note VARCHAR(500),
            created_at TIMESTAMPTZ NOT NULL,
            created_by UUID,
            changed_at TIMESTAMPTZ,
            changed_by UUID,
            CONSTRAINT social_work_provider_never_overfull CHECK (taken BETWEEN 0 AND places),
            CONSTRAINT social_work_provider_ends_after_start CHECK (agreement_until IS NULL OR agreement_until > agreement_from),
            CONSTRAINT social_work_provider_contact_within_reason CHECK (contact_days BETWEEN 0 AND 60))""",
    """CREATE TABLE social_work_served_town (
            id UUID PRIMARY KEY NOT NULL,
            provider UUID NOT NULL REFERENCES social_work_provider (id) ON DELETE RESTRICT,
            organisation UUID NOT NULL,
            city UUID,
            county UUID NOT NULL,
            town UUID NOT NULL,
            CONSTRAINT social_work_served_town_once_a_town UNIQUE (provider, town))""",
    """CREATE TABLE social_work_series (
            id UUID PRIMARY KEY NOT NULL,
            county UUID NOT NULL,
            year INTEGER NOT NULL,
            last INTEGER NOT NULL DEFAULT 0,
            CONSTRAINT social_work_series_one_a_year UNIQUE (county, year))""",
    """CREATE TABLE social_work_order (
            id UUID PRIMARY KEY NOT NULL,
            series UUID NOT NULL REFERENCES social_work_series (id) ON DELETE RESTRICT,
            number VARCHAR(16) COLLATE C NOT NULL,
            need UUID NOT NULL,
            household UUID NOT NULL,
            city UUID,
            county UUID,
            town UUID,
            village UUID,
            organisation UUID NOT NULL,
            provider UUID NOT NULL REFERENCES social_work_provider (id) ON DELETE RESTRICT,
            kind VARCHAR(64) COLLATE C NOT NULL,
            instructions_sealed TEXT,
            due_on DATE NOT NULL,
            state VARCHAR(16) NOT NULL DEFAULT 'dispatched',
            reason VARCHAR(500),
            holds_place BOOLEAN NOT NULL DEFAULT TRUE,
            worker UUID,
            worker_name VARCHAR(100),
            accepted_on DATE,
            created_at TIMESTAMPTZ NOT NULL,
            created_by UUID,
            created_by_name VARCHAR(100) NOT NULL,
            changed_at TIMESTAMPTZ,
            changed_by UUID,
            CONSTRAINT social_work_order_one_number UNIQUE (series, number))""",
    """CREATE TABLE social_work_session (
            id UUID PRIMARY KEY NOT NULL,
            service_order UUID NOT NULL REFERENCES social_work_order (id) ON DELETE RESTRICT,
            line INTEGER NOT NULL,
            household UUID NOT NULL,
            organisation UUID NOT NULL,
            day DATE NOT NULL,
            minutes INTEGER NOT NULL,
            setting VARCHAR(8) NOT NULL,
            place_text VARCHAR(100),
            outcome VARCHAR(16) NOT NULL,
            note_sealed TEXT,
            worker UUID,
            worker_name VARCHAR(100) NOT NULL,
            created_at TIMESTAMPTZ NOT NULL,
            created_by UUID,
            CONSTRAINT social_work_session_one_line UNIQUE (service_order, line),
            CONSTRAINT social_work_session_minutes_of_a_day CHECK (minutes BETWEEN 1 AND 720),
            CONSTRAINT social_work_session_known_setting CHECK (setting IN ('home', 'office', 'phone', 'outside')),
            CONSTRAINT social_work_session_known_outcome CHECK (outcome IN ('done', 'not_met', 'refused')))""",
)

INDEXES = (
    "CREATE INDEX social_work_order_city ON social_work_order (city, state, due_on, id)",
    "CREATE INDEX social_work_order_county ON social_work_order (county, state, due_on, id)",
    "CREATE INDEX social_work_order_town ON social_work_order (town, state, due_on, id)",
    "CREATE INDEX social_work_order_village ON social_work_order (village, state, due_on, id)",
    "CREATE INDEX social_work_order_organisation ON social_work_order (organisation, state, due_on, id)",
    "CREATE INDEX social_work_order_household ON social_work_order (household, id)",
    "CREATE INDEX social_work_order_need ON social_work_order (need, id)",
    "CREATE INDEX social_work_order_provider ON social_work_order (provider, state)",
    "CREATE INDEX social_work_served_town_city ON social_work_served_town (city, id)",
    "CREATE INDEX social_work_served_town_county ON social_work_served_town (county, id)",
    "CREATE INDEX social_work_served_town_town ON social_work_served_town (town, id)",
    "CREATE INDEX social_work_served_town_organisation ON social_work_served_town (organisation, id)",
    "CREATE INDEX social_work_session_household ON social_work_session (household, id)",
    "CREATE INDEX social_work_session_worker ON social_work_session (worker, day)",
)
