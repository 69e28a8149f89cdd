"""Service orders (服务工单): a need is handed to a social-work organisation, which works on it and reports."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from core import N_, Actor, Event, MenuItem, Offer, Panel, Permission, Term, hookimpl, say
from core.web import now, today

from . import agreement_routes, offering, queries, routes, service
from .demo import fill

OFFICERS, PEOPLE = ("county", "town"), ("worker", "supervisor")


@hookimpl
def provide_routes() -> Iterable[Any]:
    """Orders, sessions, providers, and the boxes on pages of the core."""
    return [*routes.handlers, *agreement_routes.handlers]


@hookimpl
def provide_menu() -> Iterable[MenuItem]:
    """Orders for those who give and who take them; providers."""
    return [
        MenuItem(N_("Service orders"), "/social_work/orders", "order", "social_work.see", "services", 10),
        MenuItem(N_("Providers"), "/social_work/providers", "people", "social_work.see_providers", "services", 60),
    ]


@hookimpl
def provide_permissions() -> Iterable[Permission]:
    """Officers give orders, the organisation's people work on them; notes stay in the organisation."""
    return [
        Permission("social_work.see", N_("see service orders"), (*OFFICERS, *PEOPLE), reads=True),
        Permission("social_work.read_notes", N_("read what was noted in sessions"), PEOPLE, reads=True),
        Permission("social_work.dispatch", N_("give service orders and pass them on"), OFFICERS),
        Permission("social_work.work", N_("accept orders, log sessions, complete"), ("worker",)),
        Permission("social_work.see_providers", N_("see who takes service orders"), (*OFFICERS, *PEOPLE), reads=True),
        Permission("social_work.providers", N_("enter and change agreements with providers"), ("county",)),
    ]


@hookimpl
def provide_terms() -> Iterable[Term]:
    """Kinds of activity, by where they happened, and the actions of the journal."""
    return [
        Term("social_work_order.instructions", "field", N_("what to know before going")),
        Term("social_work_session.note", "field", N_("what was done in a session")),
        Term("order_page", "purpose", N_("opened the page of the order")),
        Term("social_work.home_visit", "activity", N_("Home visit by a social worker")),
        Term("social_work.office_session", "activity", N_("Session at the social-work station")),
        Term("social_work.phone_call", "activity", N_("Phone call by a social worker")),
        Term("social_work.outside_session", "activity", N_("Session outside with a social worker")),
        Term("social_work.dispatched", "action", N_("gave a service order")),
        Term("social_work.accepted", "action", N_("accepted the service order")),
        Term("social_work.declined", "action", N_("declined the service order")),
        Term("social_work.session_logged", "action", N_("logged a session")),
        Term("social_work.completed", "action", N_("completed the service order")),
        Term("social_work.returned", "action", N_("returned the service order")),
        Term("social_work.passed_on", "action", N_("passed the service order on")),
        Term("social_work.cancelled", "action", N_("cancelled the service order")),
        Term("social_work.confirmed", "action", N_("closed the service order after the household's word")),
        Term("social_work.provider_added", "action", N_("entered a provider")),
        Term("social_work.provider_changed", "action", N_("changed the agreement with a provider")),
    ]


@hookimpl
def provide_objections() -> Mapping[str, Callable[..., Awaitable[Any]]]:
    """A need whose order is in service is not withdrawn over the organisation's head."""

    async def in_service(need: UUID, actor: Actor) -> Mapping[Any, Any]:
        return await queries.objections_to_withdrawal(need)

    return {"needs.withdraw": in_service}


@hookimpl
def provide_reactions() -> Mapping[str, Callable[[Event], Awaitable[None]]]:
    """Orders follow their referrals: cancelled when it is revoked, confirmed after the household's word."""

    async def follow(event: Event) -> None:
        if event.household is not None:
            for order in await queries.unsettled(event.household):
                await service.settle(order, now=now())

    return {"needs.referral_revoked": follow, "needs.met": follow, "needs.unmet": follow}


@hookimpl
def provide_demo() -> Callable[[Any, Actor], Awaitable[None]]:
    """Three organisations and a dozen orders in different states."""
    return fill


@hookimpl
async def offers_for_need(need: Any, actor: Actor) -> list[Offer]:
    """Offer each provider that serves the town, answers the kind of need and has a free place."""
    return await offering.offers(need, actor, today=today()) if actor.may("social_work.dispatch") else []


@hookimpl
async def panels_for(page: str, subject: UUID | None, actor: Actor) -> list[Panel]:
    """Orders of a household or a need; on the start page those that wait."""
    if not actor.may("social_work.see"):
        return []
    where = {
        "household": f"/social_work/panels/households/{subject}",
        "need": f"/social_work/panels/needs/{subject}",
        "start": "/social_work/panels/start",
    }
    return [Panel(say("social_work", N_("Service orders")), where[page], where[page])] if page in where else []
