"""Committed rows get their place; a holder that lost its lease writes nothing."""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from core.actor import Actor
from core.database import Engine, fetch, new_id, transaction
from core.journal import Answer, canonical, once, record, seal_once, verify
from core.journal import sealer as sealer_module
from core.journal.chains import JOURNAL
from core.journal.checkpoints import mark_if_due, marks_in_file
from core.journal.lease import Leader, LeaseLost
from core.journal.sealer import run_sealer
from core.vault import mac

Write = Callable[..., Awaitable[UUID]]


async def places(table: str = "journal_entry") -> list[int]:
    return [row["seq"] for row in await fetch(f"SELECT seq FROM {table} WHERE seq IS NOT NULL ORDER BY seq")]


async def test_both_chains_get_places_without_a_gap(
    database: Engine, now: datetime, write: Callable[[], Awaitable[None]], look: Callable[[], Awaitable[None]]
) -> None:
    for _ in range(3):
        await write()
        await look()
    assert await seal_once(now) == 6
    await write()
    assert await seal_once(now) == 1
    assert await seal_once(now) == 0
    assert await places() == [1, 2, 3, 4]
    assert await places("access_entry") == [1, 2, 3]
    assert await verify(None, now=now) == []


async def test_batches_follow_each_other_in_one_chain(
    database: Engine,
    now: datetime,
    write: Callable[[], Awaitable[None]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sealer_module, "BATCH", 4)
    for _ in range(10):
        await write()
    assert await seal_once(now) == 10
    assert await places() == list(range(1, 11))
    assert await verify(None, now=now) == []


async def test_a_row_that_commits_late_gets_a_later_place(database: Engine, now: datetime, actor: Actor) -> None:
    if database.engine_type == "sqlite":  # has one writer: nobody overtakes anybody
        assert await seal_once(now) == 0
        return
    begun, sealed = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        async with transaction():
            await record(actor, "needs.raised", new_id(), now=now)
            begun.set()
            await sealed.wait()

    late = asyncio.create_task(slow())
    await begun.wait()
    async with transaction():
        await record(actor, "needs.raised", new_id(), now=now)
    async with asyncio.timeout(5):  # the sealer waits for no writer, and the writer for no sealer
        assert await seal_once(now) == 1
    sealed.set()
    await late
    assert await seal_once(now) == 1
    rows = await fetch("SELECT seq FROM journal_entry ORDER BY id")
    assert [row["seq"] for row in rows] == [2, 1]
    assert await verify(None, now=now) == []


async def test_fifty_writers_and_the_sealer_leave_a_chain_that_verifies(
    database: Engine, write: Callable[[], Awaitable[None]], now: datetime, tmp_path: Path
) -> None:
    stop = asyncio.Event()
    sealing = asyncio.create_task(run_sealer(stop, checkpoints=tmp_path / "marks", every=0.05, reactions={}))

    async def writer() -> None:
        for _ in range(6):
            await write()

    await asyncio.gather(*(writer() for _ in range(50)))
    stop.set()
    await sealing
    assert await places() == list(range(1, 301))
    assert await verify(tmp_path / "marks", now=now) == []
    marks, unreadable = marks_in_file(tmp_path / "marks")
    assert not unreadable
    assert marks[-1].seq == 300, "the close is marked"


async def test_one_holds_the_lease_and_the_fence_rises_at_a_take_over(database: Engine, now: datetime) -> None:
    first, second = Leader("journal"), Leader("journal")
    assert await first.hold(now)
    assert not await second.hold(now + timedelta(seconds=5))
    assert await first.hold(now + timedelta(seconds=5)), "renewed"
    assert not await second.hold(now + timedelta(seconds=14))
    assert await second.hold(now + timedelta(seconds=16))
    assert first.fence is not None
    assert second.fence == first.fence + 1
    assert not await first.hold(now + timedelta(seconds=17))
    await second.release()
    assert await first.hold(now + timedelta(seconds=17)), "released, so free at once"


async def test_a_clock_set_back_does_not_keep_the_lease_for_an_hour(database: Engine, now: datetime) -> None:
    assert await Leader("journal").hold(now + timedelta(hours=1))
    assert await Leader("journal").hold(now)


async def test_a_holder_that_lost_its_lease_writes_nothing(
    database: Engine,
    now: datetime,
    write: Callable[[], Awaitable[None]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await write()
    await write()
    sleepy, other = Leader("journal"), Leader("journal")
    assert await sleepy.hold(now)
    taken_over: list[bool] = []

    async def write_late(table: str, rows: list[tuple[UUID, int, str]]) -> int:
        if not taken_over:
            taken_over.append(True)
            async with asyncio.timeout(5):
                # In a task of its own: another process, after the lease ran out.
                taken_over.append(await asyncio.create_task(take_over()))
        return await written(table, rows)

    async def take_over() -> bool:
        database.current_transaction.set(None)
        return await other.hold(now + timedelta(seconds=11))

    written = sealer_module._write
    if database.engine_type == "postgres":
        monkeypatch.setattr(sealer_module, "_write", write_late)
        assert await seal_once(now, leader=sleepy) == 0
        assert taken_over == [True, True]
    else:  # the writer of SQLite is held, so the take-over comes before
        assert await other.hold(now + timedelta(seconds=11))
        with pytest.raises(LeaseLost):
            await sealer_module._seal_batch(JOURNAL, sleepy)
    assert await places() == []
    with pytest.raises(LeaseLost):
        async with transaction():
            await sleepy.confirm()
    assert await seal_once(now + timedelta(seconds=12), leader=other) == 2
    assert await places() == [1, 2]
    with pytest.raises(LeaseLost):
        await mark_if_due(JOURNAL, tmp_path / "marks", sleepy, now)
    assert await fetch("SELECT 1 FROM journal_checkpoint") == []


async def test_marks_are_made_each_hour_and_each_ten_thousand_rows(
    database: Engine,
    now: datetime,
    write: Callable[[], Awaitable[None]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file, leader, now = tmp_path / "second place" / "marks.jsonl", Leader("journal"), now.replace(minute=10)
    assert await leader.hold(now)

    async def mark(minutes: float, closing: bool = False) -> bool:
        await write()
        await seal_once(now, leader=leader)
        return await mark_if_due(JOURNAL, file, leader, now + timedelta(minutes=minutes), closing=closing)

    assert not await mark_if_due(JOURNAL, file, leader, now), "nothing to mark yet"
    assert await mark(0)
    assert not await mark(59)
    assert await mark(60)
    assert await mark(61, closing=True)
    assert not await mark_if_due(JOURNAL, file, leader, now + timedelta(hours=9), closing=True), "it has not grown"
    monkeypatch.setattr("core.journal.checkpoints.ROWS", 2)
    assert not await mark(62)
    assert await mark(62)
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line["seq"] for line in lines] == [1, 3, 4, 6]
    assert await verify(file, now=now) == []


async def test_each_beat_notes_the_heads_and_an_hour_leaves_one_line_a_chain(
    database: Engine, now: datetime, write: Write, tmp_path: Path
) -> None:
    file, start = tmp_path / "marks", now.replace(minute=0, second=0, microsecond=0)
    file.write_text("not of this house\n")

    async def beat(**later: float) -> list[int]:
        await seal_once(start + timedelta(**later), leader=Leader("journal", holder="one"), checkpoints=file)
        return [mark.seq for mark in marks_in_file(file)[0]]

    await write()
    assert await beat(minutes=1) == [1]
    assert await beat(minutes=2) == [1], "nothing was sealed"
    await write()
    await beat(minutes=3)
    await write()
    assert await beat(minutes=4) == [1, 2, 3]
    await write()
    assert await beat(hours=1) == [3, 4]
    assert file.read_text().startswith("not of this house\n"), "what the house did not write it does not take away"
    assert [finding.kind for finding in await verify(file, now=now)] == ["checkpoint"]


async def test_a_second_place_that_cannot_be_written_anew_grows(
    database: Engine, now: datetime, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "append only")

    monkeypatch.setattr("core.journal.checkpoints._leave_out", refuse)
    file, start = tmp_path / "marks", now.replace(minute=0)
    for minutes in (1, 2, 61):
        await write()
        await seal_once(start + timedelta(minutes=minutes), leader=Leader("journal", holder="one"), checkpoints=file)
    assert [mark.seq for mark in marks_in_file(file)[0]] == [1, 2, 3]


async def test_the_clock_forgets_what_was_sent_a_week_ago(database: Engine, now: datetime, tmp_path: Path) -> None:
    for days in (6, 8):
        await once(
            new_id(), actor=None, route="/", request_hash=str(days), now=now - timedelta(days=days),
            effect=lambda: asyncio.sleep(0, Answer(200, {}, "")),
        )  # fmt: skip
    stop = asyncio.Event()
    sealing = asyncio.create_task(run_sealer(stop, checkpoints=tmp_path / "marks", every=0.05, reactions={}))
    async with asyncio.timeout(10):
        while len(kept := await fetch("SELECT request_hash FROM journal_operation")) == 2:  # noqa: ASYNC110 (as below)
            await asyncio.sleep(0.05)
    stop.set()
    await sealing
    assert [row["request_hash"] for row in kept] == ["6"]


async def test_the_digest_of_what_was_set_cannot_be_found_by_trying_without_the_secret(
    database: Engine, write: Write
) -> None:
    await write()
    ((kept,),) = await fetch("SELECT digest FROM journal_entry")
    salt, digest = kept.split(":")
    said = canonical({"kind": "company"})
    assert digest == mac("journal fields")(f"{salt}{said}".encode())
    assert digest != hashlib.sha256(f"{salt}{said}".encode()).hexdigest()


async def test_a_torn_line_does_not_swallow_the_next(
    database: Engine, now: datetime, write: Callable[[], Awaitable[None]], tmp_path: Path
) -> None:
    file, leader = tmp_path / "marks", Leader("journal")
    file.write_text('{"at":"2026-')
    await leader.hold(now)
    await write()
    await seal_once(now, leader=leader)
    assert await mark_if_due(JOURNAL, file, leader, now)
    marks, unreadable = marks_in_file(file)
    assert ([mark.seq for mark in marks], unreadable) == ([1], [1])


async def test_an_error_does_not_end_the_sealer(
    database: Engine, write: Callable[[], Awaitable[None]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, failed = sealer_module._seal_batch, []

    async def broken(*args: object) -> int:
        if len(failed) < 3:
            failed.append(True)
            raise ConnectionError("the database is away")
        return await whole(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(sealer_module, "_seal_batch", broken)
    await write()
    stop = asyncio.Event()
    sealing = asyncio.create_task(run_sealer(stop, checkpoints=tmp_path / "marks", every=0.05, reactions={}))
    async with asyncio.timeout(10):
        while not await places():  # noqa: ASYNC110 (what the sealer does shows in the database alone)
            await asyncio.sleep(0.05)
    assert len(failed) == 3
    stop.set()
    await sealing
