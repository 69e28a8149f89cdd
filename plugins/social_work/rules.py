"""What an order depends on, as pure functions: no database, no clock, no web."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from core import N_, Reason

NO_PLACE = Reason("social_work.no_place", N_("{provider} has no free place; it takes {places} orders at once."))
NOT_ITS_SERVICE = Reason("social_work.not_its_service", N_("{provider} does not offer what answers this kind of need."))
NOT_ITS_TOWN = Reason("social_work.not_its_town", N_("{provider} does not serve the town of this household."))
NO_AGREEMENT = Reason("social_work.no_agreement", N_("The agreement with {provider} does not hold today."))
NO_SESSION = Reason(
    "social_work.no_session", N_("No session in which something was done has been logged yet; log it first.")
)
BEFORE_ORDER = Reason("social_work.before_order", N_("The order was dispatched on {day}; nothing was done before."))
IN_SERVICE = Reason(
    "social_work.in_service",
    N_(
        "Service order {number} of {provider} has been in service since {since}. Ask {provider} to return it, or "
        "pass it on, before the need is withdrawn."
    ),
)
FEWER_THAN_TAKEN = Reason(
    "social_work.fewer_than_taken", N_("{taken} places are taken at the moment; there cannot be fewer than that.")
)
ONE_COUNTY = Reason("social_work.one_county", N_("Choose towns of one county; an agreement holds in one county."))
ENDS_BEFORE_START = Reason("social_work.ends_before_start", N_("The agreement ends on {until}, before it begins."))
IS_PROVIDER = Reason("social_work.is_provider", N_("{provider} has an agreement already; change that one."))
ELSEWHERE = Reason(
    "social_work.elsewhere",
    N_("The organisation with this code is not on this county's list; check the code, or ask the county it is in."),
)
SAME_PROVIDER = Reason("social_work.same_provider", N_("The order is with {provider} already; choose another."))

HOLDING = ("dispatched", "accepted", "in_progress")  # states in which an order has a place
SETTINGS = ("home", "office", "phone", "outside")
OUTCOMES = ("done", "not_met", "refused")
USUAL_MINUTES = (30, 45, 60, 90)


def against(
    *,
    provider: str,
    services: str,
    service: str | None,
    serves_town: bool,
    agreement_from: date,
    agreement_until: date | None,
    places: int,
    taken: int,
    today: date,
) -> Mapping[Reason, Mapping[str, Any]]:
    """Return every reason against giving an order to a provider; empty: it can take it.

    :param services: codes between spaces. :param service: kind of service that answers the need.
    :param agreement_until: first day on which it holds no more; None: open.
    """
    reasons: dict[Reason, Mapping[str, Any]] = {}
    if service is None or service not in services.split():
        reasons[NOT_ITS_SERVICE] = {"provider": provider}
    if not serves_town:
        reasons[NOT_ITS_TOWN] = {"provider": provider}
    if agreement_from > today or (agreement_until is not None and agreement_until <= today):
        reasons[NO_AGREEMENT] = {"provider": provider}
    if taken >= places:
        reasons[NO_PLACE] = {"provider": provider, "places": places}
    return reasons


def first_contact(today: date, contact_days: int) -> date:
    """Return the day by which a provider makes its first contact when it is asked today."""
    return today + timedelta(days=contact_days)


def number_of(year: int, running: int) -> str:
    """Write an order's number: `2026-0001`; longer when a year has more than 9,999."""
    return f"{year}-{running:04d}"


def codes(chosen: Iterable[str]) -> str:
    """Write codes between spaces, as they are searched for: ` a.b c.d `."""
    return f" {' '.join(sorted(set(chosen)))} "


def answered(referral: str, need: str, *, latest: bool) -> bool:
    """Say whether the household's word on a finished referral was taken, however late this is asked.

    A need leaves `delivered` only by that word; a later referral means that it was given.
    """
    return referral == "done" and not (latest and need == "delivered")
