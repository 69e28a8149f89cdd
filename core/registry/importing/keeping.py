"""Where uploaded workbooks are kept, what they may cost, and how long they stay."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from core.actor import house
from core.database import fetch, transaction
from core.journal import record
from core.place import Place
from core.registry.workbook import Limits
from core.settings import Settings


@dataclass(frozen=True)
class Uploads:
    """The folder of uploads, and the limits that hold wherever one of its workbooks is read."""

    folder: Path
    limits: Limits

    @classmethod
    def of(cls, settings: Settings) -> "Uploads":
        """Return what the settings say."""
        return cls(settings.uploads, Limits.of_megabytes(settings.upload_limit_mb))

    def has(self, stored: str) -> bool:
        """Say whether the file of an import is still there."""
        return bool(stored) and (self.folder / stored).is_file()


async def forget_uploads(before: datetime, *, folder: Path, now: datetime) -> int:
    """Remove workbooks that nobody touched since a moment, and files that belong to no import; return how many.

    An import that still waits is left with it: without its workbook it can no longer be applied.

    :param before: aware UTC; 30 days ago, called by the house's clock. :param now: aware UTC.
    """
    gone: set[str] = set()
    for row in await fetch(
        "SELECT id FROM registry_import WHERE stored <> '' AND coalesce(changed_at, created_at) < ?", (before,)
    ):
        gone |= await _forget(row["id"], before, now)
    gone |= set(await orphan_uploads(before, folder=folder))
    return await asyncio.to_thread(_remove, folder, gone)


async def _forget(id_: UUID, before: datetime, now: datetime) -> set[str]:
    async with transaction():
        rows = await fetch("SELECT stored, county FROM registry_import WHERE id = ?", (id_,))
        forgotten = await fetch(
            "UPDATE registry_import SET stored = '', state = CASE state WHEN 'checked' THEN 'left' ELSE state END,"
            " changed_at = ?, changed_by = NULL"
            " WHERE id = ? AND stored = ? AND coalesce(changed_at, created_at) < ? RETURNING id",
            (now, id_, rows[0]["stored"], before),
        )
        if not forgotten:
            return set()
        place = Place(None, rows[0]["county"], None, None)
        await record(house("uploads"), "registry.workbook_removed", id_, now=now, place=place)
        return {rows[0]["stored"]}


async def orphan_uploads(before: datetime, *, folder: Path) -> list[str]:
    """Return the names of files that no import knows and that were written before a moment (aware UTC).

    A younger one may belong to an import that is being handed in just now.
    """
    there = await asyncio.to_thread(_older, folder, before.timestamp())
    known = {row["stored"] for row in await fetch("SELECT stored FROM registry_import WHERE stored <> ''")}
    return sorted(set(there) - known)


def _older(folder: Path, before: float) -> list[str]:
    if not folder.is_dir():
        return []
    return [file.name for file in folder.iterdir() if file.is_file() and file.stat().st_mtime < before]


def _remove(folder: Path, names: set[str]) -> int:
    for name in names:
        (folder / name).unlink(missing_ok=True)
    return len(names)
