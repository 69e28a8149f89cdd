"""The verbs of the registry: the only writers of its tables (with `importing` for workbooks)."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from core import vault
from core.access import looked, seen
from core.actor import Actor
from core.database import LEVELS, Rank, fetch, lock, note_rank, transaction, unscoped
from core.errors import NotYours, Reason, Refused
from core.journal import record
from core.place import Place
from core.texts import N_
from core.workflow import remember

from .queries import place_of_village
from .tables import Household, Identity, Membership, Person

MOVES = "registry.household"  # where the steps of households are kept: from village to village
PURPOSES = ("application", "visit", "referral", "correction", "complaint")

NOT_A_VILLAGE = Reason("registry.not_a_village", N_("A household lives in a village or neighbourhood; choose one."))
SAME_PLACE = Reason("registry.same_place", N_("The household lives in {village} already."))
PLACE_NOT_YOURS = Reason(
    "registry.place_not_yours", N_("A household moves within its county; out of it, ask the county.")
)


async def locked_household(household: UUID, *, share: bool = False) -> Household:
    """Lock a household and return it as it is now; the caller has seen it through a scope.

    :param share: only its place is read; it may not move meanwhile.
    :raises NotYours: it is gone.
    """
    await lock(Household, household, rank=Rank.HOUSEHOLD, share=share)
    with unscoped("the caller holds the lock and has seen it"):
        row: Household | None = await Household.objects().where(Household.id == household).first()
    if row is None:
        raise NotYours(f"household {household}")
    return row


async def move_household(
    household: UUID, village: UUID, *, actor: Actor, now: datetime, why: str, address: str | None = None
) -> None:
    """Write down that a household lives elsewhere; its open rows of every package follow (迁移).

    Which rows those are stands in the catalogue, so the rows of plugins that are disabled or
    uninstalled follow as well. What is closed stays where it was done.

    :param village: area id of a village or neighbourhood.
    :param why: the reason, shown to officers with the household's history.
    :param address: where in the village; None: not known yet, the old one is not kept.
    :raises NotYours: no such household in the actor's scope.
    :raises Refused: NOT_A_VILLAGE, SAME_PLACE, PLACE_NOT_YOURS.
    """
    actor.must("registry.move")
    async with transaction():
        before = await seen(Household, actor, "registry.move", now=now).one(household)
        row = await locked_household(before.id)
        place = await place_of_village(village)
        if place is None:
            raise Refused(NOT_A_VILLAGE)
        if place.county != row.county:
            raise Refused(PLACE_NOT_YOURS)
        if place.village == row.village:
            raise Refused(SAME_PLACE, village=await _area_name(village))
        await fetch(
            "UPDATE registry_household SET city = ?, county = ?, town = ?, village = ?, address = ?, changed_at = ?,"
            " changed_by = ?, version = version + 1 WHERE id = ?",
            (place.city, place.county, place.town, place.village, address, now, actor.user, row.id),
        )
        await take_along({row.id: place})
        await remember(MOVES, row.id, "move", _hex(row.village), _hex(place.village), actor.user, now, why)
        fields = {level: getattr(place, level) for level in LEVELS}
        await record(
            actor,
            "registry.household_moved",
            row.id,
            now=now,
            household=row.id,
            place=place,
            fields={**fields, "why": why, "address": address},
        )
        # The old place's trail says where it went, too: its auditor must be able to follow.
        await record(
            actor, "registry.household_left", row.id, now=now, household=row.id, place=Place.of(row), fields=fields
        )


async def take_along(moves: Mapping[UUID, Place]) -> None:
    """Move every open row of households that are locked, table by table in the order of locks.

    :param moves: household → its new place.
    """
    entries = await fetch(
        "SELECT table_name, column_name, open_when, lock_rank FROM catalogue"
        " WHERE refers_to = 'household' AND has_place AND open_when IS NOT NULL ORDER BY lock_rank, table_name"
    )
    for entry in entries:
        note_rank(Rank(entry["lock_rank"]), entry["table_name"])
        for household, place in sorted(moves.items()):
            await fetch(
                f"UPDATE {entry['table_name']} SET city = ?, county = ?, town = ?, village = ?"
                f" WHERE {entry['column_name']} = ? AND ({entry['open_when']})",
                (place.city, place.county, place.town, place.village, household),
            )


async def reveal_number(household: UUID, person: UUID, *, purpose: str, actor: Actor, now: datetime) -> str | None:
    """Show a document number in full; the reading is written down with its purpose.

    :param purpose: one of PURPOSES.
    :returns: the number, or None when the person has none on record.
    :raises NotYours: no such member of a household in the actor's scope.
    """
    if purpose not in PURPOSES:
        raise ValueError(f"no purpose {purpose!r}")
    async with transaction():
        row = await seen(Household, actor, "registry.reveal", now=now).one(household)
        if not await Membership.exists().where(
            (Membership.household == household) & (Membership.person == person) & Membership.until_on.is_null()
        ):
            raise NotYours(f"member {person}")
        identity = await Identity.objects().where(Identity.person == person).order_by(Identity.id).first()
        if identity is None:
            return None
        await looked(
            actor, person, "registry_identity.number", purpose=purpose, now=now, place=Place.of(row), household=row.id
        )
        return vault.unseal(identity.number_sealed, about=f"registry_identity/{identity.id}")


async def reveal_phone(household: UUID, *, purpose: str, actor: Actor, now: datetime) -> str | None:
    """Show a household's telephone number; the reading is written down with its purpose.

    :raises NotYours: no such household in the actor's scope.
    """
    if purpose not in PURPOSES:
        raise ValueError(f"no purpose {purpose!r}")
    async with transaction():
        row = await seen(Household, actor, "registry.reveal", now=now).one(household)
        if row.phone_sealed is None:
            return None
        await looked(
            actor, row.id, "registry_household.phone", purpose=purpose, now=now, place=Place.of(row), household=row.id
        )
        return vault.unseal(row.phone_sealed, about=f"registry_household/{row.id}/phone")


async def saw(household: UUID, day: date) -> None:
    """Keep when somebody last saw the household; called by the ledger in its transaction."""
    await fetch(
        "UPDATE registry_household SET last_seen_on = ?, seen_sort = ? WHERE id = ? AND seen_sort < ?",
        (day, day, household, day),
    )


def _hex(area: UUID | None) -> str:
    return area.hex if area else ""


async def _area_name(area: UUID) -> str:
    rows = await fetch("SELECT name FROM registry_area WHERE id = ?", (area,))
    return str(rows[0]["name"]) if rows else ""


async def add_person(name: str, *, actor: Actor, now: datetime) -> UUID:
    """Write down a human of whom only the name is known, such as somebody who signs in; returns the id."""
    person = Person(name=name, created_at=now, created_by=actor.user)
    await person.save()
    made: UUID = person.id
    return made
