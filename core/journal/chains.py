"""The two chains that the sealer makes: what was done, and who looked.

A row authenticates its own columns (`mac`); its link authenticates the row before it, its place and
that mac. Without the secret nobody can write a row or a link that fits.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.database import aware
from core.vault import mac


@dataclass(frozen=True)
class Chain:
    """One append-only table.

    :param columns: those that never change and that `mac` speaks for.
    :param purpose: names the key of that mac.
    """

    table: str
    columns: tuple[str, ...]
    purpose: str

    def row_mac(self, row: Mapping[str, Any]) -> str:
        """Authenticate the columns of a row that never change."""
        return mac(self.purpose)(canonical({name: row[name] for name in self.columns}).encode())

    def link(self, before: str, seq: int, row_mac: str) -> str:
        """Tie a row to its place.

        :param before: the link of the row before, or the chain's name for the first.
        """
        return mac("link")(f"{before}|{seq}|{row_mac}".encode())

    @property
    def beginning(self) -> str:
        """Return what stands before the first row; no row of one chain fits into the other."""
        return self.table


JOURNAL = Chain(
    "journal_entry",
    (
        *("id", "at", "actor", "actor_name", "action", "object", "household"),
        *("city", "county", "town", "village", "organisation", "fields", "digest"),
    ),
    "journal",
)
ACCESS = Chain(
    "access_entry",
    (
        *("id", "at", "actor", "actor_name", "organisation", "household", "object", "field", "data_class"),
        *("purpose", "city", "county", "town", "village"),
    ),
    "access",
)
CHAINS = (JOURNAL, ACCESS)


def canonical(values: Mapping[str, Any]) -> str:
    """Write values as JSON in one way only: sorted, moments to the microsecond in UTC, ids as text."""
    return _ENCODER.encode(values)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return aware(value).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return str(value)


_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)
