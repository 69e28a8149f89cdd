"""The one place that knows which database this is.

`tables.py` files never name an engine (building one belongs to start-up). The composition root
calls `open_database(settings.database_url)` after all plugins are loaded; it binds every table.
"""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
from piccolo.table import TABLE_REGISTRY

from .postgres import PooledPostgresEngine
from .sqlite import PooledSQLiteEngine

Engine = PooledSQLiteEngine | PooledPostgresEngine
_engine: Engine | None = None


def engine_for(url: str) -> Engine:
    """Build the engine for `sqlite:///path` or `postgresql://…`; opens nothing yet."""
    if url.startswith("sqlite:///"):
        return PooledSQLiteEngine(url.removeprefix("sqlite:///"))
    if url.startswith(("postgresql://", "postgres://")):
        return PooledPostgresEngine(url)
    raise ValueError(f"unknown database {url.split(':', 1)[0]!r}; use sqlite:/// or postgresql://")


def engine() -> Engine:
    """Return the open engine."""
    if _engine is None:
        raise RuntimeError("no database is open")
    return _engine


def transaction() -> Any:
    """Open a transaction, or a savepoint inside one."""
    return engine().transaction()


async def fetch(sqlite_or_both: str, args: tuple[Any, ...] = (), *, postgres: str | None = None) -> list[Any]:
    """Run raw SQL written with `?`; give `postgres` where the dialects differ."""
    if engine().engine_type == "sqlite":
        return await engine().fetch(sqlite_or_both, args)
    return await engine().fetch(postgres or numbered(sqlite_or_both), args)


def numbered(sql: str) -> str:
    """Turn each `?` into PostgreSQL's `$1`, `$2`, … (write no literal `?`)."""
    first, *rest = sql.split("?")
    return first + "".join(f"${n}{part}" for n, part in enumerate(rest, 1))


class DatabaseUnreachable(ConnectionError):
    """The database that the settings name cannot be opened; says why, and shows no password."""


def _named(url: str) -> str:
    if url.startswith("sqlite:///"):
        return f"the file {url.removeprefix('sqlite:///')}"
    where = urlsplit(url)
    return f"the database {where.path.lstrip('/')} at {where.hostname}"


def _why(url: str, error: Exception) -> str:
    if url.startswith("sqlite:///") and not (folder := Path(url.removeprefix("sqlite:///")).parent).is_dir():
        return f"the folder {folder} is not there"
    return str(error) or type(error).__name__


@asynccontextmanager
async def open_database(url: str) -> AsyncIterator[Engine]:
    """Open the pool, bind every imported table to it, close it at the end.

    :raises DatabaseUnreachable: it cannot be opened.
    """
    global _engine
    opened = engine_for(url)
    try:
        await opened.start_connection_pool()
    except (OSError, sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise DatabaseUnreachable(
            f"{_named(url)} of NUANLIU_DATABASE_URL cannot be opened: {_why(url, error)}"
        ) from error
    _engine = opened
    for table in TABLE_REGISTRY:
        table._meta.db = opened
    try:
        yield opened
    finally:
        await opened.close_connection_pool()
        _engine = None
