"""Who looked: each reading of a sensitive field, with its purpose."""

from datetime import datetime
from uuid import UUID

from core.actor import Actor
from core.database import LEVELS, DataClass, aware, fetch, new_id
from core.journal import canonical
from core.place import Place
from core.vault import mac

_COLUMNS = (
    *("id", "at", "actor", "actor_name", "organisation", "household", "object", "field", "data_class", "purpose"),
    *LEVELS,
)


async def looked(
    actor: Actor,
    object_id: UUID,
    field: str,
    *,
    purpose: str,
    now: datetime,
    place: Place,
    household: UUID | None = None,
    data_class: DataClass = DataClass.C4,
) -> None:
    """Write down that the actor read a sensitive field (谁看过).

    :param field: `<table>.<column>`. :param purpose: code or words that the reader chose.
    """
    row = {
        "id": new_id(),
        "at": aware(now),
        "actor": actor.user,
        "actor_name": actor.name,
        "organisation": actor.organisation,
        "household": household,
        "object": object_id,
        "field": field,
        "data_class": data_class.value,
        "purpose": purpose,
        **place.columns(),
    }
    blanks = ", ".join("?" * (len(_COLUMNS) + 1))
    await fetch(
        f"INSERT INTO access_entry ({', '.join(_COLUMNS)}, mac) VALUES ({blanks})",
        (*(row[name] for name in _COLUMNS), mac("access")(canonical(row).encode())),
    )
