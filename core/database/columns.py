"""The column types that carry promises: moments, references, keys compared bytewise."""

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import Enum
from typing import Any
from uuid import UUID as Uuid

import uuid_utils.compat
from piccolo.columns import UUID, Timestamptz, Varchar


def new_id() -> Uuid:
    """Make a public id: UUIDv7, so ids sort by the moment they were made and tell nothing else."""
    made: Uuid = uuid_utils.compat.uuid7()
    return made


class DataClass(Enum):
    """How sensitive a column is (`docs/architecture.md`, field classes)."""

    C1 = "C1"  # codes and counts that may be published by rule
    C2 = "C2"  # scoped
    C3 = "C3"  # scoped, masked outside own cases, reading recorded
    C4 = "C4"  # encrypted, every reading recorded with its purpose


class Id(UUID):
    """A primary key made here, not by the database."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("default", new_id)
        kwargs.setdefault("primary_key", True)
        super().__init__(**kwargs)

    @property
    def column_type(self) -> str:
        return "UUID"


class Instant(Timestamptz):
    """A moment: aware when read and written, stored as UTC on both databases.

    A naive one is refused when the query runs (`refuse_naive`): PostgreSQL's driver would take it
    for the server's local time, SQLite for UTC.
    """

    def __init__(self, default: Any = None, **kwargs: Any) -> None:
        super().__init__(default=default, **kwargs)

    @property
    def column_type(self) -> str:
        return "TIMESTAMPTZ"


class Key(Varchar):
    """A text that is sorted and compared bytewise on both databases (codes, numbers, search keys)."""

    def __init__(self, length: int = 64, **kwargs: Any) -> None:
        kwargs.setdefault("default", None)
        super().__init__(length=length, **kwargs)

    @property
    def column_type(self) -> str:
        return f"VARCHAR({self.length})"


class Reference(UUID):
    """A bare id of somebody or something in the registry; the catalogue knows where it points.

    :param open_when: SQL over the row's own columns: is this row still open? Open rows follow
        their household to another place. None: the row never moves.
    :param data_class: of what the row says about the one referred to.
    :param retention: why and how long the row is kept, in the catalogue's words.
    """

    refers_to = ""

    def __init__(
        self,
        *,
        open_when: str | None = None,
        data_class: DataClass = DataClass.C2,
        retention: str = "relief_file",
        null: bool = False,
        **kwargs: Any,
    ) -> None:
        self.open_when, self.data_class, self.retention = open_when, data_class, retention
        super().__init__(default=None, null=null, **kwargs)

    @property
    def column_type(self) -> str:
        return "UUID"


class HouseholdRef(Reference):
    """Names a household (家庭)."""

    refers_to = "household"


class PersonRef(Reference):
    """Names a person (人员)."""

    refers_to = "person"


class OrganisationRef(Reference):
    """Names an organisation (机构)."""

    refers_to = "organisation"


def aware(moment: datetime) -> datetime:
    """Return the moment in UTC; a naive one is a mistake of the caller.

    :raises ValueError: `moment` has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    return moment.astimezone(UTC)


def refuse_naive(values: Iterable[Any]) -> None:
    """Refuse a statement's values if a moment among them has no time zone.

    :raises ValueError: one has none.
    """
    for value in values:
        if isinstance(value, datetime) and value.tzinfo is None:
            aware(value)
