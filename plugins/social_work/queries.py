"""The reads of service orders: lists, one order, what waits, providers, who objects."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from piccolo.columns.combination import And

from core import Actor, NotYours, Place, Reason, unseal
from core.access import Sort, looked, seen
from core.database import fetch, unscoped
from core.journal import acts_on
from core.needs import NeedView, need_view, standing
from core.registry import Card, area_names, cards, organisation_names

from .rules import HOLDING, IN_SERVICE
from .tables import Order, Provider, ServedTown, Session
from .workflows import ORDER

COLUMNS = (
    Order.id, Order.number, Order.need, Order.household, Order.organisation, Order.kind, Order.due_on, Order.state,
    Order.worker_name, Order.reason, Order.created_at,
)  # fmt: skip
SEE, NOTES = "social_work.see", "social_work.read_notes"
COUNTED_STATES = ("dispatched", "accepted", "in_progress", "completed")
RECENT = timedelta(days=14)
SHOWN = 50  # orders in a box


async def order_list(
    actor: Actor,
    *,
    state: str,
    provider: UUID | None = None,
    after: Sequence[Any] | None = None,
    before: Sequence[Any] | None = None,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """Return one page of orders in one state, the most pressing first (closed ones: the latest first)."""
    where: Any = Order.state == state
    if provider is not None:
        where = And(where, Order.provider == provider)
    rows = await seen(Order, actor, SEE).page(
        *COLUMNS, sort=sort_of(state), where=where, after=after, before=before, limit=limit
    )
    return await _named(rows, actor)


def sort_of(state: str) -> Sort:
    """Return the order in which a state's list is shown."""
    return Sort(Order.due_on, descending=ORDER.state(state).closed)


async def counts(actor: Actor) -> dict[str, int]:
    """Count the orders in each open state within the actor's scope; 1,001 says "more than 1,000"."""
    visible = seen(Order, actor, SEE)
    return {state: await visible.count(Order.state == state) for state in COUNTED_STATES}


@dataclass(frozen=True)
class OrderView:
    """An order as its page shows it.

    :cvar card: None when the household is not the reader's to see any more; then nothing that was said
        about it is here either: no instructions, notes, reason, places of sessions.
    :cvar notes: by session; only for the organisation's own people.
    """

    order: Order
    card: Card | None
    provider: str
    acts: list[dict[str, Any]]
    sessions: list[Session]
    instructions: str | None = None
    notes: Mapping[UUID, str] = field(default_factory=dict)
    may_read_notes: bool = False


async def order_view(actor: Actor, order: UUID, *, now: datetime) -> OrderView:
    """Return one order with its sessions; that its sealed words were read is written down.

    :raises NotYours: no such order in the actor's scope.
    """
    head = await order_head(actor, order)
    if head.card is None:
        return replace(head, acts=await acts_on(order))
    row, words, notes = head.order, None, {}
    may_read = actor.may(NOTES) and bool(await seen(Order, actor, NOTES, now=now).some(Order.id == row.id, limit=1))
    if row.instructions_sealed:
        words = unseal(row.instructions_sealed, about=f"social_work_order/{row.id}/instructions")
        await _looked(actor, row, "social_work_order.instructions", now=now)
    if may_read:
        notes = {one.id: _note(one) for one in head.sessions if one.note_sealed}
    if notes:
        await _looked(actor, row, "social_work_session.note", now=now)
    return replace(head, acts=await acts_on(order), instructions=words, notes=notes, may_read_notes=may_read)


async def order_head(actor: Actor, order: UUID) -> OrderView:
    """Return an order for the head of a form, without anything sealed.

    :raises NotYours: no such order in the actor's scope.
    """
    row = await seen(Order, actor, SEE).one(order)
    card = (await cards([row.household], actor)).get(row.household)
    names = await organisation_names([row.organisation])
    sessions = await _sessions(row.id)
    if card is None:
        row.instructions_sealed = row.reason = None
        for session in sessions:
            session.note_sealed = session.place_text = None
    return OrderView(row, card, names.get(row.organisation, ""), [], sessions)


async def need_of(order: Order, actor: Actor) -> NeedView | None:
    """Return the need of an order; None: it is not the actor's to see."""
    try:
        return await need_view(actor, order.need) if actor.may("needs.see") else None
    except NotYours:
        return None


async def possible_for(order: Order, actor: Actor) -> set[str]:
    """Return the moves of an order that the actor may make: their grant reaches this order, not only some other."""
    moves = ORDER.possible(order.state, actor)
    reached = {
        permission
        for permission in sorted({str(move.permission) for move in moves})
        if await seen(Order, actor, permission).some(Order.id == order.id, limit=1)
    }
    return {move.name for move in moves if move.permission in reached}


async def orders_of(
    actor: Actor, *, household: UUID | None = None, need: UUID | None = None
) -> tuple[list[dict[str, Any]], list[Session]]:
    """Return the newest 50 orders of a household or need that the actor may see, and their last sessions."""
    where = Order.household == household if household is not None else Order.need == need
    newest = Sort(Order.id, descending=True)
    rows = (await seen(Order, actor, SEE).page(*COLUMNS, sort=newest, where=where, limit=SHOWN))[:SHOWN]
    names = await organisation_names(row["organisation"] for row in rows)
    for row in rows:
        row["provider_name"] = names.get(row["organisation"], "")
    return rows, await _last_sessions([row["id"] for row in rows])


async def waiting(actor: Actor, *, today: date, now: datetime, shown: int = 5) -> dict[str, list[dict[str, Any]]]:
    """Return what the start page says: what a worker answers and begins, what an officer sees late or declined."""
    visible = seen(Order, actor, SEE)
    found: dict[str, list[dict[str, Any]]] = {}

    async def some(name: str, where: Any, limit: int = shown) -> None:
        rows = await visible.page(*COLUMNS, sort=Sort(Order.due_on), where=where, limit=limit)
        found[name] = await _named(rows[:limit], actor)

    if actor.may("social_work.work"):
        await some("to_answer", Order.state == "dispatched")
        await some("to_begin", Order.state == "accepted")
    if actor.may("social_work.dispatch"):
        await some("late", And(Order.state == "dispatched", Order.due_on < today))
        await some("late_to_begin", And(Order.state == "accepted", Order.due_on < today))
        for state in ("declined", "returned"):
            await some(state, And(Order.state == state, Order.changed_at >= now - RECENT), limit=SHOWN)
            found[state] = await _unanswered(found[state], shown)
    return found


async def _unanswered(rows: list[dict[str, Any]], shown: int) -> list[dict[str, Any]]:
    """Return the first orders whose need is open again; nobody was asked since, so that it is one for each need."""
    left: list[dict[str, Any]] = []
    for row in rows:
        stands = await standing("social_work", row["id"]) if row["card"] and len(left) < shown else None
        if stands is not None and stands.latest and stands.need == "open":
            left.append(row)
    return left


# ── providers ────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class ProviderView:
    """A provider as lists and forms show it; `towns` are those that the reader may see."""

    provider: Provider
    name: str
    services: tuple[str, ...]
    towns: dict[UUID, str]

    @property
    def free(self) -> int:
        """Return how many more orders it takes now."""
        return max(self.provider.places - self.provider.taken, 0)

    @property
    def last_day(self) -> date | None:
        """Return the last day on which the agreement holds."""
        until: date | None = self.provider.agreement_until
        return until - timedelta(days=1) if until else None


async def providers(actor: Actor, *, only: UUID | None = None) -> list[ProviderView]:
    """Return the providers that serve a town within the actor's scope, by name."""
    where: Any = ServedTown.provider == only if only is not None else ServedTown.provider.is_not_null()
    served = await seen(ServedTown, actor, "social_work.see_providers").some(where, limit=5000)
    ids = {row.provider for row in served}
    if not ids:
        return []
    rows = await Provider.objects().where(Provider.id.is_in(list(ids)))
    names = await organisation_names(row.organisation for row in rows)
    towns = await area_names(row.town for row in served)
    views = [
        ProviderView(
            row,
            names.get(row.organisation, ""),
            tuple(row.services.split()),
            {one.town: towns.get(one.town, "") for one in served if one.provider == row.id},
        )
        for row in rows
    ]
    return sorted(views, key=lambda view: (view.name, view.provider.id))


# ── for the house ────────────────────────────────────────────────────────────────────────────────


async def objections_to_withdrawal(need: UUID) -> dict[Reason, dict[str, Any]]:
    """Return why a need may not be withdrawn now: an order for it is in service."""
    with unscoped("the deciding verb has locked the need in its actor's scope"):
        rows = (
            await Order.objects()
            .where((Order.need == need) & Order.state.is_in(["accepted", "in_progress"]))
            .order_by(Order.id)
        )
    names = await organisation_names(row.organisation for row in rows)
    order = rows[-1] if rows else None  # one at most: a need has one open referral
    if order is None:
        return {}
    provider = names.get(order.organisation, "")
    return {IN_SERVICE: {"number": order.number, "provider": provider, "since": order.accepted_on}}


async def unsettled(household: UUID) -> list[UUID]:
    """Return the orders of a household that may have to follow their referral, in the order of their ids."""
    blanks = ", ".join("?" * (len(HOLDING) + 1))
    rows = await fetch(
        f"SELECT id FROM social_work_order WHERE household = ? AND state IN ({blanks}) ORDER BY id",
        (household, *HOLDING, "completed"),
    )
    return [row["id"] for row in rows]


async def _named(rows: list[dict[str, Any]], actor: Actor) -> list[dict[str, Any]]:
    known = await cards({row["household"] for row in rows}, actor)
    names = await organisation_names(row["organisation"] for row in rows)
    return [
        {
            **row,
            "card": known.get(row["household"]),
            "provider_name": names.get(row["organisation"], ""),
            "reason": row["reason"] if row["household"] in known else None,
        }
        for row in rows
    ]


async def _sessions(order: UUID) -> list[Session]:
    with unscoped("the caller has seen the order"):
        rows: list[Session] = await Session.objects().where(Session.service_order == order).order_by(Session.line)
    return rows


async def _last_sessions(orders: Iterable[UUID]) -> list[Session]:
    wanted = list(orders)
    if not wanted:
        return []
    with unscoped("the caller has seen the orders"):
        rows: list[Session] = (
            await Session.objects()
            .where(Session.service_order.is_in(wanted))
            .order_by(Session.day, Session.id, ascending=False)
            .limit(3)
        )
    return rows


def _note(session: Session) -> str:
    return unseal(session.note_sealed, about=f"social_work_session/{session.id}/note")


async def _looked(actor: Actor, order: Order, what: str, *, now: datetime) -> None:
    await looked(actor, order.id, what, purpose="order_page", now=now, place=Place.of(order), household=order.household)
