"""The verbs about providers: who takes orders, for what, where, how many, how long."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from core import Actor, NotYours, Place, Reason, Refused
from core.access import change_mandate, give_mandate, seen
from core.database import Rank, fetch, lock, new_id, transaction
from core.journal import record
from core.registry import add_organisation, organisations_of, places_of_towns

from .rules import ELSEWHERE, ENDS_BEFORE_START, FEWER_THAN_TAKEN, IS_PROVIDER, ONE_COUNTY, codes
from .service import PLUGIN
from .tables import Provider, ServedTown


@dataclass(frozen=True)
class Agreement:
    """What was agreed with an organisation (合作协议).

    :cvar until_on: the first day on which it holds no more; None: open.
    :cvar services: codes of kinds of service. :cvar towns: area ids.
    :cvar places: orders at once. :cvar contact_days: days until the first contact.
    """

    from_on: date
    until_on: date | None
    services: Sequence[str]
    towns: Sequence[UUID]
    places: int
    contact_days: int
    note: str | None = None


async def add_provider(
    organisation: UUID | None,
    agreement: Agreement,
    *,
    actor: Actor,
    now: datetime,
    name: str = "",
    credit_code: str = "",
) -> UUID:
    """Enter an organisation that takes orders; its people may act while the agreement holds.

    :param organisation: one of the towns' county; None: the one with this credit code, entered if it is new.
    :returns: the id of the provider.
    :raises NotYours: a town outside the actor's counties, or an organisation of another county.
    :raises Refused: ENDS_BEFORE_START, ONE_COUNTY, IS_PROVIDER, BAD_CREDIT_CODE, ELSEWHERE.
    """
    actor.must("social_work.providers")
    async with transaction():
        county = await _county(agreement, actor)
        assert county.county is not None
        body = organisation or await add_organisation(
            name, credit_code, place=Place(county.city, county.county, None, None), actor=actor, now=now
        )
        known = await organisations_of(county.county, only=body)
        if body not in known:
            if organisation is None:
                raise Refused(ELSEWHERE)
            raise NotYours(f"organisation {organisation}")
        provider = Provider(
            organisation=body,
            agreement_from=agreement.from_on,
            agreement_until=agreement.until_on,
            services=codes(agreement.services),
            places=agreement.places,
            contact_days=agreement.contact_days,
            note=agreement.note,
            created_at=now,
            created_by=actor.user,
        )
        if not await Provider.insert(provider).on_conflict(Provider.organisation, "DO NOTHING").returning(Provider.id):
            raise Refused(IS_PROVIDER, provider=known[body])  # one entered at the same time is told here, too
        await _serve(provider.id, body, agreement.towns, county)
        await give_mandate(
            body, plugin=PLUGIN, record=provider.id, from_on=agreement.from_on, until_on=agreement.until_on
        )
        await _record(actor, "social_work.provider_added", provider.id, agreement, county, now=now)
    made: UUID = provider.id
    return made


async def change_provider(provider: UUID, agreement: Agreement, *, actor: Actor, now: datetime) -> None:
    """Change what was agreed with a provider; orders that it has go on.

    :raises NotYours: no such provider, or a town, outside the actor's counties.
    :raises Refused: ENDS_BEFORE_START, ONE_COUNTY, FEWER_THAN_TAKEN.
    """
    async with transaction():
        if not await seen(ServedTown, actor, "social_work.providers", now=now).some(
            ServedTown.provider == provider, limit=1
        ):
            raise NotYours(f"provider {provider}")
        county = await _county(agreement, actor)
        await lock(Provider, provider, rank=Rank.COUNTER)
        row = await Provider.objects().where(Provider.id == provider).first()
        assert row is not None
        if agreement.places < row.taken:
            raise Refused(FEWER_THAN_TAKEN, taken=row.taken)
        await fetch(
            "UPDATE social_work_provider SET agreement_from = ?, agreement_until = ?, services = ?, places = ?,"
            " contact_days = ?, note = ?, changed_at = ?, changed_by = ? WHERE id = ?",
            (
                agreement.from_on, agreement.until_on, codes(agreement.services), agreement.places,
                agreement.contact_days, agreement.note, now, actor.user, provider,
            ),
        )  # fmt: skip
        await fetch("DELETE FROM social_work_served_town WHERE provider = ?", (provider,))
        await _serve(provider, row.organisation, agreement.towns, county)
        await change_mandate(PLUGIN, provider, from_on=agreement.from_on, until_on=agreement.until_on)
        await _record(actor, "social_work.provider_changed", provider, agreement, county, now=now)


async def _county(agreement: Agreement, actor: Actor) -> Place:
    """Return the county of the towns, one and within the actor's reach, with everything else in order."""
    places = await places_of_towns(agreement.towns)
    reasons: dict[Reason, dict[str, object]] = {}
    if agreement.until_on is not None and agreement.until_on <= agreement.from_on:
        reasons[ENDS_BEFORE_START] = {"until": agreement.until_on}
    if len({place.county for place in places.values()}) != 1:
        reasons[ONE_COUNTY] = {}
    if set(places) != set(agreement.towns) or not all(_reaches(actor, place) for place in places.values()):
        raise NotYours("a town of this agreement")
    if reasons:
        raise Refused.all(reasons)
    first = next(iter(places.values()))
    return Place(first.city, first.county, None, None)


def _reaches(actor: Actor, place: Place) -> bool:
    return any(
        reach.organisation is None and (reach.area is None or getattr(place, str(reach.level)) == reach.area)
        for reach in actor.with_permission("social_work.providers")
    )


async def _serve(provider: UUID, organisation: UUID, towns: Sequence[UUID], county: Place) -> None:
    await ServedTown.insert(
        *(
            ServedTown(
                id=new_id(),
                provider=provider,
                organisation=organisation,
                city=county.city,
                county=county.county,
                town=town,
            )
            for town in sorted(set(towns))
        )
    )


async def _record(
    actor: Actor, action: str, provider: UUID, agreement: Agreement, county: Place, *, now: datetime
) -> None:
    fields = {
        "from_on": agreement.from_on, "until_on": agreement.until_on, "services": list(agreement.services),
        "towns": list(agreement.towns), "places": agreement.places, "contact_days": agreement.contact_days,
    }  # fmt: skip
    await record(actor, action, provider, now=now, place=county, fields=fields)
