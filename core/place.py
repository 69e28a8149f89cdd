"""Where a household is, as every row about it carries it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from .database import LEVELS


@dataclass(frozen=True)
class Place:
    """Area ids from city to village; town and village may be unknown for what concerns a whole county."""

    city: UUID | None
    county: UUID | None
    town: UUID | None
    village: UUID | None

    @classmethod
    def of(cls, row: Any) -> "Place":
        """Read the place of a row (an object or a mapping)."""
        if isinstance(row, dict):
            return cls(*(row[level] for level in LEVELS))
        return cls(*(getattr(row, level) for level in LEVELS))

    def columns(self) -> dict[str, Any]:
        """Return the four columns, to be written into a row."""
        return {level: getattr(self, level) for level in LEVELS}


NOWHERE = Place(None, None, None, None)
