"""What tests of the journal write into it."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest

from core.actor import Actor, house
from core.database import fetch, new_id, transaction
from core.journal import record
from core.journal.chains import ACCESS

Write = Callable[..., Awaitable[UUID]]


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def actor() -> Actor:
    return house("a test")


@pytest.fixture
def write(actor: Actor, now: datetime) -> Write:
    """Do an act about an object; return the object."""

    async def write(action: str = "needs.raised", about: UUID | None = None, at: datetime | None = None) -> UUID:
        about = about or new_id()
        async with transaction():
            await record(actor, action, about, now=at or now, fields={"kind": "company"}, household=new_id())
        return about

    return write


@pytest.fixture
def look(now: datetime) -> Callable[[], Awaitable[None]]:
    """Write down that somebody looked."""

    async def look() -> None:
        row = dict.fromkeys(ACCESS.columns) | {
            "id": new_id(),
            "at": now,
            "actor_name": "a test",
            "object": new_id(),
            "field": "registry_identity.number_sealed",
            "data_class": "C4",
            "purpose": "visit",
        }
        names, blanks = ", ".join(row), ", ".join("?" * (len(row) + 1))
        await fetch(f"INSERT INTO access_entry ({names}, mac) VALUES ({blanks})", (*row.values(), ACCESS.row_mac(row)))

    return look
