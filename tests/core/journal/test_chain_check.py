"""Whatever is done to a row behind the house's back, the check names it."""

import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from core.database import Engine, fetch, new_id
from core.journal import Finding, seal_once, verify
from core.journal.chains import CHAINS
from core.journal.checkpoints import mark_if_due
from core.journal.lease import Leader

ROWS = 9
TABLES = pytest.mark.parametrize("table", [chain.table for chain in CHAINS])


class Tampering:
    """What somebody with the database, but without the secret, can do."""

    def __init__(
        self, now: datetime, write: Callable[[], Awaitable[UUID]], look: Callable[[], Awaitable[None]], marks: Path
    ) -> None:
        self.now, self.write, self.look, self.marks = now, write, look, marks
        self.leader = Leader("journal")

    async def seal(self) -> None:
        await seal_once(self.now, leader=self.leader)

    async def mark(self) -> None:
        for chain in CHAINS:
            assert await mark_if_due(chain, self.marks, self.leader, self.now, closing=True)

    async def check(self) -> list[Finding]:
        return await verify(self.marks, now=self.now)

    async def first(self, table: str) -> tuple[str, int | None]:
        """Return what the check says first, having said nothing about the other chain."""
        findings = await self.check()
        assert findings, "nothing was found"
        assert {finding.chain for finding in findings} == {table}
        return findings[0].kind, findings[0].seq

    async def forged(self, table: str, seq: int | None, link: str | None) -> None:
        """Copy row 2 under a new id, as if it had been written."""
        (row,) = await fetch(f"SELECT * FROM {table} WHERE seq = 2")
        copy = dict(row) | {"id": new_id(), "seq": seq, "link": link}
        blanks = ", ".join("?" * len(copy))
        await fetch(f"INSERT INTO {table} ({', '.join(copy)}) VALUES ({blanks})", tuple(copy.values()))

    async def shift(self, table: str, after: int, by: int) -> None:
        """Renumber all rows after one."""
        await fetch(f"UPDATE {table} SET seq = seq + 1000 WHERE seq > ?", (after,))
        await fetch(f"UPDATE {table} SET seq = seq - 1000 + ? WHERE seq > 1000", (by,))

    async def swap(self, table: str, a: int, b: int, *, links: bool = False) -> None:
        rows = {row["seq"]: row for row in await fetch(f"SELECT id, seq, link FROM {table}")}
        await fetch(f"UPDATE {table} SET seq = NULL WHERE seq IN (?, ?)", (a, b))
        for here, there in ((a, b), (b, a)):
            link = rows[there if links else here]["link"]
            await fetch(f"UPDATE {table} SET seq = ?, link = ? WHERE id = ?", (there, link, rows[here]["id"]))


@pytest.fixture
async def tampering(
    database: Engine,
    now: datetime,
    write: Callable[[], Awaitable[UUID]],
    look: Callable[[], Awaitable[None]],
    tmp_path: Path,
) -> Tampering:
    """Two sealed chains of nine rows without their triggers, and a mark at the end of each."""
    made = Tampering(now, write, look, tmp_path / "marks.jsonl")
    for _ in range(ROWS):
        await write()
        await look()
    await made.seal()
    await made.mark()
    assert await made.check() == []
    for chain in CHAINS:
        for trigger in ("no_update", "no_delete", "sealed_once"):
            on = f" ON {chain.table}" if database.engine_type == "postgres" else ""
            await fetch(f"DROP TRIGGER {chain.table}_{trigger}{on}")
    return made


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("journal_entry", "actor_name = 'somebody else'"),
        ("journal_entry", "household = id"),
        ("journal_entry", "mac = 'forged'"),
        ("journal_entry", "link = 'forged'"),
        ("access_entry", "at = '2020-01-01 00:00:00+00:00'"),
        ("access_entry", "town = '01890000-0000-7000-8000-000000000001'"),
    ],
)
async def test_a_changed_row_is_named(tampering: Tampering, table: str, change: str) -> None:
    await fetch(f"UPDATE {table} SET {change} WHERE seq = 4")
    assert await tampering.first(table) == ("changed", 4)
    assert len(await tampering.check()) == 1


async def test_a_row_replaced_whole_is_named(tampering: Tampering) -> None:
    await fetch("UPDATE journal_entry SET mac = 'forged', link = 'forged' WHERE seq = 4")
    assert await tampering.first("journal_entry") == ("inserted", 4)


async def test_a_value_that_cannot_be_read_is_a_changed_row(tampering: Tampering, database: Engine) -> None:
    if database.engine_type == "postgres":  # keeps the types of its columns itself
        return
    await fetch("UPDATE journal_entry SET at = 'some day', object = 'x' WHERE seq = 4")
    assert await tampering.first("journal_entry") == ("changed", 4)


@TABLES
async def test_a_removed_row_is_named(tampering: Tampering, table: str) -> None:
    await fetch(f"DELETE FROM {table} WHERE seq IN (4, 5)")
    (finding,) = await tampering.check()
    assert (finding.kind, finding.seq) == ("removed", 4)
    assert finding.text.startswith(f"Rows 4 to 5 of {table} removed; row 6 comes next")


@TABLES
async def test_the_newest_row_removed_is_named(tampering: Tampering, table: str) -> None:
    await tampering.write()
    await tampering.look()
    await seal_once(tampering.now, leader=tampering.leader, checkpoints=tampering.marks)
    assert await fetch("SELECT 1 FROM journal_checkpoint WHERE seq > ?", (ROWS,)) == [], "no mark was due"
    assert await tampering.check() == []
    await fetch(f"DELETE FROM {table} WHERE seq = ?", (ROWS + 1,))
    assert await tampering.first(table) == ("truncated", ROWS + 1)


async def test_the_newest_row_removed_is_still_named_after_others_were_sealed_and_the_file_was_thinned(
    tampering: Tampering,
) -> None:
    start = tampering.now.replace(minute=5)
    for minutes in (0, 1, 2):
        await tampering.write()
        moment = start + timedelta(hours=1, minutes=minutes)
        await seal_once(moment, leader=Leader("journal"), checkpoints=tampering.marks)
        if minutes == 0:
            await fetch("DELETE FROM journal_entry WHERE seq = ?", (ROWS + 1,))
    await tampering.write()
    await seal_once(start + timedelta(hours=3), leader=Leader("journal"), checkpoints=tampering.marks)
    kind, seq = await tampering.first("journal_entry")
    assert (kind, seq) == ("truncated", ROWS + 1)


async def test_the_first_row_removed_is_named(tampering: Tampering) -> None:
    await fetch("DELETE FROM journal_entry WHERE seq = 1")
    assert await tampering.first("journal_entry") == ("removed", 1)


@TABLES
async def test_a_removed_row_is_named_when_the_rest_is_renumbered(tampering: Tampering, table: str) -> None:
    await fetch(f"DELETE FROM {table} WHERE seq = 4")
    await tampering.shift(table, after=4, by=-1)
    assert await tampering.first(table) == ("removed", 4)


@pytest.mark.parametrize("links", [False, True])
@pytest.mark.parametrize(
    ("table", "pair"), [("journal_entry", (4, 5)), ("access_entry", (2, 8)), ("journal_entry", (1, 9))]
)
async def test_reordered_rows_are_named(tampering: Tampering, table: str, links: bool, pair: tuple[int, int]) -> None:
    await tampering.swap(table, *pair, links=links)
    assert await tampering.first(table) == ("reordered", pair[0])


@TABLES
async def test_an_inserted_row_is_named(tampering: Tampering, table: str) -> None:
    await tampering.shift(table, after=3, by=1)
    await tampering.forged(table, 4, "forged")
    assert await tampering.first(table) == ("inserted", 4)


async def test_a_row_appended_without_the_house_is_named(tampering: Tampering) -> None:
    await tampering.forged("journal_entry", ROWS + 1, "forged")
    assert await tampering.first("journal_entry") == ("inserted", ROWS + 1)


async def test_a_row_before_the_first_is_named(tampering: Tampering) -> None:
    await tampering.forged("journal_entry", 0, "forged")
    assert await tampering.first("journal_entry") == ("inserted", 0)


@TABLES
async def test_a_row_slipped_in_unsealed_is_named_before_and_after_it_is_sealed(
    tampering: Tampering, table: str
) -> None:
    await tampering.forged(table, None, None)
    assert await tampering.first(table) == ("changed", None)
    await tampering.seal()
    assert await tampering.first(table) == ("changed", ROWS + 1)


@TABLES
@pytest.mark.parametrize("how", ["rows", "rows and marks of the database", "rows and file"])
async def test_a_truncated_chain_is_named(tampering: Tampering, table: str, how: str) -> None:
    await fetch(f"DELETE FROM {table} WHERE seq > 6")
    if how == "rows and marks of the database":
        await fetch("DELETE FROM journal_checkpoint")
    if how == "rows and file":
        tampering.marks.write_text("")
    (finding,) = await tampering.check()
    assert (finding.kind, finding.seq) == ("truncated", 7)


async def test_a_chain_emptied_is_named(tampering: Tampering) -> None:
    await fetch("DELETE FROM journal_entry")
    await fetch("DELETE FROM journal_checkpoint")
    assert await tampering.first("journal_entry") == ("truncated", 1)


async def test_a_chain_cut_off_and_grown_again_is_named(tampering: Tampering) -> None:
    await fetch("DELETE FROM journal_entry WHERE seq > 6")
    for _ in range(5):
        await tampering.write()
    await tampering.seal()
    assert await tampering.first("journal_entry") == ("truncated", ROWS)


async def test_several_tamperings_are_all_named(tampering: Tampering) -> None:
    await fetch("UPDATE journal_entry SET actor_name = 'x' WHERE seq = 2")
    await tampering.swap("journal_entry", 4, 5)
    await fetch("UPDATE journal_entry SET actor_name = 'x' WHERE seq = 8")
    await fetch("UPDATE access_entry SET purpose = 'x' WHERE seq = 3")
    found = [(finding.kind, finding.chain, finding.seq) for finding in await tampering.check()]
    assert found == [
        ("changed", "journal_entry", 2),
        ("reordered", "journal_entry", 4),
        ("changed", "journal_entry", 8),
        ("changed", "access_entry", 3),
    ]


async def test_a_forged_or_spoilt_mark_is_named(tampering: Tampering) -> None:
    lines = tampering.marks.read_text().splitlines()
    forged = json.dumps(json.loads(lines[0]) | {"seq": 3})
    tampering.marks.write_text("\n".join([*lines, forged, "no mark", "[]", ""]))
    findings = await tampering.check()
    assert [finding.kind for finding in findings] == ["checkpoint"] * 3
    assert "Line 4 of" in findings[0].text
    assert "not signed" in findings[2].text


async def test_a_missing_second_place_is_named(tampering: Tampering) -> None:
    tampering.marks.unlink()
    (finding,) = await tampering.check()
    assert finding.kind == "checkpoint"


async def test_rows_that_nobody_seals_are_named(tampering: Tampering) -> None:
    await tampering.write()
    assert await tampering.check() == []
    tampering.now += timedelta(minutes=2)
    (finding,) = await tampering.check()
    assert (finding.kind, finding.chain) == ("unsealed", "journal_entry")
    assert finding.text.startswith("1 rows of journal_entry wait")


async def test_many_findings_are_counted(tampering: Tampering, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.journal.check.MOST", 3)
    await fetch("UPDATE journal_entry SET actor_name = 'x'")
    findings = await tampering.check()
    assert [finding.seq for finding in findings] == [1, 2, 3, None]
    assert findings[-1].text == "6 more findings in journal_entry are left out."


async def test_pages_of_the_walk_fit_together(tampering: Tampering, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.journal.check.PAGE", 3)
    assert await tampering.check() == []
    await tampering.swap("journal_entry", 3, 9)
    assert await tampering.first("journal_entry") == ("reordered", 3)
