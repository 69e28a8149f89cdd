"""What comes next on the page of a need or a household, and whether it is for the reader to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from core.access import Limits, is_reading
from core.actor import Actor

from . import queries
from .queries import NeedView
from .workflows import NEED

LATE_AFTER = 90  # days without anybody there

Step = Literal["choose", "ask", "answer", "work", "closed", "look_in", "nothing"]
STEPS: dict[str, Step] = {"open": "choose", "delivered": "ask", "referred": "answer", "in_service": "work"}


@dataclass(frozen=True)
class Next:
    """The next step, as its reader is told it; `needs/_parts.html` has the words.

    :cvar mine: the reader may do it. :cvar ours: it is on the reader's organisation, or on the officers where
        the reader is one; false with `mine` false: the reader waits for others.
    :cvar provider: who was asked; None where that is kept from the reader.
    :cvar plugin: in whose box on the page it is done.
    :cvar since: when the step before was taken.
    """

    step: Step
    mine: bool = False
    ours: bool = False
    need: NeedView | None = None
    provider: str | None = None
    plugin: str | None = None
    since: datetime | None = None


async def next_of_need(
    need: NeedView,
    actor: Actor,
    limits: Limits | None,
    *,
    referrals: Sequence[dict[str, Any]],
    history: Sequence[dict[str, Any]],
    now: datetime,
) -> Next:
    """Return what comes next for one need.

    :param limits: how far the actor's sight goes (`queries.limits_of`). :param referrals: the need's, as the
        actor sees them. :param history: likewise its steps.
    """
    if need.state not in STEPS:
        return Next("closed", need=need)
    step, whole = STEPS[need.state], limits is None
    since = next((one["at"] for one in reversed(history) if one["after"] == need.state), None)
    if step == "choose":
        mine = whole and actor.may("needs.refer")
        return Next(step, mine, mine, need)
    if step == "ask":
        asks = whole and actor.may("needs.confirm")
        worked = asks and bool(await NEED.unmet(need, "confirm_met", actor=actor, now=now))
        return Next(step, asks and not worked, asks, need, since=since)
    standing = next((one for one in reversed(referrals) if one["open"]), None)
    if standing is None:
        return Next(step, need=need, since=since)
    ours = limits is not None and standing["organisation"] in limits.organisations
    mine = ours and _works(actor, standing["plugin"], standing["organisation"])
    return Next(step, mine, ours, need, standing["provider"], standing["plugin"], since)


async def next_of_household(
    household: Any, needs: Sequence[NeedView], actor: Actor, limits: Limits | None, *, unseen: int | None, now: datetime
) -> Next:
    """Return what comes next for a household: the step of the need that is first for the actor, or a visit.

    :param needs: its needs as the actor sees them, the most pressing first.
    :param unseen: days since somebody was there; None: nobody ever was.
    """
    waiting = [need for need in needs if need.state in STEPS]
    if limits is not None and waiting:
        ours = await queries.standing_with(household.id, limits)
        waiting.sort(key=lambda need: need.id not in ours)
    if waiting:
        need = waiting[0]
        steps = [] if need.state == "open" else await queries.need_history(need.id, limits)
        referrals = await queries.referrals_of(need.id, limits)
        return await next_of_need(need, actor, limits, referrals=referrals, history=steps, now=now)
    if limits is None and (unseen is None or unseen > LATE_AFTER):
        return Next("look_in", mine=actor.may("needs.raise"))
    return Next("nothing", mine=limits is None and actor.may("needs.raise"))


def _works(actor: Actor, plugin: str, organisation: Any) -> bool:
    """Say whether the actor does more for the organisation in a plugin than read."""
    held = {code for reach in actor.reaches if reach.organisation == organisation for code in reach.permissions}
    return any(code.startswith(f"{plugin}.") and not is_reading(code) for code in held)
