"""Several processes, and processes that are killed."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from uuid import UUID

from core.database import fetch, open_database
from core.journal import deliver_once, seal_once, verify
from core.testing import TEST_SECRET

Write = Callable[..., Awaitable[UUID]]

SEALER = """
import asyncio, sys
from pathlib import Path
from core import vault
from core.database import fetch, open_database
from core.journal import run_sealer
vault.open_vault(sys.argv[2])

async def take(event):
    await fetch("INSERT INTO taken (seq, process) VALUES (?, ?)", (event.seq, sys.argv[4]))

async def main():
    async with open_database(sys.argv[1]):
        print("ready", flush=True)
        await run_sealer(
            asyncio.Event(), checkpoints=Path(sys.argv[3]), every=0.05, lease=1.5,
            reactions={"taker": {"needs.raised": take}},
        )

asyncio.run(main())
"""

STOPS = """
import asyncio, sys
from datetime import UTC, datetime
from core import vault
from core.actor import house
from core.database import new_id, open_database, transaction
from core.journal import deliver_once, record, seal_once
vault.open_vault(sys.argv[2])

async def never_ends(event):
    print("reacting", flush=True)
    await asyncio.sleep(60)

async def main():
    async with open_database(sys.argv[1]):
        now = datetime.now(UTC)
        async with transaction():
            await record(house("a test"), "needs.raised", new_id(), now=now)
        if sys.argv[3] == "before":
            print("committed", flush=True)
            await asyncio.sleep(60)
        await seal_once(now)
        await deliver_once(now, reactions={"taker": {"needs.raised": never_ends}}, patience=60)

asyncio.run(main())
"""


@asynccontextmanager
async def process(code: str, *arguments: str) -> AsyncIterator[Process]:
    """Start a process and wait for its first line; kill it at the end."""
    started = await asyncio.create_subprocess_exec(sys.executable, "-c", code, *arguments, stdout=PIPE)
    assert started.stdout is not None
    try:
        async with asyncio.timeout(30):
            assert await started.stdout.readline()
        yield started
    finally:
        if started.returncode is None:
            started.kill()
        await started.wait()


async def until(count: int) -> None:
    """Wait until as many reactions have run."""
    async with asyncio.timeout(30):
        while (await fetch("SELECT count(*) FROM taken"))[0][0] < count:  # noqa: ASYNC110 (another process works)
            await asyncio.sleep(0.05)


async def test_killed_before_the_reaction_it_is_delivered_after_the_restart(url: str, now: datetime) -> None:
    for moment in ("before", "during"):
        async with process(STOPS, url, TEST_SECRET, moment) as stopped:
            stopped.send_signal(signal.SIGKILL)
            assert await stopped.wait() == -signal.SIGKILL
    told: list[int] = []

    async def take(event: object) -> None:
        told.append(event.seq)  # type: ignore[attr-defined]

    async with open_database(url):
        assert (await fetch("SELECT count(*) FROM journal_entry"))[0][0] == 2, "both acts were committed"
        later = now + timedelta(minutes=1)  # the lease of the dead has run out
        await seal_once(later)
        assert await deliver_once(later, reactions={"taker": {"needs.raised": take}}) == 2
        assert told == [1, 2]
        assert await verify(None, now=now) == []


async def test_two_sealers_make_one_chain_and_one_follows_the_other(url: str, write: Write, tmp_path: Path) -> None:
    marks = tmp_path / "marks.jsonl"
    async with open_database(url) as engine:
        await engine.run_ddl("CREATE TABLE taken (seq BIGINT NOT NULL, process VARCHAR(10) NOT NULL)")
        async with (
            process(SEALER, url, TEST_SECRET, str(marks), "a") as a,
            process(SEALER, url, TEST_SECRET, str(marks), "b") as b,
        ):
            for _ in range(40):
                await write()
            await until(40)
            workers = {row["process"] for row in await fetch("SELECT process FROM taken")}
            assert len(workers) == 1, "one at a time"
            (first,) = workers
            ((fence,),) = await fetch("SELECT fence FROM journal_lease")
            assert fence == 1

            killed = a if first == "a" else b
            os.kill(killed.pid, signal.SIGKILL)
            died = monotonic()
            for _ in range(40):
                await write()
            await until(80)
            assert monotonic() - died < 10, "within the lease and a beat, on a busy machine"
            rows = await fetch("SELECT process FROM taken WHERE seq > 40")
            assert {row["process"] for row in rows} == {"a", "b"} - {first}
            ((fence,),) = await fetch("SELECT fence FROM journal_lease")
            assert fence == 2
        rows = await fetch("SELECT seq FROM journal_entry ORDER BY seq")
        assert [row["seq"] for row in rows] == list(range(1, 81))
        assert await verify(marks) == []
