"""A small demo county on both databases, and people who walk through it over HTTP, without a network."""

import asyncio
import itertools
import os
import shutil
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from core.access import DEMO_PASSWORD
from core.app import House, create_app, prepare
from core.demo import build
from core.settings import Settings
from core.testing import TEST_SECRET

HOUSEHOLDS = 60
_numbers = itertools.count(1)


def settings_for(url: str, **options: Any) -> Settings:
    return Settings(database_url=url, secret=TEST_SECRET, demo=True, **options)


async def _fill(url: str) -> None:
    house = prepare(settings_for(url))
    async with house.open(apply_migrations=True):
        await build(house, households=HOUSEHOLDS, now=datetime.now(UTC))


@pytest.fixture(scope="session")
def filled_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("filled") / "filled.sqlite"
    _run(_fill(f"sqlite:///{file}"))
    return file


@pytest.fixture(scope="session")
def filled_postgres(postgres_server: str) -> str:
    name = f"nuanliu_filled_{os.getpid()}"
    _run(_execute(postgres_server.format(name="postgres"), f"CREATE DATABASE {name}"))
    _run(_fill(postgres_server.format(name=name)))
    return name


@pytest.fixture
def copies(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Make copies of the filled database of an engine: `copies("sqlite")` is the address of a new one."""
    dropped: list[tuple[str, str]] = []

    def copy(engine: str) -> str:
        number = next(_numbers)
        if engine == "sqlite":
            source: Path = request.getfixturevalue("filled_sqlite")
            return f"sqlite:///{shutil.copy(source, tmp_path / f'{number}.sqlite')}"
        server: str = request.getfixturevalue("postgres_server")
        template: str = request.getfixturevalue("filled_postgres")
        name, admin = f"nuanliu_copy_{os.getpid()}_{number}", server.format(name="postgres")
        _run(_execute(admin, f"CREATE DATABASE {name} TEMPLATE {template}"))
        dropped.append((admin, name))
        return server.format(name=name)

    yield copy
    for admin, name in dropped:
        _run(_execute(admin, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(params=["sqlite", "postgres"])
def filled_url(request: pytest.FixtureRequest, copies: Callable[[str], str]) -> str:
    """The address of a copy of the filled county."""
    return copies(request.param)


@asynccontextmanager
async def served(url: str, *, house: House | None = None, **options: Any) -> AsyncIterator[Callable[..., Any]]:
    """Serve a database; yields `sign_in(login)`, which gives somebody's own browser."""
    app = create_app(settings_for(url, **options), house=house, background=False)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(app.lifespan())

        async def sign_in(login: str | None, language: str = "en") -> httpx.AsyncClient:
            client = await stack.enter_async_context(
                httpx.AsyncClient(
                    transport=httpx.ASGITransport(app), base_url="http://test", headers={"accept-language": language}
                )
            )
            if login is not None:
                await client.get("/sign-in")
                form = {
                    "login": login,
                    "password": DEMO_PASSWORD,
                    "_csrf_token": client.cookies["nuanliu_csrf"],
                }
                answer = await client.post("/sign-in", data=form)
                assert answer.status_code == 303, answer.text
            return client

        yield sign_in


def _run(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run to the end from a test that has a loop of its own."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, coroutine).result()


async def _execute(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    for statement in statements:
        await connection.execute(statement)
    await connection.close()
