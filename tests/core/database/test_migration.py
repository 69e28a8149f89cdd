"""The first step lays the same house on both databases."""

import pytest

from core.database import Engine, fetch


async def test_the_journal_is_append_only(database: Engine) -> None:
    await fetch(
        "INSERT INTO journal_entry (id, at, actor_name, action, object, fields, mac)"
        " VALUES ('01890000-0000-7000-8000-000000000001', '2026-01-01 00:00:00+00:00', 'a', 'b',"
        " '01890000-0000-7000-8000-000000000002', '[]', 'm')"
    )
    await fetch("UPDATE journal_entry SET seq = 1, link = 'l'")
    for statement in (
        "DELETE FROM journal_entry",
        "UPDATE journal_entry SET action = 'c'",
        "UPDATE journal_entry SET seq = 2",
    ):
        with pytest.raises(Exception, match="append-only"):
            await fetch(statement)
