"""Meal rounds (送餐): meals brought to people who cannot cook. A stranger's plugin."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from core import N_, Actor, MenuItem, Offer, Panel, Permission, Term, hookimpl, word
from core.needs import NeedView

from .queries import has_round, rounds_today
from .routes import handlers
from .rules import KINDS, first_day
from .service import PLANNED_TODAY, follow_referral


@hookimpl
def provide_permissions() -> Iterable[Permission]:
    """Officers plan and carry; auditors look."""
    return [
        Permission("meal_rounds.see", N_("see meal rounds"), ("county", "town", "auditor"), reads=True),
        Permission("meal_rounds.carry", N_("plan and carry out meal rounds"), ("county", "town")),
    ]


@hookimpl
def provide_terms() -> Iterable[Term]:
    """A kind of need of its own, what is done, and what the journal says of it."""
    return [
        Term("meal_rounds.meals", "need", N_("Warm meals"), "needs.service_nursing"),
        Term("meal_rounds.meal", "activity", N_("Brought a warm meal to the door")),
        Term("meal_rounds.planned", "action", N_("planned a meal round")),
        Term("meal_rounds.started", "action", N_("started the meal round")),
        Term("meal_rounds.brought", "action", N_("brought a meal")),
        Term("meal_rounds.finished", "action", N_("ended the meal round")),
        Term("meal_rounds.stopped", "action", N_("stopped the meal round")),
    ]


@hookimpl
def provide_menu() -> Iterable[MenuItem]:
    """The rounds."""
    return [MenuItem(N_("Meal rounds"), "/meal_rounds/rounds", "home", "meal_rounds.see", group="services")]


@hookimpl
def provide_routes() -> Iterable[Any]:
    """The rounds, the form, the box."""
    return handlers


@hookimpl
def provide_objections() -> Mapping[str, Any]:
    """Nobody takes back a need whose meal is on its way."""
    return {"needs.withdraw": meal_on_its_way}


@hookimpl
def provide_reactions() -> Mapping[str, Any]:
    """A round ends with its referral."""
    return {"needs.referral_revoked": follow_referral}


@hookimpl
async def offers_for_need(need: NeedView, actor: Actor) -> list[Offer]:
    """Offer a round for needs that a meal answers."""
    if need.kind not in KINDS or not actor.may("meal_rounds.carry"):
        return []
    url = f"/meal_rounds/needs/{need.id}/plan"
    return [Offer(word("meal_rounds.meals"), None, (word("meal_rounds.meal"),), first_day(), None, url)]


@hookimpl
async def panels_for(page: str, subject: UUID | None, actor: Actor) -> list[Panel]:
    """Show the rounds of a household that has any."""
    if page != "household" or subject is None or not actor.may("meal_rounds.see"):
        return []
    if not await has_round(subject, actor):
        return []
    url = f"/meal_rounds/households/{subject}"
    return [Panel(word("meal_rounds.meals"), f"{url}/panel", url)]


async def meal_on_its_way(need: UUID, actor: Actor) -> Mapping[Any, Mapping[str, Any]]:
    """Object while a meal is planned for today."""
    day = await rounds_today(need)
    return {PLANNED_TODAY: {"day": day}} if day else {}
