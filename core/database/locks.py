"""One lock order for the whole house, so that two acts on one need never wait for each other.

household → application → need → referral → a plugin's root row → counters → booking owners.
A table says its rank once; taking a lower rank after a higher one is a defect that shows as a
deadlock on a bad day, so it raises in tests (`strict`) and is logged in a running house.
"""

import logging
from collections.abc import Iterable
from enum import IntEnum
from typing import Any
from uuid import UUID

from piccolo.table import Table

from .connect import engine, fetch

log = logging.getLogger(__name__)
strict = False


class Rank(IntEnum):
    """Where a table's rows stand in the order of locking."""

    HOUSEHOLD = 1
    APPLICATION = 2
    NEED = 3
    REFERRAL = 4
    PLUGIN = 5
    COUNTER = 6
    BOOKING = 7


class LockOrder(RuntimeError):
    """A lock of a lower rank was asked for after one of a higher rank."""


async def lock(table: type[Table], ids: UUID | Iterable[UUID], *, rank: Rank, share: bool = False) -> set[UUID]:
    """Lock rows until the transaction ends; several are taken in the order of their ids.

    :param share: others may read and share, nobody may change (for reading a place).
    :returns: the ids that exist.
    :raises LockOrder: in tests, when a higher rank was taken before in this transaction.
    """
    db = engine()
    current: Any = db.current_transaction.get()
    if current is None:
        raise RuntimeError("a lock lives in a transaction; open one first")
    note_rank(rank, f"{table._meta.tablename}")
    wanted = sorted({ids} if isinstance(ids, UUID) else set(ids))
    found: set[UUID] = set()
    how = "" if db.engine_type == "sqlite" else " FOR SHARE" if share else " FOR NO KEY UPDATE"
    for id_ in wanted:
        rows = await fetch(f"SELECT id FROM {table._meta.tablename} WHERE id = ?{how}", (id_,))
        found |= {id_ for _ in rows}
    return found


def note_rank(rank: Rank, what: str) -> None:
    """Remember that this transaction holds a lock of this rank; refuse a step back."""
    current: Any = engine().current_transaction.get()
    if current is None:
        return
    held: Rank | None = getattr(current, "rank_held", None)
    if held is not None and rank < held:
        message = f"{what} ({rank.name}) is locked after {held.name}"
        if strict:
            raise LockOrder(message)
        log.error("lock order: %s", message)
    current.rank_held = max(rank, held or rank)
