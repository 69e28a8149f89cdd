"""Who can be asked: offers for a need, and what stands against one provider or against any order."""

from collections import Counter
from datetime import date, datetime
from typing import Any
from uuid import UUID

from piccolo.columns.combination import And

from core import N_, Actor, Offer, Reason, say, service_of, word
from core.access import mandate_holds, seen
from core.database import fetch, unscoped
from core.needs import ALREADY_REFERRED, NEED, NeedView
from core.registry import organisation_names

from .queries import SEE, orders_of, providers
from .rules import HOLDING, NO_AGREEMENT, against, first_contact
from .tables import Order, Provider, ServedTown


async def offers(need: Any, actor: Actor, *, today: date) -> list[Offer]:
    """Return one offer for each provider that can take this need now; full ones are left out.

    :param need: `core.needs.NeedView`.
    """
    rows = await fetch(
        "SELECT p.id, p.organisation, p.services, p.agreement_from, p.agreement_until, p.places, p.taken,"
        " p.contact_days FROM social_work_provider p"
        " WHERE p.taken < p.places AND p.id IN (SELECT provider FROM social_work_served_town WHERE town = ?)"
        " ORDER BY p.id LIMIT 100",
        (need.town,),
    )
    served = await seen(Order, actor, SEE).some(
        And(Order.household == need.household, Order.state.is_in(["completed", "confirmed"]))
    )
    before = Counter(order.provider for order in served)
    service = service_of(need.kind)
    names = await organisation_names(row["organisation"] for row in rows)
    found = []
    for row in rows:
        name = names.get(row["organisation"], "")
        if not name or against(
            provider=name, services=row["services"], service=service, serves_town=True, places=row["places"],
            taken=row["taken"], agreement_from=row["agreement_from"], agreement_until=row["agreement_until"],
            today=today,
        ):  # fmt: skip
            continue
        free = row["places"] - row["taken"]
        why = [
            say("social_work", N_("Its agreement covers {service}."), service=word(service or "")),
            say("social_work", N_("Free places: {free} of {places}."), free=free, places=row["places"]),
        ]
        if before[row["id"]]:
            why.insert(
                0, say("social_work", N_("Has served this household before: {orders}."), orders=before[row["id"]])
            )
        found.append(
            Offer(
                provider=name,
                organisation=row["organisation"],
                why=tuple(why),
                earliest=first_contact(today, row["contact_days"]),
                capacity=free,
                url=f"/social_work/needs/{need.id}/dispatch?provider={row['id']}",
            )
        )
    return sorted(found, key=lambda offer: (offer.earliest, offer.provider))  # all have room: core's order of offers


async def reasons_against(provider: Provider, name: str, *, kind: str, town: UUID, today: date) -> dict[Reason, Any]:
    """Return everything that stands against giving a need to a provider now; the provider was seen.

    :param kind: of the need. :param town: where its household lives.
    """
    with unscoped("the provider is in the actor's scope"):
        serves_town = await ServedTown.exists().where((ServedTown.provider == provider.id) & (ServedTown.town == town))
    reasons = dict(
        against(
            provider=name,
            services=provider.services,
            service=service_of(kind),
            serves_town=serves_town,
            agreement_from=provider.agreement_from,
            agreement_until=provider.agreement_until,
            places=provider.places,
            taken=provider.taken,
            today=today,
        )
    )
    if not await mandate_holds(provider.organisation, on=today):
        reasons[NO_AGREEMENT] = {"provider": name}
    return {reason: dict(blanks) for reason, blanks in reasons.items()}


async def reasons_against_asking(
    need: NeedView, provider: UUID, actor: Actor, *, today: date
) -> dict[Reason, dict[str, Any]]:
    """Return why a provider that somebody chose cannot take a need; nothing for one outside the actor's scope."""
    found = await providers(actor, only=provider)
    if not found or need.town is None:
        return {}
    return await reasons_against(found[0].provider, found[0].name, kind=need.kind, town=need.town, today=today)


async def standing_against(need: NeedView, actor: Actor, *, now: datetime) -> tuple[dict[Reason, dict[str, Any]], str]:
    """Return why a need takes no order now, and the address of the order that it has ("": none of this package)."""
    if need.state in ("referred", "in_service"):
        rows, _ = await orders_of(actor, need=need.id)
        own = next((row for row in rows if row["state"] in HOLDING), None)
        provider = own["provider_name"] if own else say("social_work", N_("another provider"))
        return {ALREADY_REFERRED: {"provider": provider}}, f"/social_work/orders/{own['id']}" if own else ""
    return await NEED.unmet(need, "refer", actor=actor, now=now), ""
