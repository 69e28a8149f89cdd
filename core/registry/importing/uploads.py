"""Workbooks that were handed in on a page: kept sealed, looked at, then applied once or left."""

import asyncio
import base64
import hashlib
import io
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from core.access import looked
from core.actor import Actor
from core.database import fetch, new_id, transaction
from core.errors import NotYours, Reason, Refused
from core.journal import record
from core.place import Place
from core.registry.tables import ImportBatch
from core.registry.workbook import Fault, write_faulty
from core.texts import N_
from core.vault import seal, unseal

from .apply import MOVED_ON, apply_plan
from .keeping import Uploads
from .look import Look, about_import, file_name, look_into, sealed_name
from .office import still_covered, whole_counties

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

    :param name: of the file. :param summary: numbers, faults and changes of the last look, as `Look.summary` made them.
    :param by_name: who handed it in.
    """

    row: ImportBatch
    name: str
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
    uploads: Uploads,
    actor: Actor,
    now: datetime,
    today: date,
    done: Callable[[UUID], Awaitable[None]],
) -> UUID:
    """Look into an uploaded workbook and keep it, sealed, for whoever decides.

    :param done: `async (batch id)`, called at the end of the transaction.
    :raises Unreadable: it is no household workbook. :raises Refused: NO_COUNTY.
    """
    look = await look_into(io.BytesIO(content), actor=actor, today=today, limits=uploads.limits)
    id_, office = new_id(), look.office
    digest = await asyncio.to_thread(lambda: hashlib.sha256(content).hexdigest())
    stored, summary = f"{digest}-{id_}", await look.sealed(id_)
    await asyncio.to_thread(_keep, uploads.folder / stored, content, id_)
    try:
        async with transaction():
            await fetch(
                "INSERT INTO registry_import (id, file_hash, name_sealed, stored, county, areas, by, state, summary,"
                " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, 'checked', ?, ?)",
                (
                    *(id_, digest, sealed_name(name, id_), stored, office.county, office.areas),
                    *(actor.user, summary, now),
                ),
            )
            await record(
                actor, "registry.import_handed_in", id_, now=now, place=Place(office.city, office.county, None, None),
                fields={"file": digest},
            )  # fmt: skip
            await done(id_)
    except BaseException:
        (uploads.folder / stored).unlink(missing_ok=True)
        raise
    return id_


async def one_import(id_: UUID, actor: Actor) -> Batch:
    """Return an import the actor may see: any of a county that is theirs as a whole, or their own.

    Their own only while today's grants cover all that it was made for: an officer who was transferred
    leaves the households of the old place behind.

    :raises NotYours: no such import for this actor.
    """
    actor.must("registry.import")
    row = await ImportBatch.objects().where(ImportBatch.id == id_).first()
    if row is None or not (
        row.county in whole_counties(actor) or (row.by == actor.user and still_covered(row.areas, actor))
    ):
        raise NotYours(f"import {id_}")
    summary = await asyncio.to_thread(lambda: json.loads(unseal(row.summary, about=about_import(id_))))
    return Batch(row, file_name(row.name_sealed, id_), summary, await _name(row.by))


async def latest_imports(actor: Actor) -> list[dict[str, Any]]:
    """Return the latest imports that the actor may see, newest first."""
    actor.must("registry.import")
    counties = whole_counties(actor)
    made_for = await fetch("SELECT DISTINCT areas FROM registry_import WHERE by = ?", (actor.user,))
    areas = [row["areas"] for row in made_for if still_covered(row["areas"], actor)]
    rows = await fetch(
        "SELECT i.id, i.name_sealed, i.state, i.created_at, u.name AS by_name FROM registry_import i"
        f" LEFT JOIN access_user u ON u.id = i.by WHERE (i.by = ? AND i.areas IN ({_blanks(areas)}))"
        f" OR i.county IN ({_blanks(counties)}) ORDER BY i.id DESC LIMIT {LATEST}",
        (actor.user, *areas, *counties),
    )
    return [{**dict(row), "name": file_name(row["name_sealed"], row["id"])} for row in rows]


async def look_again(id_: UUID, *, uploads: Uploads, actor: Actor, now: datetime, today: date) -> None:
    """Compare a waiting import with the registry as it is now, and keep that."""
    batch = await one_import(id_, actor)
    look = await _look(batch, uploads, actor, today)
    summary = await look.sealed(id_)
    async with transaction():
        looked_at = await fetch(
            "UPDATE registry_import SET summary = ?, changed_at = ?, changed_by = ? WHERE id = ? AND state = 'checked'"
            " RETURNING id",
            (summary, now, actor.user, id_),
        )
        if looked_at:
            await record(actor, "registry.import_looked_again", id_, now=now, place=_place(look))


async def apply_import(
    id_: UUID, *, uploads: Uploads, leave_out_faulty: bool, actor: Actor, now: datetime, today: date, done: Done
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
    look = await _look(batch, uploads, actor, today)
    if not (look.plan.new or look.plan.changed):
        raise Refused(MOVED_ON if batch.summary["new"] or batch.summary["changed"] else NOTHING_TO_APPLY)
    if (
        await asyncio.to_thread(look.plan.digest) != batch.summary["digest"]
        or look.checked.held_back != batch.summary["held_back"]
    ):
        raise Refused(MOVED_ON)
    async with transaction():
        # With faults the workbook stays for a while: what is to be mended is made from it.
        await _end(batch, "applied", keep=bool(batch.summary["faults_in_all"]), actor=actor, now=now)
        await apply_plan(look.plan, look.known, office=look.office, actor=actor, now=now, today=today)
        fields = {"file": batch.row.file_hash, "new": len(look.plan.new), "changed": len(look.plan.changed)}
        await record(actor, "registry.imported", id_, now=now, place=_place(look), fields=fields)
        await done()
    if not batch.summary["faults_in_all"]:
        (uploads.folder / batch.row.stored).unlink(missing_ok=True)


async def leave_import(id_: UUID, *, uploads: Uploads, actor: Actor, now: datetime, done: Done) -> None:
    """Put an import aside for good; its workbook is deleted.

    :param done: called at the end of the transaction.
    :raises Refused: NOT_WAITING.
    """
    batch = await one_import(id_, actor)
    async with transaction():
        await _end(batch, "left", keep=False, actor=actor, now=now)
        await record(
            actor, "registry.import_left", id_, now=now, place=Place(None, batch.row.county, None, None),
            fields={"file": batch.row.file_hash},
        )  # fmt: skip
        await done()
    (uploads.folder / batch.row.stored).unlink(missing_ok=True)


async def faulty_workbook(id_: UUID, *, uploads: Uploads, actor: Actor, now: datetime, today: date, say: Any) -> bytes:
    """Return what was held back as a workbook to be mended; who took it is written down: it has full numbers.

    :param say: `(reason, blanks)` → words. :raises NotYours: no such import, or its workbook is deleted.
    """
    batch = await one_import(id_, actor)
    look = await _look(batch, uploads, actor, today)
    stream = io.BytesIO()
    await asyncio.to_thread(write_faulty, stream, look.workbook, look.checked, say)
    async with transaction():
        await looked(actor, id_, "registry_import.workbook", purpose="mending", now=now, place=_place(look))
    return stream.getvalue()


async def _end(batch: Batch, state: str, *, keep: bool, actor: Actor, now: datetime) -> None:
    ended = await fetch(
        "UPDATE registry_import SET state = ?, stored = ?, changed_at = ?, changed_by = ?"
        " WHERE id = ? AND state = 'checked' RETURNING id",
        (state, batch.row.stored if keep else "", now, actor.user, batch.row.id),
    )
    if not ended:
        await _must_wait(batch)


async def _must_wait(batch: Batch) -> None:
    rows = await fetch("SELECT state, changed_by FROM registry_import WHERE id = ?", (batch.row.id,))
    if rows[0]["state"] != "checked":
        raise Refused(NOT_WAITING, by=await _name(rows[0]["changed_by"]))


def _blanks(values: Sequence[object]) -> str:
    """Return the blanks of an IN list; an empty one matches nothing."""
    return ", ".join("?" * len(values)) or "NULL"


async def _name(user: UUID | None) -> str:
    rows = await fetch("SELECT name FROM access_user WHERE id = ?", (user,)) if user else []
    return str(rows[0]["name"]) if rows else "—"


def _place(look: Look) -> Place:
    return Place(look.office.city, look.office.county, None, None)


async def _look(batch: Batch, uploads: Uploads, actor: Actor, today: date) -> Look:
    """Look into the kept workbook as it stands now.

    :raises NotYours: it is deleted.
    """
    if not uploads.has(batch.row.stored):
        raise NotYours(f"the workbook of import {batch.row.id}")
    content = await asyncio.to_thread(_open, uploads.folder / batch.row.stored, batch.row.id)
    return await look_into(io.BytesIO(content), actor=actor, today=today, limits=uploads.limits)


def _open(file: Path, id_: UUID) -> bytes:
    try:
        sealed = file.read_text("ascii")
    except OSError:  # deleted a moment ago
        raise NotYours(f"the workbook of import {id_}") from None
    return base64.b64decode(unseal(sealed, about=f"{about_import(id_)}/file"))


def _keep(file: Path, content: bytes, id_: UUID) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    # Sealed: it is full of numbers and names, and the folder is not the database.
    file.write_text(seal(base64.b64encode(content).decode(), about=f"{about_import(id_)}/file"), "ascii")
