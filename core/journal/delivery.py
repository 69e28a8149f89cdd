"""Tell subscribers what was done: by sequence, in order per object, again until it succeeds.

A subscriber is a plugin or an area with `provide_reactions`. Its cursor says up to where it was
told; what failed, what waits behind a failure and what is not due yet stands in `journal_delivery`,
and the cursor goes on. Crashing between an act and its reaction loses nothing: the cursor moves
after the reaction. A reaction may therefore be called twice; it looks for itself.
"""

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from core.database import aware, engine, fetch, new_id, transaction
from core.declarations import Event, Reaction
from core.errors import NotYours
from core.plugins import host

from .chains import JOURNAL
from .checkpoints import head
from .lease import PROCESS, Leader, LeaseLost

log = logging.getLogger(__name__)
TRIES = 10
PATIENCE = 10.0  # seconds for one reaction
LONGEST_PAUSE = 300  # seconds between two tries
WINDOW = 2_000  # entries looked through at once
SAVED_EVERY = 20  # deliveries; as many may come again after a crash
HOUSE = "*"  # the cursor that says that subscribers have been enrolled before


async def deliver_once(
    now: datetime,
    *,
    reactions: Mapping[str, Mapping[str, Reaction]] | None = None,
    not_before: Mapping[str, float] | None = None,
    leader: Leader | None = None,
    patience: float = PATIENCE,
) -> int:
    """Deliver what is sealed and due to every subscriber; nothing if another process holds the lease.

    In a new house a subscriber hears everything from the beginning; one that is enabled later hears
    what happens from then on, and one that was disabled for a time hears what it missed.

    :param now: aware UTC.
    :param reactions: subscriber → action → reaction; None asks the plugin host.
    :param not_before: action → seconds after the act before which nobody is told.
    :param patience: seconds that one reaction may take.
    :returns: how many reactions succeeded.
    """
    if engine().transaction_exists():
        raise RuntimeError("reactions run in no transaction")
    told: Mapping[str, Mapping[str, Reaction]] = host().declare("provide_reactions") if reactions is None else reactions
    leader = leader or Leader("journal", holder=PROCESS)
    if not await leader.hold(now):
        return 0
    await _enrol(told, leader)
    subscribers = [Subscriber(name, table, not_before or {}, leader, patience) for name, table in told.items() if table]
    counts = await asyncio.gather(*(one.deliver(aware(now)) for one in subscribers), return_exceptions=True)
    for one, count in zip(subscribers, counts, strict=True):
        if isinstance(count, LeaseLost):
            log.warning("delivery to %s stops: %s", one.name, count)
        elif isinstance(count, BaseException):
            log.error("delivery to %s failed", one.name, exc_info=count)
    return sum(count for count in counts if isinstance(count, int))


async def retry(delivery_id: UUID, *, now: datetime) -> None:
    """Deliver again what was set aside, or at once what waits; it has ten tries again.

    :raises NotYours: no such delivery.
    """
    found = await fetch(
        "UPDATE journal_delivery SET state = 'waiting', attempts = 0, next_at = ? WHERE id = ? RETURNING seq",
        (aware(now), delivery_id),
    )
    if not found:
        raise NotYours


async def _enrol(told: Mapping[str, Any], leader: Leader) -> None:
    known = {row["subscriber"] for row in await fetch("SELECT subscriber FROM journal_cursor")}
    missing = {HOUSE, *told} - known
    if not missing:
        return
    start = (await head(JOURNAL))[0] if HOUSE in known else 0
    async with transaction():
        await leader.confirm()
        for name in sorted(missing):
            await fetch(
                "INSERT INTO journal_cursor (subscriber, seq) VALUES (?, ?) ON CONFLICT DO NOTHING", (name, start)
            )


class Subscriber:
    """One plugin or area that is told."""

    def __init__(
        self,
        name: str,
        reactions: Mapping[str, Reaction],
        not_before: Mapping[str, float],
        leader: Leader,
        patience: float,
    ) -> None:
        self.name, self._reactions, self._not_before = name, reactions, not_before
        self._leader, self._patience = leader, patience

    async def deliver(self, now: datetime) -> int:
        """Deliver first what waits, then what is new."""
        return await self._deliver_waiting(now) + await self._deliver_new(now)

    async def _deliver_new(self, now: datetime) -> int:
        (row,) = await fetch("SELECT seq FROM journal_cursor WHERE subscriber = ?", (self.name,))
        saved = cursor = row["seq"]
        (end, _), done = await head(JOURNAL), 0
        waiting = "SELECT DISTINCT object FROM journal_delivery WHERE subscriber = ? AND state = 'waiting'"
        behind = {row["object"] for row in await fetch(waiting, (self.name,))} if cursor < end else set()
        while cursor < end:
            until = min(cursor + WINDOW, end)
            entries = await self._entries(cursor, until)
            for entry in entries:
                due = max(now, entry["at"] + timedelta(seconds=self._not_before.get(entry["action"], 0)))
                if entry["object"] in behind or due > now:
                    behind.add(entry["object"])
                    await self._set_waiting(entry, due)
                elif error := await self._tell(entry):
                    behind.add(entry["object"])
                    await self._set_waiting(entry, now + _pause(1), attempts=1, error=error)
                else:
                    done += 1
                    if done % SAVED_EVERY == 0:
                        await self._save(entry["seq"])
            if entries or until - saved >= WINDOW:
                await self._save(until)
                saved = until
            cursor = until
        return done

    async def _entries(self, after: int, until: int) -> list[Any]:
        blanks = ", ".join("?" * len(self._reactions))
        return await fetch(
            "SELECT seq, at, action, object, household FROM journal_entry"
            f" WHERE seq > ? AND seq <= ? AND action IN ({blanks}) ORDER BY seq",
            (after, until, *self._reactions),
        )

    async def _deliver_waiting(self, now: datetime) -> int:
        done = 0
        while rows := await self._due(now):
            for row in rows:
                error = await self._tell(row) if row["action"] in self._reactions else ""
                attempts = row["attempts"] + 1
                async with transaction():
                    await self._leader.confirm()
                    if error:
                        state = "set_aside" if attempts >= TRIES else "waiting"
                        await fetch(
                            "UPDATE journal_delivery SET attempts = ?, next_at = ?, state = ?, error = ? WHERE id = ?",
                            (attempts, now + _pause(attempts), state, error, row["id"]),
                        )
                    else:
                        await fetch("DELETE FROM journal_delivery WHERE id = ?", (row["id"],))
                        done += 1
                if error and attempts >= TRIES:
                    log.error("%s of entry %d to %s set aside", row["action"], row["seq"], self.name)
        return done

    async def _due(self, now: datetime) -> list[Any]:
        """Return the first waiting delivery of each object whose time has come."""
        return await fetch(
            "SELECT d.id, d.seq, d.attempts, e.action, e.object, e.household FROM journal_delivery AS d"
            " JOIN journal_entry AS e ON e.seq = d.seq"
            " WHERE d.subscriber = ? AND d.state = 'waiting' AND d.next_at <= ? AND NOT EXISTS ("
            "SELECT 1 FROM journal_delivery AS f WHERE f.subscriber = d.subscriber AND f.object = d.object"
            " AND f.state = 'waiting' AND f.seq < d.seq) ORDER BY d.seq LIMIT 100",
            (self.name, now),
        )

    async def _tell(self, row: Any) -> str | None:
        """Call the reaction; return what went wrong, or None."""
        event = Event(row["seq"], row["action"], row["object"], row["household"])
        try:
            async with asyncio.timeout(self._patience):
                await self._reactions[event.action](event)
        except Exception as error:
            late = isinstance(error, TimeoutError) and not str(error)
            words = f"no end within {self._patience:g} s" if late else str(error)
            log.warning("%s did not take %s of entry %d", self.name, event.action, event.seq, exc_info=error)
            return f"{type(error).__name__}: {words}"[:500]
        return None

    async def _set_waiting(self, entry: Any, due: datetime, *, attempts: int = 0, error: str | None = None) -> None:
        """Put an entry beside the way and go on behind it."""
        async with transaction():
            await self._leader.confirm()
            await fetch(
                "INSERT INTO journal_delivery (id, subscriber, seq, object, attempts, next_at, state, error)"
                " VALUES (?, ?, ?, ?, ?, ?, 'waiting', ?) ON CONFLICT DO NOTHING",
                (new_id(), self.name, entry["seq"], entry["object"], attempts, due, error),
            )
            await self._move(entry["seq"])

    async def _save(self, seq: int) -> None:
        async with transaction():
            await self._leader.confirm()
            await self._move(seq)

    async def _move(self, seq: int) -> None:
        await fetch("UPDATE journal_cursor SET seq = ? WHERE subscriber = ? AND seq < ?", (seq, self.name, seq))


def _pause(attempts: int) -> timedelta:
    return timedelta(seconds=min(2 ** (attempts - 1), LONGEST_PAUSE))
