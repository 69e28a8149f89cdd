"""The one scope compiler: what an actor may see of a table, as a WHERE.

visible = (grants ∪ shares) ∩ audience of the row. An area compiles to equality on its level's column,
an organisation's grant to equality on `organisation`, a share to the households it names. Several
branches of a list become a UNION of walks in index order, each with its own LIMIT: an OR would make
the database sort the whole scope. Reading one row by its id needs no order, so there it is an OR.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from piccolo.columns.combination import And, Or, WhereRaw
from piccolo.querystring import QueryString

from core.actor import Actor, Reach
from core.database import ScopedTable, engine, unscoped
from core.errors import NotYours
from core.web.clock import now as the_time

from .roles import is_reading

Row = TypeVar("Row", bound=ScopedTable)
COUNTED = 1000  # counts are exact up to here, then "1,000+"


@dataclass(frozen=True)
class Sort:
    """One of a list's declared orders; an index (level, column, id) stands behind it for each level.

    :param unique: the column alone decides; the index is then (level, column).
    """

    column: Any
    descending: bool = False
    unique: bool = False

    def keys(self) -> list[str]:
        name = self.column._meta.db_column_name
        return [name] if self.unique or name == "id" else [name, "id"]


@dataclass(frozen=True)
class Branch:
    """One reason why rows are visible."""

    where: Any
    through_share: tuple[str, UUID] | None = None  # the column of access_share, and whose it is


class Seen(Generic[Row]):
    """A table as one actor sees it for one permission."""

    def __init__(self, table: type[Row], actor: Actor, permission: str, now: datetime) -> None:
        self._table, self._actor, self._permission, self._now = table, actor, permission, now
        self._columns = {column._meta.name for column in table._meta.columns}
        self.branches = self._compile()

    # ── reading ──────────────────────────────────────────────────────────────────────────────

    async def one(self, id_: UUID) -> Row:
        """Return one row.

        :raises NotYours: it is not there, or not for this actor; nobody can tell which.
        """
        rows = await self.some(self._table.id == id_, limit=1)  # type: ignore[attr-defined]
        if not rows:
            raise NotYours(f"{self._table._meta.tablename} {id_}")
        return rows[0]

    async def some(self, where: Any, *, order_by: Sequence[Any] = (), limit: int = 500) -> list[Row]:
        """Return the few rows that a selective condition leaves (of one household, of one need)."""
        if not self.branches:
            return []
        with unscoped("compiled"):
            query = self._table.objects().where(And(where, self._any())).limit(limit)
        for column in order_by:
            query = query.order_by(column)
        rows: list[Row] = await query
        return rows

    async def count(self, where: Any = None) -> int:
        """Count rows, exactly up to 1,000; 1,001 says "more than that"."""
        if not self.branches:
            return 0
        parts = [
            QueryString(
                f"SELECT * FROM (SELECT {self._table._meta.tablename}.id FROM {self._table._meta.tablename} "
                f"WHERE {{}} LIMIT {COUNTED + 1}) AS part",
                _both(branch.where, where).querystring,
            )
            for branch in self.branches
        ]
        united = QueryString(" UNION ".join("{}" for _ in parts), *parts)
        rows = await engine().run_querystring(
            QueryString(
                f"SELECT count(*) AS n FROM (SELECT id FROM ({{}}) AS every LIMIT {COUNTED + 1}) AS counted", united
            )
        )
        return int(rows[0]["n"])

    async def page(
        self,
        *columns: Any,
        sort: Sort,
        where: Any = None,
        after: Sequence[Any] | None = None,
        before: Sequence[Any] | None = None,
        limit: int = 50,
    ) -> list[dict[str, Any]]:
        """Return one page of a list in a declared order, as one query.

        :param after: the sort keys of the last row of the page before this one (keyset paging).
        :param before: the sort keys of the first row of the page after this one.
        :returns: up to `limit + 1` rows: one more says that there is a next page.
        """
        if not self.branches:
            return []
        keys = sort.keys()
        names = [column._meta.db_column_name for column in columns]
        wanted = [*names, *(key for key in keys if key not in names)]
        downwards = sort.descending != (before is not None)
        parts = [
            self._walk(branch, wanted, keys, downwards, where, after or before, limit + 1) for branch in self.branches
        ]
        if len(parts) == 1:
            query = parts[0]
        else:
            direction = " DESC" if downwards else ""
            order = ", ".join(f"{key}{direction}" for key in keys)
            united = " UNION ".join(f"SELECT * FROM ({{}}) AS part_{n}" for n, _ in enumerate(parts))
            query = QueryString(f"SELECT * FROM ({united}) AS every ORDER BY {order} LIMIT {limit + 1}", *parts)
        rows = [dict(row) for row in await engine().run_querystring(query)]
        return rows[::-1] if before is not None else rows

    # ── locking ──────────────────────────────────────────────────────────────────────────────

    def where(self) -> Any:
        """Return the whole scope as one condition, for an UPDATE or a claim on a row known by its id."""
        return self._any() if self.branches else WhereRaw("1 = 0")

    # ── compiling ────────────────────────────────────────────────────────────────────────────

    def _any(self) -> Any:
        condition, *others = (branch.where for branch in self.branches)
        for other in others:
            condition = Or(condition, other)
        return condition

    def _compile(self) -> list[Branch]:
        branches: list[Branch] = []
        for reach in self._actor.with_permission(self._permission):
            branches += self._of_reach(reach)
        if self._actor.person is not None and self._actor.may(self._permission):
            branches += self._of_share("person", self._actor.person, None)
        return list({str(branch.where.querystring): branch for branch in branches}.values())

    def _of_reach(self, reach: Reach) -> list[Branch]:
        place = None
        if reach.area is not None:
            if reach.level not in self._columns:
                return []
            place = self._column(str(reach.level)) == reach.area
        if reach.organisation is None:
            where = place if place is not None else WhereRaw("1 = 1")
            return [Branch(self._heard(where))]
        shared = self._of_share("organisation", reach.organisation, place)
        if "organisation" in self._columns and self._table.household_key != "id":
            own = _both(self._column("organisation") == reach.organisation, place)
            return [Branch(self._heard(own)), *shared]
        return shared

    def _of_share(self, owner: str, id_: UUID, place: Any) -> list[Branch]:
        if self._table.household_key not in self._columns or self._permission not in _shareable:
            return []
        shared = WhereRaw(
            f"{self._table._meta.tablename}.{self._table.household_key} IN (SELECT household FROM access_share "
            f"WHERE access_share.{owner} = {{}} AND {_live('access_share', self._permission)})",
            id_,
            self._now,
        )
        through = (owner, id_) if self._table.household_key == "id" and place is None else None
        return [Branch(self._heard(_both(shared, place)), through)]

    def _heard(self, where: Any) -> Any:
        """Narrow to the audience of each row."""
        if "audience" not in self._columns:
            return where
        table = self._table._meta.tablename
        organisations: list[UUID | None] = [reach.organisation for reach in self._actor.reaches] or [None]
        blanks = ", ".join("{}" for _ in organisations)
        names, row = self._table.named_in
        audience = WhereRaw(
            f"({table}.audience = 'facts'"
            f" OR ({table}.audience = 'organisation' AND {table}.organisation IN ({blanks}))"
            f" OR ({table}.audience = 'named' AND {table}.id IN (SELECT {row} FROM {names} WHERE person = {{}})))",
            *organisations,
            self._actor.person,
        )
        return And(where, audience)

    def _walk(
        self,
        branch: Branch,
        wanted: Sequence[str],
        keys: Sequence[str],
        downwards: bool,
        where: Any,
        edge: Sequence[Any] | None,
        limit: int,
    ) -> QueryString:
        table = self._table._meta.tablename
        columns = ", ".join(f"{table}.{name}" for name in wanted)
        conditions, source, key_table = [branch.where], table, table
        if branch.through_share and keys == ["code"]:
            # The share carries the household's code: its index is walked, nothing is sorted.
            owner, id_ = branch.through_share
            key_table, source = "access_share", f"access_share JOIN {table} ON {table}.id = access_share.household"
            earlier = (
                f"NOT EXISTS (SELECT 1 FROM access_share AS other WHERE other.{owner} = access_share.{owner} AND "
                f"other.code = access_share.code AND other.id < access_share.id AND {_live('other', self._permission)})"
            )
            conditions = [
                WhereRaw(f"access_share.{owner} = {{}} AND {_live('access_share', self._permission)}", id_, self._now),
                WhereRaw(earlier, self._now),
            ]
        if where is not None:
            conditions.append(where)
        if edge is not None:
            names = ", ".join(f"{key_table}.{key}" for key in keys)
            compare = "<" if downwards else ">"
            conditions.append(WhereRaw(f"({names}) {compare} ({', '.join('{}' for _ in keys)})", *edge))
        order = ", ".join(f"{key_table}.{key}{' DESC' if downwards else ''}" for key in keys)
        blanks = " AND ".join("({})" for _ in conditions)
        return QueryString(
            f"SELECT {columns} FROM {source} WHERE {blanks} ORDER BY {order} LIMIT {limit}",
            *(condition.querystring for condition in conditions),
        )

    def _column(self, name: str) -> Any:
        return self._table._meta.get_column_by_name(name)


_shareable: set[str] = set()


def shareable(*permissions: str) -> None:
    """Declare permissions that a share can carry; without this a share never reaches for them."""
    _shareable.update(permissions)


def seen(table: type[Row], actor: Actor, permission: str, *, now: datetime | None = None) -> Seen[Row]:
    """Look at a table as the actor may, for a permission.

    :param now: aware UTC; shares and mandates are judged by it; default: the time of this request.
    :raises Forbidden: no grant of the actor includes the permission.
    """
    actor.must(permission)
    return Seen(table, actor, permission, now or the_time())


def _live(alias: str, permission: str) -> str:
    until = (
        f"{alias}.reads_until > {{}}"
        if is_reading(permission)
        else f"{alias}.until_at IS NULL AND {alias}.reads_until > {{}}"
    )
    return f"{alias}.permissions LIKE '% {permission} %' AND {until}"


def _both(one: Any, other: Any) -> Any:
    return one if other is None else And(one, other)
