"""Organisations (机构): one body is one row, whatever it is to whom."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from core.actor import Actor
from core.database import engine, fetch, new_id
from core.errors import Reason, Refused
from core.journal import record
from core.place import Place
from core.texts import N_

from .numbers import BadNumber, parse_credit_code

BAD_CREDIT_CODE = Reason(
    "registry.bad_credit_code",
    N_("“{given}” is no unified social credit code: it has 18 characters, the last one checks the others."),
)


async def organisation_names(ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """Return the names of organisations, as one query; who exists is public."""
    wanted = sorted({id_ for id_ in ids if id_ is not None})
    if not wanted:
        return {}
    blanks = ", ".join("?" * len(wanted))
    rows = await fetch(f"SELECT id, name FROM registry_organisation WHERE id IN ({blanks})", tuple(wanted))
    return {row["id"]: row["name"] for row in rows}


async def organisations_of(county: UUID, *, only: UUID | None = None) -> dict[UUID, str]:
    """Return the organisations of a county with their names, by name; at most 500.

    :param only: this one, if it is of the county.
    """
    one, which = ("", (county,)) if only is None else (" AND id = ?", (county, only))
    rows = await fetch(
        f"SELECT id, name FROM registry_organisation WHERE county = ? AND until_on IS NULL{one}"
        " ORDER BY name, id LIMIT 500",
        which,
    )
    return {row["id"]: row["name"] for row in rows}


async def add_organisation(name: str, credit_code: str, *, place: Place, actor: Actor, now: datetime) -> UUID:
    """Enter an organisation, in the transaction of the verb that needs it.

    :param credit_code: 18 characters, GB 32100-2015; one that is known returns the row that stands there.
    :raises Forbidden: the actor may not add organisations.
    :raises Refused: BAD_CREDIT_CODE.
    """
    if not engine().transaction_exists():
        raise RuntimeError("an organisation is added in the transaction of the act that needs it")
    actor.must("registry.add_organisation")
    try:
        code = parse_credit_code(credit_code)
    except BadNumber:
        raise Refused(BAD_CREDIT_CODE, given=credit_code) from None
    made = await fetch(
        "INSERT INTO registry_organisation (id, credit_code, name, city, county, town, village, created_at, created_by)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (credit_code) DO NOTHING RETURNING id",
        (new_id(), code, name, *place.columns().values(), now, actor.user),
    )
    if not made:
        made = await fetch("SELECT id FROM registry_organisation WHERE credit_code = ?", (code,))
    else:
        await record(
            actor, "registry.organisation_added", made[0]["id"], now=now, place=place, fields={"credit_code": code}
        )
    id_: UUID = made[0]["id"]
    return id_
