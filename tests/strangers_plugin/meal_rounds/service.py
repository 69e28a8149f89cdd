"""The verbs; the only writer of the rounds. Locks: household → need → referral (by `core.needs`) → round."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from core import N_, Actor, Event, NotYours, Place, Reason, Refused
from core.access import seen
from core.activities import log_activity
from core.database import Rank, fetch, lock, new_id, transaction, unscoped
from core.journal import record
from core.needs import Turn, need_view, refer, report, turn

from .rules import KINDS, today
from .tables import Round
from .workflows import ROUND

PLUGIN = "meal_rounds"
DIETS = ("plain", "soft", "halal")

PLANNED_TODAY = Reason(
    "meal_rounds.planned_today", N_("A warm meal is on its way to this household today, {day}. Withdraw it tomorrow.")
)
NOT_BY_MEALS = Reason("meal_rounds.not_by_meals", N_("A warm meal does not answer this kind of need."))


async def plan_round(
    need: UUID, *, first_on: date, diet: str, actor: Actor, now: datetime, eater: UUID | None = None
) -> UUID:
    """Answer a need with meals (安排送餐).

    :param first_on: local day of the first meal. :param eater: for whom; None: the whole household.
    :raises NotYours: no such need in the actor's scope.
    :raises Refused: NOT_BY_MEALS, or why the need cannot be referred.
    """
    actor.must("meal_rounds.carry")
    if (await need_view(actor, need)).kind not in KINDS:
        raise Refused(NOT_BY_MEALS)
    async with transaction():
        id_ = new_id()
        taken = await refer(
            need, plugin=PLUGIN, record_id=id_, provider="送餐", organisation=None, actor=actor, now=now
        )
        place = Place.of(taken.household)
        row = Round(
            id=id_,
            household=taken.household.id,
            **place.columns(),
            need=need,
            referral=taken.referral.id,
            eater=eater,
            diet=diet,
            next_on=first_on,
            created_at=now,
        )
        await row.save()
        await record(
            actor, "meal_rounds.planned", id_, now=now, household=taken.household.id, place=place,
            fields={"first_on": first_on, "diet": diet},
        )  # fmt: skip
    return id_


async def start_round(round_: UUID, *, actor: Actor, now: datetime) -> None:
    """Take the need into service.

    :raises NotYours: no such round in the actor's scope. :raises Refused: it is not planned any more.
    """
    async with transaction():
        taken, row = await _taken(round_, actor, now)
        await ROUND.take(row, "start", actor=actor, now=now)
        await report(taken, "accept", actor=actor, now=now)
        await _record("started", taken, row, actor, now)


async def bring_meal(round_: UUID, *, day: date, minutes: int, actor: Actor, now: datetime) -> None:
    """Write down that a meal was brought; the next one is planned for the day after.

    :param minutes: on the way and at the door.
    :raises NotYours: no such round in the actor's scope.
    :raises Refused: the day has not come yet, or the round has ended.
    """
    async with transaction():
        taken, row = await _taken(round_, actor, now)
        row.meals += 1
        row.next_on = day + timedelta(days=1)
        await row.save([Round.meals, Round.next_on])
        worker = [(actor.person, actor.name)] if actor.person else []
        await log_activity(
            plugin=PLUGIN,
            record=row.id,
            line=row.meals,
            kind="meal_rounds.meal",
            day=day,
            today=today(),
            household=taken.household.id,
            place=Place.of(taken.household),
            need=row.need,
            minutes=minutes,
            workers=worker,
            people=[row.eater] if row.eater else [],
            actor=actor,
            now=now,
        )
        await _record("brought", taken, row, actor, now)


async def finish_round(round_: UUID, *, actor: Actor, now: datetime) -> None:
    """End a round that is not needed any more; somebody else then asks the household.

    :raises NotYours: no such round in the actor's scope. :raises Refused: it is not running.
    """
    async with transaction():
        taken, row = await _taken(round_, actor, now)
        await ROUND.take(row, "finish", actor=actor, now=now)
        await _plan_no_more(row)
        await report(taken, "finish", actor=actor, now=now)
        await _record("finished", taken, row, actor, now)


async def follow_referral(event: Event) -> None:
    """Stop the round of a referral that was taken away; called late or twice, it ends the same."""
    with unscoped("the house itself"):
        row = await Round.objects().where(Round.referral == event.object).first()
    if row is None:
        return
    house, now = Actor(user=None, name="送餐", login="house:meal_rounds"), datetime.now(UTC)
    async with transaction():
        try:
            await turn(PLUGIN, row.id, actor=house, now=now)
            return  # it was given back to us meanwhile
        except Refused:
            row = await _locked(row.id)
        if row.state in ROUND.closed():
            return
        await ROUND.take(row, "stop", actor=house, now=now)
        await _plan_no_more(row)
        await record(house, "meal_rounds.stopped", row.id, now=now, household=row.household, place=Place.of(row))


async def _taken(round_: UUID, actor: Actor, now: datetime) -> tuple[Turn, Round]:
    actor.must("meal_rounds.carry")
    visible = await seen(Round, actor, "meal_rounds.carry", now=now).one(round_)
    taken = await turn(PLUGIN, visible.id, actor=actor, now=now)
    return taken, await _locked(visible.id)


async def _locked(round_: UUID) -> Round:
    await lock(Round, round_, rank=Rank.PLUGIN)
    with unscoped("locked"):
        row = await Round.objects().where(Round.id == round_).first()
    if row is None:
        raise NotYours(f"round {round_}")
    return row


async def _plan_no_more(row: Round) -> None:
    await fetch("UPDATE meal_rounds_round SET next_on = NULL WHERE id = ?", (row.id,))


async def _record(what: str, taken: Turn, row: Round, actor: Actor, now: datetime) -> None:
    await record(
        actor, f"meal_rounds.{what}", row.id, now=now, household=taken.household.id, place=Place.of(taken.household)
    )
