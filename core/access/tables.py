"""Who may see and do what: users, grants, shares, mandates, sessions, and who looked at what."""

from piccolo.columns import UUID, BigInt, Boolean, Date, ForeignKey, OnDelete, Text, Varchar
from piccolo.constraints import Check
from piccolo.table import Table

from core.database import DataClass, HouseholdRef, Id, Instant, Key, OrganisationRef, PersonRef, ScopedTable


class User(Table, tablename="access_user"):
    """An account (账号) of one person, perhaps for one organisation."""

    id = Id()
    person = PersonRef(null=True)
    organisation = OrganisationRef(null=True)
    name = Varchar(length=100, default=None)
    login = Key(length=64, unique=True)
    password_hash = Varchar(length=200, default=None, null=True)
    state = Varchar(length=16, default="active", help_text="active | disabled")
    demo = Boolean(default=False)
    language = Varchar(length=10, default=None, null=True)
    created_at = Instant()


class Grant(Table, tablename="access_grant"):
    """A role over an area, an organisation, both or everything, for a time (授权)."""

    id = Id()
    holder = ForeignKey(User, on_delete=OnDelete.restrict, null=False, default=None)
    role = Key(length=32)
    area = UUID(default=None, null=True, help_text="area id")
    level = Varchar(length=10, default=None, null=True, help_text="city | county | town | village")
    organisation = OrganisationRef(null=True)
    grantable = Text(default="", help_text="roles that the holder may give further, between spaces")
    from_on = Date(default=None)
    until_on = Date(default=None, null=True, help_text="first day on which it holds no more")
    given_by = UUID(default=None, null=True, help_text="user id; NULL at installation")
    label = Varchar(
        length=200, default=None, null=True, help_text="name of the area or organisation when the grant was given"
    )

    nobody_grants_to_himself = Check("given_by <> holder")
    an_area_has_a_level = Check("(area IS NULL) = (level IS NULL)")


class Mandate(Table, tablename="access_mandate"):
    """Why an organisation may act at all: agreement, contract or licence (协议、合同、许可)."""

    id = Id()
    organisation = OrganisationRef()
    from_on = Date(default=None)
    until_on = Date(default=None, null=True, help_text="first day on which it holds no more")
    plugin = Key(length=64)
    record = UUID(default=None)


class Share(Table, tablename="access_share"):
    """One household made visible to an organisation or a person; written only by `access.share`.

    `code` is the household's own, so that a list of what is shared is walked in index order.
    """

    id = Id()
    household = HouseholdRef()
    code = Key(length=32)
    organisation = OrganisationRef(null=True)
    person = PersonRef(null=True)
    permissions = Text(default=None, help_text="codes between spaces: ' a.b c.d '")
    plugin = Key(length=64)
    record = UUID(default=None)
    from_at = Instant()
    until_at = Instant(null=True, help_text="NULL while it lasts")
    reads_until = Instant(help_text="end of reading: until_at and the grace; far future while it lasts")

    somebody = Check("(organisation IS NULL) <> (person IS NULL)")


class Session(Table, tablename="access_session"):
    """A sign-in that lasts; found by the SHA-256 of a random cookie."""

    id = Key(length=64, primary_key=True)
    holder = ForeignKey(User, on_delete=OnDelete.restrict, null=False, default=None)
    device = Varchar(length=200, default=None, null=True)
    started_at = Instant()
    seen_at = Instant()


class AccessEntry(ScopedTable, tablename="access_entry"):
    """Somebody read a sensitive field (谁看过); sealed into a chain of its own."""

    id = Id()
    at = Instant()
    actor = UUID(default=None, null=True)
    actor_name = Varchar(length=100, default=None)
    organisation = UUID(default=None, null=True, help_text="the body the reader acted for")
    household = HouseholdRef(null=True, data_class=DataClass.C3)
    object = UUID(default=None)
    field = Varchar(length=100, default=None)
    data_class = Varchar(length=2, default=DataClass.C4.value)
    purpose = Varchar(length=200, default=None)
    city = UUID(default=None, null=True)
    county = UUID(default=None, null=True)
    town = UUID(default=None, null=True)
    village = UUID(default=None, null=True)
    mac = Varchar(length=64, default=None)
    seq = BigInt(default=None, null=True, unique=True)
    link = Varchar(length=64, default=None, null=True)
