"""Every database of this folder also has the tables of the shelf."""

import asyncio
import os

import pytest

from core.database import migrate, open_database

SHELF = "tests.core.database.shelf"


async def _lay(url: str) -> list[str]:
    async with open_database(url):
        return await migrate([SHELF])


@pytest.fixture
def url(url: str) -> str:
    assert asyncio.run(_lay(url)) == [f"{SHELF}/0001_roster"]
    return url


@pytest.fixture(scope="session")
def crowd() -> int:
    """How many press the button at once, in each process; `make long` sends more."""
    return 1000 if os.environ.get("NUANLIU_LONG") else 100
