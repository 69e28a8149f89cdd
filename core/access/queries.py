"""Reads for the auditor's and the administrator's pages."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from piccolo.columns.combination import And

from core.actor import Actor
from core.database import fetch
from core.journal import JournalEntry
from core.web.clock import TIMEZONE

from .scope import Sort, seen
from .tables import AccessEntry

TRAIL = Sort(JournalEntry.at, descending=True)


async def trail(
    actor: Actor,
    *,
    action: str | None = None,
    login: str | None = None,
    object_id: UUID | None = None,
    day: date | None = None,
    after: Sequence[Any] | None = None,
    before: Sequence[Any] | None = None,
) -> list[dict[str, Any]]:
    """Return one page of what was done within the auditor's scope, newest first."""
    conditions: list[Any] = []
    if action:
        conditions.append(JournalEntry.action == action)
    if object_id:
        conditions.append(JournalEntry.object == object_id)
    if login is not None:
        users = await fetch("SELECT id FROM access_user WHERE login = ?", (login.strip().lower(),))
        if not users:
            return []
        conditions.append(JournalEntry.actor == users[0]["id"])
    if day is not None:
        first = datetime.combine(day, time(), TIMEZONE)
        conditions += [JournalEntry.at >= first, JournalEntry.at < first + timedelta(days=1)]
    return await seen(JournalEntry, actor, "access.trail").page(
        JournalEntry.id,
        JournalEntry.at,
        JournalEntry.actor_name,
        JournalEntry.action,
        JournalEntry.object,
        JournalEntry.household,
        JournalEntry.fields,
        JournalEntry.seq,
        JournalEntry.town,
        sort=TRAIL,
        where=_all(conditions),
        after=after,
        before=before,
    )


async def looks(
    actor: Actor,
    *,
    household: UUID | None = None,
    after: Sequence[Any] | None = None,
    before: Sequence[Any] | None = None,
) -> list[dict[str, Any]]:
    """Return one page of who looked at which sensitive field, newest first."""
    return await seen(AccessEntry, actor, "access.trail").page(
        AccessEntry.id,
        AccessEntry.at,
        AccessEntry.actor_name,
        AccessEntry.field,
        AccessEntry.purpose,
        AccessEntry.household,
        AccessEntry.seq,
        sort=Sort(AccessEntry.at, descending=True),
        where=AccessEntry.household == household if household else None,
        after=after,
        before=before,
    )


async def accounts() -> list[dict[str, Any]]:
    """Return every account with its grants, by login."""
    rows = await fetch(
        "SELECT u.id, u.login, u.name, u.state, g.role, g.label, g.from_on, g.until_on FROM access_user u"
        " LEFT JOIN access_grant g ON g.holder = u.id ORDER BY u.login, g.from_on LIMIT 500"
    )
    return [dict(zip(row.keys(), row, strict=True)) for row in rows]


async def demo_logins() -> list[dict[str, Any]]:
    """Return the accounts of the demo for its sign-in page, the first of each role before the others."""
    rows = await fetch(
        "SELECT u.login, u.name, g.role, g.label FROM access_user u JOIN access_grant g ON g.holder = u.id"
        " WHERE u.demo = TRUE ORDER BY u.created_at, u.login LIMIT 40"
    )
    return [dict(zip(row.keys(), row, strict=True)) for row in rows]


def _all(conditions: list[Any]) -> Any:
    if not conditions:
        return None
    first, *others = conditions
    for other in others:
        first = And(first, other)
    return first
