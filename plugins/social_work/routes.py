"""Pages and acts of service orders, and the boxes on pages of the core."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import FromPath

from core import N_, Actor, NotYours, Reason
from core.journal import act
from core.needs import NEED, need_view
from core.registry import cards
from core.web import Given, HtmxRequest, cursor_of, local_day, page, read_cursor, show, to, today

from . import offering, queries, service
from .rules import OUTCOMES, SETTINGS, USUAL_MINUTES
from .workflows import ORDER

Reasons = dict[Reason, dict[str, Any]]
PACKAGE = "social_work"
LATEST_CONTACT = timedelta(days=365)


@page("/social_work/orders", permission="social_work.see")
async def orders_page(request: HtmxRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    """Show the orders in one state: those of the actor's organisation, or of an officer's area."""
    asked = Given(request.query_params, now=request.state.now)
    state = asked.choice("state", [state.name for state in ORDER.states], required=False) or "dispatched"
    provider = asked.identifier("provider", required=False)
    after, before = read_cursor(request)
    keys = queries.sort_of(state).keys()
    if any(edge is not None and len(edge) != len(keys) for edge in (after, before)):
        after = before = None  # a cursor of another list
    rows = await queries.order_list(actor, state=state, provider=provider, after=after, before=before)
    return show(
        request,
        "social_work/orders.html",
        states=ORDER.states,
        state=ORDER.state(state),
        provider=provider,
        counts=await queries.counts(actor),
        list=cursor_of(request, rows, keys, after=after, before=before),
        today=today(),
    )


async def _order_page(
    request: HtmxRequest,
    order: UUID,
    actor: Actor,
    now: datetime,
    given: Given | None = None,
    reasons: Reasons | None = None,
    **_: Any,
) -> Response[Any]:
    view = await queries.order_view(actor, order, now=now)
    possible = await queries.possible_for(view.order, actor)
    need = await queries.need_of(view.order, actor) if view.card else None
    may_ask = bool(need and actor.may("needs.confirm")) and not await NEED.unmet(
        need, "confirm_met", actor=actor, now=now
    )
    missing = await ORDER.unmet(view.order, "complete", actor=actor, now=now) if "complete" in possible else {}
    return show(
        request, "social_work/order.html", view=view, order=view.order, state=ORDER.state(view.order.state),
        possible=possible, missing=missing, need=need.state if need else "", may_ask=may_ask, today=today(),
        given=given, reasons=reasons or {},
        asked=request.url.path.rpartition("/")[2] if given else "",
    )  # fmt: skip


@page("/social_work/orders/{order:uuid}", permission="social_work.see")
async def order_page(
    request: HtmxRequest, order: FromPath[UUID], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Show one order: for whom, how it stands, what to do next, what was done."""
    return await _order_page(request, order, actor, now)


@act("/social_work/orders/{order:uuid}/accept", permission="social_work.work", redraw=_order_page)
async def accept(
    request: HtmxRequest,
    order: FromPath[UUID],
    actor: NamedDependency[Actor],
    given: NamedDependency[Given],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Take an order on."""
    await service.accept(order, actor=actor, now=now, today=today())
    return to(f"/social_work/orders/{order}", "ok", PACKAGE, N_("You have taken this order on. Log the first session."))


@act("/social_work/orders/{order:uuid}/complete", permission="social_work.work", redraw=_order_page)
async def complete(
    request: HtmxRequest,
    order: FromPath[UUID],
    actor: NamedDependency[Actor],
    given: NamedDependency[Given],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Say that the work is done."""
    await service.complete(order, actor=actor, now=now)
    return to(
        f"/social_work/orders/{order}",
        "ok",
        PACKAGE,
        N_("Completed. An officer now asks the household whether it helped."),
    )


async def _reason_form(
    request: HtmxRequest,
    order: UUID,
    actor: Actor,
    given: Given | None = None,
    reasons: Reasons | None = None,
    **_: Any,
) -> Response[Any]:
    return show(
        request, "social_work/give_up.html", view=await queries.order_head(actor, order),
        move=request.url.path.rpartition("/")[2], given=given, reasons=reasons or {},
    )  # fmt: skip


@page(
    ["/social_work/orders/{order:uuid}/decline", "/social_work/orders/{order:uuid}/return"],
    permission="social_work.work",
)
async def give_up_page(request: HtmxRequest, order: FromPath[UUID], actor: NamedDependency[Actor]) -> Response[Any]:
    """Ask why an order is declined or returned."""
    return await _reason_form(request, order, actor)


@act("/social_work/orders/{order:uuid}/decline", permission="social_work.work", redraw=_reason_form)
async def decline(
    request: HtmxRequest,
    order: FromPath[UUID],
    actor: NamedDependency[Actor],
    given: NamedDependency[Given],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Say that the organisation cannot take an order."""
    why = given.text("why", most=500)
    given.check()
    await service.decline(order, why=why, actor=actor, now=now)
    return to("/social_work/orders", "ok", PACKAGE, N_("Declined. The officer is told and asks somebody else."))


@act("/social_work/orders/{order:uuid}/return", permission="social_work.work", redraw=_reason_form)
async def return_order(
    request: HtmxRequest,
    order: FromPath[UUID],
    actor: NamedDependency[Actor],
    given: NamedDependency[Given],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Give an accepted order back unfinished."""
    why = given.text("why", most=500)
    given.check()
    await service.return_order(order, why=why, actor=actor, now=now)
    return to("/social_work/orders", "ok", PACKAGE, N_("Returned. The officer is told and asks somebody else."))


async def _session_form(
    request: HtmxRequest,
    order: UUID,
    actor: Actor,
    given: Given | None = None,
    reasons: Reasons | None = None,
    **_: Any,
) -> Response[Any]:
    view = await queries.order_head(actor, order)
    return show(
        request, "social_work/session.html", view=view, ordered=local_day(view.order.created_at), today=today(),
        usual=USUAL_MINUTES, given=given, reasons=reasons or {},
    )  # fmt: skip


@page("/social_work/orders/{order:uuid}/sessions/new", permission="social_work.work")
async def session_page(request: HtmxRequest, order: FromPath[UUID], actor: NamedDependency[Actor]) -> Response[Any]:
    """Write down what was done, on the way home, with one thumb."""
    return await _session_form(request, order, actor)


@act("/social_work/orders/{order:uuid}/sessions/new", permission="social_work.work", redraw=_session_form)
async def log_session(
    request: HtmxRequest,
    order: FromPath[UUID],
    actor: NamedDependency[Actor],
    given: NamedDependency[Given],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Keep a session; its facts go into the ledger."""
    day = given.day("day", latest=today())
    minutes = given.number("other_minutes", 1, 720, required=False)
    if minutes is None and "other_minutes" not in given.faults:
        minutes = int(given.choice("minutes", map(str, USUAL_MINUTES)) or 0)
    setting, outcome = given.choice("setting", SETTINGS), given.choice("outcome", OUTCOMES)
    place_text = given.text("place_text", required=False, most=100)
    note = given.text("note", required=False, most=4000)
    given.check()
    await service.log_session(
        order, day=day, minutes=minutes or 0, setting=setting, outcome=outcome, note=note, place_text=place_text,
        actor=actor, now=now, today=today(),
    )  # fmt: skip
    return to(f"/social_work/orders/{order}", "ok", PACKAGE, N_("The session is logged."))


async def _dispatch_form(
    request: HtmxRequest,
    need: UUID,
    actor: Actor,
    now: datetime,
    given: Given | None = None,
    reasons: Reasons | None = None,
    **_: Any,
) -> Response[Any]:
    view = await need_view(actor, need)
    able = {offer.url.rpartition("=")[2]: offer for offer in await offering.offers(view, actor, today=today())}
    closed, order = await offering.standing_against(view, actor, now=now)
    asked = Given(request.query_params, now=now).identifier("provider", required=False) if given is None else None
    if asked is None:  # whoever chose nothing is offered the only one there is
        chosen = next(iter(able)) if len(able) == 1 else ""
    else:  # and who chose one that is full by now is told so, never given another
        chosen = str(asked) if str(asked) in able else ""
        if not chosen and not closed:
            reasons = await offering.reasons_against_asking(view, asked, actor, today=today())
    return show(
        request, "social_work/dispatch.html", need=view,
        card=(await cards([view.household], actor)).get(view.household), offers=able, chosen=chosen, order=order,
        closed=bool(closed), grace=request.app.state.settings.share_grace_days, today=today(),
        given=given, reasons=closed or reasons or {},
    )  # fmt: skip


@page("/social_work/needs/{need:uuid}/dispatch", permission="social_work.dispatch")
async def dispatch_page(
    request: HtmxRequest, need: FromPath[UUID], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Write a service order for a need."""
    return await _dispatch_form(request, need, actor, now)


@act("/social_work/needs/{need:uuid}/dispatch", permission="social_work.dispatch", redraw=_dispatch_form)
async def dispatch(
    request: HtmxRequest,
    need: FromPath[UUID],
    actor: NamedDependency[Actor],
    given: NamedDependency[Given],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Give the need to an organisation: order, referral and share in one."""
    provider = given.identifier("provider")
    due_on = given.day("due", earliest=today(), latest=today() + LATEST_CONTACT, required=False)
    instructions = given.text("instructions", required=False, most=2000)
    given.check()
    order = await service.dispatch(
        need, provider, instructions=instructions, due_on=due_on, actor=actor, now=now, today=today()
    )
    return to(
        f"/social_work/orders/{order}",
        "ok",
        PACKAGE,
        N_("The order is given. The organisation sees this household now."),
    )


async def _pass_on_form(
    request: HtmxRequest,
    order: UUID,
    actor: Actor,
    given: Given | None = None,
    reasons: Reasons | None = None,
    **_: Any,
) -> Response[Any]:
    view = await queries.order_head(actor, order)
    offers = await offering.offers(await need_view(actor, view.order.need), actor, today=today())
    others = {offer.url.rpartition("=")[2]: offer for offer in offers if offer.organisation != view.order.organisation}
    return show(
        request, "social_work/pass_on.html", view=view, state=ORDER.state(view.order.state), offers=others,
        given=given, reasons=reasons or {},
    )  # fmt: skip


@page("/social_work/orders/{order:uuid}/pass-on", permission="social_work.dispatch")
async def pass_on_page(request: HtmxRequest, order: FromPath[UUID], actor: NamedDependency[Actor]) -> Response[Any]:
    """Choose another organisation for an order that is not finished."""
    return await _pass_on_form(request, order, actor)


@act("/social_work/orders/{order:uuid}/pass-on", permission="social_work.dispatch", redraw=_pass_on_form)
async def pass_on(
    request: HtmxRequest,
    order: FromPath[UUID],
    actor: NamedDependency[Actor],
    given: NamedDependency[Given],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Hand the order to another organisation in one go."""
    provider, why = given.identifier("provider"), given.text("why", most=500)
    given.check()
    new = await service.redispatch(order, provider, why=why, actor=actor, now=now, today=today())
    return to(f"/social_work/orders/{new}", "ok", PACKAGE, N_("Passed on. This is the new order."))


@page("/social_work/panels/households/{household:uuid}", permission="social_work.see")
async def household_box(
    request: HtmxRequest, household: FromPath[UUID], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Show the orders of one household, as a box or as a page of its own."""
    card = (await cards([household], actor)).get(household)
    if card is None:
        raise NotYours(f"household {household}")
    rows, sessions = await queries.orders_of(actor, household=household)
    return _box(request, "orders", back=f"/households/{household}", card=card, rows=rows, sessions=sessions)


@page("/social_work/panels/needs/{need:uuid}", permission="social_work.see")
async def need_box(request: HtmxRequest, need: FromPath[UUID], actor: NamedDependency[Actor]) -> Response[Any]:
    """Show the orders of one need, as a box or as a page of its own."""
    view = await need_view(actor, need)
    rows, sessions = await queries.orders_of(actor, need=view.id)
    return _box(request, "orders", back=f"/needs/{need}", card=None, rows=rows, sessions=sessions)


@page("/social_work/panels/start", permission="social_work.see")
async def start_box(
    request: HtmxRequest, actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Show what waits: orders to answer and begin, or what is late or was declined."""
    return _box(request, "start", back="/", card=None, found=await queries.waiting(actor, today=today(), now=now))


def _box(request: HtmxRequest, name: str, **context: Any) -> Response[Any]:
    template = f"social_work/_{name}.html" if request.wants_fragment else "social_work/box.html"
    return show(request, template, box=f"social_work/_{name}.html", state_of=ORDER.state, today=today(), **context)


handlers = [
    orders_page, order_page, accept, complete, give_up_page, decline, return_order, session_page, log_session,
    dispatch_page, dispatch, pass_on_page, pass_on, household_box, need_box, start_box,
]  # fmt: skip
