"""Bring a database up to date: every package's `migrations/NNNN_name.py`, once, all or nothing.

A step is `async def forwards(run: Run) -> None` with frozen SQL in it. SQL that both databases
take is written once (`COLLATE C` and `BYTES` are spelt for each); `run.engine_type` decides where
they differ. All steps of a start run in one transaction, on SQLite too, and under one lock, so two
processes that start at once apply them once, and a kill in the middle leaves the database as it was.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.resources import files
from typing import Any, Literal

from .connect import engine, fetch, transaction

_RECORD = """CREATE TABLE IF NOT EXISTS nuanliu_migration (
    package VARCHAR(100) NOT NULL, step VARCHAR(100) NOT NULL, sha256 VARCHAR(64) NOT NULL,
    applied TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP, PRIMARY KEY (package, step))"""
_CATALOGUE = """CREATE TABLE IF NOT EXISTS catalogue (
    table_name VARCHAR(100) NOT NULL, column_name VARCHAR(100) NOT NULL, refers_to VARCHAR(20) NOT NULL,
    data_class VARCHAR(2) NOT NULL, open_when VARCHAR(300), has_place BOOLEAN NOT NULL, lock_rank INTEGER NOT NULL,
    retention VARCHAR(100) NOT NULL, package VARCHAR(100) NOT NULL, PRIMARY KEY (table_name, column_name),
    CHECK (refers_to IN ('household', 'person', 'organisation')))"""


class MigrationError(RuntimeError):
    """The database and the code do not fit together; says which step."""


@dataclass(frozen=True)
class Run:
    """What a step gets: the dialect and a way to execute."""

    engine_type: str
    package: str = "core"

    async def __call__(self, *statements: str) -> None:
        """Execute statements; `COLLATE C` and `BYTES` become what this database calls them."""
        postgres = self.engine_type == "postgres"
        for statement in statements:
            spelt = re.sub(r" COLLATE C\b", ' COLLATE "C"' if postgres else "", statement)
            await engine().run_ddl(re.sub(r" BYTES\b", " BYTEA" if postgres else " BLOB", spelt))

    async def refer(
        self,
        table: str,
        column: str,
        refers_to: Literal["household", "person", "organisation"],
        *,
        data_class: str = "C2",
        open_when: str | None = None,
        has_place: bool = False,
        lock_rank: int = 5,
        retention: str = "relief_file",
    ) -> None:
        """Enter a reference into the catalogue, by which core moves, merges, gathers and erases.

        :param open_when: SQL over the row's own columns that says whether it still is open; open
            rows with a place follow their household.
        :param has_place: the table has `city, county, town, village`.
        :param lock_rank: where the table stands in the lock order (`database.Rank`).
        """
        await fetch(
            "INSERT INTO catalogue (table_name, column_name, refers_to, data_class, open_when, has_place, lock_rank,"
            " retention, package) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (table, column, refers_to, data_class, open_when, has_place, lock_rank, retention, self.package),
        )


async def migrate(packages: Sequence[str]) -> list[str]:
    """Apply what is missing, packages in the order given (core first); name what was applied.

    :raises MigrationError: a step was changed after it was applied, or the database is newer.
    """
    applied: list[str] = []
    async with transaction():
        if engine().engine_type == "postgres":  # on SQLite BEGIN IMMEDIATE is the lock
            await fetch("SELECT pg_advisory_xact_lock(7281)")
        await engine().run_ddl(_RECORD)
        await engine().run_ddl(_CATALOGUE)
        known = await _known()
        for package in packages:
            found = steps(package)
            _refuse_misfit(package, found, known)
            for step, sha256 in found.items():
                if (package, step) in known:
                    continue
                module: Any = import_module(f"{package}.migrations.{step}")
                await module.forwards(Run(engine().engine_type, package))
                await fetch(
                    "INSERT INTO nuanliu_migration (package, step, sha256) VALUES (?, ?, ?)", (package, step, sha256)
                )
                applied.append(f"{package}/{step}")
    return applied


async def missing_steps(packages: Sequence[str]) -> list[str]:
    """Name the steps that `migrate` would apply; changes nothing."""
    there = await fetch(
        "SELECT 1 FROM sqlite_master WHERE name = 'nuanliu_migration'",
        postgres="SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'nuanliu_migration'",
    )
    known = await _known() if there else {}
    for package in packages:
        _refuse_misfit(package, steps(package), known)
    return [f"{package}/{step}" for package in packages for step in steps(package) if (package, step) not in known]


def steps(package: str) -> dict[str, str]:
    """List a package's steps in order, with the digest of each file."""
    folder = files(package) / "migrations"
    found = {
        file.name.removesuffix(".py"): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in (folder.iterdir() if folder.is_dir() else ())
        if file.name[:4].isdigit() and file.name.endswith(".py")
    }
    return dict(sorted(found.items()))


async def _known() -> dict[tuple[str, str], str]:
    rows = await fetch("SELECT package, step, sha256 FROM nuanliu_migration")
    return {(row["package"], row["step"]): row["sha256"] for row in rows}


def _refuse_misfit(package: str, found: dict[str, str], known: dict[tuple[str, str], str]) -> None:
    for (owner, step), sha256 in known.items():
        if owner != package:
            continue
        if step not in found:
            raise MigrationError(f"{package}: the database is newer than the code ({step})")
        if found[step] != sha256:
            raise MigrationError(f"{package}/{step} was changed after it was applied")
