"""The lifecycles of a need and of a referral."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.activities import worked_on
from core.actor import Actor
from core.database import fetch
from core.errors import Reason
from core.texts import N_
from core.workflow import State, Transition, Workflow

from .tables import Need, Referral

OWN_WORK = Reason(
    "needs.own_work",
    N_(
        "Whether a need is met is asked by somebody who did none of the work and does not belong to the provider; "
        "ask a colleague to make the call."
    ),
)


async def asked_by_a_third(need: Need, *, actor: Actor, now: datetime, **_: Any) -> Mapping[Reason, Mapping[str, Any]]:
    """The household's word is taken by somebody who neither worked on the need nor acts for a provider of it."""
    providers = await fetch(
        "SELECT organisation FROM needs_referral WHERE need = ? AND organisation IS NOT NULL", (need.id,)
    )
    theirs = {reach.organisation for reach in actor.reaches} | {actor.organisation}
    if theirs & {row["organisation"] for row in providers} or await worked_on(need.id, actor):
        return {OWN_WORK: {}}
    return {}


NEED = Workflow(
    "needs.need",
    Need,
    (
        State("open", N_("waiting for an answer"), "next", "next"),
        State("referred", N_("offered to a provider"), "info", "half"),
        State("in_service", N_("in service"), "info", "half"),
        State("delivered", N_("done, to be confirmed"), "alert", "warn"),
        State("met", N_("met"), "ok", "ok", closed=True),
        State("unmet", N_("not met"), "danger", "danger", closed=True),
        State("withdrawn", N_("withdrawn"), "idle", "idle", closed=True),
    ),
    (
        Transition("refer", N_("refer"), ("open", "referred"), "referred"),
        Transition("serve", N_("take into service"), ("referred",), "in_service"),
        Transition("deliver", N_("deliver"), ("in_service",), "delivered"),
        Transition("release", N_("open again"), ("referred", "in_service", "delivered"), "open"),
        Transition(
            "confirm_met", N_("confirm as met"), ("delivered",), "met", "needs.confirm", conditions=(asked_by_a_third,)
        ),
        Transition(
            "confirm_unmet",
            N_("close as not met"),
            ("delivered",),
            "unmet",
            "needs.confirm",
            conditions=(asked_by_a_third,),
        ),
        Transition(
            "withdraw",
            N_("withdraw"),
            ("open", "referred", "in_service"),
            "withdrawn",
            "needs.withdraw",
            step="needs.withdraw",
        ),
        Transition("reopen", N_("reopen"), ("met", "unmet", "withdrawn"), "open", "needs.raise"),
    ),
)

REFERRAL = Workflow(
    "needs.referral",
    Referral,
    (
        State("sent", N_("sent"), "info", "half"),
        State("accepted", N_("accepted"), "info", "half"),
        State("declined", N_("declined"), "idle", "x", closed=True),
        State("done", N_("done"), "ok", "ok", closed=True),
        State("revoked", N_("revoked"), "idle", "idle", closed=True),
    ),
    (
        Transition("accept", N_("accept"), ("sent",), "accepted"),
        Transition("decline", N_("decline"), ("sent", "accepted"), "declined"),
        Transition("finish", N_("finish"), ("accepted",), "done"),
        Transition("revoke", N_("revoke"), ("sent", "accepted"), "revoked"),
    ),
)

# What a referral's move means for its need: one place, for every plugin.
FOLLOWS = {"accept": "serve", "finish": "deliver", "decline": "release", "revoke": "release"}
