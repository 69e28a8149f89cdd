"""Writing into the journal: one unsealed row in the transaction of the verb."""

import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from core.actor import Actor
from core.database import aware, engine, fetch, new_id
from core.place import NOWHERE, Place
from core.vault import mac

from .chains import JOURNAL, canonical


async def record(
    actor: Actor,
    action: str,
    object_id: UUID,
    *,
    now: datetime,
    household: UUID | None = None,
    place: Place = NOWHERE,
    fields: Mapping[str, Any] | None = None,
) -> UUID:
    """Write down what was done, together with what was done.

    :param action: a term of kind `action`, past tense (`needs.raised`).
    :param fields: what was set; only the names and a keyed, salted digest of the values are kept.
    :param now: aware UTC.
    :returns: the id of the row.
    :raises RuntimeError: outside a transaction: an act and its record are written together or not at all.
    """
    if not engine().transaction_exists():
        raise RuntimeError(f"record {action} inside the transaction that does it")
    values = fields or {}
    salt = secrets.token_hex(8)
    digest = mac("journal fields")(f"{salt}{canonical(values)}".encode()) if values else None
    made = new_id()
    row = {
        "id": made,
        "at": aware(now),
        "actor": actor.user,
        "actor_name": actor.name,
        "action": action,
        "object": object_id,
        "household": household,
        **place.columns(),
        "organisation": actor.organisation,
        "fields": json.dumps(sorted(values)),
        "digest": f"{salt}:{digest}" if digest else None,
    }
    blanks = ", ".join("?" * (len(JOURNAL.columns) + 1))
    await fetch(
        f"INSERT INTO journal_entry ({', '.join(JOURNAL.columns)}, mac) VALUES ({blanks})",
        (*(row[name] for name in JOURNAL.columns), JOURNAL.row_mac(row)),
    )
    return made
