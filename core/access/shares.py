"""Shares and mandates: what lets an organisation see one household, and why it may act at all."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from core.database import fetch, new_id

FOR_EVER = datetime(9999, 12, 31, tzinfo=UTC)
_grace_days = 30


def set_grace(days: int) -> None:
    """Set how long an ended share still reads (setting `share_grace_days`)."""
    global _grace_days
    _grace_days = days


async def share(
    household: UUID,
    code: str,
    *,
    plugin: str,
    record: UUID,
    permissions: Iterable[str],
    now: datetime,
    organisation: UUID | None = None,
    person: UUID | None = None,
) -> UUID:
    """Make one household visible to an organisation or a person, while a record of a plugin lasts.

    :param code: the household's own code. :param permissions: codes that the share carries.
    :returns: the id of the share. Runs in the caller's transaction.
    """
    id_ = new_id()
    await fetch(
        "INSERT INTO access_share (id, household, code, organisation, person, permissions, plugin, record, from_at,"
        " until_at, reads_until) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?)",
        (id_, household, code, organisation, person, f" {' '.join(permissions)} ", plugin, record, now, FOR_EVER),
    )
    return id_


async def end_shares(plugin: str, record: UUID, *, now: datetime) -> None:
    """End what a record shared; it still reads for the grace."""
    await fetch(
        "UPDATE access_share SET until_at = ?, reads_until = ? WHERE plugin = ? AND record = ? AND until_at IS NULL",
        (now, now + timedelta(days=_grace_days), plugin, record),
    )


async def give_mandate(organisation: UUID, *, plugin: str, record: UUID, from_on: date, until_on: date | None) -> UUID:
    """Write down why an organisation may act: an agreement, contract or licence of a plugin.

    :param until_on: the first day on which it holds no more; None: open.
    """
    id_ = new_id()
    await fetch(
        "INSERT INTO access_mandate (id, organisation, from_on, until_on, plugin, record) VALUES (?, ?, ?, ?, ?, ?)",
        (id_, organisation, from_on, until_on, plugin, record),
    )
    return id_


async def change_mandate(plugin: str, record: UUID, *, from_on: date, until_on: date | None) -> None:
    """Keep a mandate in step with the agreement it comes from.

    :param until_on: the first day on which it holds no more; None: open.
    """
    await fetch(
        "UPDATE access_mandate SET from_on = ?, until_on = ? WHERE plugin = ? AND record = ?",
        (from_on, until_on, plugin, record),
    )


async def mandate_holds(organisation: UUID, *, on: date) -> bool:
    """Say whether any mandate of the organisation holds on a day."""
    rows = await fetch(
        "SELECT 1 AS live FROM access_mandate WHERE organisation = ? AND from_on <= ?"
        " AND (until_on IS NULL OR until_on > ?) LIMIT 1",
        (organisation, on, on),
    )
    return bool(rows)
