"""Workbooks that were handed in on a page: kept sealed, looked at, then applied once or left."""

import asyncio
import base64
import hashlib
import io
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from core.actor import Actor
from core.database import fetch, new_id, transaction
from core.errors import NotYours, Reason, Refused
from core.journal import record
from core.place import Place
from core.registry.tables import ImportBatch
from core.registry.workbook import Fault, Limits, write_faulty
from core.texts import N_
from core.vault import seal, unseal

from .apply import MOVED_ON, apply_plan
from .look import about_import, look_into
from .office import whole_counties

LATEST = 30

NOT_WAITING = Reason("registry.import_not_waiting", N_("This import was already applied or left, by {by}."))
NOTHING_TO_APPLY = Reason("registry.import_nothing", N_("Nothing of this workbook would change anything."))
FAULTS_STAY = Reason(
    "registry.import_faults", N_("Some of it has faults. Mend the workbook, or say that what has faults is left out.")
)

Done = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Batch:
    """An import as its page shows it.

    :param summary: numbers, faults and changes of the last look, as `Look.summary` made them.
    :param by_name: who handed it in.
    """

    row: ImportBatch
    summary: dict[str, Any]
    by_name: str

    @property
    def faults(self) -> list[Fault]:
        """Return the first faults, numbers masked."""
        return [Fault(**{**fault, "others": tuple(fault["others"])}) for fault in self.summary["faults"]]


async def hand_in(
    content: bytes,
    name: str,
    *,
    folder: Path,
    limit_mb: int,
    actor: Actor,
    now: datetime,
    today: date,
    done: Callable[[UUID], Awaitable[None]],
) -> UUID:
    """Look into an uploaded workbook and keep it, sealed, for whoever decides.

    :param folder: of uploads. :param done: `async (batch id)`, called at the end of the transaction.
    :raises Unreadable: it is no household workbook. :raises Refused: NO_COUNTY.
    """
    look = await look_into(io.BytesIO(content), actor=actor, today=today, limits=Limits(file_bytes=limit_mb * 1024**2))
    id_, digest = new_id(), hashlib.sha256(content).hexdigest()
    stored = f"{digest}-{id_}"
    await asyncio.to_thread(_keep, folder / stored, content, id_)
    try:
        async with transaction():
            await fetch(
                "INSERT INTO registry_import (id, file_hash, file_name, stored, county, by, state, summary, created_at)"
                " VALUES (?, ?, ?, ?, ?, ?, 'checked', ?, ?)",
                (id_, digest, name[-200:], stored, look.office.county, actor.user, look.sealed(id_), now),
            )
            await done(id_)
    except BaseException:
        (folder / stored).unlink(missing_ok=True)
        raise
    return id_


async def one_import(id_: UUID, actor: Actor) -> Batch:
    """Return an import the actor may see: their own, or any of a county that is theirs as a whole.

    :raises NotYours: no such import for this actor.
    """
    actor.must("registry.import")
    row = await ImportBatch.objects().where(ImportBatch.id == id_).first()
    if row is None or (row.by != actor.user and row.county not in whole_counties(actor)):
        raise NotYours(f"import {id_}")
    return Batch(row, json.loads(unseal(row.summary, about=about_import(id_))), await _name(row.by))


async def latest_imports(actor: Actor) -> list[dict[str, Any]]:
    """Return the latest imports that the actor may see, newest first."""
    actor.must("registry.import")
    counties = whole_counties(actor)
    inside = f" OR i.county IN ({', '.join('?' * len(counties))})" if counties else ""
    rows = await fetch(
        "SELECT i.id, i.file_name, i.state, i.created_at, u.name AS by_name FROM registry_import i"
        f" LEFT JOIN access_user u ON u.id = i.by WHERE i.by = ?{inside} ORDER BY i.id DESC LIMIT {LATEST}",
        (actor.user, *counties),
    )
    return [dict(zip(row.keys(), row, strict=True)) for row in rows]


async def look_again(id_: UUID, *, folder: Path, actor: Actor, now: datetime, today: date) -> None:
    """Compare a waiting import with the registry as it is now, and keep that."""
    batch = await one_import(id_, actor)
    look = await look_into(io.BytesIO(await _content(batch, folder)), actor=actor, today=today)
    await fetch(
        "UPDATE registry_import SET summary = ?, changed_at = ?, changed_by = ? WHERE id = ? AND state = 'checked'",
        (look.sealed(id_), now, actor.user, id_),
    )


async def apply_import(
    id_: UUID, *, folder: Path, leave_out_faulty: bool, actor: Actor, now: datetime, today: date, done: Done
) -> None:
    """Apply an import as its page showed it: in one transaction, whole households only.

    :param leave_out_faulty: what has faults is left out; without it nothing is applied when there are any.
    :param done: called at the end of the transaction.
    :raises Refused: NOT_WAITING, FAULTS_STAY, NOTHING_TO_APPLY; MOVED_ON when the registry is not as shown.
    """
    batch = await one_import(id_, actor)
    await _must_wait(batch)
    if batch.summary["faults_in_all"] and not leave_out_faulty:
        raise Refused(FAULTS_STAY)
    look = await look_into(io.BytesIO(await _content(batch, folder)), actor=actor, today=today)
    if not (look.plan.new or look.plan.changed):
        raise Refused(MOVED_ON if batch.summary["new"] or batch.summary["changed"] else NOTHING_TO_APPLY)
    if look.plan.digest() != batch.summary["digest"] or look.checked.held_back != batch.summary["held_back"]:
        raise Refused(MOVED_ON)
    async with transaction():
        await _end(batch, "applied", actor=actor, now=now)
        await apply_plan(look.plan, look.known, office=look.office, actor=actor, now=now, today=today)
        place = Place(look.office.city, look.office.county, None, None)
        fields = {"file": batch.row.file_hash, "new": len(look.plan.new), "changed": len(look.plan.changed)}
        await record(actor, "registry.imported", id_, now=now, place=place, fields=fields)
        await done()
    if not batch.summary["faults_in_all"]:
        (folder / batch.row.stored).unlink(missing_ok=True)


async def leave_import(id_: UUID, *, folder: Path, actor: Actor, now: datetime, done: Done) -> None:
    """Put an import aside for good; its workbook is deleted.

    :param done: called at the end of the transaction.
    :raises Refused: NOT_WAITING.
    """
    batch = await one_import(id_, actor)
    async with transaction():
        await _end(batch, "left", actor=actor, now=now)
        await record(
            actor, "registry.import_left", id_, now=now, place=Place(None, batch.row.county, None, None),
            fields={"file": batch.row.file_hash},
        )  # fmt: skip
        await done()
    (folder / batch.row.stored).unlink(missing_ok=True)


async def faulty_workbook(id_: UUID, *, folder: Path, actor: Actor, today: date, say: Any) -> bytes:
    """Return what was held back as a workbook to be mended.

    :param say: `(reason, blanks)` → words. :raises NotYours: no such import, or its workbook is deleted.
    """
    batch = await one_import(id_, actor)
    look = await look_into(io.BytesIO(await _content(batch, folder)), actor=actor, today=today)
    stream = io.BytesIO()
    # Not in a thread: `say` speaks the language of this request.
    write_faulty(stream, look.workbook, look.checked, say)
    return stream.getvalue()


async def _end(batch: Batch, state: str, *, actor: Actor, now: datetime) -> None:
    ended = await fetch(
        "UPDATE registry_import SET state = ?, changed_at = ?, changed_by = ? WHERE id = ? AND state = 'checked'"
        " RETURNING id",
        (state, now, actor.user, batch.row.id),
    )
    if not ended:
        await _must_wait(batch)


async def _must_wait(batch: Batch) -> None:
    rows = await fetch("SELECT state, changed_by FROM registry_import WHERE id = ?", (batch.row.id,))
    if rows[0]["state"] != "checked":
        raise Refused(NOT_WAITING, by=await _name(rows[0]["changed_by"]))


async def _name(user: UUID | None) -> str:
    rows = await fetch("SELECT name FROM access_user WHERE id = ?", (user,)) if user else []
    return str(rows[0]["name"]) if rows else "—"


async def _content(batch: Batch, folder: Path) -> bytes:
    try:
        sealed = await asyncio.to_thread((folder / batch.row.stored).read_text, "ascii")
    except OSError:
        raise NotYours(f"the workbook of import {batch.row.id}") from None
    return base64.b64decode(await asyncio.to_thread(unseal, sealed, about=f"{about_import(batch.row.id)}/file"))


def _keep(file: Path, content: bytes, id_: UUID) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    # Sealed: it is full of numbers and names, and the folder is not the database.
    file.write_text(seal(base64.b64encode(content).decode(), about=f"{about_import(id_)}/file"), "ascii")
