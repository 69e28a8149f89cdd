"""The import as the command line has it: one file, looked at or applied at once."""

import asyncio
import hashlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from core.actor import Actor
from core.database import fetch, new_id, transaction
from core.journal import record
from core.place import Place
from core.registry.workbook import Limits, Unreadable, write_template
from core.texts import say
from core.web.clock import local_day

from .apply import apply_plan
from .look import Look, look_into, sealed_name
from .office import office_of

Progress = Callable[[str, int, int], None]


async def import_file(
    path: Path,
    *,
    actor: Actor,
    now: datetime,
    apply: bool,
    leave_out_faulty: bool,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Check a workbook, apply it if wanted, and say what was found in the words of a JSON object.

    Without `leave_out_faulty` nothing is applied when there is a fault. A workbook that changes
    nothing writes nothing, not even that it was there.

    :param limits: what the workbook may cost. :param progress: told (what, done, of).
    :returns: `faults`, `held_back_households`, `applied_households`, `applied_members`, `new`, `changed`:
        what would be, or was, applied; the last two are numbers of households.
    :raises Unreadable: the file is no household workbook.
    :raises Refused: NO_COUNTY, or MOVED_ON when somebody changed the same households meanwhile.
    """
    tell = progress or (lambda what, done, of: None)
    tell("reading", 0, 1)
    look = await look_into(path, actor=actor, today=local_day(now), limits=limits)
    tell("reading", 1, 1)
    result = await asyncio.to_thread(look.counted)
    if not apply:
        return result
    if look.checked.faults and not leave_out_faulty:
        return {**result, "applied_households": 0, "applied_members": 0, "new": [], "changed": []}
    if look.plan.new or look.plan.changed:
        await _apply(path, look, actor=actor, now=now, tell=tell)
    return result


async def _apply(path: Path, look: Look, *, actor: Actor, now: datetime, tell: Progress) -> None:
    id_, new = new_id(), len(look.plan.new)
    digest = hashlib.sha256(await asyncio.to_thread(path.read_bytes)).hexdigest()
    summary = await look.sealed(id_)
    async with transaction():
        await apply_plan(
            look.plan, look.known, office=look.office, actor=actor, now=now, today=local_day(now),
            progress=lambda done: tell("households", done, new),
        )  # fmt: skip
        await fetch(
            "INSERT INTO registry_import (id, file_hash, name_sealed, stored, county, areas, by, state, summary,"
            " created_at, changed_at, changed_by) VALUES (?, ?, ?, '', ?, ?, ?, 'applied', ?, ?, ?, ?)",
            (
                *(id_, digest, sealed_name(path.name, id_), look.office.county, look.office.areas, actor.user),
                *(summary, now, now, actor.user),
            ),
        )
        place = Place(look.office.city, look.office.county, None, None)
        fields = {"file": digest, "new": new, "changed": len(look.plan.changed)}
        await record(actor, "registry.imported", id_, now=now, place=place, fields=fields)


async def write_household_template(stream: BinaryIO, actor: Actor | None = None) -> None:
    """Write the workbook to be filled in, with the villages to choose from.

    :param actor: whose villages; None: all that the house knows.
    """
    if actor is not None:
        divisions = list((await office_of(actor)).names)
    else:
        rows = await fetch(
            "SELECT c.code, v.name, t.name AS town FROM registry_area v JOIN registry_area t ON t.id = v.parent"
            " JOIN registry_area_code c ON c.area = v.id AND c.until_on IS NULL"
            " WHERE v.level = 'village' AND v.until_on IS NULL ORDER BY c.code"
        )
        divisions = [(row["code"], f"{row['town']} {row['name']}") for row in rows]
    await asyncio.to_thread(write_template, stream, divisions)


def unreadable_sentence(error: Unreadable) -> str:
    """Say why a file cannot be read, in the language of this request."""
    return " ".join(say(reason.package, reason.text, **blanks) for reason, blanks in error.reasons.items())
