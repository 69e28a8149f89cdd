"""The journal: what was done, by whom, to what; audit trail and outbox in one append-only table."""

from piccolo.columns import JSON, UUID, BigInt, Integer, Text, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table

from core.database import HouseholdRef, Id, Instant, Key, ScopedTable


class JournalEntry(ScopedTable, tablename="journal_entry"):
    """One act. Written unsealed in the verb's transaction; the sealer alone adds `seq` and `link`.

    Names of fields and a keyed, salted digest of their values, never the values: erasing data does
    not break the chain, and without the secret no telephone number is found by trying them all.
    """

    id = Id()
    at = Instant()
    actor = UUID(default=None, null=True, help_text="user id; NULL is the house itself")
    actor_name = Varchar(length=100, default=None)
    action = Key(length=64)
    object = UUID(default=None)
    household = HouseholdRef(null=True)
    city = UUID(default=None, null=True)
    county = UUID(default=None, null=True)
    town = UUID(default=None, null=True)
    village = UUID(default=None, null=True)
    organisation = UUID(default=None, null=True, help_text="the body the actor acted for")
    fields = Text(default="[]", help_text="JSON list of names")
    digest = Varchar(length=100, default=None, null=True, help_text="salt:keyed digest of the values")
    mac = Varchar(length=64, default=None)
    seq = BigInt(default=None, null=True, unique=True)
    link = Varchar(length=64, default=None, null=True)


class Checkpoint(Table, tablename="journal_checkpoint"):
    """How far the chain had come at a moment; the same line stands in a second place."""

    id = Id()
    chain = Varchar(length=32, default=None)
    seq = BigInt(default=None)
    root = Varchar(length=64, default=None)
    at = Instant()
    signature = Varchar(length=64, default=None)


class Lease(Table, tablename="journal_lease"):
    """Who does a task that one process does at a time; `fence` rises at each take-over."""

    name = Key(primary_key=True)
    holder = Varchar(length=64, default=None, null=True)
    until = Instant(null=True)
    fence = BigInt(default=0)


class Cursor(Table, tablename="journal_cursor"):
    """How far a subscriber has been told."""

    subscriber = Key(primary_key=True)
    seq = BigInt(default=0)


class Delivery(Table, tablename="journal_delivery"):
    """A delivery that failed, waits behind one, or is not due yet; delivered ones leave no row."""

    id = Id()
    subscriber = Key()
    seq = BigInt(default=None)
    object = UUID(default=None)
    attempts = Integer(default=0)
    next_at = Instant()
    state = Varchar(length=16, default="waiting", help_text="waiting | set_aside")
    error = Text(default=None, null=True)

    one_row_an_entry = Unique(["subscriber", "object", "seq"])


class Operation(Table, tablename="journal_operation"):
    """One POST, told apart by the id its form carried: the same id gives the same answer."""

    op_id = UUID(primary_key=True, default=None)
    actor = UUID(default=None, null=True)
    route = Varchar(length=200, default=None)
    request_hash = Varchar(length=64, default=None)
    status = Integer(default=None, null=True)
    answer = JSON(default=None, null=True)
    at = Instant()
