"""The page of one household: who, what state, what next; people, needs, timeline, boxes of plugins."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.access import seen
from core.activities import hours_of_relief
from core.actor import Actor
from core.registry import (
    CAUSE,
    DISABILITY_CATEGORY,
    DISABILITY_GRADE,
    ETHNICITY,
    HEALTH,
    PURPOSES,
    RELATION,
    SEX,
    URBAN_RURAL,
    Household,
    area_names,
    members_of,
    organisation_names,
)
from core.web import HtmxRequest, page, show
from core.web.clock import today
from core.web.panels import panels

from . import queries
from .next_step import LATE_AFTER, next_of_household
from .workflows import NEED


@page("/households/{household:uuid}", permission="registry.see")
async def household_page(
    request: HtmxRequest, household: FromPath[UUID], actor: NamedDependency[Actor], now: NamedDependency[datetime]
) -> Response[Any]:
    """Show one household: who they are, what they lack, what was done, what comes next."""
    look = seen(Household, actor, "registry.see")
    row = await look.one(household)
    limits = await look.limits(row)
    until = limits.until if limits else None
    names = await area_names([row.county, row.town, row.village])
    members = await members_of(row.id)
    needs = await queries.needs_of(actor, row.id) if actor.may("needs.see") else []
    moments = await queries.timeline(actor, row.id, limits)
    unseen = (today() - row.last_seen_on).days if row.last_seen_on else None
    boxes, failed = await panels(request, "household", row.id, actor)
    return show(
        request,
        "needs/household.html",
        household=row,
        names=names,
        members=members,
        head=next((member for member in members if member.relation == "02"), members[0] if members else None),
        needs=[(need, NEED.state(need.state)) for need in needs],
        next=await next_of_household(row, needs, actor, limits, unseen=unseen, now=now),
        moments=moments,
        providers=await organisation_names(moment.provider for moment in moments),
        flow=(await queries.flows([row.id], today=today(), until=until))[row.id],
        minutes_this_year=await hours_of_relief(row.id, since=date(today().year, 1, 1), until=until),
        unseen_days=unseen,
        late_after=LATE_AFTER,
        purposes=PURPOSES,
        codes={
            "relation": RELATION,
            "sex": SEX,
            "ethnicity": ETHNICITY,
            "health": HEALTH,
            "disability": DISABILITY_CATEGORY,
            "grade": DISABILITY_GRADE,
            "cause": CAUSE,
            "setting": URBAN_RURAL,
        },
        panels=boxes,
        failed=failed,
        today=today(),
    )


household_handlers = [household_page]
