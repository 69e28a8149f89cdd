"""Migrations: once, all or nothing, on both databases."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.database import Engine, MigrationError, fetch, migrate, missing_steps, open_database

from .conftest import SHELF

FIRST = """
async def forwards(run):
    await run("CREATE TABLE parcel_a (id INTEGER PRIMARY KEY, key VARCHAR(9) COLLATE C, bytes BYTES)")
    await run.refer("parcel_a", "id", "person", data_class="C4", open_when="key = 'x'", lock_rank=6, retention="a year")
"""
SECOND = """
import os, time
async def forwards(run):
    await run("CREATE TABLE parcel_b (id INTEGER PRIMARY KEY)", "INSERT INTO parcel_b VALUES (1)")
    await run("ALTER TABLE parcel_a ADD COLUMN name VARCHAR(9)")
    if os.environ.get("STOP_HERE"):
        print("halfway", flush=True)
        time.sleep(60)
"""
CHILD = """
import asyncio, sys
from core.database import migrate, open_database
async def main():
    async with open_database(sys.argv[1]):
        print(*await migrate(["parcel"]))
asyncio.run(main())
"""
STEPS = ["parcel/0001_first", "parcel/0002_second"]


@pytest.fixture
def parcel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package with two steps, on the path of this process and its children."""
    folder = tmp_path / "parcel" / "migrations"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").touch()
    (folder / "0001_first.py").write_text(FIRST)
    (folder / "0002_second.py").write_text(SECOND)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for name in [name for name in sys.modules if name.partition(".")[0] == "parcel"]:
        del sys.modules[name]


async def child(url: str, **environment: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", CHILD, url, stdout=asyncio.subprocess.PIPE, env={**os.environ, **environment}
    )


async def tables(url: str) -> set[str]:
    async with open_database(url):
        rows = await fetch(
            "SELECT name FROM sqlite_master WHERE type = 'table'",
            postgres="SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'",
        )
    return {row["name"] for row in rows if row["name"].startswith("parcel")}


async def test_a_kill_in_the_middle_leaves_nothing_and_the_next_start_completes(url: str, parcel: Path) -> None:
    process = await child(url, STOP_HERE="1")
    assert process.stdout is not None
    assert await asyncio.wait_for(process.stdout.readline(), 20) == b"halfway\n"
    process.send_signal(signal.SIGKILL)
    await process.wait()
    assert await tables(url) == set()
    printed, _ = await (await child(url)).communicate()
    assert printed.decode().split() == STEPS
    assert await tables(url) == {"parcel_a", "parcel_b"}


async def test_two_that_start_at_once_apply_once(url: str, parcel: Path) -> None:
    both = [await child(url) for _ in range(2)]
    printed = [(await process.communicate())[0].decode().split() for process in both]
    assert sorted(printed) == [[], STEPS]


async def test_a_step_that_fails_takes_back_those_before_it(url: str, parcel: Path) -> None:
    (parcel / "0002_second.py").write_text(SECOND + "    await run('no SQL')\n")
    async with open_database(url):
        with pytest.raises(Exception, match="syntax"):
            await migrate(["parcel"])
        assert await missing_steps(["parcel"]) == STEPS
    assert await tables(url) == set()


async def test_a_step_changed_after_it_was_applied_is_named(url: str, parcel: Path) -> None:
    async with open_database(url):
        assert await migrate(["parcel"]) == STEPS
        assert await migrate(["parcel"]) == []
        (parcel / "0001_first.py").write_text(FIRST + "# later\n")
        for look in (migrate, missing_steps):
            with pytest.raises(MigrationError, match="parcel/0001_first was changed"):
                await look(["parcel"])


async def test_a_database_newer_than_the_code_is_refused(url: str, parcel: Path) -> None:
    async with open_database(url):
        await migrate(["parcel"])
        (parcel / "0002_second.py").unlink()
        for look in (migrate, missing_steps):
            with pytest.raises(MigrationError, match=r"newer than the code \(0002_second\)"):
                await look(["parcel"])


async def test_missing_steps_are_named_and_nothing_is_changed(url: str, parcel: Path) -> None:
    async with open_database(url):
        assert await missing_steps([SHELF, "parcel"]) == STEPS
        await migrate([SHELF, "parcel"])
        assert await missing_steps([SHELF, "parcel"]) == []


async def test_an_empty_database_misses_every_step(tmp_path: Path, parcel: Path) -> None:
    async with open_database(f"sqlite:///{tmp_path / 'empty.sqlite'}"):
        assert await missing_steps(["parcel"]) == STEPS
    assert await tables(f"sqlite:///{tmp_path / 'empty.sqlite'}") == set()


async def test_a_step_enters_its_references_into_the_catalogue(database: Engine, parcel: Path) -> None:
    await migrate(["parcel"])
    (row,) = await fetch("SELECT * FROM catalogue WHERE table_name = 'parcel_a'")
    assert dict(row) == {
        "table_name": "parcel_a",
        "column_name": "id",
        "refers_to": "person",
        "data_class": "C4",
        "open_when": "key = 'x'",
        "has_place": row["has_place"],
        "lock_rank": 6,
        "retention": "a year",
        "package": "parcel",
    }
    assert not row["has_place"]


async def test_bytes_and_keys_are_spelt_for_each_database(database: Engine, parcel: Path) -> None:
    await migrate(["parcel"])
    rows = await fetch(
        "SELECT lower(type) AS type, '' AS collation FROM pragma_table_info('parcel_a') WHERE name IN ('key', 'bytes')",
        postgres="SELECT format_type(atttypid, NULL) AS type, coalesce(collname, '') AS collation FROM pg_attribute"
        " LEFT JOIN pg_collation ON pg_collation.oid = attcollation AND collname <> 'default'"
        " WHERE attrelid = 'parcel_a'::regclass AND attname IN ('key', 'bytes') ORDER BY attnum",
    )
    expected = [("varchar(9)", ""), ("blob", "")]
    if database.engine_type == "postgres":
        expected = [("character varying", "C"), ("bytea", "")]
    assert [tuple(row) for row in rows] == expected
