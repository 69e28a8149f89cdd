"""A county of two towns, two organisations and the people who work there, made anew for each test."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from core import Actor
from core import house as the_house
from core.access import actor_for, add_user, give_grant
from core.database import fetch, new_id
from core.needs import raise_need
from core.registry import Area, Household, Organisation, Person
from plugins.social_work import agreements, service

NOW = datetime(2026, 11, 23, 1, 40, tzinfo=UTC)
TODAY = date(2026, 11, 23)
COUNSELLING = "needs.service_counselling"
_numbers = itertools.count(1)


@dataclass
class Scene:
    """Who and what a test needs; `town`, `county`, `worker` act."""

    city: UUID
    county_area: UUID
    towns: tuple[UUID, UUID]
    villages: tuple[UUID, UUID]
    county: Actor
    town: Actor
    other_town: Actor
    now: datetime = NOW
    today: date = TODAY

    async def person_in_office(self, login: str, role: str, **grant: Any) -> Actor:
        person = Person(name=login, created_at=NOW)
        await person.save()
        user = await add_user(
            login, f"{login} of the test", "a password for tests", actor=the_house("a test"), now=NOW,
            person=person.id, organisation=grant.get("organisation"), demo=True,
        )  # fmt: skip
        await give_grant(user, role, actor=the_house("a test"), now=NOW, from_on=date(2026, 1, 1), **grant)
        return await self.again(login)

    async def again(self, login: str, at: datetime = NOW) -> Actor:
        """The same person with what their grants allow at a moment."""
        actor = await actor_for(login, now=at)
        assert actor is not None
        return actor

    async def organisation(self, name: str = "Warm Sun") -> UUID:
        row = Organisation(name=name, county=self.county_area, created_at=NOW)
        await row.save()
        made: UUID = row.id
        return made

    async def provider(self, organisation: UUID | None = None, **more: Any) -> UUID:
        """A provider of counselling in the first town, with five places."""
        return await agreements.add_provider(
            organisation or await self.organisation(), self.agreement(**more), actor=self.county, now=NOW
        )

    def agreement(self, **more: Any) -> agreements.Agreement:
        usual: dict[str, Any] = {
            "from_on": date(2026, 1, 1), "until_on": date(2027, 1, 1), "services": [COUNSELLING],
            "towns": [self.towns[0]], "places": 5, "contact_days": 3,
        }  # fmt: skip
        return agreements.Agreement(**{**usual, **more})

    async def worker_of(self, provider: UUID, login: str = "worker", role: str = "worker") -> Actor:
        return await self.person_in_office(login, role, organisation=await organisation_of(provider))

    async def household(self, town: int = 0) -> UUID:
        row = Household(
            code=f"360803-{next(_numbers):06}", city=self.city, county=self.county_area, town=self.towns[town],
            village=self.villages[town], head_name="Zhong Xiulan", head_sort="zhongxiulan", size=2, created_at=NOW,
        )  # fmt: skip
        await row.save()
        made: UUID = row.id
        return made

    async def need(self, household: UUID | None = None, *, kind: str = "needs.counselling", town: int = 0) -> UUID:
        actor = self.town if town == 0 else self.other_town
        return await raise_need(
            household or await self.household(town), kind, "does not leave his room", urgency="soon", source="visit",
            actor=actor, now=NOW, today=TODAY,
        )  # fmt: skip

    async def order(self, provider: UUID, need: UUID | None = None, **more: Any) -> UUID:
        usual: dict[str, Any] = {"instructions": "He is shy.", "actor": self.town, "now": NOW, "today": TODAY}
        return await service.dispatch(need or await self.need(), provider, **{**usual, **more})

    async def accepted(self, provider: UUID, worker: Actor, need: UUID | None = None) -> UUID:
        order = await self.order(provider, need)
        await service.accept(order, actor=worker, now=NOW, today=TODAY)
        return order

    async def session(self, order: UUID, worker: Actor, **more: Any) -> UUID:
        usual: dict[str, Any] = {
            "day": TODAY, "minutes": 60, "setting": "home", "outcome": "done", "note": "He opened the door himself.",
            "now": NOW, "today": TODAY,
        }  # fmt: skip
        return await service.log_session(order, actor=worker, **{**usual, **more})

    async def completed(self, provider: UUID, worker: Actor, need: UUID | None = None) -> UUID:
        order = await self.accepted(provider, worker, need)
        await self.session(order, worker)
        await service.complete(order, actor=worker, now=NOW)
        return order

    def later(self, days: int) -> datetime:
        return NOW + timedelta(days=days)


async def organisation_of(provider: UUID) -> UUID:
    rows = await fetch("SELECT organisation FROM social_work_provider WHERE id = ?", (provider,))
    made: UUID = rows[0]["organisation"]
    return made


async def row_of(table: str, id_: UUID) -> dict[str, Any]:
    """One row as the database has it."""
    rows = await fetch(f"SELECT * FROM {table} WHERE id = ?", (id_,))
    return dict(zip(rows[0].keys(), rows[0], strict=True))


async def taken(provider: UUID) -> int:
    return int((await row_of("social_work_provider", provider))["taken"])


async def together(verbs: Any) -> list[Any]:
    """Run verbs at once, each in a task of its own; return what each returned or raised."""

    async def one(verb: Awaitable[Any]) -> Any:
        return await verb

    return await asyncio.gather(*map(one, verbs), return_exceptions=True)


@pytest.fixture
async def scene(house: Any, stop_clock: Any) -> AsyncIterator[Scene]:
    made: dict[str, UUID] = {}
    for name, level, parent in (
        ("Ji'an", "city", None), ("Qingyuan", "county", "Ji'an"), ("Zhixia", "town", "Qingyuan"),
        ("Futian", "town", "Qingyuan"), ("Pingtian", "village", "Zhixia"), ("Wujia", "village", "Futian"),
    ):  # fmt: skip
        made[name] = new_id()
        await Area(
            id=made[name], name=name, level=level, parent=made[parent] if parent else None, from_on=date(2020, 1, 1)
        ).save()
    nobody = the_house("nobody")
    scene = Scene(
        made["Ji'an"], made["Qingyuan"], (made["Zhixia"], made["Futian"]), (made["Pingtian"], made["Wujia"]),
        nobody, nobody, nobody,
    )  # fmt: skip
    scene.county = await scene.person_in_office("county", "county", area=scene.county_area, level="county")
    scene.town = await scene.person_in_office("town", "town", area=scene.towns[0], level="town")
    scene.other_town = await scene.person_in_office("town2", "town", area=scene.towns[1], level="town")
    with stop_clock(NOW):
        yield scene


@pytest.fixture
async def provider(scene: Scene) -> UUID:
    """Warm Sun: counselling in the first town, five places."""
    return await scene.provider()


@pytest.fixture
async def worker(scene: Scene, provider: UUID) -> Actor:
    """A worker of Warm Sun."""
    return await scene.worker_of(provider)
