"""What the house holds about somebody: found by the catalogue, so rows of plugins that are gone are found too."""

from typing import Literal
from uuid import UUID

from core.database import fetch


async def held_about(subject: UUID, refers_to: Literal["household", "person"] = "household") -> dict[str, int]:
    """Count the rows that name a household or a person, by table (个人信息查询); the caller has seen them.

    Which columns name one stands in the catalogue: tables of plugins that are disabled or
    uninstalled are counted like any other.

    :returns: table → number of rows, for each table that has any.

    Source: 个人信息保护法 §45 (who is held about may ask what is held).
    """
    entries = await fetch(
        "SELECT table_name, column_name FROM catalogue WHERE refers_to = ? ORDER BY table_name, column_name",
        (refers_to,),
    )
    columns: dict[str, list[str]] = {}
    for entry in entries:
        columns.setdefault(entry["table_name"], []).append(entry["column_name"])
    held = {}
    for table, names in columns.items():
        where = " OR ".join(f"{name} = ?" for name in names)
        rows = await fetch(f"SELECT count(*) AS n FROM {table} WHERE {where}", (subject,) * len(names))
        if rows[0]["n"]:
            held[table] = int(rows[0]["n"])
    return held
