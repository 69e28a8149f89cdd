"""The verbs of needs and referrals. Lock order: household → need → referral → the plugin's own rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from core import vault
from core.access import end_shares, seen, share
from core.actor import Actor
from core.database import Rank, engine, fetch, lock, new_id, transaction, unscoped
from core.errors import NotYours, Reason, Refused
from core.journal import record
from core.place import Place
from core.registry import Household, locked_household, members_of
from core.terms import known_terms
from core.texts import N_, Message

from .tables import Need, NeedMember, Referral
from .workflows import FOLLOWS, NEED, REFERRAL

URGENCIES = {"urgent": 1, "soon": 5, "normal": 15}  # days until somebody should have answered
SOURCES = ("visit", "household", "village", "application", "other")
SHARED = ("registry.see", "registry.reveal", "needs.see", "needs.words", "activities.see")

REFERRAL_CLOSED = Reason("needs.referral_closed", N_("This referral is “{state}”; nothing more can be reported on it."))
ALREADY_REFERRED = Reason(
    "needs.already_referred", N_("This need was offered to {provider} already; one provider at a time is asked.")
)
NOT_A_MEMBER = Reason("needs.not_a_member", N_("Somebody you named does not belong to this household any more."))
NO_SUCH_KIND = Reason("needs.no_such_kind", N_("Choose a kind of need from the list."))

Move = Literal["accept", "decline", "finish"]


@dataclass(frozen=True)
class Turn:
    """A referral in the hand of its provider: household, need and referral are locked."""

    household: Household
    need: Need
    referral: Referral


async def raise_need(
    household: UUID,
    kind: str,
    words: str,
    *,
    urgency: str,
    source: str,
    actor: Actor,
    now: datetime,
    today: date,
    people: Sequence[UUID] = (),
    due_on: date | None = None,
) -> UUID:
    """Write down that a household lacks something (登记需求).

    Any household in difficulty may have needs, in a benefit or not (docs/scheme.md, A-45).

    :param kind: code of a term of kind `need`. :param words: what was seen or said; kept sealed.
    :param people: members it concerns; none: the whole household.
    :param due_on: when somebody should have answered; None: by the urgency.
    :returns: the id of the need, state `open`.
    :raises NotYours: no such household in the actor's scope.
    :raises Refused: NO_SUCH_KIND, NOT_A_MEMBER.
    """
    if kind not in {term.code for term in known_terms("need")}:
        raise Refused(NO_SUCH_KIND)
    async with transaction():
        visible = await seen(Household, actor, "needs.raise", now=now).one(household)
        row = await locked_household(visible.id, share=True)
        if set(people) - {member.person for member in await members_of(row.id)}:
            raise Refused(NOT_A_MEMBER)
        id_ = new_id()
        need = Need(
            id=id_,
            household=row.id,
            **Place.of(row).columns(),
            kind=kind,
            urgency=urgency,
            source=source,
            words_sealed=vault.seal(words, about=f"needs_need/{id_}/words"),
            due_on=due_on or today + timedelta(days=URGENCIES[urgency]),
            raised_by_name=actor.name,
            created_at=now,
            created_by=actor.user,
        )
        await need.save()
        if people:
            await NeedMember.insert(*(NeedMember(need=id_, person=person) for person in people))
        await record(
            actor, "needs.raised", id_, now=now, household=row.id, place=Place.of(row),
            fields={"kind": kind, "urgency": urgency, "source": source, "words": words, "people": list(people)},
        )  # fmt: skip
    return id_


async def refer(
    need: UUID,
    *,
    plugin: str,
    record_id: UUID,
    provider: str,
    organisation: UUID | None,
    actor: Actor,
    now: datetime,
) -> Turn:
    """Hand a need to a provider (转介); called by a plugin's verb, first thing in its transaction.

    Writes the referral and the organisation's share of the household; the plugin then writes its
    own record (with the place of `turn.household`).

    :param plugin: the plugin's name. :param record_id: id of its own record, made with `new_id()`.
    :param provider: name as people know it. :param organisation: sees the household from now on.
    :raises NotYours: no such need in the actor's scope.
    :raises Refused: ALREADY_REFERRED, or why the need cannot be referred in its state.
    """
    _inside("refer")
    visible = await seen(Need, actor, "needs.refer", now=now).one(need)
    household, row = await _locked(visible)
    standing = await _open_referral(row.id)
    if standing is not None:
        raise Refused(ALREADY_REFERRED, provider=standing.provider)
    await NEED.take(row, "refer", actor=actor, now=now)
    referral = await _send(
        household, row, plugin=plugin, record_id=record_id, provider=provider, organisation=organisation,
        actor=actor, now=now,
    )  # fmt: skip
    return Turn(household, row, referral)


async def turn(plugin: str, record_id: UUID, *, actor: Actor, now: datetime) -> Turn:
    """Take up a referral, for the plugin's next verb: locks household, need and referral.

    The caller has seen its own record in the actor's scope.

    :raises Refused: REFERRAL_CLOSED. :raises NotYours: there is no such referral.
    """
    _inside("turn")
    with unscoped("the plugin has seen its record"):
        found = (
            await Referral.objects()
            .where((Referral.plugin == plugin) & (Referral.record == record_id))
            .order_by(Referral.id, ascending=False)
            .first()
        )
        if found is None:
            raise NotYours(f"referral of {plugin} {record_id}")
        visible = await Need.objects().where(Need.id == found.need).first()
    assert visible is not None
    household, need = await _locked(visible)
    await lock(Referral, found.id, rank=Rank.REFERRAL)
    with unscoped("locked"):
        referral = await Referral.objects().where(Referral.id == found.id).first()
    assert referral is not None
    if not referral.open:
        raise Refused(REFERRAL_CLOSED, state=Message("core", REFERRAL.state(referral.state).text))
    return Turn(household, need, referral)


async def report(taken: Turn, move: Move, *, actor: Actor, now: datetime, reason: str | None = None) -> None:
    """Say what became of a referral; core moves the need accordingly. Ends a plugin's verb.

    :param taken: from `turn()` in the same transaction.
    :raises Refused: the referral does not allow it in its state.
    """
    _inside("report")
    await REFERRAL.take(taken.referral, move, actor=actor, now=now, why=reason)
    await _after(taken, actor=actor, now=now, reason=reason)
    await NEED.take(taken.need, FOLLOWS[move], actor=actor, now=now, why=reason)
    await record(
        actor, f"needs.referral_{REFERRAL_WORDS[move]}", taken.referral.id, now=now, household=taken.household.id,
        place=Place.of(taken.household), fields={"reason": reason} if reason else {},
    )  # fmt: skip


async def pass_on(
    taken: Turn, *, plugin: str, record_id: UUID, provider: str, organisation: UUID | None,
    reason: str, actor: Actor, now: datetime,
) -> Turn:  # fmt: skip
    """Hand a referral to the next provider in one go: the need is never without one in between (转派).

    :raises Forbidden: the actor may not refer.
    """
    _inside("pass_on")
    actor.must("needs.refer")
    await REFERRAL.take(taken.referral, "revoke", actor=actor, now=now, why=reason)
    await _after(taken, actor=actor, now=now, reason=reason)
    if taken.need.state == "in_service":
        await NEED.take(taken.need, "release", actor=actor, now=now, why=reason)
    await NEED.take(taken.need, "refer", actor=actor, now=now, why=reason)
    referral = await _send(
        taken.household, taken.need, plugin=plugin, record_id=record_id, provider=provider,
        organisation=organisation, actor=actor, now=now,
    )  # fmt: skip
    await record(
        actor, "needs.referral_revoked", taken.referral.id, now=now, household=taken.household.id,
        place=Place.of(taken.household), fields={"reason": reason},
    )  # fmt: skip
    return Turn(taken.household, taken.need, referral)


async def withdraw_need(need: UUID, *, why: str, actor: Actor, now: datetime) -> None:
    """Take a need back (撤回); an open referral is revoked with it. Plugins may object.

    :raises NotYours: no such need in the actor's scope.
    :raises Refused: with every objection, for instance that an order is in service.
    """
    async with transaction():
        visible = await seen(Need, actor, "needs.withdraw", now=now).one(need)
        household, row = await _locked(visible)
        referral = await _open_referral(row.id, locked=True)
        await NEED.take(row, "withdraw", actor=actor, now=now, why=why)
        if referral is not None:
            await REFERRAL.take(referral, "revoke", actor=actor, now=now, why=why)
            await _after(Turn(household, row, referral), actor=actor, now=now, reason=why)
            await record(
                actor, "needs.referral_revoked", referral.id, now=now, household=household.id,
                place=Place.of(household), fields={"reason": why},
            )  # fmt: skip
        await record(
            actor, "needs.withdrawn", row.id, now=now, household=household.id, place=Place.of(household),
            fields={"why": why},
        )  # fmt: skip


async def confirm_need(need: UUID, *, met: bool, words: str, actor: Actor, now: datetime) -> None:
    """Take the household's word on whether a need is met (回访).

    :param words: what the household said; kept sealed.
    :raises NotYours: no such need in the actor's scope.
    :raises Refused: OWN_WORK, or the need is not delivered.
    """
    async with transaction():
        visible = await seen(Need, actor, "needs.confirm", now=now).one(need)
        household, row = await _locked(visible)
        await NEED.take(row, "confirm_met" if met else "confirm_unmet", actor=actor, now=now)
        sealed = vault.seal(words, about=f"needs_need/{row.id}/outcome")
        await fetch("UPDATE needs_need SET outcome_words_sealed = ? WHERE id = ?", (sealed, row.id))
        await record(
            actor, "needs.met" if met else "needs.unmet", row.id, now=now, household=household.id,
            place=Place.of(household), fields={"words": words},
        )  # fmt: skip


async def reopen_need(need: UUID, *, why: str, actor: Actor, now: datetime) -> None:
    """Open a closed need again.

    :raises NotYours: no such need in the actor's scope. :raises Refused: it is not closed.
    """
    async with transaction():
        visible = await seen(Need, actor, "needs.raise", now=now).one(need)
        household, row = await _locked(visible)
        await NEED.take(row, "reopen", actor=actor, now=now, why=why)
        # It is open again, so it belongs where the household lives now.
        place = Place.of(household)
        await fetch(
            "UPDATE needs_need SET city = ?, county = ?, town = ?, village = ? WHERE id = ?",
            (place.city, place.county, place.town, place.village, row.id),
        )
        await record(actor, "needs.reopened", row.id, now=now, household=household.id, place=place, fields={"why": why})


REFERRAL_WORDS = {"accept": "accepted", "decline": "declined", "finish": "done"}


async def _locked(visible: Need) -> tuple[Household, Need]:
    """Lock household and need, in this order, and read them again."""
    household = await locked_household(visible.household)
    await lock(Need, visible.id, rank=Rank.NEED)
    with unscoped("locked"):
        need = await Need.objects().where(Need.id == visible.id).first()
    assert need is not None
    return household, need


async def _open_referral(need: UUID, *, locked: bool = False) -> Referral | None:
    found: Referral | None
    with unscoped("the need is locked"):
        found = await Referral.objects().where((Referral.need == need) & (Referral.open == True)).first()  # noqa: E712
        if found is not None and locked:
            await lock(Referral, found.id, rank=Rank.REFERRAL)
            found = await Referral.objects().where(Referral.id == found.id).first()
    return found


async def _send(
    household: Household, need: Need, *, plugin: str, record_id: UUID, provider: str, organisation: UUID | None,
    actor: Actor, now: datetime,
) -> Referral:  # fmt: skip
    referral = Referral(
        need=need.id,
        household=household.id,
        **Place.of(household).columns(),
        plugin=plugin,
        record=record_id,
        organisation=organisation,
        provider=provider,
        created_at=now,
        created_by=actor.user,
    )
    await referral.save()
    if organisation is not None:
        await share(
            household.id, household.code, plugin=plugin, record=record_id, permissions=SHARED, now=now,
            organisation=organisation,
        )  # fmt: skip
    await record(
        actor, "needs.referred", referral.id, now=now, household=household.id, place=Place.of(household),
        fields={"need": need.id, "plugin": plugin, "record": record_id, "organisation": organisation},
    )  # fmt: skip
    return referral


async def _after(taken: Turn, *, actor: Actor, now: datetime, reason: str | None) -> None:
    """Keep what follows from a referral's new state: is it still open, who still sees the household."""
    closed = taken.referral.state in REFERRAL.closed()
    await fetch(
        "UPDATE needs_referral SET open = ?, reason = coalesce(?, reason), step = step + 1 WHERE id = ?",
        (not closed, reason, taken.referral.id),
    )
    taken.referral.open = not closed
    if closed:
        await end_shares(taken.referral.plugin, taken.referral.record, now=now)


def _inside(verb: str) -> None:
    if not engine().transaction_exists():
        raise RuntimeError(f"needs.{verb} belongs into the transaction of the plugin's own verb")
