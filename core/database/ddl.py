"""The DDL of a table with its constraints inline, as both databases take it.

Piccolo writes `Check` and `Unique` as ALTER TABLE … ADD CONSTRAINT, a syntax error on SQLite.
Migrations hold frozen SQL: print it with this once and paste it into a step, where `run()` spells
`COLLATE C` for the database at hand; a test compares tables and migrated databases.
"""

from piccolo.columns import Column, ForeignKey, Timestamptz
from piccolo.constraints import Constraint
from piccolo.query.methods.create_index import CreateIndex
from piccolo.table import Table

from .columns import Key


def create_table(table: type[Table]) -> list[str]:
    """Return CREATE TABLE and its indexes, in the spelling of a migration step."""
    columns = [_column(column) for column in table._meta.columns]
    constraints: list[Constraint] = table._meta.constraints
    named = [f'CONSTRAINT "{table._meta.tablename}_{c._meta.name}" {c.ddl}' for c in constraints]
    indexed = [c for c in table._meta.columns if c._meta.index]
    indexes = [ddl for column in indexed for ddl in CreateIndex(table, [column]).ddl]
    return [f"CREATE TABLE {table._meta.tablename} ({', '.join([*columns, *named])})", *indexes]


def careless(table: type[Table]) -> list[str]:
    """Name the columns whose defaults hide a missing value or delete in silence."""
    faults = []
    for column in table._meta.columns:
        name = f"{table._meta.tablename}.{column._meta.name}"
        if isinstance(column, ForeignKey) and column._foreign_key_meta.on_delete.value == "CASCADE":
            faults.append(f"{name}: on_delete=OnDelete.restrict")
        if not column._meta.primary_key and column.default in ("", 0) and column._meta.null:
            faults.append(f"{name}: default=None")
        if isinstance(column, Timestamptz) and column.default is not None:
            faults.append(f"{name}: default=None, the verb says when")
    return faults


def _column(column: Column) -> str:
    if not isinstance(column, Key):
        return column.ddl
    return column.ddl.replace(column.column_type, f"{column.column_type} COLLATE C", 1)
