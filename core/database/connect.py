"""The one place that knows which database this is.

`tables.py` files never name an engine (building one belongs to start-up). The composition root
calls `open_database(settings.database_url)` after all plugins are loaded; it binds every table.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

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


@asynccontextmanager
async def open_database(url: str) -> AsyncIterator[Engine]:
    """Open the pool, bind every imported table to it, close it at the end."""
    global _engine
    _engine = opened = engine_for(url)
    await opened.start_connection_pool()
    for table in TABLE_REGISTRY:
        table._meta.db = opened
    try:
        yield opened
    finally:
        await opened.close_connection_pool()
        _engine = None
