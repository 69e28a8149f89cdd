"""Lists: where a page of one begins, as part of its address."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from core.vault import SealBroken, seal, unseal

from .htmx import HtmxRequest

PAGE = 50
Edge = tuple[Any, ...] | None


@dataclass(frozen=True)
class Listed:
    """One page of a list as a template shows it.

    :param next_url: None on the last page. :param previous_url: None on the first.
    """

    rows: list[dict[str, Any]]
    next_url: str | None
    previous_url: str | None


def read_cursor(request: HtmxRequest) -> tuple[Edge, Edge]:
    """Return the sort keys after or before which this page lies; a spoilt cursor means the first page."""
    return _read(request.query_params.get("after")), _read(request.query_params.get("before"))


def cursor_of(
    request: HtmxRequest,
    rows: list[dict[str, Any]],
    keys: Sequence[str],
    *,
    after: Edge,
    before: Edge,
    limit: int = PAGE,
) -> Listed:
    """Cut the extra row off and say where the pages beside this one begin; filters stay in the address.

    :param rows: up to `limit + 1` rows in the list's order, as `Seen.page` gives them.
    :param keys: names of the sort's columns.
    """
    more = len(rows) > limit
    shown = (rows[1:] if before is not None else rows[:limit]) if more else rows
    has_next = more if before is None else True
    has_previous = more if before is not None else after is not None
    return Listed(
        shown,
        _address(request, "after", shown[-1], keys) if shown and has_next else None,
        _address(request, "before", shown[0], keys) if shown and has_previous else None,
    )


def _address(request: HtmxRequest, name: str, row: dict[str, Any], keys: Sequence[str]) -> str:
    values = [_plain(row[key]) for key in keys]
    cursor = seal(json.dumps(values), about="cursor")  # a name may be a sort key, and addresses are logged everywhere
    kept = [(key, value) for key, value in request.query_params.multi_items() if key not in ("after", "before")]
    return f"{request.url.path}?{urlencode([*kept, (name, cursor)])}"


def _plain(value: Any) -> list[Any]:
    if isinstance(value, datetime):
        return ["t", value.isoformat()]
    if isinstance(value, date):
        return ["d", value.isoformat()]
    if isinstance(value, UUID):
        return ["u", str(value)]
    return ["s", value]


def _read(cursor: str | None) -> Edge:
    if not cursor:
        return None
    kinds: dict[str, Any] = {
        "t": datetime.fromisoformat,
        "d": date.fromisoformat,
        "u": UUID,
        "s": lambda value: value,
    }
    try:
        values = json.loads(unseal(cursor, about="cursor"))
        return tuple(kinds[kind](value) for kind, value in values)
    except (SealBroken, ValueError, TypeError, KeyError):
        return None
