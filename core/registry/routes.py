"""The list of households, finding one, showing numbers, moving; imports stand in `import_routes`."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.access import COUNTED
from core.actor import Actor
from core.errors import Reason
from core.journal import act
from core.texts import N_
from core.web import Given, HtmxRequest, cursor_of, page, read_cursor, show, to
from core.web.clock import today

from . import queries, service
from .codes import CAUSE, URBAN_RURAL
from .finding import find
from .import_routes import import_handlers

Reasons = dict[Reason, dict[str, Any]]
UNSEEN_DAYS = (30, 90, 180)


@page("/households", permission="registry.list")
async def households_page(request: HtmxRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    """Show the households somebody works for; filters, order and place in the list live in the address."""
    asked = Given(request.query_params, now=request.state.now)
    sorts = queries.sorts_for(actor)
    sort = asked.choice("sort", sorts, required=False) or sorts[0]
    town, village = asked.identifier("town", required=False), asked.identifier("village", required=False)
    setting = asked.choice("setting", URBAN_RURAL, required=False)
    cause = asked.choice("cause", CAUSE, required=False)
    unseen = asked.number("unseen", 1, 3650, required=False)
    where = queries.filters(
        town=town,
        village=village,
        setting=setting,
        cause=cause,
        unseen_since=today() - timedelta(days=unseen) if unseen is not None else None,
    )
    if unseen is not None and "seen" in sorts:
        sort = "seen"  # the filter and the order are one index; another order would sort the whole scope
    after, before = read_cursor(request)
    keys = queries.LIST_SORTS[sort].keys()
    if any(edge is not None and len(edge) != len(keys) for edge in (after, before)):
        after = before = None  # a cursor of another order
    rows = await queries.household_list(actor, sort=sort, where=where, after=after, before=before)
    towns, villages = await queries.places_for(actor, town)
    return show(
        request,
        "registry/households.html",
        list=cursor_of(request, rows, keys, after=after, before=before),
        total=await queries.count_households(actor, where),
        most=COUNTED,
        sort=sort,
        sorts=sorts,
        towns=towns,
        villages=villages,
        town=town,
        village=village,
        setting=setting,
        cause=cause,
        unseen=unseen,
        causes=CAUSE,
        settings=URBAN_RURAL,
        unseen_days=UNSEEN_DAYS,
        today=today(),
    )


@act("/find", permission="registry.find", outside=True)
async def find_household(
    request: HtmxRequest, actor: NamedDependency[Actor], given: NamedDependency[Given]
) -> Response[Any]:
    """Find households by name, pinyin, initials, household number or identity number."""
    wanted = given.raw("q")[:100]
    hits, more = await find(actor, wanted, today=today())
    template = "registry/_hits.html" if request.wants_fragment else "registry/find.html"
    return show(request, template, hits=hits, more=more, wanted=wanted)


@page("/find", permission="registry.find")
async def find_page(request: HtmxRequest) -> Response[Any]:
    """Offer the search box on a page of its own, for phones."""
    return show(request, "registry/find.html", hits=None, more=False, wanted="")


@act("/households/{household:uuid}/members/{person:uuid}/reveal", permission="registry.reveal", outside=True)
async def reveal_member(
    request: HtmxRequest,
    household: FromPath[UUID],
    person: FromPath[UUID],
    actor: NamedDependency[Actor],
    given: NamedDependency[Given],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Show a document number in full for a minute; the reading is recorded with its purpose."""
    purpose = given.choice("purpose", service.PURPOSES)
    given.check()
    value = await service.reveal_number(household, person, purpose=purpose, actor=actor, now=now)
    return _revealed(request, household, value)


@act("/households/{household:uuid}/phone/reveal", permission="registry.reveal", outside=True)
async def reveal_phone(
    request: HtmxRequest,
    household: FromPath[UUID],
    actor: NamedDependency[Actor],
    given: NamedDependency[Given],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Show a telephone number for a minute; the reading is recorded with its purpose."""
    purpose = given.choice("purpose", service.PURPOSES)
    given.check()
    value = await service.reveal_phone(household, purpose=purpose, actor=actor, now=now)
    return _revealed(request, household, value)


def _revealed(request: HtmxRequest, household: UUID, value: str | None) -> Response[Any]:
    template = "registry/_revealed.html" if request.wants_fragment else "registry/revealed.html"
    return show(request, template, value=value, household=household)


async def _move_form(
    request: HtmxRequest, household: UUID, actor: Actor, given: Given | None = None,
    reasons: Reasons | None = None, **_: Any,
) -> Response[Any]:  # fmt: skip
    county, card = await queries.to_move(actor, household)
    return show(
        request,
        "registry/move.html",
        card=card,
        villages=await queries.villages_of_county(county),
        given=given,
        reasons=reasons or {},
    )


@page("/households/{household:uuid}/move", permission="registry.move")
async def move_page(request: HtmxRequest, household: FromPath[UUID], actor: NamedDependency[Actor]) -> Response[Any]:
    """Write down that a household lives elsewhere now."""
    return await _move_form(request, household, actor)


@act("/households/{household:uuid}/move", permission="registry.move", redraw=_move_form)
async def move_household(
    request: HtmxRequest,
    household: FromPath[UUID],
    actor: NamedDependency[Actor],
    given: NamedDependency[Given],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Keep the new place; open work follows the household."""
    village, why = given.identifier("village"), given.text("why", most=500)
    address = given.text("address", required=False, most=200)
    given.check()
    await service.move_household(household, village, actor=actor, now=now, why=why, address=address)
    still_mine = household in await queries.cards([household], actor)
    return to(
        f"/households/{household}" if still_mine else "/households",
        "ok",
        "core",
        N_("The household's new place is written down; its open needs and orders went along."),
    )


handlers = [
    households_page,
    find_page,
    find_household,
    reveal_member,
    reveal_phone,
    move_page,
    move_household,
    *import_handlers,
]
