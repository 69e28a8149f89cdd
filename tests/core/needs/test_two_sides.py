"""Officers, providers and the registry act on the same needs at once (PostgreSQL: SQLite has one writer)."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest

from core.actor import Actor
from core.database import fetch, new_id, transaction
from core.errors import NotYours, Refused
from core.needs import pass_on, turn, withdraw_need
from core.registry import move_household

from .small_county import SmallCounty

SIDE = 200
RACES = (("refer", "withdraw"), ("accept", "withdraw"), ("finish", "move"), ("refer", "move"), ("decline", "pass_on"))


class Case:
    """One household's need and what the two sides may do about it."""

    def __init__(self, county: SmallCounty, officer: Actor, worker: Actor) -> None:
        self.county, self.officer, self.worker = county, officer, worker
        self.moved = 0

    async def begin(self, race: tuple[str, str]) -> None:
        self.household = await self.county.household()
        self.need = await self.county.need(self.officer, self.household)
        self.record: UUID | None = None
        if "refer" not in race:
            self.record = await self.county.referred(self.need, self.officer, self.worker.organisation)
        if "finish" in race:
            assert self.record is not None
            await self.county.move(self.record, self.worker, "accept")

    async def refer(self) -> None:
        self.record = await self.county.referred(self.need, self.officer, self.worker.organisation)

    async def withdraw(self) -> None:
        await withdraw_need(self.need, why="the aunt helps", actor=self.officer, now=self.county.now)

    async def move(self) -> None:
        self.moved += 1
        village = self.county.villages[self.moved % 2]
        await move_household(self.household, village, actor=self.officer, now=self.county.now, why="moved")

    async def report(self, move: str) -> None:
        await self.county.move(self.record or new_id(), self.worker, move)

    async def pass_on(self) -> None:
        async with transaction():
            taken = await turn("test", self.record or new_id(), actor=self.officer, now=self.county.now)
            await pass_on(
                taken, plugin="test", record_id=new_id(), provider="Next", organisation=self.worker.organisation,
                reason="no answer", actor=self.officer, now=self.county.now,
            )  # fmt: skip

    def act(self, name: str) -> Callable[[], Awaitable[None]]:
        if name in ("accept", "decline", "finish"):
            return lambda: self.report(name)
        chosen: Callable[[], Awaitable[None]] = getattr(self, name)
        return chosen


@pytest.mark.parametrize("url", ["postgres"], indirect=True)
@pytest.mark.parametrize("needs", [SIDE, 5], ids=["200 needs", "5 needs, 40 times each"])
async def test_two_sides_of_a_need_never_part(county: SmallCounty, needs: int) -> None:
    officer = await county.county_wide()
    worker = await county.worker(await county.organisation())
    cases = []
    for number in range(needs):
        case, race = Case(county, officer, worker), RACES[number % len(RACES)]
        await case.begin(race)
        cases.append((case, race))
    ended: Counter[str] = Counter()

    async def side(case: Case, name: str) -> None:
        try:
            await case.act(name)()
            ended[name] += 1
        except (Refused, NotYours):  # refused in words, or the provider has no referral yet: both are answers
            ended[f"{name} refused"] += 1

    acts = [
        side(case, race[which])
        for number in range(SIDE)
        for case, race in [cases[number % needs]]
        for which in (number % 2, 1 - number % 2)
    ]
    assert len(acts) == 2 * SIDE
    await asyncio.gather(*acts)  # a deadlock, a lock out of order or a broken constraint raises here
    assert ended.total() == 2 * SIDE
    assert all(set(race) & set(ended) for race in RACES), "every race was won by somebody"
    assert needs < SIDE or {name for race in RACES for name in race} <= set(ended), "each act succeeded at least once"
    apart = await fetch(
        "SELECT n.state, r.state AS referral FROM needs_need n LEFT JOIN needs_referral r ON r.need = n.id AND r.open"
        " WHERE (n.state, coalesce(r.state, '-')) NOT IN (('open', '-'), ('referred', 'sent'),"
        " ('in_service', 'accepted'), ('delivered', '-'), ('withdrawn', '-'))"
    )
    assert not apart, "a need and its referral say the same"
    for table, still_open in (("needs_need", "t.state <> 'withdrawn'"), ("needs_referral", "t.open")):
        left = await fetch(
            f"SELECT t.id FROM {table} t JOIN registry_household h ON h.id = t.household"
            f" WHERE {still_open} AND (t.town <> h.town OR t.village <> h.village OR t.county <> h.county)"
        )
        assert not left, f"no open row of {table} stays in the old town"
    alive = await fetch(
        "SELECT s.id FROM access_share s JOIN needs_referral r ON r.record = s.record"
        " WHERE (s.until_at IS NULL) <> r.open"
    )
    assert not alive, "a share lasts as long as its referral"
