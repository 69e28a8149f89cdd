"""The one scope compiler: what an actor may see of a table, as a WHERE.

visible = (grants ∪ shares) ∩ audience of the row. An area compiles to equality on its level's column,
an organisation's grant to equality on `organisation`, a share to the households it names; what was
made (`created_at`, `at`) after the share's end is not visible through it. Several
branches of a list become a UNION of walks in index order, each with its own LIMIT: an OR would make
the database sort the whole scope. Reading one row by its id needs no order, so there it is an OR.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from piccolo.columns.combination import And, Or, WhereRaw
from piccolo.querystring import QueryString

from core.actor import Actor, Reach
from core.database import ScopedTable, engine, fetch, unscoped
from core.errors import NotYours
from core.web.clock import now as the_time

from .roles import is_reading

Row = TypeVar("Row", bound=ScopedTable)
COUNTED = 1000  # counts are exact up to here, then "1,000+"
MADE = ("created_at", "at")  # columns that say when a row was made


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


@dataclass(frozen=True)
class Limits:
    """How far sight goes that rests on shares alone, for what is read beside a household's rows.

    :cvar organisations: for which the actor sees. :cvar until: nothing made later; None while a share lasts.
    """

    organisations: frozenset[UUID]
    until: datetime | None

    def shows(self, organisation: UUID | None, at: datetime) -> bool:
        """Say whether an act is shown: an officer's or the own organisation's, while the share lasted."""
        return (organisation is None or organisation in self.organisations) and (self.until is None or at <= self.until)


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
        """Return the few rows that a selective condition leaves (of one household, of one need).

        :param order_by: columns, or a `Sort` for an order that descends or needs the id to decide.
        """
        if not self.branches:
            return []
        with unscoped("compiled"):
            query = self._table.objects().where(And(where, self._any())).limit(limit)
        for one in order_by:
            sort = one if isinstance(one, Sort) else Sort(one, unique=True)
            for key in sort.keys():  # noqa: SIM118 (no mapping)
                query = query.order_by(self._column(key), ascending=not sort.descending)
        rows: list[Row] = await query
        return rows

    async def limits(self, row: Any) -> Limits | None:
        """Say how far sight of a row goes that the actor sees; None: an area holds it, nothing is kept back.

        :param row: the row or a view of it, with its place and household.
        """
        reaches = self._actor.with_permission(self._permission)
        areas = [reach for reach in reaches if reach.organisation is None]
        if any(reach.area is None or getattr(row, str(reach.level), None) == reach.area for reach in areas):
            return None
        organisations = [reach.organisation for reach in reaches if reach.organisation is not None]
        shares = await fetch(
            "SELECT until_at FROM access_share WHERE household = ? AND"
            f" (organisation IN ({', '.join('?' * len(organisations)) or 'NULL'}) OR person = ?)"
            f" AND {_live('access_share', self._permission).replace('{}', '?')}",
            (getattr(row, self._table.household_key), *organisations, self._actor.person, self._now),
        )
        ends = [share["until_at"] for share in shares]
        until = None if None in ends else max(ends, default=datetime.min.replace(tzinfo=UTC))
        return Limits(frozenset(organisations), until)

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
        table, household = self._table._meta.tablename, self._table.household_key
        live = f"access_share.{owner} = {{}} AND {_live('access_share', self._permission)}"
        shared: Any = WhereRaw(
            f"{table}.{household} IN (SELECT household FROM access_share WHERE {live})", id_, self._now
        )
        made = next((name for name in MADE if name in self._columns), None)
        if made is not None and household != "id":
            # The first condition finds the households by an index, this one judges the rows left.
            in_time = f"(access_share.until_at IS NULL OR {table}.{made} <= access_share.until_at)"
            shared = And(
                shared,
                WhereRaw(
                    "EXISTS (SELECT 1 FROM access_share"
                    f" WHERE access_share.household = {table}.{household} AND {live} AND {in_time})",
                    id_,
                    self._now,
                ),
            )
        if (handed := _shareable[self._permission]) is not None:
            if owner != "organisation":
                return []
            names, row = handed
            shared = And(shared, WhereRaw(f"{table}.id IN (SELECT {row} FROM {names} WHERE organisation = {{}})", id_))
        through = (owner, id_) if household == "id" and place is None else None
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


_shareable: dict[str, tuple[str, str] | None] = {}


def shareable(*permissions: str, handed: tuple[str, str] | None = None) -> None:
    """Declare permissions that a share can carry; without this a share never reaches for them.

    :param handed: a table with a column `organisation`, and its column that names the row: a share reaches
        for those rows of the household alone that were handed to the organisation there.
    """
    _shareable.update(dict.fromkeys(permissions, handed))


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
