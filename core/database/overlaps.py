"""Nobody is in two places at once: kept by the database, told in one exception.

PostgreSQL refuses with EXCLUDE (needs the extension btree_gist, which the database's owner may
create), SQLite with triggers. Both ends: from is in, until is out; no end means for ever.
"""

import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from typing import Any, Literal

import asyncpg

from .connect import engine, fetch, transaction

FOR_EVER = "9999-12-31"  # SQLite keeps times as text, and text sorts


class Overlap(Exception):
    """Somebody is there already; `other` is that row's id."""

    def __init__(self, other: Any) -> None:
        super().__init__(f"overlaps {other}")
        self.other = other


def no_overlap(
    engine_type: str,
    table: str,
    owner: Sequence[str],
    starts: str,
    ends: str,
    live: str = "TRUE",
    of: Literal["moments", "days"] = "moments",
) -> list[str]:
    """Write the DDL for a migration; frozen, like the steps that call it.

    :param live: which rows count, with `{row}` before each column: `"NOT {row}cancelled"`.
    :param of: whether `starts` and `ends` are moments or days.
    """
    name = f"{table}_no_overlap"
    if engine_type == "postgres":
        span = "tstzrange" if of == "moments" else "daterange"
        same = ", ".join(f"{column} WITH =" for column in owner)
        return [
            "CREATE EXTENSION IF NOT EXISTS btree_gist",
            f"ALTER TABLE {table} ADD CONSTRAINT {name} EXCLUDE USING gist "
            f"({same}, {span}({starts}, {ends}) WITH &&) WHERE ({live.format(row='')})",
        ]
    same = " AND ".join(f"{column} = NEW.{column}" for column in owner)
    until, new_until = f"coalesce({ends}, '{FOR_EVER}')", f"coalesce(NEW.{ends}, '{FOR_EVER}')"
    return [f"CREATE INDEX {name}_index ON {table} ({', '.join([*owner, starts])})"] + [
        f"CREATE TRIGGER {name}_{moment.lower()} BEFORE {moment} ON {table} "
        f"WHEN {new_until} > NEW.{starts} AND ({live.format(row='NEW.')}) BEGIN "
        f"SELECT RAISE(ABORT, '{name}') FROM {table} WHERE {same} AND {starts} < {new_until} "
        f"AND {until} > NEW.{starts} AND id <> NEW.id AND ({live.format(row='')}); END"
        for moment in ("INSERT", "UPDATE")
    ]


@asynccontextmanager
async def refuse_overlap(
    table: str,
    owner: dict[str, Any],
    starts: tuple[str, Any],
    ends: tuple[str, Any],
    *,
    live: str = "TRUE",
    own: Any = None,
) -> AsyncIterator[None]:
    """Turn the database's refusal of what is written inside into `Overlap`.

    :param own: the id of the row that is moved, if it stands already.
    """
    try:
        async with transaction():  # a savepoint where a transaction is open: it stays usable
            if engine().engine_type == "postgres":  # EXCLUDE alone deadlocks when many ask at once
                await fetch("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", (f"{table}{owner}",))
            yield
    except (asyncpg.ExclusionViolationError, sqlite3.IntegrityError) as error:
        if f"{table}_no_overlap" not in str(error):
            raise
        same = " AND ".join(f"{column} = ?" for column in owner)
        rows = await fetch(
            f"SELECT id FROM {table} WHERE {same} AND ({ends[0]} IS NULL OR {ends[0]} > ?) "
            f"AND {starts[0]} < ? AND ({live.format(row='')}) ORDER BY {starts[0]} LIMIT 2",
            (*owner.values(), starts[1], ends[1] or _latest(starts[1])),
        )
        others = [row["id"] for row in rows if str(row["id"]) != str(own)]
        raise Overlap(others[0] if others else None) from error


def _latest(like: Any) -> Any:
    return datetime.max.replace(tzinfo=UTC) if isinstance(like, datetime) else date.max
