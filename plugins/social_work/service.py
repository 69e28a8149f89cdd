"""The verbs of service orders. Lock order: household → need → referral (by core.needs) → order → places, numbers."""

from datetime import date, datetime
from uuid import UUID

from core import Actor, NotYours, Place, Refused, house, seal, unseal
from core.access import seen
from core.activities import log_activity
from core.database import Rank, claim, fetch, lock, new_id, note_rank, transaction, unscoped
from core.journal import record
from core.needs import Turn, pass_on, refer, report, standing, turn
from core.registry import organisation_names

from .offering import reasons_against
from .rules import HOLDING, NO_PLACE, SAME_PROVIDER, answered, first_contact, number_of
from .tables import Order, Provider, ServedTown, Session
from .workflows import ORDER

PLUGIN = "social_work"
ACTIVITY = {
    "home": "social_work.home_visit",
    "office": "social_work.office_session",
    "phone": "social_work.phone_call",
    "outside": "social_work.outside_session",
}


async def dispatch(
    need: UUID,
    provider: UUID,
    *,
    instructions: str | None,
    actor: Actor,
    now: datetime,
    today: date,
    due_on: date | None = None,
) -> UUID:
    """Give a need to an organisation as a service order (派单).

    Order, referral, the organisation's share of the household and its place are written together.

    :param instructions: what to know before going; kept sealed. :param due_on: first contact by;
        None: as soon as the provider says it can.
    :returns: the id of the order, state `dispatched`.
    :raises NotYours: no such need or provider in the actor's scope.
    :raises Refused: ALREADY_REFERRED; NOT_ITS_SERVICE, NOT_ITS_TOWN, NO_AGREEMENT, NO_PLACE, all that hold.
    """
    actor.must("social_work.dispatch")
    async with transaction():
        chosen, name = await _provider(provider, actor=actor, now=now)
        order = new_id()
        taken = await refer(
            need, plugin=PLUGIN, record_id=order, provider=name, organisation=chosen.organisation, actor=actor, now=now
        )
        await lock(Provider, chosen.id, rank=Rank.COUNTER)
        await _take_place(taken, chosen.id, name, today=today)
        await _write(order, taken, chosen, instructions=instructions, due_on=due_on, actor=actor, now=now, today=today)
    return order


async def redispatch(
    order: UUID, provider: UUID, *, why: str, actor: Actor, now: datetime, today: date, instructions: str | None = None
) -> UUID:
    """Hand an order that is not finished to another organisation (改派); the need is never without one.

    :param instructions: None: those of the old order.
    :returns: the id of the new order; the old one is `cancelled`.
    :raises NotYours: no such order or provider in the actor's scope.
    :raises Refused: REFERRAL_CLOSED, SAME_PROVIDER, and what `dispatch` refuses.
    """
    async with transaction():
        taken, old = await _in_hand(order, "social_work.dispatch", actor=actor, now=now)
        chosen, name = await _provider(provider, actor=actor, now=now)
        if chosen.id == old.provider:
            raise Refused(SAME_PROVIDER, provider=name)
        await lock(Provider, {old.provider, chosen.id}, rank=Rank.COUNTER)
        await _take_place(taken, chosen.id, name, today=today)
        new, old_words = new_id(), old.instructions_sealed
        if instructions is None and old_words:
            instructions = unseal(old_words, about=f"social_work_order/{old.id}/instructions")
        handed = await pass_on(
            taken, plugin=PLUGIN, record_id=new, provider=name, organisation=chosen.organisation, reason=why,
            actor=actor, now=now,
        )  # fmt: skip
        await ORDER.take(old, "pass_on", actor=actor, now=now, why=why)
        await _say_why(old.id, why)
        await _record(actor, "social_work.passed_on", old.id, handed, now=now, why=why)
        await _write(new, handed, chosen, instructions=instructions, due_on=None, actor=actor, now=now, today=today)
    return new


async def accept(order: UUID, *, actor: Actor, now: datetime, today: date) -> None:
    """Take an order on (接单), for the actor's organisation.

    :raises NotYours: no such order of the actor's organisation.
    :raises Refused: REFERRAL_CLOSED, NOT_NOW.
    """
    async with transaction():
        taken, row = await _in_hand(order, "social_work.work", actor=actor, now=now)
        await ORDER.take(row, "accept", actor=actor, now=now)
        await fetch(
            "UPDATE social_work_order SET worker = ?, worker_name = ?, accepted_on = ? WHERE id = ?",
            (actor.person, actor.name, today, row.id),
        )
        await report(taken, "accept", actor=actor, now=now)
        await _record(actor, "social_work.accepted", row.id, taken, now=now)


async def decline(order: UUID, *, why: str, actor: Actor, now: datetime) -> None:
    """Say that the organisation cannot take an order (拒单); the need waits for an answer again.

    :raises NotYours: no such order of the actor's organisation.
    :raises Refused: REFERRAL_CLOSED, NOT_NOW.
    """
    await _give_up(order, "decline", "social_work.declined", why=why, actor=actor, now=now)


async def return_order(order: UUID, *, why: str, actor: Actor, now: datetime) -> None:
    """Give an accepted order back unfinished (退单); the need waits for an answer again.

    :raises NotYours: no such order of the actor's organisation.
    :raises Refused: REFERRAL_CLOSED, NOT_NOW.
    """
    await _give_up(order, "return", "social_work.returned", why=why, actor=actor, now=now)


async def log_session(
    order: UUID,
    *,
    day: date,
    minutes: int,
    setting: str,
    outcome: str,
    note: str | None,
    actor: Actor,
    now: datetime,
    today: date,
    place_text: str | None = None,
) -> UUID:
    """Write down one time of work (服务记录); the ledger gets the facts, the organisation keeps the note.

    :param minutes: 1 to 720. :param setting: one of SETTINGS. :param outcome: one of OUTCOMES.
    :param note: what was done; kept sealed. :returns: the id of the session.
    :raises NotYours: no such order of the actor's organisation.
    :raises Refused: REFERRAL_CLOSED; NOT_NOW, BEFORE_ORDER; IN_FUTURE of the ledger.
    """
    async with transaction():
        taken, row = await _in_hand(order, "social_work.work", actor=actor, now=now)
        await ORDER.take(row, "log", actor=actor, now=now, day=day)
        last = await fetch(
            "SELECT coalesce(max(line), 0) AS line FROM social_work_session WHERE service_order = ?", (row.id,)
        )
        id_, line = new_id(), int(last[0]["line"]) + 1
        await Session(
            id=id_,
            service_order=row.id,
            line=line,
            household=row.household,
            organisation=row.organisation,
            day=day,
            minutes=minutes,
            setting=setting,
            place_text=place_text,
            outcome=outcome,
            note_sealed=seal(note, about=f"social_work_session/{id_}/note") if note else None,
            worker=actor.person,
            worker_name=actor.name,
            created_at=now,
            created_by=actor.user,
        ).save()
        await log_activity(
            plugin=PLUGIN,
            record=row.id,
            line=line,
            kind=ACTIVITY[setting],
            day=day,
            today=today,
            household=row.household,
            place=Place.of(taken.household),
            actor=actor,
            now=now,
            minutes=minutes,
            workers=[(actor.person, actor.name)] if actor.person else [],
            need=row.need,
            organisation=row.organisation,
            place_text=place_text,
            outcome=outcome,
            met_household=setting != "phone",
        )
        await _record(
            actor, "social_work.session_logged", row.id, taken, now=now, day=day, minutes=minutes, outcome=outcome
        )
    return id_


async def complete(order: UUID, *, actor: Actor, now: datetime) -> None:
    """Say that the work is done (完成); an officer then asks the household.

    :raises NotYours: no such order of the actor's organisation.
    :raises Refused: REFERRAL_CLOSED; NOT_NOW, NO_SESSION.
    """
    async with transaction():
        taken, row = await _in_hand(order, "social_work.work", actor=actor, now=now)
        await ORDER.take(row, "complete", actor=actor, now=now)
        await report(taken, "finish", actor=actor, now=now)
        await _record(actor, "social_work.completed", row.id, taken, now=now)


async def settle(order: UUID, *, now: datetime) -> None:
    """Make an order agree with its referral as it stands now; called by reactions, any number of times.

    A revoked referral cancels it, the household's word confirms it.
    """
    actor = house(PLUGIN)
    async with transaction():
        await lock(Order, order, rank=Rank.PLUGIN)
        with unscoped("the house itself, on what was done already"):
            row = await Order.objects().where(Order.id == order).first()
        stands = await standing(PLUGIN, order)
        if row is None or stands is None:
            return
        if row.state in HOLDING and stands.referral == "revoked":
            move, action = "cancel", "social_work.cancelled"
        elif row.state == "completed" and answered(stands.referral, stands.need, latest=stands.latest):
            move, action = "confirm", "social_work.confirmed"
        else:
            return
        await ORDER.take(row, move, actor=actor, now=now)
        await record(actor, action, row.id, now=now, household=row.household, place=Place.of(row))


async def _in_hand(order: UUID, permission: str, *, actor: Actor, now: datetime) -> tuple[Turn, Order]:
    """See an order in the actor's scope, then lock household, need, referral and the order."""
    visible = await seen(Order, actor, permission, now=now).one(order)
    taken = await turn(PLUGIN, visible.id, actor=actor, now=now)
    await lock(Order, visible.id, rank=Rank.PLUGIN)
    with unscoped("seen above, locked now"):
        row = await Order.objects().where(Order.id == visible.id).first()
    assert row is not None
    return taken, row


async def _give_up(order: UUID, move: str, action: str, *, why: str, actor: Actor, now: datetime) -> None:
    async with transaction():
        taken, row = await _in_hand(order, "social_work.work", actor=actor, now=now)
        await ORDER.take(row, move, actor=actor, now=now, why=why)
        await _say_why(row.id, why)
        await report(taken, "decline", actor=actor, now=now, reason=why)
        await _record(actor, action, row.id, taken, now=now, why=why)


async def _provider(provider: UUID, *, actor: Actor, now: datetime) -> tuple[Provider, str]:
    """Return a provider that serves a town of the actor's, with its name."""
    served = await seen(ServedTown, actor, "social_work.see_providers", now=now).some(
        ServedTown.provider == provider, limit=1
    )
    row = await Provider.objects().where(Provider.id == provider).first() if served else None
    name = (await organisation_names([row.organisation])).get(row.organisation) if row else None
    if row is None or name is None:
        raise NotYours(f"provider {provider}")
    return row, name


async def _take_place(taken: Turn, provider: UUID, name: str, *, today: date) -> None:
    """Check everything that could stand against a provider at once, and claim one of its places."""
    row = await Provider.objects().where(Provider.id == provider).first()
    assert row is not None
    reasons = await reasons_against(row, name, kind=taken.need.kind, town=taken.household.town, today=today)
    if reasons:
        raise Refused.all(reasons)
    note_rank(Rank.COUNTER, "social_work_provider")
    if not await claim(Provider.taken, up_to=Provider.places, where=Provider.id == provider):
        raise Refused(NO_PLACE, provider=name, places=row.places)


async def _write(
    order: UUID, taken: Turn, provider: Provider, *, instructions: str | None, due_on: date | None,
    actor: Actor, now: datetime, today: date,
) -> None:  # fmt: skip
    series, number = await _next_number(taken.household.county, today.year)
    await Order(
        id=order,
        series=series,
        number=number,
        need=taken.need.id,
        household=taken.household.id,
        **Place.of(taken.household).columns(),
        organisation=provider.organisation,
        provider=provider.id,
        kind=taken.need.kind,
        instructions_sealed=seal(instructions, about=f"social_work_order/{order}/instructions")
        if instructions
        else None,
        due_on=due_on or first_contact(today, provider.contact_days),
        created_at=now,
        created_by=actor.user,
        created_by_name=actor.name,
    ).save()
    await _record(
        actor, "social_work.dispatched", order, taken, now=now, number=number, provider=provider.id,
        instructions=instructions,
    )  # fmt: skip


async def _next_number(county: UUID, year: int) -> tuple[UUID, str]:
    """Return the series of a county and year and the next number in it; there are gaps only where an act failed."""
    note_rank(Rank.COUNTER, "social_work_series")
    rows = await fetch(
        "INSERT INTO social_work_series (id, county, year, last) VALUES (?, ?, ?, 1) ON CONFLICT (county, year)"
        " DO UPDATE SET last = social_work_series.last + 1 RETURNING id, last",
        (new_id(), county, year),
    )
    return rows[0]["id"], number_of(year, rows[0]["last"])


async def _say_why(order: UUID, why: str) -> None:
    await fetch("UPDATE social_work_order SET reason = ? WHERE id = ?", (why[:500], order))


async def _record(actor: Actor, action: str, order: UUID, taken: Turn, *, now: datetime, **fields: object) -> None:
    await record(
        actor, action, order, now=now, household=taken.household.id, place=Place.of(taken.household), fields=fields
    )
