"""Give committed rows their place in the chain, each second, in one process at a time.

Chaining inside the verb would make every writer wait for the slowest. Here a verb leaves its row
unsealed and the sealer follows: it reads committed rows, computes their links outside any
transaction and writes them in a short one under its lease. A row that commits late gets a later
place, whatever its id.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from core.database import engine, fetch, transaction
from core.declarations import Reaction

from .chains import CHAINS, Chain
from .checkpoints import head, mark_if_due, note_heads
from .delivery import deliver_once
from .lease import LEASE, PROCESS, Leader, LeaseLost
from .operations import forget_operations

log = logging.getLogger(__name__)
TASK = "journal"
BATCH = 1_000  # rows a transaction
REMEMBERED = timedelta(days=7)  # how long a form that is sent again gets its first answer


async def seal_once(now: datetime, *, leader: Leader | None = None, checkpoints: Path | None = None) -> int:
    """Seal every committed row of both chains; none if another process holds the lease.

    :param now: aware UTC.
    :param checkpoints: file for the signed heads and the marks that fall due meanwhile; None makes none.
    :returns: how many rows were sealed.
    """
    leader = leader or Leader(TASK, holder=PROCESS)
    sealed = 0
    if not await leader.hold(now):
        return sealed
    try:
        for chain in CHAINS:
            while count := await _seal_batch(chain, leader):
                sealed += count
                if checkpoints is not None:
                    await mark_if_due(chain, checkpoints, leader, now)
        if checkpoints is not None:
            await note_heads(checkpoints, now)
    except LeaseLost as lost:
        log.warning("sealing stops: %s", lost)
    return sealed


async def _seal_batch(chain: Chain, leader: Leader) -> int:
    rows = await fetch(f"SELECT id, mac FROM {chain.table} WHERE seq IS NULL ORDER BY id LIMIT {BATCH}")
    if not rows:
        return 0
    seq, link = await head(chain)
    places = []
    for row in rows:
        seq += 1
        link = chain.link(link, seq, row["mac"])
        places.append((row["id"], seq, link))
    async with transaction():
        written = await _write(chain.table, places)
        await leader.confirm()
        if written != len(places):
            raise LeaseLost(f"{len(places) - written} rows of {chain.table} were sealed by another process")
    return written


async def _write(table: str, places: list[tuple[UUID, int, str]]) -> int:
    if engine().engine_type == "sqlite":
        # One by one: joined with a list, SQLite looked through the whole list for each unsealed row.
        seal = f"UPDATE {table} SET seq = ?, link = ? WHERE id = ? AND seq IS NULL RETURNING 1"
        return sum([len(await fetch(seal, (seq, link, id_))) for id_, seq, link in places])
    # A process that is stopped in the middle may not keep these rows from its successor.
    await fetch("SELECT set_config('idle_in_transaction_session_timeout', ?, TRUE)", (f"{LEASE:.0f}s",))
    ids, seqs, links = map(list, zip(*places, strict=True))
    # COALESCE, because by `seq IS NULL` the planner would start from what it thinks is one row.
    rows = await fetch(
        f"UPDATE {table} AS row SET seq = place.seq, link = place.link"
        f" FROM unnest(CAST(? AS uuid[]), CAST(? AS bigint[]), CAST(? AS text[])) AS place (id, seq, link)"
        f" WHERE row.id = place.id AND COALESCE(row.seq, 0) = 0 RETURNING 1",
        (ids, seqs, links),
    )
    return len(rows)


async def run_sealer(
    stop: asyncio.Event,
    *,
    checkpoints: Path,
    every: float = 1.0,
    reactions: Mapping[str, Mapping[str, Reaction]] | None = None,
    not_before: Mapping[str, float] | None = None,
    lease: float = LEASE,
    hourly: Sequence[Callable[[datetime], Awaitable[object]]] = (),
) -> None:
    """Seal, deliver, mark and forget until `stop` is set; errors are logged and the next second tries again.

    Any number of processes run this; the one that holds the lease works. At the end it seals what is
    left, marks both chains and lets another take over at once.

    :param checkpoints: file for the signed marks, outside the database.
    :param every: seconds between two beats.
    :param reactions: by subscriber; None asks the plugin host.
    :param not_before: seconds that an action waits before it is delivered, as long as it can be undone.
    :param lease: seconds after which a dead holder is followed by another.
    :param hourly: what else the holder does at the start and each hour.
    """
    leader = Leader(TASK, seconds=lease)
    beats = _Beats()

    async def hold(now: datetime) -> None:
        await leader.hold(now)

    async def seal(now: datetime) -> None:
        await seal_once(now, leader=leader, checkpoints=checkpoints)

    async def deliver(now: datetime) -> None:
        await deliver_once(now, reactions=reactions, not_before=not_before, leader=leader)

    async def mark(now: datetime) -> None:
        if await leader.hold(now):
            for chain in CHAINS:
                await mark_if_due(chain, checkpoints, leader, now)

    async def forget(now: datetime) -> None:
        if await leader.hold(now):
            await forget_operations(now - REMEMBERED)
            for work in hourly:
                await work(now)

    async def close(now: datetime) -> None:
        if not await leader.hold(now):
            return
        await seal_once(now, leader=leader)
        for chain in CHAINS:
            await mark_if_due(chain, checkpoints, leader, now, closing=True)
        await leader.release()

    clock = AsyncIOScheduler(timezone=UTC)
    for work, seconds in ((hold, lease / 3), (seal, every), (deliver, every), (mark, every)):
        # Two instances: a slow one, and the one that sees that it is slow and returns.
        clock.add_job(
            beats.of(work), "interval", seconds=seconds, coalesce=True, max_instances=2, misfire_grace_time=None
        )
    clock.add_job(beats.of(forget), "interval", hours=1, next_run_time=datetime.now(UTC), misfire_grace_time=None)
    clock.start()
    try:
        await stop.wait()
    finally:
        clock.pause()
        await beats.end(patience=5)
        clock.shutdown(wait=False)
        await beats.of(close)()


class _Beats:
    """What the clock calls: each work at most once at a time, its errors logged."""

    def __init__(self) -> None:
        self._running: dict[str, asyncio.Task[None] | None] = {}
        self._failing: set[str] = set()

    def of(self, work: Callable[[datetime], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        name = work.__name__

        async def beat() -> None:
            if self._running.get(name) is not None:
                return
            self._running[name] = asyncio.current_task()
            try:
                await work(datetime.now(UTC))
                if name in self._failing:
                    self._failing.remove(name)
                    log.info("the journal's %s works again", name)
            except Exception as error:
                # A database that is away would fill the log with one trace a second.
                kind = type(error).__name__
                log.error("the journal's %s failed: %s", name, kind, exc_info=name not in self._failing)
                self._failing.add(name)
            finally:
                self._running[name] = None

        return beat

    async def end(self, patience: float) -> None:
        """Let what runs come to its end, then stop it."""
        running = {task for task in self._running.values() if task is not None}
        if running:
            _, late = await asyncio.wait(running, timeout=patience)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
