"""Reads of the journal's own tables."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from core.database import fetch

MOST = 200


@dataclass(frozen=True)
class Trouble:
    """A delivery that did not succeed.

    :param subscriber: the plugin or area that was told.
    :param attempts: how often it was tried since it was last begun anew.
    :param next_at: aware UTC; when it is tried again, while it waits.
    :param behind: how many later deliveries about the same object wait for this one.
    """

    id: UUID
    subscriber: str
    seq: int
    action: str
    object: UUID
    household: UUID | None
    at: datetime
    attempts: int
    next_at: datetime
    state: Literal["waiting", "set_aside"]
    error: str | None
    behind: int


async def deliveries_in_trouble() -> list[Trouble]:
    """Return the deliveries that failed, those set aside first, at most 200; for administrators."""
    return await _trouble("d.state = 'set_aside' OR d.attempts > 0")


async def set_aside() -> list[Trouble]:
    """Return the deliveries that are not tried any more, at most 200; for administrators."""
    return await _trouble("d.state = 'set_aside'")


async def acts_on(object_id: UUID, *, limit: int = 100) -> list[dict[str, Any]]:
    """Return what was done to one thing and by whom, first to last: at, action, actor_name.

    Where there is more than `limit`, the latest. The caller has seen the thing in the actor's scope.
    """
    rows = await fetch(
        "SELECT at, action, actor_name FROM journal_entry WHERE object = ? ORDER BY at DESC, id DESC LIMIT ?",
        (object_id, limit),
    )
    return [{"at": row["at"], "action": row["action"], "actor_name": row["actor_name"]} for row in reversed(rows)]


async def _trouble(which: str) -> list[Trouble]:
    rows = await fetch(
        "SELECT d.id, d.subscriber, d.seq, e.action, e.object, e.household, e.at, d.attempts, d.next_at, d.state,"
        " d.error, CASE d.state WHEN 'waiting' THEN (SELECT count(*) FROM journal_delivery AS f"
        " WHERE f.subscriber = d.subscriber AND f.object = d.object AND f.state = 'waiting' AND f.seq > d.seq)"
        " ELSE 0 END FROM journal_delivery AS d JOIN journal_entry AS e ON e.seq = d.seq"
        f" WHERE {which} ORDER BY d.state, d.seq LIMIT {MOST}"
    )
    return [Trouble(*row) for row in rows]
