"""A county of two towns with people who work in it, made anew for each test; and a count of statements."""

import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import entry_points
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest

from core import access, plugins, terms
from core.access import actor_for, add_user, give_grant, give_mandate
from core.actor import Actor, house
from core.app import House, prepare
from core.database import Engine, new_id, transaction
from core.needs import Turn, raise_need, refer, report, turn
from core.plugins import GROUP
from core.registry.tables import Area, Household, Membership, Organisation, Person
from core.settings import Settings
from core.testing import TEST_SECRET
from core.web.clock import stopped

NOW = datetime(2026, 11, 23, 1, 40, tzinfo=UTC)
TODAY = date(2026, 11, 23)
PASSWORD = "a password for tests"
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def _core_alone() -> House:
    """The house without any plugin."""
    installed = tuple(entry.name for entry in entry_points(group=GROUP))
    return prepare(Settings(secret=TEST_SECRET, demo=True, disabled_plugins=installed))


@pytest.fixture
async def built(_core_alone: House, database: Engine) -> AsyncIterator[House]:
    """The house of core, its terms in the database of this test; the clock stands still."""
    access.learn(_core_alone.permissions)
    access.set_grace(30)
    plugins.set_host(_core_alone.plugins)
    await terms.keep(_core_alone.terms, lambda _language, _plugin, msgid: msgid)
    with stopped(NOW):
        yield _core_alone
    plugins.set_host(None)


@dataclass
class SmallCounty:
    """Areas, and makers of people, households and needs."""

    house: House
    city: UUID
    area: UUID
    towns: tuple[UUID, UUID]
    villages: tuple[UUID, UUID]
    now: datetime = NOW
    today: date = TODAY
    actors: dict[str, Actor] = field(default_factory=dict)

    async def officer(self, login: str = "town", *, towns: tuple[int, ...] = (0,), role: str = "town") -> Actor:
        """An officer of one or more of the towns."""
        grants = [{"area": self.towns[town], "level": "town", "label": f"town {town}"} for town in towns]
        return await self.person_in_office(login, role, grants)

    async def county_wide(self, login: str = "county", role: str = "county") -> Actor:
        """Somebody whose role covers the county."""
        return await self.person_in_office(login, role, [{"area": self.area, "level": "county", "label": "the county"}])

    async def administrator(self, login: str = "admin") -> Actor:
        return await self.person_in_office(login, "admin", [{}])

    async def worker(self, organisation: UUID, login: str = "worker", role: str = "worker") -> Actor:
        """A worker of an organisation, who is a person of the registry."""
        grants = [{"organisation": organisation, "label": "org"}]
        return await self.person_in_office(login, role, grants, await self.person(login), organisation)

    async def person(self, name: str = "somebody") -> UUID:
        """A person of the registry."""
        row = Person(name=name, created_at=self.now)
        await row.save()
        made: UUID = row.id
        return made

    async def person_in_office(
        self, login: str, role: str, grants: list[dict[str, Any]], person: UUID | None = None, body: UUID | None = None
    ) -> Actor:
        user = await add_user(
            login, f"{login} of the test", PASSWORD, actor=house("a test"), now=self.now, person=person,
            organisation=body, demo=True,
        )  # fmt: skip
        for grant in grants:
            await give_grant(user, role, actor=house("a test"), now=self.now, from_on=self.today, **grant)
        actor = await self.again(login)
        self.actors[login] = actor
        return actor

    async def again(self, login: str, *, at: datetime | None = None) -> Actor:
        """The same person, with what their grants allow at a moment."""
        actor = await actor_for(login, now=at or self.now)
        assert actor is not None
        return actor

    async def organisation(self, name: str = "Warm Sun", *, until_on: date | None = None) -> UUID:
        """An organisation with an agreement."""
        row = Organisation(name=name, created_at=self.now)
        await row.save()
        await give_mandate(row.id, plugin="test", record=new_id(), from_on=self.today, until_on=until_on)
        made: UUID = row.id
        return made

    async def household(self, town: int = 0, name: str = "Zhong Xiulan", code: str | None = None, **more: Any) -> UUID:
        """A household of a mother and her son."""
        row = Household(
            code=code or f"360803-{next(_numbers):06}", city=self.city, county=self.area, town=self.towns[town],
            village=self.villages[town], head_name=name, head_sort=name.lower(), size=2, created_at=self.now, **more,
        )  # fmt: skip
        await row.save()
        for relation, member in (("02", name), ("20", f"son of {name}")):
            person = Person(name=member, birth_on=date(2014, 5, 1), created_at=self.now)
            await person.save()
            await Membership(household=row.id, person=person.id, relation=relation, from_on=self.today).save()
        made: UUID = row.id
        return made

    async def need(self, actor: Actor, household: UUID | None = None, **more: Any) -> UUID:
        """A need that an officer wrote down."""
        words = "The boy of 12 does not leave his room since spring."
        given: dict[str, Any] = {"urgency": "soon", "source": "visit", **more}
        kind = given.pop("kind", "needs.counselling")
        return await raise_need(
            household or await self.household(), kind, words, actor=actor, now=self.now, today=self.today, **given
        )

    async def referred(self, need: UUID, officer: Actor, organisation: UUID | None, **more: Any) -> UUID:
        """Refer a need as a plugin does; return the plugin's record."""
        made = new_id()
        given: dict[str, Any] = {"plugin": "test", "provider": "Warm Sun", **more}
        async with transaction():
            await refer(need, record_id=made, organisation=organisation, actor=officer, now=self.now, **given)
        return made

    async def move(self, record: UUID, actor: Actor, *moves: Any, reason: str | None = None) -> Turn:
        """Report moves of a referral, each in a transaction of its own, as a plugin does."""
        for move in moves:
            async with transaction():
                taken = await turn("test", record, actor=actor, now=self.now)
                await report(taken, move, actor=actor, now=self.now, reason=reason)
        return taken

    async def delivered(self, officer: Actor, worker: Actor | None = None, household: UUID | None = None) -> UUID:
        """A need that a provider reported as done."""
        need = await self.need(officer, household)
        record = await self.referred(need, officer, worker.organisation if worker else None)
        await self.move(record, worker or officer, "accept", "finish")
        return need

    def later(self, days: int) -> datetime:
        return self.now + timedelta(days=days)


@pytest.fixture
async def county(built: House) -> SmallCounty:
    made: dict[str, UUID] = {}
    for name, level, parent in (
        ("Ji'an", "city", None), ("Qingyuan", "county", "Ji'an"), ("Zhixia", "town", "Qingyuan"),
        ("Futian", "town", "Qingyuan"), ("Pingtian", "village", "Zhixia"), ("Wujia", "village", "Futian"),
    ):  # fmt: skip
        area = Area(name=name, level=level, parent=made[parent] if parent else None, from_on=date(2020, 1, 1))
        await area.save()
        made[name] = area.id
    return SmallCounty(
        built, made["Ji'an"], made["Qingyuan"], (made["Zhixia"], made["Futian"]), (made["Pingtian"], made["Wujia"])
    )


@pytest.fixture
def plugin(built: House) -> Iterator[Callable[..., ModuleType]]:
    """Install hook implementations as a plugin for the length of a test: `plugin("kind", offers_for_need=…)`."""
    before, added = built.plugins, []

    def install(name: str, **hooks: Any) -> ModuleType:
        module = ModuleType("tests.core")  # a package that is there, without templates or static files
        for hook, function in hooks.items():
            setattr(module, hook, plugins.hookspecs.hookimpl(function))
        before.add(module, name)
        added.append(name)
        before.declare_objections({"needs.withdraw"})
        return module

    yield install
    for name in added:
        before._manager.unregister(name=name)
        del before.modules[name]
    before.declare_objections({"needs.withdraw"})


@pytest.fixture
def counted(database: Engine, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    """Count the statements that are sent inside a block: `with counted() as sent: …; len(sent)`."""
    sent: list[str] = []
    fetch = database.fetch

    async def watched(sql: str, *args: Any, **kwargs: Any) -> Any:
        sent.append(sql)
        return await fetch(sql, *args, **kwargs)

    monkeypatch.setattr(database, "fetch", watched)

    @contextmanager
    def counting() -> Iterator[list[str]]:
        sent.clear()
        yield sent

    return counting


__all__ = ["NOW", "PASSWORD", "TODAY", "SmallCounty", "_core_alone", "built", "counted", "county", "plugin"]
