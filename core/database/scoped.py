"""Tables that refuse to be read without a scope.

A row that belongs to somebody is read through the scope compiler (`core.access.seen`) or, where
core itself must see everything, inside `unscoped("why")`. Anything else raises at once, in tests
as in production, so that a forgotten WHERE is an error and not a leak.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar

from piccolo.table import Table

LEVELS = ("city", "county", "town", "village")
_opened: ContextVar[str | None] = ContextVar("opened", default=None)


class Unscoped(RuntimeError):
    """A scoped table was read or changed without coming through the scope compiler."""


@contextmanager
def unscoped(why: str) -> Iterator[None]:
    """Read or change scoped tables as the house itself; `why` is for the reader of the code."""
    token = _opened.set(why)
    try:
        yield
    finally:
        _opened.reset(token)


def _checked(name: str) -> Any:
    def method(cls: type[Table], *args: Any, **kwargs: Any) -> Any:
        if _opened.get() is None:
            raise Unscoped(f"{cls._meta.tablename}.{name}() needs a scope: use core.access.seen()")
        return getattr(super(ScopedTable, cls), name)(*args, **kwargs)

    method.__name__ = name
    return classmethod(method)


class ScopedTable(Table):
    """Rows that belong to a place, an organisation or both.

    `city, county, town, village` are area ids and carry the household's place. A table without
    `organisation` is reached by an organisation through shares alone; one with `audience` shows its
    rows to those who see the household, to the organisation alone, or to named people.

    :cvar household_key: the column that names the household.
    :cvar named_in: for rows with an audience, the table of the named people and its column for the row.
    """

    household_key: ClassVar[str] = "household"
    named_in: ClassVar[tuple[str, str]] = ("", "")

    select = _checked("select")
    objects = _checked("objects")
    count = _checked("count")
    exists = _checked("exists")
    update = _checked("update")
    delete = _checked("delete")
    raw = _checked("raw")

    def save(self, columns: Any = None) -> Any:
        """Save this row: whoever holds it has come by it through a scope, or has just made it."""
        with unscoped("the row is in hand"):
            return super().save(columns)
