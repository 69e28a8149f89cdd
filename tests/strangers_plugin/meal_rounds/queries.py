"""The reads."""

from datetime import date
from typing import Any
from uuid import UUID

from core import Actor
from core.access import Sort, seen
from core.database import fetch
from core.registry import cards

from .rules import today
from .tables import Round

BY_DAY = Sort(Round.created_at)


async def rounds(actor: Actor) -> list[dict[str, Any]]:
    """Return the first page of rounds in the actor's scope, each with its household's card."""
    rows = await seen(Round, actor, "meal_rounds.see").page(
        Round.id, Round.household, Round.state, Round.next_on, Round.meals, Round.diet, sort=BY_DAY
    )
    known = await cards({row["household"] for row in rows}, actor)
    return [{**row, "card": known[row["household"]]} for row in rows if row["household"] in known]


async def rounds_of(household: UUID, actor: Actor) -> list[Round]:
    """Return the rounds of one household that the actor may see."""
    return await seen(Round, actor, "meal_rounds.see").some(Round.household == household)


async def has_round(household: UUID, actor: Actor) -> bool:
    """Say whether there is any."""
    return bool(await rounds_of(household, actor))


async def rounds_today(need: UUID) -> date | None:
    """Return today if a meal for this need is planned for today; asked under the need's lock."""
    rows = await fetch(
        "SELECT next_on FROM meal_rounds_round WHERE need = ? AND next_on = ? AND state IN ('planned', 'running')",
        (need, today()),
    )
    return rows[0]["next_on"] if rows else None
