"""The pages."""

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import FromPath

from core import N_, Actor, Reason
from core.journal import act
from core.needs import need_view
from core.web import Given, HtmxRequest, page, show, to

from .queries import rounds, rounds_of
from .rules import first_day, today
from .service import DIETS, plan_round


@page("/meal_rounds/rounds", permission="meal_rounds.see")
async def rounds_page(request: HtmxRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    """Say who gets a meal and when."""
    return show(request, "meal_rounds/rounds.html", rounds=await rounds(actor))


@page("/meal_rounds/households/{household:uuid}", permission="meal_rounds.see")
async def household_page(
    request: HtmxRequest, household: FromPath[UUID], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Say which meals one household gets."""
    return show(request, "meal_rounds/household.html", rounds=await rounds_of(household, actor), household=household)


@page("/meal_rounds/households/{household:uuid}/panel", permission="meal_rounds.see")
async def household_panel(
    request: HtmxRequest, household: FromPath[UUID], actor: NamedDependency[Actor]
) -> Response[Any]:
    """Say the same in the box on the household's page."""
    return show(request, "meal_rounds/_rounds.html", rounds=await rounds_of(household, actor))


async def _form(
    request: HtmxRequest,
    need: UUID,
    actor: Actor,
    given: Given | None,
    reasons: dict[Reason, dict[str, Any]],
    **_: Any,
) -> Response[Any]:
    view = await need_view(actor, need)
    return show(
        request, "meal_rounds/plan.html", need=view, given=given, reasons=reasons, first_day=first_day(), today=today()
    )


@page("/meal_rounds/needs/{need:uuid}/plan", permission="meal_rounds.carry")
async def plan_form(request: HtmxRequest, need: FromPath[UUID], actor: NamedDependency[Actor]) -> Response[Any]:
    """Plan a meal round for a need."""
    return await _form(request, need=need, actor=actor, given=None, reasons={})


@act("/meal_rounds/needs/{need:uuid}/plan", permission="meal_rounds.carry", redraw=_form)
async def plan(
    request: HtmxRequest,
    need: FromPath[UUID],
    actor: NamedDependency[Actor],
    given: NamedDependency[Given],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Plan it, and show the rounds."""
    first_on = given.day("first_on", earliest=today())
    diet = given.choice("diet", DIETS)
    given.check()
    await plan_round(need, first_on=first_on, diet=diet, actor=actor, now=now)
    return to("/meal_rounds/rounds", "ok", "meal_rounds", N_("The first meal comes on {day}."), day=first_on)


handlers: list[Any] = [rounds_page, household_page, household_panel, plan_form, plan]
