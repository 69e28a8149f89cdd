"""What the demo county shows of service orders: three organisations, orders in every state, sessions."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from core import Actor
from core.needs import NeedView, confirm_need, need_view, withdraw_need
from core.web import local_day

from . import agreements, service
from .rules import HOLDING


@dataclass(frozen=True)
class Body:
    """An organisation of the demo; `free` places are left when its orders are given."""

    name: str
    credit_code: str
    worker: str
    services: tuple[str, ...]
    states: tuple[str, ...]
    free: int
    contact_days: int
    note: str


EVERYTHING = ("counselling", "abilities", "inclusion", "humanistic", "linking", "nursing")
BODIES = (
    Body(
        "青原区暖阳社会工作服务中心", "52360803MJC100001R", "worker", EVERYTHING,
        ("in_progress", "dispatched", "confirmed", "accepted", "in_progress", "completed", "declined", "dispatched",
         "cancelled", "in_progress", "returned"),
        6, 3, "持证社工6人，会说客家话2人；周三、周六可入户。",
    ),
    Body(
        "同行家庭服务社", "52360803MJC200002F", "worker2", ("counselling", "inclusion", "humanistic", "abilities"),
        ("in_progress", "accepted"), 0, 5, "只做家庭与青少年；名额满时请先问其他机构。",
    ),
    Body(
        "庐陵乡伴社工站", "52360803MJC3000035", "worker4", EVERYTHING,
        ("dispatched", "in_progress"), 1, 2, "乡镇社工站，当天可电话联系。",
    ),
)  # fmt: skip
INSTRUCTIONS = (
    "先给村里妇女主任打电话，请她一起去；不要在门口谈家里的事。",
    "下午三点以后在家；奶奶耳背，说话慢一点。",
    "家里有狗，先在院外喊一声。",
    "本人怕生，第一次坐坐就走，不做记录。",
)
NOTES = (
    ("done", "home", 60, "第一次见面，坐在堂屋里聊了家常，说愿意我们再来。"),
    ("not_met", "home", 20, "家里没有人，邻居说去镇上看病了，留了字条。"),
    ("done", "phone", 15, "电话约好周六上门，声音比上次有力气。"),
    ("done", "home", 90, "一起把屋里收拾了一遍，说起以前的事，笑了两回。约好下次走到村口。"),
)
REASONS = {
    "declined": "这位老人只说客家话，我们懂客家话的两位同事近期都排满了。",
    "returned": "全家搬到县城女儿那里住，请改派城区的机构。",
    "cancelled": "侄女接到身边照顾了，家里说不用再派人。",
    "confirmed": "说现在每天肯出来吃饭，也愿意去学校看看了。",
}


async def fill(county: Any, actor: Actor) -> None:
    """Enter three organisations and give them orders; one is full, one has a single place left.

    :param county: `core.demo.DemoCounty`.
    """
    officer = await county.signed_in("county")
    needs = await _needs(county, officer)
    numbers = iter(range(1000))
    for body in BODIES:
        provider = await _enter(body, county, officer, places=len(body.states) + body.free)
        worker = await county.signed_in(body.worker)
        held = 0
        for state in body.states:
            need = next(needs, None)
            if need is not None:
                await _Story(county, provider, officer, worker, need, next(numbers)).until(state)
                held += state in HOLDING
        await agreements.change_provider(
            provider, _agreement(body, county, places=held + body.free), actor=officer, now=county.now
        )


async def _needs(county: Any, officer: Actor) -> Iterator[NeedView]:
    """Return needs for orders, every second one so that others stay open; those of the first town first."""
    views = [await need_view(officer, need) for need in await county.open_needs()]
    first = county.towns[0][0]
    near = sorted((view for view in views if view.town == first), key=lambda view: view.created_at)
    far = sorted((view for view in views if view.town != first), key=lambda view: view.created_at)
    mixed = [view for pair in zip(near[::2], far[::2], strict=False) for view in pair]
    rest = [view for view in [*near[::2], *far[::2]] if view not in mixed]
    suitable = ("needs.counselling", "needs.motivation", "needs.child_care", "needs.company", "needs.inclusion")
    return iter([view for view in [*mixed, *rest] if view.kind in suitable])


async def _enter(body: Body, county: Any, officer: Actor, *, places: int) -> UUID:
    organisation = await county.add_organisation(body.name, body.credit_code)
    provider = await agreements.add_provider(
        organisation, _agreement(body, county, places=places), actor=officer, now=county.now
    )
    await county.add_worker(body.worker, body.worker, organisation, body.name)
    return provider


def _agreement(body: Body, county: Any, *, places: int) -> agreements.Agreement:
    return agreements.Agreement(
        from_on=county.today - timedelta(days=200),
        until_on=county.today + timedelta(days=530),
        services=[f"needs.service_{name}" for name in body.services],
        towns=[town for town, _ in county.towns],
        places=places,
        contact_days=body.contact_days,
        note=body.note,
    )


@dataclass
class _Story:
    """One need on its way, by the verbs that people use, at believable moments."""

    county: Any
    provider: UUID
    officer: Actor
    worker: Actor
    need: NeedView
    number: int

    def at(self, days: float) -> datetime:
        """Return the moment so many days after the need was written down; never later than now."""
        moment: datetime = min(self.need.created_at + timedelta(days=days), self.county.now)
        return moment

    async def until(self, state: str) -> None:
        """Take the need to a state of its order."""
        given = self.at(0.2)
        order = await service.dispatch(
            self.need.id, self.provider, instructions=INSTRUCTIONS[self.number % len(INSTRUCTIONS)],
            actor=self.officer, now=given, today=local_day(given),
        )  # fmt: skip
        await getattr(self, f"_{state}")(order)

    async def _dispatched(self, order: UUID) -> None:
        """It waits."""

    async def _accepted(self, order: UUID) -> None:
        moment = self.at(1)
        await service.accept(order, actor=self.worker, now=moment, today=local_day(moment))

    async def _in_progress(self, order: UUID) -> None:
        await self._accepted(order)
        for number in range(1 + self.number % len(NOTES)):
            outcome, setting, minutes, note = NOTES[number]
            moment = self.at(2 + 4 * number)
            await service.log_session(
                order, day=local_day(moment), minutes=minutes, setting=setting, outcome=outcome, note=note,
                actor=self.worker, now=moment, today=local_day(moment),
            )  # fmt: skip

    async def _completed(self, order: UUID) -> None:
        await self._in_progress(order)
        await service.complete(order, actor=self.worker, now=self.at(20))

    async def _confirmed(self, order: UUID) -> None:
        await self._completed(order)
        await confirm_need(self.need.id, met=True, words=REASONS["confirmed"], actor=self.officer, now=self.at(22))
        await service.settle(order, now=self.at(22))

    async def _declined(self, order: UUID) -> None:
        await service.decline(order, why=REASONS["declined"], actor=self.worker, now=self.at(1))

    async def _returned(self, order: UUID) -> None:
        await self._in_progress(order)
        await service.return_order(order, why=REASONS["returned"], actor=self.worker, now=self.at(15))

    async def _cancelled(self, order: UUID) -> None:
        await withdraw_need(self.need.id, why=REASONS["cancelled"], actor=self.officer, now=self.at(2))
        await service.settle(order, now=self.at(2))
