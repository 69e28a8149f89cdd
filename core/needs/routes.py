"""The start page, the lists of needs, one need, and the acts on it."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.access import looked
from core.actor import Actor
from core.declarations import Offer
from core.errors import NotYours, Reason
from core.journal import act
from core.registry import Card, cards, members_of
from core.terms import known_terms, service_of
from core.texts import N_
from core.web import Given, HtmxRequest, page, show, to
from core.web.clock import today
from core.web.lists import cursor_of, read_cursor
from core.web.panels import panels

from . import queries, service
from .household import household_handlers
from .next_step import next_of_need
from .workflows import NEED, REFERRAL

Reasons = dict[Reason, dict[str, Any]]


@page("/", permission="")
async def start_page(request: HtmxRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    """Show somebody what to do first."""
    boxes, failed = await panels(request, "start", None, actor)
    work = await queries.my_work(actor, today=today()) if actor.may("needs.list") else None
    return show(request, "needs/start.html", work=work, panels=boxes, failed=failed, today=today())


@page("/needs", permission="needs.list")
async def needs_page(request: HtmxRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    """Show an officer the needs in one state; state, filters and place in the list live in the address."""
    asked = Given(request.query_params, now=request.state.now)
    kinds = known_terms("need", retired=True)
    towns = await queries.towns_of(actor, "needs.see")
    state = asked.choice("state", [state.name for state in NEED.states], required=False) or "open"
    kind = asked.choice("kind", [term.code for term in kinds], required=False)
    chosen = asked.choice("town", [str(town) for town, _ in towns], required=False)
    town = UUID(chosen) if chosen else None
    sort = asked.choice("sort", queries.SORTS, required=False)
    after, before = read_cursor(request)
    keys = queries.sort_of(state, sort).keys()
    if any(edge is not None and len(edge) != len(keys) for edge in (after, before)):
        after = before = None  # a cursor of another list
    rows = await queries.need_list(actor, state=state, sort=sort, kind=kind, town=town, after=after, before=before)
    counts = {each.name: await queries.count_needs(actor, each.name, town=town) for each in NEED.states}
    return show(
        request, "needs/list.html", states=NEED.states, state=state, kinds=kinds, kind=kind, towns=towns, town=town,
        counts=counts, descending=queries.sort_of(state, sort).descending, today=today(),
        list=cursor_of(request, rows, keys, after=after, before=before),
    )  # fmt: skip


async def _new_need(
    request: HtmxRequest, household: UUID, actor: Actor, given: Given | None = None,
    reasons: Reasons | None = None, **_: Any,
) -> Response[Any]:  # fmt: skip
    services: dict[str, list[str]] = {}
    for term in known_terms("need"):
        services.setdefault(service_of(term.code) or "", []).append(term.code)
    return show(
        request, "needs/new.html", card=await _card(household, actor, "needs.raise"),
        members=[member for member in await members_of(household) if member.died_on is None],
        services=sorted(services.items()), urgencies=service.URGENCIES, today=today(), given=given,
        reasons=reasons or {},
    )  # fmt: skip


@page("/households/{household:uuid}/needs/new", permission="needs.raise")
async def new_need_page(
    request: HtmxRequest, household: FromPath[UUID], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Write down that a household lacks something."""
    return await _new_need(request, household, actor)


@act("/households/{household:uuid}/needs/new", permission="needs.raise", redraw=_new_need)
async def raise_need(
    request: HtmxRequest,
    household: FromPath[UUID],
    actor: NamedDependency[Actor],
    given: NamedDependency[Given],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Keep the need and show it, so that somebody can be asked to meet it."""
    card = await _card(household, actor, "needs.raise")
    people = [str(member.person) for member in await members_of(household)]
    kind = given.choice("kind", [term.code for term in known_terms("need")])
    concerned = given.choices("people", people)
    words, urgency = given.text("words", most=2000), given.choice("urgency", service.URGENCIES)
    source, due_on = given.choice("source", service.SOURCES), given.day("due", earliest=today(), required=False)
    given.check()
    made = await service.raise_need(
        household, kind, words, urgency=urgency, source=source, people=[UUID(person) for person in concerned],
        due_on=due_on, actor=actor, now=now, today=today(),
    )  # fmt: skip
    said = N_("The need of {household} is written down. Now choose who can meet it.")
    return to(f"/needs/{made}", "ok", "core", said, household=card.head_name or card.code)


async def _need(
    request: HtmxRequest, need: UUID, actor: Actor, now: datetime, given: Given | None = None,
    reasons: Reasons | None = None, **_: Any,
) -> Response[Any]:  # fmt: skip
    view = await queries.need_view(actor, need, words=True)
    limits = await queries.limits_of(actor, view)
    for field, opened in (("words", view.words), ("outcome_words", view.outcome)):
        if opened is not None:
            await looked(
                actor, view.id, f"needs_need.{field}", purpose="need_page", now=now, place=view.place,
                household=view.household,
            )  # fmt: skip
    possible = {transition.name for transition in NEED.possible(view.state, actor)}
    found: list[tuple[str, Offer]] = []
    silent: list[str] = []
    if view.state == "open" and actor.may("needs.refer"):
        found, silent = await queries.offers(replace(view, words=None, outcome=None), actor)
    own_work = await NEED.unmet(view, "confirm_met", actor=actor, now=now) if "confirm_met" in possible else {}
    referrals = await queries.referrals_of(view.id, limits)
    history = await queries.need_history(view.id, limits)
    boxes, failed = await panels(request, "need", view.id, actor)
    return show(
        request, "needs/need.html", need=view, state=NEED.state(view.state), possible=possible, offers=found,
        silent=silent, own_work=own_work, whole=limits is None,
        referrals=[(one, REFERRAL.state(one["state"])) for one in referrals],
        next=await next_of_need(view, actor, limits, referrals=referrals, history=history, now=now),
        history=[(step, NEED.state(step["after"])) for step in history],
        card=(await cards([view.household], actor)).get(view.household),
        panels=boxes, failed=failed, today=today(), given=given, reasons=reasons or {},
        asked=request.url.path.rpartition("/")[2] if given else "",
    )  # fmt: skip


@page("/needs/{need:uuid}", permission="needs.see")
async def need_page(
    request: HtmxRequest, need: FromPath[UUID], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Show one need: whose, how far, what comes next, and who could meet it."""
    return await _need(request, need, actor, now)


@act("/needs/{need:uuid}/withdraw", permission="needs.withdraw", redraw=_need)
async def withdraw_need(
    request: HtmxRequest,
    need: FromPath[UUID],
    actor: NamedDependency[Actor],
    given: NamedDependency[Given],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Take the need back, unless somebody objects."""
    why = given.text("why", most=500)
    given.check()
    await service.withdraw_need(need, why=why, actor=actor, now=now)
    return to(f"/needs/{need}", "ok", "core", N_("The need is withdrawn."))


@act("/needs/{need:uuid}/confirm", permission="needs.confirm", redraw=_need)
async def confirm_need(
    request: HtmxRequest,
    need: FromPath[UUID],
    actor: NamedDependency[Actor],
    given: NamedDependency[Given],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Keep the household's word on whether the need is met."""
    answer, words = given.choice("met", ("yes", "no")), given.text("words", most=2000)
    given.check()
    await service.confirm_need(need, met=answer == "yes", words=words, actor=actor, now=now)
    said = {
        "yes": N_("The need is met."),
        "no": N_("The need is closed as not met. Open it again to try another way."),
    }
    return to(f"/needs/{need}", "ok", "core", said[answer])


@act("/needs/{need:uuid}/reopen", permission="needs.raise", redraw=_need)
async def reopen_need(
    request: HtmxRequest,
    need: FromPath[UUID],
    actor: NamedDependency[Actor],
    given: NamedDependency[Given],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Open a closed need again."""
    why = given.text("why", most=500)
    given.check()
    await service.reopen_need(need, why=why, actor=actor, now=now)
    if not await queries.sees(actor, need):
        return to("/needs", "ok", "core", N_("The household lives elsewhere now; the need is open again there."))
    return to(f"/needs/{need}", "ok", "core", N_("The need is open again."))


async def _card(household: UUID, actor: Actor, permission: str) -> Card:
    found = await cards([household], actor, permission=permission)
    if household not in found:
        raise NotYours(f"household {household}")
    return found[household]


handlers = [
    start_page,
    needs_page,
    new_need_page,
    raise_need,
    need_page,
    withdraw_need,
    confirm_need,
    reopen_need,
    *household_handlers,
]
