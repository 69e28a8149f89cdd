"""Needs (需求) and referrals (转介): each need reaches someone who can meet it, and nobody is forgotten."""

from collections.abc import Iterable
from typing import Any

from core.access import shareable
from core.declarations import MenuItem, Permission, Term
from core.hookspecs import hookimpl
from core.texts import N_

from .queries import NeedView, need_view
from .routes import handlers
from .service import (
    ALREADY_REFERRED,
    REFERRAL_CLOSED,
    Turn,
    confirm_need,
    pass_on,
    raise_need,
    refer,
    reopen_need,
    report,
    turn,
    withdraw_need,
)
from .standings import Standing, standing
from .tables import Need, Referral
from .workflows import NEED, OWN_WORK, REFERRAL

__all__ = [
    "ALREADY_REFERRED",
    "NEED",
    "OWN_WORK",
    "REFERRAL",
    "REFERRAL_CLOSED",
    "Need",
    "NeedView",
    "Referral",
    "Standing",
    "Turn",
    "confirm_need",
    "need_view",
    "pass_on",
    "raise_need",
    "refer",
    "reopen_need",
    "report",
    "standing",
    "turn",
    "withdraw_need",
]

shareable("needs.see")
shareable("needs.words", handed=("needs_referral", "need"))
OFFICERS = ("county", "town")


@hookimpl
def provide_permissions() -> Iterable[Permission]:
    """Officers raise, refer, withdraw and confirm; whoever sees the household may see its needs."""
    return [
        Permission("needs.see", N_("see needs"), (*OFFICERS, "worker", "supervisor", "auditor"), reads=True),
        Permission("needs.words", N_("read what was said of a need"), (*OFFICERS, "worker", "supervisor"), reads=True),
        Permission("needs.list", N_("see the lists of needs and the start page of officers"), OFFICERS, reads=True),
        Permission("needs.raise", N_("write down needs"), OFFICERS),
        Permission("needs.refer", N_("offer a need to a provider"), OFFICERS),
        Permission("needs.withdraw", N_("take needs back"), OFFICERS),
        Permission("needs.confirm", N_("take the household's word on whether a need is met"), OFFICERS),
    ]


@hookimpl
def provide_terms() -> Iterable[Term]:
    """Kinds of need, each with the scheme's kind of service that answers it; actions; the step of withdrawing.

    Source: 实施方案解读, task 8 (six kinds of service); docs/scheme.md, S-7 and A-45, for the kinds of need.
    """
    return [
        Term("needs.service_humanistic", "service", N_("Humanistic care")),
        Term("needs.service_counselling", "service", N_("Psychological counselling")),
        Term("needs.service_linking", "service", N_("Linking to resources")),
        Term("needs.service_abilities", "service", N_("Building abilities")),
        Term("needs.service_inclusion", "service", N_("Social inclusion")),
        Term("needs.service_nursing", "service", N_("Care and nursing")),
        Term("needs.nursing", "need", N_("Nursing and daily care"), "needs.service_nursing"),
        Term("needs.rehabilitation", "need", N_("Rehabilitation"), "needs.service_nursing"),
        Term("needs.child_care", "need", N_("Child care and education"), "needs.service_abilities"),
        Term("needs.counselling", "need", N_("Counselling"), "needs.service_counselling"),
        Term("needs.crisis", "need", N_("Crisis intervention"), "needs.service_counselling"),
        Term("needs.motivation", "need", N_("Motivation"), "needs.service_abilities"),
        Term("needs.skills", "need", N_("Skills and work"), "needs.service_abilities"),
        Term("needs.health", "need", N_("Health and seeing a doctor"), "needs.service_linking"),
        Term("needs.papers", "need", N_("Money and papers"), "needs.service_linking"),
        Term("needs.housing", "need", N_("Housing and safety at home"), "needs.service_linking"),
        Term("needs.company", "need", N_("Company"), "needs.service_humanistic"),
        Term("needs.inclusion", "need", N_("Family and neighbours"), "needs.service_inclusion"),
        Term("needs.raised", "action", N_("wrote down a need")),
        Term("needs.referred", "action", N_("offered the need to a provider")),
        Term("needs.referral_accepted", "action", N_("took the need on")),
        Term("needs.referral_declined", "action", N_("declined the need")),
        Term("needs.referral_done", "action", N_("reported the need as done")),
        Term("needs.referral_revoked", "action", N_("took the need from the provider")),
        Term("needs.met", "action", N_("confirmed with the household: the need is met")),
        Term("needs.unmet", "action", N_("confirmed with the household: the need is not met")),
        Term("needs.withdrawn", "action", N_("withdrew the need")),
        Term("needs.reopened", "action", N_("opened the need again")),
        Term("needs.withdraw", "step", N_("withdraw a need")),
        Term("needs_need.words", "field", N_("what was seen or said")),
        Term("needs_need.outcome_words", "field", N_("what the household said at the end")),
        Term("need_page", "purpose", N_("opened the page of the need")),
    ]


@hookimpl
def provide_menu() -> Iterable[MenuItem]:
    """My work, for everybody who is signed in, and the lists of needs."""
    return [
        MenuItem(N_("My work"), "/", "todo", "", order=0),
        MenuItem(N_("Needs"), "/needs", "need", "needs.list", order=20),
    ]


@hookimpl
def provide_routes() -> Iterable[Any]:
    """The start page, lists, one need, and the acts on it."""
    return handlers
