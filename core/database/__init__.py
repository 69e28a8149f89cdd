"""The database as the house sees it: one engine, short transactions, promises kept by constraints."""

from .columns import (
    DataClass,
    HouseholdRef,
    Id,
    Instant,
    Key,
    OrganisationRef,
    PersonRef,
    Reference,
    aware,
    new_id,
)
from .connect import Engine, engine, fetch, open_database, transaction
from .ddl import careless, create_table
from .locks import LockOrder, Rank, lock, note_rank
from .migrations import MigrationError, Run, migrate, missing_steps, steps
from .one_task import TransactionMisused
from .overlaps import Overlap, no_overlap, refuse_overlap
from .places import claim, give_back
from .prepared import Blank, Prepared
from .scoped import LEVELS, ScopedTable, Unscoped, unscoped
from .sqlite import aside

__all__ = [
    "LEVELS",
    "Blank",
    "DataClass",
    "Engine",
    "HouseholdRef",
    "Id",
    "Instant",
    "Key",
    "LockOrder",
    "MigrationError",
    "OrganisationRef",
    "Overlap",
    "PersonRef",
    "Prepared",
    "Rank",
    "Reference",
    "Run",
    "ScopedTable",
    "TransactionMisused",
    "Unscoped",
    "aside",
    "aware",
    "careless",
    "claim",
    "create_table",
    "engine",
    "fetch",
    "give_back",
    "lock",
    "migrate",
    "missing_steps",
    "new_id",
    "no_overlap",
    "note_rank",
    "open_database",
    "refuse_overlap",
    "steps",
    "transaction",
    "unscoped",
]
