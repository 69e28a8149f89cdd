"""What happened to a record's state, for ever."""

from datetime import datetime
from typing import Any
from uuid import UUID

from piccolo.columns import UUID as Uuid
from piccolo.columns import Text, Varchar
from piccolo.table import Table

from core.database import Id, Instant


class WorkflowStep(Table, tablename="workflow_step"):
    """One transition that was taken; append-only."""

    id = Id()
    machine = Varchar(length=64, default=None)
    object = Uuid(default=None)
    transition = Varchar(length=64, default=None)
    before = Varchar(length=32, default=None)
    after = Varchar(length=32, default=None)
    by = Uuid(default=None, null=True, help_text="user id; NULL is the house itself")
    at = Instant()
    why = Text(default=None, null=True)


async def history(machine: str, record: UUID) -> list[dict[str, Any]]:
    """Return the steps of one record, first to last; the caller has made sure the actor may see it."""
    rows: list[dict[str, Any]] = (
        await WorkflowStep.select()
        .where((WorkflowStep.machine == machine) & (WorkflowStep.object == record))
        .order_by(WorkflowStep.at, WorkflowStep.id)
    )
    return rows


async def remember(
    machine: str, record: UUID, transition: str, before: str, after: str, by: UUID | None, at: datetime, why: str | None
) -> None:
    """Write one step, in the transaction that takes it."""
    await WorkflowStep.insert(
        WorkflowStep(
            machine=machine, object=record, transition=transition, before=before, after=after, by=by, at=at, why=why
        )
    )
