"""What `tables.py` files say is what the migrations lay, in core and in every plugin, on both databases.

A column that only the class or only the database knows, another type, a NULL that the other forbids, a
reference that the catalogue does not know: each would show one day as a lost value.
"""

import re
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from piccolo.columns import ForeignKey
from piccolo.constraints import Check, Unique
from piccolo.table import TABLE_REGISTRY, Table

from core.database import LEVELS, Engine, Key, Reference, ScopedTable, careless, fetch

# Tables without a class: what core reads and writes with SQL of its own.
WITHOUT_CLASS = {"catalogue", "gate", "nuanliu_migration", "term"}
POSTGRES = {
    "VARCHAR": "character varying",
    "TIMESTAMPTZ": "timestamp with time zone",
    "UUID": "uuid",
    "BLOB": "bytea",
    "BYTEA": "bytea",
}


@pytest.fixture(scope="session")
def tables(packages: list[str]) -> list[type[Table]]:
    """Every table class of core and of the installed plugins."""
    for package in packages:
        folders = [Path(folder) for folder in import_module(package).__path__]
        for folder in folders:
            for file in sorted(folder.rglob("*.py")):
                if re.search(r"^class .*tablename=", file.read_text(), re.M):
                    import_module(".".join([package, *file.relative_to(folder).with_suffix("").parts]))
    ours = [
        table
        for table in TABLE_REGISTRY
        if table is not ScopedTable and table.__module__.startswith(tuple(f"{name}." for name in packages))
    ]
    assert len(ours) > 15
    return ours


async def columns_of(table: str) -> dict[str, dict[str, Any]]:
    """Return type, nullability and collation of each column as the database has them."""
    rows = await fetch(
        "SELECT name, type, \"notnull\" AS required, '' AS collation FROM pragma_table_info(?)",
        (table,),
        postgres="SELECT attname AS name, format_type(atttypid, atttypmod) AS type, attnotnull AS required,"
        " coalesce(collname, '') AS collation FROM pg_attribute"
        " LEFT JOIN pg_collation ON pg_collation.oid = attcollation"
        " WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped",
    )
    return {row["name"]: dict(row) for row in rows}


def spelt(declared: str, engine_type: str) -> str:
    """Return the type as this database writes it."""
    if engine_type == "sqlite":  # it has one size of integer, and one of text
        return re.sub("BIGINT|SMALLINT", "INTEGER", declared.upper())
    word = declared.upper().partition("(")[0]
    return declared.upper().replace(word, POSTGRES.get(word, word.lower()))


def test_no_default_hides_a_missing_value_and_nothing_is_deleted_in_silence(tables: list[type[Table]]) -> None:
    assert [fault for table in tables for fault in careless(table)] == []


async def test_columns_types_and_nulls_agree(database: Engine, tables: list[type[Table]]) -> None:
    differences = []
    for table in tables:
        name = table._meta.tablename
        there, said = await columns_of(name), {c._meta.db_column_name: c for c in table._meta.columns}
        differences += [f"{name}.{column}: only in the database" for column in there.keys() - said.keys()]
        differences += [f"{name}.{column}: only in the class" for column in said.keys() - there.keys()]
        for column in there.keys() & said.keys():
            found, wanted = there[column], said[column]
            types = spelt(found["type"], database.engine_type), spelt(wanted.column_type, database.engine_type)
            if database.engine_type == "postgres":
                types = found["type"], types[1]
                bytewise = isinstance(wanted, Key)
                if bytewise != (found["collation"] == "C"):
                    differences.append(f"{name}.{column}: a Key is COLLATE C, nothing else is")
            if types[0] != types[1]:
                differences.append(f"{name}.{column}: {types[0]} in the database, {types[1]} in the class")
            if bool(found["required"]) == wanted._meta.null:
                differences.append(f"{name}.{column}: NULL is {'not ' * wanted._meta.null}allowed in the database")
    assert sorted(differences) == []


async def test_no_table_is_laid_that_nothing_knows(database: Engine, tables: list[type[Table]]) -> None:
    rows = await fetch(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
        postgres="SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()",
    )
    assert {row["name"] for row in rows} == {table._meta.tablename for table in tables} | WITHOUT_CLASS


async def test_constraints_of_the_class_are_kept_by_the_database(database: Engine, tables: list[type[Table]]) -> None:
    missing = []
    for table in tables:
        name, there = table._meta.tablename, await constraints_of(table._meta.tablename)
        for constraint in table._meta.constraints:
            assert isinstance(constraint, Check | Unique)
            if not re.search(rf'\b{name}_{constraint._meta.name}\b"? (CHECK|UNIQUE)', there):
                missing.append(f"{name}_{constraint._meta.name}")
        for column in table._meta.columns:
            if isinstance(column, ForeignKey):
                target = column._foreign_key_meta.resolved_references._meta.tablename
                if (column._meta.db_column_name, target) not in await foreign_keys_of(name):
                    missing.append(f"{name}.{column._meta.db_column_name} REFERENCES {target}")
    assert missing == []


async def constraints_of(table: str) -> str:
    rows = await fetch(
        "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?",
        (table,),
        postgres="SELECT conname || ' ' || pg_get_constraintdef(oid) AS sql FROM pg_constraint"
        " WHERE conrelid = to_regclass($1)",
    )
    return " ; ".join(row["sql"] for row in rows)


async def foreign_keys_of(table: str) -> dict[tuple[str, str], str]:
    """Return what happens to the rows of `table` when the row they point at is deleted, by column and target."""
    rows = await fetch(
        'SELECT "from" AS name, "table" AS target, on_delete AS deletes FROM pragma_foreign_key_list(?)',
        (table,),
        postgres="SELECT attname AS name, confrelid::regclass::text AS target, confdeltype::text AS deletes"
        " FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]"
        " WHERE contype = 'f' AND conrelid = to_regclass($1)",
    )
    return {(row["name"], row["target"]): row["deletes"] for row in rows}


async def test_no_delete_takes_other_rows_along(database: Engine, tables: list[type[Table]]) -> None:
    seen = {
        f"{table._meta.tablename}.{column}": deletes
        for table in tables
        for (column, _), deletes in (await foreign_keys_of(table._meta.tablename)).items()
    }
    assert len(seen) > 5
    assert {place for place, deletes in seen.items() if deletes not in ("RESTRICT", "r")} == set()


def references(tables: Iterable[type[Table]]) -> Iterable[tuple[str, str, Reference]]:
    for table in tables:
        for column in table._meta.columns:
            if isinstance(column, Reference):
                yield table._meta.tablename, column._meta.db_column_name, column


async def test_the_catalogue_knows_every_reference_and_nothing_else(
    database: Engine, tables: list[type[Table]]
) -> None:
    rows = await fetch("SELECT table_name, column_name, refers_to, data_class, open_when, has_place FROM catalogue")
    catalogue = {tuple(row)[:2]: tuple(row)[2:5] for row in rows}
    said = {
        (table, name): (column.refers_to, column.data_class.value, column.open_when)
        for table, name, column in references(tables)
    }
    assert len(said) > 15
    assert catalogue == said


async def test_a_row_that_moves_has_a_place_to_move(database: Engine) -> None:
    moving = await fetch(
        "SELECT table_name, open_when, has_place FROM catalogue WHERE open_when IS NOT NULL OR has_place"
    )
    assert moving
    for row in moving:
        assert row["has_place"], f"{row['table_name']} has open rows but no place"
        assert row["open_when"] is not None, f"{row['table_name']} has a place but no open rows"
        assert set(LEVELS) <= (await columns_of(row["table_name"])).keys()
        await fetch(f"SELECT id FROM {row['table_name']} WHERE {row['open_when']}")  # it is SQL
