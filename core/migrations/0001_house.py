"""The house: journal, access, registry, activities, needs.

Why    One first step for the areas that the loop "known, found, offered, helped, recorded" needs.
What   Their tables with constraints; indexes for each list's order at each level of place (equality on
       the level, then the sort, then the id: no sort step over a scope); one open referral a need and
       one open head a household as partial unique indexes; nobody in two households on one day;
       journal, activities and workflow steps append-only by triggers; the catalogue of references.
Back   Drop the database: there is nothing before this step.
"""

from core.database import Run, no_overlap


async def forwards(run: Run) -> None:
    """Create everything."""
    await run(*TABLES)
    await run(*INDEXES)
    await run(*no_overlap(run.engine_type, "registry_membership", ["person"], "from_on", "until_on", of="days"))
    await run(*(APPEND_ONLY_SQLITE if run.engine_type == "sqlite" else APPEND_ONLY_POSTGRES))
    await run.refer("journal_entry", "household", "household", retention="journal")
    await run.refer("access_user", "person", "person")
    await run.refer("access_user", "organisation", "organisation")
    await run.refer("access_grant", "organisation", "organisation")
    await run.refer("access_mandate", "organisation", "organisation")
    await run.refer("access_share", "household", "household")
    await run.refer("access_share", "organisation", "organisation")
    await run.refer("access_share", "person", "person")
    await run.refer("access_entry", "household", "household", data_class="C3", retention="journal")
    await run.refer("registry_identity", "person", "person", data_class="C4")
    await run.refer("registry_membership", "household", "household")
    await run.refer("registry_membership", "person", "person")
    await run.refer("registry_circumstance", "person", "person", data_class="C4")
    await run.refer("registry_find_key", "household", "household", open_when="TRUE", has_place=True, lock_rank=1)
    await run.refer("registry_find_key", "person", "person")
    await run.refer("activities_activity", "household", "household")
    await run.refer("activities_activity", "organisation", "organisation")
    await run.refer("activities_worker", "person", "person")
    await run.refer("activities_person", "person", "person")
    await run.refer(
        "needs_need",
        "household",
        "household",
        open_when="state NOT IN ('met', 'unmet', 'withdrawn')",
        has_place=True,
        lock_rank=3,
    )
    await run.refer("needs_member", "person", "person", data_class="C4")
    await run.refer("needs_referral", "household", "household", open_when="open", has_place=True, lock_rank=4)
    await run.refer("needs_referral", "organisation", "organisation")


TABLES = (
    """CREATE TABLE gate (
            step VARCHAR(64) COLLATE C NOT NULL,
            plugin VARCHAR(64) COLLATE C NOT NULL,
            PRIMARY KEY (step, plugin))""",
    """CREATE TABLE term (
            code VARCHAR(64) COLLATE C PRIMARY KEY NOT NULL,
            plugin VARCHAR(64) COLLATE C NOT NULL,
            kind VARCHAR(16) NOT NULL,
            words TEXT NOT NULL,
            service VARCHAR(64),
            retired BOOLEAN NOT NULL DEFAULT FALSE)""",
    """CREATE TABLE workflow_step (
            id UUID PRIMARY KEY NOT NULL,
            machine VARCHAR(64) NOT NULL,
            object UUID NOT NULL,
            transition VARCHAR(64) NOT NULL,
            before VARCHAR(32) NOT NULL,
            after VARCHAR(32) NOT NULL,
            by UUID,
            at TIMESTAMPTZ NOT NULL,
            why TEXT)""",
    """CREATE TABLE journal_entry (
            id UUID PRIMARY KEY NOT NULL,
            at TIMESTAMPTZ NOT NULL,
            actor UUID,
            actor_name VARCHAR(100) NOT NULL,
            action VARCHAR(64) COLLATE C NOT NULL,
            object UUID NOT NULL,
            household UUID,
            city UUID,
            county UUID,
            town UUID,
            village UUID,
            organisation UUID,
            fields TEXT NOT NULL DEFAULT '[]',
            digest VARCHAR(100),
            mac VARCHAR(64) NOT NULL,
            seq BIGINT UNIQUE,
            link VARCHAR(64))""",
    """CREATE TABLE journal_checkpoint (
            id UUID PRIMARY KEY NOT NULL,
            chain VARCHAR(32) NOT NULL,
            seq BIGINT NOT NULL,
            root VARCHAR(64) NOT NULL,
            at TIMESTAMPTZ NOT NULL,
            signature VARCHAR(64) NOT NULL)""",
    """CREATE TABLE journal_lease (
            name VARCHAR(64) COLLATE C PRIMARY KEY NOT NULL,
            holder VARCHAR(64),
            until TIMESTAMPTZ,
            fence BIGINT NOT NULL DEFAULT 0)""",
    """CREATE TABLE journal_cursor (
            subscriber VARCHAR(64) COLLATE C PRIMARY KEY NOT NULL,
            seq BIGINT NOT NULL DEFAULT 0)""",
    """CREATE TABLE journal_delivery (
            id UUID PRIMARY KEY NOT NULL,
            subscriber VARCHAR(64) COLLATE C NOT NULL,
            seq BIGINT NOT NULL,
            object UUID NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0,
            next_at TIMESTAMPTZ NOT NULL,
            state VARCHAR(16) NOT NULL DEFAULT 'waiting',
            error TEXT,
            CONSTRAINT journal_delivery_one_row_an_entry UNIQUE ("subscriber", "object", "seq"))""",
    """CREATE TABLE journal_operation (
            op_id UUID PRIMARY KEY NOT NULL,
            actor UUID,
            route VARCHAR(200) NOT NULL,
            request_hash VARCHAR(64) NOT NULL,
            status INTEGER,
            answer JSON,
            at TIMESTAMPTZ NOT NULL)""",
    """CREATE TABLE access_user (
            id UUID PRIMARY KEY NOT NULL,
            person UUID,
            organisation UUID,
            name VARCHAR(100) NOT NULL,
            login VARCHAR(64) COLLATE C NOT NULL UNIQUE,
            password_hash VARCHAR(200),
            state VARCHAR(16) NOT NULL DEFAULT 'active',
            demo BOOLEAN NOT NULL DEFAULT FALSE,
            language VARCHAR(10),
            created_at TIMESTAMPTZ NOT NULL)""",
    """CREATE TABLE access_grant (
            id UUID PRIMARY KEY NOT NULL,
            holder UUID NOT NULL REFERENCES access_user (id) ON DELETE RESTRICT,
            role VARCHAR(32) COLLATE C NOT NULL,
            area UUID,
            level VARCHAR(10),
            organisation UUID,
            grantable TEXT NOT NULL DEFAULT '',
            from_on DATE NOT NULL,
            until_on DATE,
            given_by UUID,
            label VARCHAR(200),
            CONSTRAINT access_grant_nobody_grants_to_himself CHECK (given_by <> holder),
            CONSTRAINT access_grant_an_area_has_a_level CHECK ((area IS NULL) = (level IS NULL)))""",
    """CREATE TABLE access_mandate (
            id UUID PRIMARY KEY NOT NULL,
            organisation UUID NOT NULL,
            from_on DATE NOT NULL,
            until_on DATE,
            plugin VARCHAR(64) COLLATE C NOT NULL,
            record UUID NOT NULL)""",
    """CREATE TABLE access_share (
            id UUID PRIMARY KEY NOT NULL,
            household UUID NOT NULL,
            code VARCHAR(32) COLLATE C NOT NULL,
            organisation UUID,
            person UUID,
            permissions TEXT NOT NULL,
            plugin VARCHAR(64) COLLATE C NOT NULL,
            record UUID NOT NULL,
            from_at TIMESTAMPTZ NOT NULL,
            until_at TIMESTAMPTZ,
            reads_until TIMESTAMPTZ NOT NULL,
            CONSTRAINT access_share_somebody CHECK ((organisation IS NULL) <> (person IS NULL)))""",
    """CREATE TABLE access_session (
            id VARCHAR(64) COLLATE C PRIMARY KEY NOT NULL,
            holder UUID NOT NULL REFERENCES access_user (id) ON DELETE RESTRICT,
            device VARCHAR(200),
            started_at TIMESTAMPTZ NOT NULL,
            seen_at TIMESTAMPTZ NOT NULL)""",
    """CREATE TABLE access_entry (
            id UUID PRIMARY KEY NOT NULL,
            at TIMESTAMPTZ NOT NULL,
            actor UUID,
            actor_name VARCHAR(100) NOT NULL,
            organisation UUID,
            household UUID,
            object UUID NOT NULL,
            field VARCHAR(100) NOT NULL,
            data_class VARCHAR(2) NOT NULL DEFAULT 'C4',
            purpose VARCHAR(200) NOT NULL,
            city UUID,
            county UUID,
            town UUID,
            village UUID,
            mac VARCHAR(64) NOT NULL,
            seq BIGINT UNIQUE,
            link VARCHAR(64))""",
    """CREATE TABLE registry_area (
            id UUID PRIMARY KEY NOT NULL,
            parent UUID REFERENCES registry_area (id) ON DELETE RESTRICT,
            level VARCHAR(10) NOT NULL,
            name VARCHAR(100) NOT NULL,
            from_on DATE NOT NULL,
            until_on DATE,
            successor UUID,
            CONSTRAINT registry_area_known_level CHECK (level IN ('city', 'county', 'town', 'village')))""",
    """CREATE TABLE registry_area_code (
            id UUID PRIMARY KEY NOT NULL,
            area UUID NOT NULL REFERENCES registry_area (id) ON DELETE RESTRICT,
            scheme VARCHAR(16) COLLATE C NOT NULL,
            code VARCHAR(16) COLLATE C NOT NULL,
            from_on DATE NOT NULL,
            until_on DATE,
            CONSTRAINT registry_area_code_one_meaning_a_day UNIQUE ("scheme", "code", "from_on"))""",
    """CREATE TABLE registry_organisation (
            id UUID PRIMARY KEY NOT NULL,
            credit_code VARCHAR(18) COLLATE C UNIQUE,
            name VARCHAR(100) NOT NULL,
            phone VARCHAR(30),
            address VARCHAR(200),
            city UUID,
            county UUID,
            town UUID,
            village UUID,
            from_on DATE,
            until_on DATE,
            created_at TIMESTAMPTZ NOT NULL,
            created_by UUID)""",
    """CREATE TABLE registry_person (
            id UUID PRIMARY KEY NOT NULL,
            name VARCHAR(100) NOT NULL,
            sex VARCHAR(1),
            birth_on DATE,
            died_on DATE,
            ethnicity VARCHAR(2),
            health VARCHAR(2),
            education VARCHAR(2),
            marital_status VARCHAR(2),
            phone_sealed TEXT,
            note_sealed TEXT,
            created_at TIMESTAMPTZ NOT NULL,
            created_by UUID,
            changed_at TIMESTAMPTZ,
            changed_by UUID,
            version INTEGER NOT NULL DEFAULT 1)""",
    """CREATE TABLE registry_identity (
            id UUID PRIMARY KEY NOT NULL,
            person UUID NOT NULL REFERENCES registry_person (id) ON DELETE RESTRICT,
            kind VARCHAR(32) COLLATE C NOT NULL,
            number_sealed TEXT NOT NULL,
            number_mac VARCHAR(64) COLLATE C NOT NULL,
            masked VARCHAR(32) NOT NULL)""",
    "CREATE INDEX registry_identity_number_mac ON registry_identity (number_mac)",
    """CREATE TABLE registry_household (
            id UUID PRIMARY KEY NOT NULL,
            code VARCHAR(32) COLLATE C NOT NULL UNIQUE,
            collector_number VARCHAR(32) COLLATE C,
            city UUID,
            county UUID NOT NULL,
            town UUID,
            village UUID,
            address VARCHAR(200),
            setting VARCHAR(8),
            cause VARCHAR(16),
            phone_sealed TEXT,
            phone_masked VARCHAR(32),
            note_sealed TEXT,
            head_name VARCHAR(100),
            head_sort VARCHAR(200) COLLATE C NOT NULL,
            size INTEGER NOT NULL DEFAULT 0,
            facts_seq INTEGER NOT NULL DEFAULT 0,
            last_seen_on DATE,
            seen_sort DATE NOT NULL,
            created_at TIMESTAMPTZ NOT NULL,
            created_by UUID,
            changed_at TIMESTAMPTZ,
            changed_by UUID,
            version INTEGER NOT NULL DEFAULT 1,
            CONSTRAINT registry_household_one_number_a_county UNIQUE ("county", "collector_number"))""",
    """CREATE TABLE registry_membership (
            id UUID PRIMARY KEY NOT NULL,
            household UUID NOT NULL REFERENCES registry_household (id) ON DELETE RESTRICT,
            person UUID NOT NULL REFERENCES registry_person (id) ON DELETE RESTRICT,
            relation VARCHAR(2) NOT NULL,
            from_on DATE NOT NULL,
            until_on DATE)""",
    """CREATE TABLE registry_circumstance (
            id UUID PRIMARY KEY NOT NULL,
            person UUID NOT NULL REFERENCES registry_person (id) ON DELETE RESTRICT,
            kind VARCHAR(32) COLLATE C NOT NULL,
            code VARCHAR(16),
            grade VARCHAR(1),
            from_on DATE NOT NULL,
            until_on DATE)""",
    """CREATE TABLE registry_find_key (
            id UUID PRIMARY KEY NOT NULL,
            kind VARCHAR(16) COLLATE C NOT NULL,
            key VARCHAR(100) COLLATE C NOT NULL,
            household UUID NOT NULL REFERENCES registry_household (id) ON DELETE RESTRICT,
            person UUID REFERENCES registry_person (id) ON DELETE RESTRICT,
            city UUID,
            county UUID,
            town UUID,
            village UUID)""",
    """CREATE TABLE registry_counter (
            county UUID PRIMARY KEY NOT NULL,
            last INTEGER NOT NULL DEFAULT 0)""",
    """CREATE TABLE registry_import (
            id UUID PRIMARY KEY NOT NULL,
            file_hash VARCHAR(64) COLLATE C NOT NULL,
            name_sealed TEXT NOT NULL,
            stored VARCHAR(200) NOT NULL,
            county UUID NOT NULL,
            areas TEXT NOT NULL,
            by UUID NOT NULL,
            state VARCHAR(16) NOT NULL DEFAULT 'checked',
            summary TEXT NOT NULL,
            created_at TIMESTAMPTZ NOT NULL,
            changed_at TIMESTAMPTZ,
            changed_by UUID)""",
    """CREATE TABLE activities_activity (
            id UUID PRIMARY KEY NOT NULL,
            household UUID REFERENCES registry_household (id) ON DELETE RESTRICT,
            city UUID,
            county UUID,
            town UUID,
            village UUID,
            need UUID,
            plugin VARCHAR(64) COLLATE C NOT NULL,
            record UUID NOT NULL,
            line INTEGER NOT NULL DEFAULT 0,
            kind VARCHAR(64) COLLATE C NOT NULL,
            organisation UUID REFERENCES registry_organisation (id) ON DELETE RESTRICT,
            start_at TIMESTAMPTZ,
            day DATE NOT NULL,
            minutes INTEGER,
            place_text VARCHAR(100),
            outcome VARCHAR(16) NOT NULL DEFAULT 'done',
            audience VARCHAR(16) NOT NULL DEFAULT 'facts',
            corrects UUID,
            created_at TIMESTAMPTZ NOT NULL,
            created_by UUID,
            CONSTRAINT activities_activity_one_row_a_line UNIQUE ("plugin", "record", "line"),
            CONSTRAINT activities_activity_minutes_are_positive CHECK (minutes IS NULL OR minutes > 0),
            CONSTRAINT activities_activity_known_audience CHECK (audience IN ('facts', 'organisation', 'named')))""",
    """CREATE TABLE activities_worker (
            id UUID PRIMARY KEY NOT NULL,
            activity UUID NOT NULL REFERENCES activities_activity (id) ON DELETE RESTRICT,
            person UUID NOT NULL REFERENCES registry_person (id) ON DELETE RESTRICT,
            name VARCHAR(100) NOT NULL,
            minutes INTEGER)""",
    """CREATE TABLE activities_person (
            id UUID PRIMARY KEY NOT NULL,
            activity UUID NOT NULL REFERENCES activities_activity (id) ON DELETE RESTRICT,
            person UUID NOT NULL REFERENCES registry_person (id) ON DELETE RESTRICT)""",
    """CREATE TABLE needs_need (
            id UUID PRIMARY KEY NOT NULL,
            household UUID NOT NULL REFERENCES registry_household (id) ON DELETE RESTRICT,
            city UUID,
            county UUID,
            town UUID,
            village UUID,
            kind VARCHAR(64) COLLATE C NOT NULL,
            urgency VARCHAR(8) NOT NULL DEFAULT 'normal',
            source VARCHAR(16) NOT NULL,
            words_sealed TEXT NOT NULL,
            due_on DATE NOT NULL,
            state VARCHAR(16) NOT NULL DEFAULT 'open',
            raised_by_name VARCHAR(100) NOT NULL,
            outcome_words_sealed TEXT,
            created_at TIMESTAMPTZ NOT NULL,
            created_by UUID,
            changed_at TIMESTAMPTZ,
            changed_by UUID)""",
    """CREATE TABLE needs_member (
            id UUID PRIMARY KEY NOT NULL,
            need UUID NOT NULL REFERENCES needs_need (id) ON DELETE RESTRICT,
            person UUID NOT NULL REFERENCES registry_person (id) ON DELETE RESTRICT)""",
    """CREATE TABLE needs_referral (
            id UUID PRIMARY KEY NOT NULL,
            need UUID NOT NULL REFERENCES needs_need (id) ON DELETE RESTRICT,
            household UUID NOT NULL REFERENCES registry_household (id) ON DELETE RESTRICT,
            city UUID,
            county UUID,
            town UUID,
            village UUID,
            plugin VARCHAR(64) COLLATE C NOT NULL,
            record UUID NOT NULL,
            organisation UUID REFERENCES registry_organisation (id) ON DELETE RESTRICT,
            provider VARCHAR(100) NOT NULL,
            state VARCHAR(16) NOT NULL DEFAULT 'sent',
            open BOOLEAN NOT NULL DEFAULT TRUE,
            reason VARCHAR(500),
            step INTEGER NOT NULL DEFAULT 0,
            created_at TIMESTAMPTZ NOT NULL,
            created_by UUID,
            changed_at TIMESTAMPTZ,
            changed_by UUID)""",
)

INDEXES = (
    "CREATE INDEX registry_household_city_code ON registry_household (city, code)",
    "CREATE INDEX registry_household_county_code ON registry_household (county, code)",
    "CREATE INDEX registry_household_town_code ON registry_household (town, code)",
    "CREATE INDEX registry_household_village_code ON registry_household (village, code)",
    "CREATE INDEX registry_household_city_head_sort ON registry_household (city, head_sort, id)",
    "CREATE INDEX registry_household_county_head_sort ON registry_household (county, head_sort, id)",
    "CREATE INDEX registry_household_town_head_sort ON registry_household (town, head_sort, id)",
    "CREATE INDEX registry_household_village_head_sort ON registry_household (village, head_sort, id)",
    "CREATE INDEX registry_household_city_seen_sort ON registry_household (city, seen_sort, id)",
    "CREATE INDEX registry_household_county_seen_sort ON registry_household (county, seen_sort, id)",
    "CREATE INDEX registry_household_town_seen_sort ON registry_household (town, seen_sort, id)",
    "CREATE INDEX registry_household_village_seen_sort ON registry_household (village, seen_sort, id)",
    "CREATE INDEX registry_household_city_setting_code ON registry_household (city, setting, code)",
    "CREATE INDEX registry_household_county_setting_code ON registry_household (county, setting, code)",
    "CREATE INDEX registry_household_town_setting_code ON registry_household (town, setting, code)",
    "CREATE INDEX registry_household_city_cause_code ON registry_household (city, cause, code)",
    "CREATE INDEX registry_household_county_cause_code ON registry_household (county, cause, code)",
    "CREATE INDEX registry_household_town_cause_code ON registry_household (town, cause, code)",
    "CREATE INDEX registry_organisation_county_name ON registry_organisation (county, name, id)",
    "CREATE INDEX registry_find_key_city_key ON registry_find_key (city, kind, key)",
    "CREATE INDEX registry_find_key_county_key ON registry_find_key (county, kind, key)",
    "CREATE INDEX registry_find_key_town_key ON registry_find_key (town, kind, key)",
    "CREATE INDEX registry_find_key_village_key ON registry_find_key (village, kind, key)",
    "CREATE INDEX registry_find_key_household ON registry_find_key (household)",
    "CREATE INDEX needs_need_city_state ON needs_need (city, state, due_on, id)",
    "CREATE INDEX needs_need_county_state ON needs_need (county, state, due_on, id)",
    "CREATE INDEX needs_need_town_state ON needs_need (town, state, due_on, id)",
    "CREATE INDEX needs_need_village_state ON needs_need (village, state, due_on, id)",
    "CREATE INDEX needs_need_city_id ON needs_need (city, id)",
    "CREATE INDEX needs_need_county_id ON needs_need (county, id)",
    "CREATE INDEX needs_need_town_id ON needs_need (town, id)",
    "CREATE INDEX needs_need_village_id ON needs_need (village, id)",
    "CREATE INDEX journal_entry_city_at ON journal_entry (city, at, id)",
    "CREATE INDEX journal_entry_county_at ON journal_entry (county, at, id)",
    "CREATE INDEX journal_entry_town_at ON journal_entry (town, at, id)",
    "CREATE INDEX journal_entry_village_at ON journal_entry (village, at, id)",
    "CREATE INDEX access_entry_city_at ON access_entry (city, at, id)",
    "CREATE INDEX access_entry_county_at ON access_entry (county, at, id)",
    "CREATE INDEX access_entry_town_at ON access_entry (town, at, id)",
    "CREATE INDEX access_entry_village_at ON access_entry (village, at, id)",
    "CREATE INDEX journal_entry_at ON journal_entry (at, id)",
    "CREATE INDEX journal_entry_household ON journal_entry (household, at, id)",
    "CREATE INDEX journal_entry_actor ON journal_entry (actor, at, id)",
    "CREATE INDEX journal_entry_object ON journal_entry (object, at, id)",
    "CREATE INDEX journal_entry_unsealed ON journal_entry (id) WHERE seq IS NULL",
    "CREATE INDEX access_entry_unsealed ON access_entry (id) WHERE seq IS NULL",
    "CREATE INDEX access_entry_household ON access_entry (household, at, id)",
    "CREATE INDEX workflow_step_object ON workflow_step (machine, object, at, id)",
    "CREATE INDEX journal_delivery_due ON journal_delivery (subscriber, state, next_at)",
    "CREATE INDEX journal_operation_at ON journal_operation (at)",
    "CREATE INDEX journal_checkpoint_chain ON journal_checkpoint (chain, seq)",
    "CREATE INDEX access_grant_holder ON access_grant (holder)",
    "CREATE INDEX access_mandate_organisation ON access_mandate (organisation, until_on)",
    "CREATE INDEX access_share_organisation ON access_share (organisation, code, id)",
    "CREATE INDEX access_share_person ON access_share (person, code, id)",
    "CREATE INDEX access_share_household ON access_share (household)",
    "CREATE INDEX access_share_record ON access_share (plugin, record)",
    "CREATE INDEX access_session_holder ON access_session (holder)",
    "CREATE INDEX registry_area_parent ON registry_area (parent)",
    "CREATE INDEX registry_area_code_area ON registry_area_code (area)",
    "CREATE INDEX registry_identity_person ON registry_identity (person)",
    "CREATE INDEX registry_membership_household ON registry_membership (household)",
    "CREATE INDEX registry_membership_person ON registry_membership (person)",
    "CREATE INDEX registry_circumstance_person ON registry_circumstance (person)",
    "CREATE INDEX registry_import_hash ON registry_import (file_hash)",
    "CREATE INDEX activities_activity_household ON activities_activity (household, day, id)",
    "CREATE INDEX activities_activity_need ON activities_activity (need)",
    "CREATE INDEX activities_activity_organisation ON activities_activity (organisation, day, id)",
    "CREATE INDEX activities_worker_activity ON activities_worker (activity)",
    "CREATE INDEX activities_worker_person ON activities_worker (person)",
    "CREATE INDEX activities_person_activity ON activities_person (activity)",
    "CREATE INDEX activities_person_person ON activities_person (person)",
    "CREATE INDEX needs_need_household ON needs_need (household)",
    "CREATE INDEX needs_member_need ON needs_member (need)",
    "CREATE INDEX needs_member_person ON needs_member (person)",
    "CREATE INDEX needs_referral_household ON needs_referral (household)",
    "CREATE INDEX needs_referral_record ON needs_referral (plugin, record)",
    "CREATE INDEX needs_referral_need ON needs_referral (need)",
    "CREATE UNIQUE INDEX registry_membership_one_head ON registry_membership (household) WHERE relation = '02' AND until_on IS NULL",
    "CREATE UNIQUE INDEX needs_referral_one_open ON needs_referral (need) WHERE open",
)

_SEALED = "id, at, actor, actor_name, action, object, household, city, county, town, village, organisation, fields, digest, mac"
_LOOKED = "id, at, actor, actor_name, organisation, household, object, field, data_class, purpose, city, county, town, village, mac"

APPEND_ONLY_SQLITE = tuple(
    statement
    for table, columns in (
        ("journal_entry", _SEALED),
        ("access_entry", _LOOKED),
        ("activities_activity", None),
        ("workflow_step", None),
    )
    for statement in (
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE {'OF ' + columns if columns else ''} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
        *(
            [
                f"CREATE TRIGGER {table}_sealed_once BEFORE UPDATE ON {table} WHEN OLD.seq IS NOT NULL "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            ]
            if columns
            else []
        ),
    )
)

APPEND_ONLY_POSTGRES = (
    """CREATE FUNCTION nuanliu_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$""",
    *(
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION nuanliu_append_only()"
        for table in ("journal_entry", "access_entry", "activities_activity", "workflow_step")
    ),
    *(
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION nuanliu_append_only()"
        for table in ("activities_activity", "workflow_step")
    ),
    *(
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE OF {columns} ON {table} FOR EACH ROW "
        f"EXECUTE FUNCTION nuanliu_append_only()"
        for table, columns in (("journal_entry", _SEALED), ("access_entry", _LOOKED))
    ),
    *(
        f"CREATE TRIGGER {table}_sealed_once BEFORE UPDATE ON {table} FOR EACH ROW WHEN (OLD.seq IS NOT NULL) "
        f"EXECUTE FUNCTION nuanliu_append_only()"
        for table in ("journal_entry", "access_entry")
    ),
)
