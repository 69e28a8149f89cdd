"""SQLite for Piccolo: one connection reads, one writes, for as long as the engine lives.

Piccolo opens a connection, and a thread, for every query. Here statements run in the event
loop's own thread: sqlite3 lets go of the GIL at every row, and a thread under load waits for it
each time (measured: 2.0 ms instead of 0.9 a page). So a statement must be short, as all in a
request are; a longer one is run `aside()`, and one that held the loop is logged.
"""

import asyncio
import logging
import re
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from contextvars import ContextVar
from typing import Any

from piccolo.engine.sqlite import SQLiteEngine, TransactionType
from piccolo.querystring import QueryString

from .columns import refuse_naive
from .sqlite_connection import Connection, WriteTransaction

log = logging.getLogger(__name__)
HELD = 0.05  # seconds after which a statement is worth a warning
_READ = re.compile(r"\s*(SELECT|EXPLAIN|WITH(?!.*\b(INSERT|UPDATE|DELETE)\b))", re.I | re.S)
_aside: ContextVar[bool] = ContextVar("aside", default=False)


@contextmanager
def aside() -> Iterator[None]:
    """Run the reads inside in a thread: for a report, a search, an export."""
    token = _aside.set(True)
    try:
        yield
    finally:
        _aside.reset(token)


class PooledSQLiteEngine(SQLiteEngine):
    """Start with `start_connection_pool()`, in the event loop that will use it."""

    async def start_connection_pool(self) -> None:
        self.turn = asyncio.Lock()
        # FULL: what was acknowledged survives a power cut; busy_timeout 0: wait without blocking.
        self.writer = Connection(self.path, "journal_mode=WAL", "synchronous=FULL", "busy_timeout=0")
        self.reader = Connection(self.path, "query_only=1", "busy_timeout=5000", "cache_size=-65536")

    async def close_connection_pool(self) -> None:
        async with self.turn:
            self.reader.raw.close()
            self.writer.raw.close()

    async def fetch(self, sql: str, args: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """Run one statement where it belongs; rows are tuples that know their names."""
        refuse_naive(args)
        current: Any = self.current_transaction.get()
        if current is not None:
            return self._run(current.use(), sql, args)
        if not _READ.match(sql):
            async with self.transaction() as single:
                return self._run(single.connection, sql, args)
        if _aside.get():
            return await asyncio.to_thread(self._run_aside, sql, args)
        return self._run(self.reader, sql, args)

    def _run(self, connection: Connection, sql: str, args: Sequence[Any]) -> list[sqlite3.Row]:
        started = time.perf_counter()
        rows = connection.run(sql, args)
        if (took := time.perf_counter() - started) > HELD:
            log.warning("held the event loop for %d ms, run it aside(): %s", took * 1000, sql)
        return rows

    def _run_aside(self, sql: str, args: Sequence[Any]) -> list[sqlite3.Row]:
        connection = Connection(self.path, "query_only=1", "busy_timeout=5000")
        with closing(connection.raw):
            return connection.run(sql, args)

    async def run_querystring(self, querystring: QueryString, in_pool: bool = False) -> Any:
        return _dicts(await self.fetch(*querystring.compile_string(engine_type="sqlite")))

    async def run_ddl(self, ddl: str, in_pool: bool = False) -> Any:
        return _dicts(await self.fetch(ddl))

    def transaction(
        self, transaction_type: TransactionType = TransactionType.immediate, allow_nested: bool = True
    ) -> WriteTransaction:
        return WriteTransaction(self, TransactionType.immediate, allow_nested)


def _dicts(rows: list[sqlite3.Row]) -> list[dict[str, Any]]:
    names = rows[0].keys() if rows else []
    return [dict(zip(names, row, strict=True)) for row in rows]
