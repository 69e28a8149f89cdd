"""Areas, people, organisations and households: who is known."""

from datetime import date
from typing import Any

from piccolo.columns import UUID, Date, ForeignKey, Integer, OnDelete, Text, Varchar
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from core.database import DataClass, HouseholdRef, Id, Instant, Key, PersonRef, ScopedTable

NEVER = date(1, 1, 1)


class Area(Table, tablename="registry_area"):
    """A node of the tree of places (行政区划): own id, so that the yearly change of codes moves no rows."""

    id = Id()
    parent: Any = ForeignKey("self", on_delete=OnDelete.restrict, null=True, default=None)
    level = Varchar(length=10, default=None, help_text="city | county | town | village")
    name = Varchar(length=100, default=None)
    from_on = Date(default=None)
    until_on = Date(default=None, null=True)
    successor = UUID(default=None, null=True, help_text="area id")

    known_level = Check("level IN ('city', 'county', 'town', 'village')")


class AreaCode(Table, tablename="registry_area_code"):
    """A code that an area had for a time; a zone without a national one has a `local` one (docs/scheme.md, A-27)."""

    id = Id()
    area = ForeignKey(Area, on_delete=OnDelete.restrict, null=False, default=None)
    scheme = Key(length=16, help_text="national | local")
    code = Key(length=16)
    from_on = Date(default=None)
    until_on = Date(default=None, null=True)

    one_meaning_a_day = Unique(["scheme", "code", "from_on"])


class Organisation(Table, tablename="registry_organisation"):
    """A body (机构): one row whatever it is to whom. Who exists is public; what a body does is scoped."""

    id = Id()
    credit_code = Key(length=18, null=True, unique=True, help_text="GB 32100-2015")
    name = Varchar(length=100, default=None)
    phone = Varchar(length=30, default=None, null=True)
    address = Varchar(length=200, default=None, null=True)
    city = UUID(default=None, null=True)
    county = UUID(default=None, null=True)
    town = UUID(default=None, null=True)
    village = UUID(default=None, null=True)
    from_on = Date(default=None, null=True)
    until_on = Date(default=None, null=True)
    created_at = Instant()
    created_by = UUID(default=None, null=True)


class Person(Table, tablename="registry_person"):
    """A human (人员), once, whatever they are to whom."""

    id = Id()
    name = Varchar(length=100, default=None)
    sex = Varchar(length=1, default=None, null=True, help_text="GB/T 2261.1")
    birth_on = Date(default=None, null=True)
    died_on = Date(default=None, null=True)
    ethnicity = Varchar(length=2, default=None, null=True, help_text="GB/T 3304")
    health = Varchar(length=2, default=None, null=True, help_text="GB/T 2261.3")
    education = Varchar(length=2, default=None, null=True, help_text="GB/T 4658")
    marital_status = Varchar(length=2, default=None, null=True, help_text="GB/T 2261.2")
    phone_sealed = Text(default=None, null=True)
    note_sealed = Text(default=None, null=True)
    created_at = Instant()
    created_by = UUID(default=None, null=True)
    changed_at = Instant(null=True)
    changed_by = UUID(default=None, null=True)
    version = Integer(default=1)


class Identity(Table, tablename="registry_identity"):
    """A person's document number (证件), sealed; found by its blind digest, which is not unique:
    real duplicates exist, and uniqueness would tell a stranger that somebody is known.
    """

    id = Id()
    person = PersonRef(data_class=DataClass.C4)
    kind = Key(length=32)
    number_sealed = Text(default=None)
    number_mac = Key(length=64, index=True)
    masked = Varchar(length=32, default=None)


class Household(ScopedTable, tablename="registry_household"):
    """A household (家庭): the subject of everything."""

    household_key = "id"

    id = Id()
    code = Key(length=32, unique=True, help_text="the platform's own number")
    collector_number = Key(length=32, null=True, help_text="家庭编号 of whoever collected it, unique in a county")
    city = UUID(default=None, null=True)
    county = UUID(default=None, null=False)
    town = UUID(default=None, null=True)
    village = UUID(default=None, null=True)
    address = Varchar(length=200, default=None, null=True)
    setting = Varchar(length=8, default=None, null=True, help_text="urban | rural")
    cause = Varchar(length=16, default=None, null=True, help_text="cause of poverty (致贫原因)")
    phone_sealed = Text(default=None, null=True)
    phone_masked = Varchar(length=32, default=None, null=True)
    note_sealed = Text(default=None, null=True)
    head_name = Varchar(length=100, default=None, null=True, help_text="kept by the registry's verbs")
    head_sort = Key(length=200, default="", help_text="pinyin of head_name")
    size = Integer(default=0, help_text="people; kept by the registry's verbs")
    facts_seq = Integer(default=0, help_text="raised by each fact of a member")
    last_seen_on = Date(default=None, null=True, help_text="kept by the ledger of activities")
    seen_sort = Date(default=NEVER, help_text="last_seen_on, or NEVER: NULL sorts differently on the two databases")
    created_at = Instant()
    created_by = UUID(default=None, null=True)
    changed_at = Instant(null=True)
    changed_by = UUID(default=None, null=True)
    version = Integer(default=1)

    one_number_a_county = Unique(["county", "collector_number"])


class Membership(Table, tablename="registry_membership"):
    """A person's place in a household (成员), with the relation to its head."""

    id = Id()
    household = HouseholdRef()
    person = PersonRef()
    relation = Varchar(length=2, default=None, help_text="GB/T 4761; 02 is the head")
    from_on = Date(default=None)
    until_on = Date(default=None, null=True)


class Circumstance(Table, tablename="registry_circumstance"):
    """What makes somebody's life hard (困难情形): a disability, an illness."""

    id = Id()
    person = PersonRef(data_class=DataClass.C4)
    kind = Key(length=32, help_text="disability")
    code = Varchar(length=16, default=None, null=True, help_text="category, GB/T 26341")
    grade = Varchar(length=1, default=None, null=True)
    from_on = Date(default=None)
    until_on = Date(default=None, null=True)


class FindKey(ScopedTable, tablename="registry_find_key"):
    """A word by which a household is found: names of members and their pinyin, from the start of the word."""

    id = Id()
    kind = Key(length=16, help_text="name | pinyin | initials | number")
    key = Key(length=100)
    household = HouseholdRef(open_when="TRUE")
    person = PersonRef(null=True)
    city = UUID(default=None, null=True)
    county = UUID(default=None, null=True)
    town = UUID(default=None, null=True)
    village = UUID(default=None, null=True)


class Counter(Table, tablename="registry_counter"):
    """How many households of a county have a number of the platform."""

    county = UUID(primary_key=True, default=None)
    last = Integer(default=0)


class ImportBatch(Table, tablename="registry_import"):
    """A workbook that was handed in: previewed, then applied once or left."""

    id = Id()
    file_hash = Key(length=64)
    name_sealed = Text(default=None, help_text="name of the workbook: files are named after people")
    stored = Varchar(length=200, default=None, help_text="name of the file in the folder of uploads")
    county = UUID(default=None)
    areas = Text(default=None, help_text="ids of the areas that the maker's grants covered, with a space between")
    by = UUID(default=None)
    state = Varchar(length=16, default="checked", help_text="checked | applied | left")
    summary = Text(default=None)
    created_at = Instant()
    changed_at = Instant(null=True)
    changed_by = UUID(default=None, null=True)
