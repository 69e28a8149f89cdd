"""Pages and acts about providers: who takes orders, for what, where, how many."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import FromPath

from core import N_, Actor, NotYours, Reason, known_terms
from core.journal import act
from core.registry import areas_below, organisations_of
from core.web import Given, HtmxRequest, page, show, to, today

from . import agreements, queries

Reasons = dict[Reason, dict[str, Any]]
FIRST_DAY, MOST_YEARS = date(1950, 1, 1), 50  # an agreement lies within these


@page("/social_work/providers", permission="social_work.see_providers")
async def providers_page(request: HtmxRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    """Show who takes service orders and has places free."""
    return show(request, "social_work/providers.html", providers=await queries.providers(actor), today=today())


@page("/social_work/providers/{provider:uuid}", permission="social_work.see_providers")
async def provider_page(request: HtmxRequest, provider: FromPath[UUID], actor: NamedDependency[Actor]) -> Response[Any]:
    """Show one provider: what was agreed, where it serves, how many places are taken."""
    return show(request, "social_work/provider.html", view=await _view(provider, actor), today=today())


async def _form(
    request: HtmxRequest,
    actor: Actor,
    provider: UUID | None = None,
    given: Given | None = None,
    reasons: Reasons | None = None,
    **_: Any,
) -> Response[Any]:
    view = await _view(provider, actor) if provider else None
    known: dict[UUID, str] = {}
    for county in _counties(actor):
        known |= await organisations_of(county)
    if view is None:
        for other in await queries.providers(actor):
            known.pop(other.provider.organisation, None)
    return show(
        request, "social_work/provider_form.html", view=view, organisations=known, towns=await _towns(actor),
        services=[term.code for term in known_terms("service")], today=today(), given=given, reasons=reasons or {},
    )  # fmt: skip


@page("/social_work/providers/new", permission="social_work.providers")
async def new_provider_page(request: HtmxRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    """Enter an organisation with which an agreement was made."""
    return await _form(request, actor)


@act("/social_work/providers/new", permission="social_work.providers", redraw=_form)
async def add_provider(
    request: HtmxRequest,
    actor: NamedDependency[Actor],
    given: NamedDependency[Given],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Keep a new provider with its agreement."""
    organisation = given.identifier("organisation", required=False)
    name = given.text("name", required=organisation is None, most=100)
    credit_code = given.text("credit_code", required=organisation is None, most=30)
    agreement = await _agreement(given, actor)
    made = await agreements.add_provider(
        organisation, agreement, name=name or "", credit_code=credit_code or "", actor=actor, now=now
    )
    return to(
        f"/social_work/providers/{made}",
        "ok",
        "social_work",
        N_("The provider is entered. It can be asked from now on."),
    )


@page("/social_work/providers/{provider:uuid}/change", permission="social_work.providers")
async def change_provider_page(
    request: HtmxRequest, provider: FromPath[UUID], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Change what was agreed with a provider."""
    return await _form(request, actor, provider)


@act("/social_work/providers/{provider:uuid}/change", permission="social_work.providers", redraw=_form)
async def change_provider(
    request: HtmxRequest,
    provider: FromPath[UUID],
    actor: NamedDependency[Actor],
    given: NamedDependency[Given],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Keep the changed agreement."""
    await agreements.change_provider(provider, await _agreement(given, actor), actor=actor, now=now)
    return to(f"/social_work/providers/{provider}", "ok", "social_work", N_("The agreement is changed."))


async def _agreement(given: Given, actor: Actor) -> agreements.Agreement:
    last = today().replace(month=12, day=31, year=today().year + MOST_YEARS)
    from_on = given.day("from", earliest=FIRST_DAY, latest=last)
    last_day = given.day("last_day", earliest=FIRST_DAY, latest=last, required=False)
    services = given.choices("services", [term.code for term in known_terms("service")], least=1)
    towns = given.choices("towns", [str(town) for town in await _towns(actor)], least=1)
    places, contact_days = given.number("places", 0, 9999), given.number("contact_days", 0, 60)
    note = given.text("note", required=False, most=500)
    given.check()
    return agreements.Agreement(
        from_on=from_on,
        until_on=last_day + timedelta(days=1) if last_day else None,
        services=services,
        towns=[UUID(town) for town in towns],
        places=places,
        contact_days=contact_days,
        note=note,
    )


async def _view(provider: UUID, actor: Actor) -> queries.ProviderView:
    found = await queries.providers(actor, only=provider)
    if not found:
        raise NotYours(f"provider {provider}")
    return found[0]


def _counties(actor: Actor) -> list[UUID]:
    reaches = actor.with_permission("social_work.providers")
    return [reach.area for reach in reaches if reach.area is not None and reach.level == "county"]


async def _towns(actor: Actor) -> dict[UUID, str]:
    """Return the towns of the actor's counties with their names."""
    return {row["id"]: row["name"] for county in _counties(actor) for row in await areas_below(county, "town")}


handlers = [
    providers_page, provider_page, new_provider_page, add_provider, change_provider_page, change_provider,
]  # fmt: skip
