"""Writing into the ledger of activities; it is never changed, only corrected by another row."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from core.actor import Actor
from core.database import engine
from core.errors import Reason, Refused
from core.place import Place
from core.registry import saw
from core.texts import N_

from .tables import Activity, ActivityPerson, ActivityWorker

IN_FUTURE = Reason("activities.in_future", N_("{day} has not come yet; only what was done can be recorded."))


async def log_activity(
    *,
    plugin: str,
    record: UUID,
    line: int,
    kind: str,
    day: date,
    today: date,
    household: UUID,
    place: Place,
    actor: Actor,
    now: datetime,
    minutes: int | None,
    workers: Sequence[tuple[UUID, str]],
    need: UUID | None = None,
    organisation: UUID | None = None,
    place_text: str | None = None,
    outcome: str = "done",
    audience: str = "facts",
    people: Sequence[UUID] = (),
    met_household: bool = True,
) -> UUID:
    """Write one piece of help into the ledger (服务记录), in the verb's transaction.

    :param record: the plugin's own row; `(plugin, record, line)` is written once.
    :param kind: a term of kind `activity`. :param minutes: of work, all workers together shown as one.
    :param workers: (person, name) of those who did it. :param people: members it was done for.
    :param met_household: somebody of the household was seen; moves "last seen by anyone".
    :raises Refused: IN_FUTURE.
    """
    if not engine().transaction_exists():
        raise RuntimeError("an activity is written in the transaction of the act it records")
    if day > today:
        raise Refused(IN_FUTURE, day=day)
    row = Activity(
        **place.columns(),
        household=household,
        need=need,
        plugin=plugin,
        record=record,
        line=line,
        kind=kind,
        organisation=organisation,
        day=day,
        minutes=minutes,
        place_text=place_text,
        outcome=outcome,
        audience=audience,
        created_at=now,
        created_by=actor.user,
    )
    await row.save()
    if workers:
        await ActivityWorker.insert(
            *(ActivityWorker(activity=row.id, person=person, name=name, minutes=minutes) for person, name in workers)
        )
    if people:
        await ActivityPerson.insert(*(ActivityPerson(activity=row.id, person=person) for person in people))
    if met_household and outcome == "done":
        await saw(household, day)
    made: UUID = row.id
    return made
