"""Writing what a workbook changes, in one transaction: whole households, or nothing."""

import asyncio
import operator
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from core.actor import Actor
from core.database import Rank, engine, fetch, lock
from core.errors import Reason, Refused
from core.journal import record
from core.place import Place
from core.registry.codes import HEAD
from core.registry.find_keys import sort_key
from core.registry.numbers import mask_id, mask_phone
from core.registry.service import take_along
from core.registry.tables import Household
from core.registry.writing import Rows, add_households, number_mac, sealed
from core.texts import N_
from core.vault import seal

from .compare import HOME_FIELDS, MEMBER_FIELDS, HouseholdChange, MemberChange, Plan, new_household, new_member
from .known import Known, load_known
from .office import Office

MOVED_ON = Reason(
    "registry.import_moved_on",
    N_("The registry has changed since this was looked at. See what would change now, then apply it again."),
)


async def apply_plan(
    plan: Plan,
    known: Known,
    *,
    office: Office,
    actor: Actor,
    now: datetime,
    today: date,
    progress: Callable[[int], None] | None = None,
) -> None:
    """Write a plan; the caller holds the transaction, and nothing is written if this raises.

    :param known: what the plan was made from; it is read again under locks.
    :param progress: told how many new households are entered.
    :raises Refused: MOVED_ON; somebody changed one of these households meanwhile.
    """
    await _one_at_a_time(office.county)
    await lock(Household, [change.known.id for change in plan.changed], rank=Rank.HOUSEHOLD)
    numbers = [*known.households, *known.taken, *(str(row.number) for row in plan.new)]
    now_known = await load_known(office.county, numbers, actor)
    if await asyncio.to_thread(operator.ne, now_known, known):
        raise Refused(MOVED_ON)
    rows = Rows(actor=actor, now=now, today=today)
    moves: dict[UUID, Place] = {}
    for change in plan.changed:
        place = change.known.place
        if change.row.village is not None and change.row.village != place.village:
            place = moves[change.known.id] = office.places[change.row.village]
        for member in sorted(change.members, key=lambda one: _relation(one) == HEAD):  # never two heads at once
            await _write_member(member, change, rows, place, actor=actor, now=now, today=today)
        for joining in change.joining:
            rows.member(change.known.id, place, new_member(joining))
        await _write_household(change, place, actor=actor, now=now)
    if moves:
        await take_along(moves)
    await rows.write()
    for change in plan.changed:
        await _tell(change, moves.get(change.known.id), actor=actor, now=now)
    made = [new_household(row, office.places) for row in plan.new]
    if made:
        await add_households(made, actor=actor, now=now, today=today, progress=progress)


async def _one_at_a_time(county: UUID) -> None:
    """Let imports of one county wait for one another: two that add the same number must see each other."""
    if engine().engine_type == "postgres":
        await fetch("SELECT id FROM registry_area WHERE id = ? FOR NO KEY UPDATE", (county,))


async def _write_household(change: HouseholdChange, place: Place, *, actor: Actor, now: datetime) -> None:
    known = change.known
    values: dict[str, Any] = {**place.columns()}
    for one in change.fields:
        if one.key in ("phone", "note"):
            values[f"{one.key}_sealed"] = sealed(one.after, "registry_household", known.id, one.key)
            if one.key == "phone":
                values["phone_masked"] = mask_phone(one.after) if one.after else None
        elif one.key in HOME_FIELDS:
            values[HOME_FIELDS[one.key]] = one.after
    head = _head_after(change)
    values |= {"head_name": head, "head_sort": sort_key(head) if head else ""}
    values["size"] = len(known.members) + len(change.joining)
    facts = len(change.joining) + sum(len(member.fields) for member in change.members)
    names = ", ".join(f"{name} = ?" for name in values)
    await fetch(
        f"UPDATE registry_household SET {names}, facts_seq = facts_seq + ?, changed_at = ?, changed_by = ?,"
        " version = version + 1 WHERE id = ?",
        (*values.values(), facts, now, actor.user, known.id),
    )


async def _write_member(
    change: MemberChange, of: HouseholdChange, rows: Rows, place: Place, *, actor: Actor, now: datetime, today: date
) -> None:
    person = change.known.person
    after = {one.key: one.after for one in change.fields}
    values: dict[str, Any] = {}
    for key in after.keys() & MEMBER_FIELDS.keys() - {"relation"}:
        if key in ("phone", "note"):
            values[f"{key}_sealed"] = sealed(after[key], "registry_person", person, key)
        else:
            values[MEMBER_FIELDS[key]] = after[key]
    names = "".join(f"{name} = ?, " for name in values)
    await fetch(
        f"UPDATE registry_person SET {names}changed_at = ?, changed_by = ?, version = version + 1 WHERE id = ?",
        (*values.values(), now, actor.user, person),
    )
    if "relation" in after:
        await fetch(
            "UPDATE registry_membership SET relation = ? WHERE household = ? AND person = ? AND until_on IS NULL",
            (after["relation"], of.known.id, person),
        )
    if "name" in after:
        await fetch("DELETE FROM registry_find_key WHERE household = ? AND person = ?", (of.known.id, person))
        rows.names(person, after["name"], of.known.id, place)
    if "document" in after:
        await _write_document(change, after["document"], rows)
    if after.keys() & {"disability_category", "disability_grade"}:
        await _write_disability(change, after, rows, today)


async def _write_document(change: MemberChange, number: str | None, rows: Rows) -> None:
    person, kind = change.known.person, str(change.row.document_kind)
    if number is None:
        await fetch("DELETE FROM registry_identity WHERE person = ?", (person,))
        return
    for id_, known, _, _ in change.known.identities:
        if known == kind:
            await fetch(
                "UPDATE registry_identity SET number_sealed = ?, number_mac = ?, masked = ? WHERE id = ?",
                (seal(number, about=f"registry_identity/{id_}"), number_mac(number), mask_id(number), id_),
            )
            return
    rows.identity(person, kind, number)


async def _write_disability(change: MemberChange, after: dict[str, Any], rows: Rows, today: date) -> None:
    """End what was known and write what is known from today; both on one day means it was corrected."""
    person = change.known.person
    id_, category, grade = change.known.disability or (None, None, None)
    category, grade = after.get("disability_category", category), after.get("disability_grade", grade)
    if id_ is not None:
        corrected = await fetch(
            "DELETE FROM registry_circumstance WHERE id = ? AND from_on >= ? RETURNING id", (id_, today)
        )
        if not corrected:
            await fetch("UPDATE registry_circumstance SET until_on = ? WHERE id = ?", (today, id_))
    if category is not None:
        rows.disability(person, category, grade)


async def _tell(change: HouseholdChange, moved_to: Place | None, *, actor: Actor, now: datetime) -> None:
    id_, place = change.known.id, change.known.place
    fields = {one.key: one.after for one in change.fields if one.key != "division"}
    for member in change.members:
        fields |= {f"member.{one.key}": one.after for one in member.fields}
    if change.joining:
        fields["members"] = [row.name for row in change.joining]
    if fields:
        at = moved_to or place
        await record(actor, "registry.household_changed", id_, now=now, household=id_, place=at, fields=fields)
    if moved_to is not None:
        where = moved_to.columns()
        await record(actor, "registry.household_moved", id_, now=now, household=id_, place=moved_to, fields=where)
        await record(actor, "registry.household_left", id_, now=now, household=id_, place=place, fields=where)


def _relation(change: MemberChange) -> str:
    return next((one.after for one in change.fields if one.key == "relation"), change.known.relation)


def _head_after(change: HouseholdChange) -> str | None:
    changed = {member.known.person: member for member in change.members}
    for known in change.known.members:
        member = changed.get(known.person)
        if (_relation(member) if member else known.relation) == HEAD:
            renamed = [one.after for one in member.fields if one.key == "name"] if member else []
            return str(renamed[0]) if renamed else known.name
    return next((row.name for row in change.joining if row.relation == HEAD), None)
