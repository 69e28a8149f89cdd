"""A connection to SQLite that stays open, and the transaction that holds the writing one."""

import asyncio
import sqlite3
import time
from collections.abc import Sequence
from typing import Any

from piccolo.engine.sqlite import SQLiteTransaction

from .one_task import OneTask

PATIENCE = 5.0  # seconds to wait for another process that writes


class Connection:
    """What Piccolo's transactions and savepoints expect of one."""

    def __init__(self, path: str, *pragmas: str) -> None:
        self.raw = sqlite3.connect(
            path,
            isolation_level=None,
            detect_types=sqlite3.PARSE_DECLTYPES,
            check_same_thread=False,  # COMMIT and what runs aside() use another thread, one at a time
            cached_statements=512,
        )
        self.raw.row_factory = sqlite3.Row
        for pragma in ("foreign_keys=1", "temp_store=MEMORY", "mmap_size=268435456", *pragmas):
            self.raw.execute(f"PRAGMA {pragma}")

    def run(self, sql: str, args: Sequence[Any] = ()) -> list[sqlite3.Row]:
        return self.raw.execute(sql, args).fetchall()

    async def execute(self, sql: str) -> None:
        self.raw.execute(sql)


class WriteTransaction(OneTask, SQLiteTransaction):
    """Holds the writing connection from BEGIN IMMEDIATE to COMMIT."""

    async def take(self) -> None:
        await self.engine.turn.acquire()  # fair within the process
        self.connection, until = self.engine.writer, time.monotonic() + PATIENCE
        try:
            while not self._begun():
                if time.monotonic() > until:
                    raise sqlite3.OperationalError("another process keeps the database locked")
                await asyncio.sleep(0.002)
        except BaseException:
            self.engine.turn.release()
            raise

    def _begun(self) -> bool:
        try:
            self.connection.raw.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            return False
        return True

    async def let_go(self, commit: bool) -> None:
        try:
            if commit:
                await asyncio.to_thread(self.connection.raw.commit)  # waits for the disk
        finally:
            self.connection.raw.rollback()  # nothing to do after a commit
            self.engine.turn.release()
