"""Reading the ledger."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from core.access import Sort, seen
from core.actor import Actor
from core.database import fetch

from .tables import Activity

NEWEST = (Sort(Activity.day, True, unique=True), Sort(Activity.created_at, True))


async def of_household(actor: Actor, household: UUID, *, limit: int = 100) -> list[dict[str, Any]]:
    """Return what was done for a household, newest first, with the names of those who did it.

    The caller has seen the household; rows are narrowed to the actor's scope and their audience.
    """
    rows = await seen(Activity, actor, "activities.see").some(
        Activity.household == household, order_by=NEWEST, limit=limit
    )
    names = await _workers([row.id for row in rows])
    return [{**row.to_dict(), "workers": names.get(row.id, [])} for row in rows]


async def hours_of_relief(household: UUID, *, since: date, until: datetime | None = None) -> int:
    """Return the minutes of help a household got since a day; the caller has seen the household.

    How long somebody helped is a fact for whoever sees the household, whatever the audience of what was done.

    :param until: leave out what was written down later.
    """
    rows = await fetch(
        "SELECT coalesce(sum(minutes), 0) AS total FROM activities_activity"
        " WHERE household = ? AND day >= ? AND outcome = 'done'" + (" AND created_at <= ?" if until else ""),
        (household, since, *([until] if until else [])),
    )
    return int(rows[0]["total"])


async def worked_on(need: UUID, actor: Actor) -> bool:
    """Say whether the actor did any of the work for a need, or wrote it down."""
    rows = await fetch(
        "SELECT 1 AS one FROM activities_activity a LEFT JOIN activities_worker w ON w.activity = a.id"
        " WHERE a.need = ? AND (w.person = ? OR a.created_by = ?) LIMIT 1",
        (need, actor.person, actor.user),
    )
    return bool(rows)


async def _workers(ids: list[UUID]) -> dict[UUID, list[str]]:
    if not ids:
        return {}
    rows = await fetch(
        f"SELECT activity, name FROM activities_worker WHERE activity IN ({', '.join('?' * len(ids))}) ORDER BY id",
        tuple(ids),
    )
    names: dict[UUID, list[str]] = {}
    for row in rows:
        names.setdefault(row["activity"], []).append(row["name"])
    return names
