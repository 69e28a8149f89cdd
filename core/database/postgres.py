"""PostgreSQL for Piccolo on a pool, with the same transaction rules as SQLite."""

import asyncio
from collections.abc import Sequence
from typing import Any

import asyncpg
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction
from piccolo.querystring import QueryString

from .columns import refuse_naive
from .one_task import OneTask


class PooledTransaction(OneTask, PostgresTransaction):
    """A pooled connection from BEGIN to COMMIT."""

    async def take(self) -> None:
        self.connection = await self.engine.pool.acquire()
        try:
            self.transaction = self.connection.transaction()
            await self.transaction.start()
        except BaseException:
            await asyncio.shield(self.engine.pool.release(self.connection))
            raise

    async def let_go(self, commit: bool) -> None:
        try:
            if commit and not self._rolled_back:
                await self.transaction.commit()
            elif not self._rolled_back:
                await self.transaction.rollback()
        finally:
            await self.engine.pool.release(self.connection)


class PooledPostgresEngine(PostgresEngine):
    """Start with `start_connection_pool()`; building it does not connect."""

    def __init__(self, dsn: str, connections: int = 10) -> None:
        self._size = connections
        super().__init__(config={"dsn": dsn})

    async def check_version(self) -> None:
        """Do nothing: Piccolo would connect here, in a thread, while settings are read."""

    async def start_connection_pool(self, **options: Any) -> None:
        # Without `reset` asyncpg sends a round trip each time a connection is given back.
        self.pool = await asyncpg.create_pool(
            **self.config, min_size=2, max_size=self._size, reset=_roll_back, **options
        )

    async def fetch(self, sql: str, args: Sequence[Any] = ()) -> list[Any]:
        """Run one statement; rows are tuples that know their names."""
        refuse_naive(args)
        current: Any = self.current_transaction.get()
        if current is not None:
            rows: list[Any] = await current.use().fetch(sql, *args)
            return rows
        assert self.pool is not None, "start_connection_pool() first"
        async with self.pool.acquire() as connection:
            return list(await connection.fetch(sql, *args))

    async def run_querystring(self, querystring: QueryString, in_pool: bool = True) -> list[Any]:
        return await self.fetch(*querystring.compile_string(engine_type="postgres"))

    async def run_ddl(self, ddl: str, in_pool: bool = True) -> list[Any]:
        return await self.fetch(ddl)

    def transaction(self, allow_nested: bool = True) -> PooledTransaction:
        return PooledTransaction(self, allow_nested)


async def _roll_back(connection: Any) -> None:
    if connection.is_in_transaction():
        await connection.execute("ROLLBACK")
