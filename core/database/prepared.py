"""A Piccolo query built and compiled once, then run with other values.

Building and compiling a query costs Piccolo more than SQLite needs to answer it. `Prepared`
keeps the SQL text and the order of its blanks; rows come back as named tuples.

    OF_TOWN = Prepared(lambda: Household.select(Household.id).where(Household.area == Blank("area")))
    rows = await OF_TOWN(area="360822")
"""

from collections import namedtuple
from collections.abc import Callable
from typing import Any

from piccolo.query.base import Query

from .connect import engine


class Blank:
    """Stands for a value that is given when the query runs."""

    def __init__(self, name: str) -> None:
        self.name = name


class Prepared:
    """Compiled when first run, as the tables are bound to their database by then."""

    def __init__(self, build: Callable[[], Query[Any, Any]]) -> None:
        self._build = build
        self._compiled: dict[str, tuple[str, list[Any]]] = {}
        self._row: Any = None

    async def __call__(self, **values: Any) -> list[Any]:
        db = engine()
        if db.engine_type not in self._compiled:
            (querystring,) = self._build().querystrings
            self._compiled[db.engine_type] = querystring.compile_string(engine_type=db.engine_type)
        sql, args = self._compiled[db.engine_type]
        rows = await db.fetch(sql, [values[a.name] if isinstance(a, Blank) else a for a in args])
        if not rows:
            return []
        if self._row is None:
            names = [name.replace(".", "_") for name in rows[0].keys()]  # noqa: SIM118 (a Row is a tuple)
            row = namedtuple("Row", names)  # type: ignore[misc]  # names come from the query
            self._row = row
        return list(map(self._row._make, rows))
