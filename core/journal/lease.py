"""Who does what one process does at a time, and how one that lost it writes nothing.

The lease has an end, so a killed holder is followed by another. It also has a fence, a number that
rises at each take-over: whoever writes under the lease confirms it in the same transaction, so a
holder that slept through the end of its lease is rolled back, however wrong its clock.
"""

import asyncio
import uuid
from datetime import datetime, timedelta
from typing import Any

from core.database import aware, engine, fetch

LEASE = 10.0  # seconds
PROCESS = uuid.uuid4().hex


class LeaseLost(RuntimeError):
    """Another process has taken over; what was about to be written is rolled back."""


class Leader:
    """One candidate for a task.

    :param task: name of the lease.
    :param holder: who this candidate is; those of the same name share the lease.
    :param seconds: how long the lease lasts without renewal.
    """

    def __init__(self, task: str, *, holder: str | None = None, seconds: float = LEASE) -> None:
        self.task, self.holder = task, holder or uuid.uuid4().hex
        self.length = timedelta(seconds=seconds)
        self.fence: int | None = None
        self._turn = asyncio.Lock()

    async def hold(self, now: datetime) -> bool:
        """Take the lease if it is free, renew it if it is ours and a third has passed; say whether we hold it."""
        now = aware(now)
        async with self._turn:
            holder, until, fence = await self._read()
            if holder == self.holder and self.fence in (None, fence):
                self.fence = fence
                fresh = self.length * 2 / 3 < until - now < self.length * 2
                return fresh or await self._renew(now)
            self.fence = None
            # An end further off than any lease lasts was written by a clock that has since been set back.
            if holder is not None and now < until < now + self.length * 2:
                return False
            return await self._take(now, fence)

    async def confirm(self) -> None:
        """Make sure, in the transaction that writes, that nobody takes over before it ends.

        :raises LeaseLost: somebody has.
        """
        if not engine().transaction_exists():
            raise RuntimeError("confirm a lease in the transaction that writes under it")
        # On PostgreSQL the row is held, so a take-over waits for our commit; SQLite has one writer anyway.
        held = " FOR SHARE" if engine().engine_type == "postgres" else ""
        ours = f"SELECT 1 FROM journal_lease WHERE name = ? AND holder = ? AND fence = ?{held}"
        if self.fence is None or not await fetch(ours, (self.task, self.holder, self.fence)):
            raise LeaseLost(f"the lease of {self.task} is with another process")

    async def release(self) -> None:
        """Let another take over at once."""
        await fetch(
            "UPDATE journal_lease SET holder = NULL, until = NULL WHERE name = ? AND holder = ? AND fence = ?",
            (self.task, self.holder, self.fence),
        )
        self.fence = None

    async def _read(self) -> Any:
        rows = await fetch("SELECT holder, until, fence FROM journal_lease WHERE name = ?", (self.task,))
        if not rows:
            first = "INSERT INTO journal_lease (name, fence) VALUES (?, 0) ON CONFLICT DO NOTHING"
            await fetch(first, (self.task,))
        return rows[0] if rows else (None, None, 0)

    async def _renew(self, now: datetime) -> bool:
        renewed = await fetch(
            "UPDATE journal_lease SET until = ? WHERE name = ? AND holder = ? AND fence = ? RETURNING fence",
            (now + self.length, self.task, self.holder, self.fence),
        )
        if not renewed:
            self.fence = None
        return bool(renewed)

    async def _take(self, now: datetime, seen: int) -> bool:
        taken = await fetch(
            "UPDATE journal_lease SET holder = ?, until = ?, fence = fence + 1"
            " WHERE name = ? AND fence = ? AND (holder IS NULL OR until <= ? OR until >= ?) RETURNING fence",
            (self.holder, now + self.length, self.task, seen, now, now + self.length * 2),
        )
        self.fence = taken[0]["fence"] if taken else None
        return bool(taken)
