"""Subscribers are told by sequence, in order per object, again until it succeeds."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

import pytest

from core.database import Engine, fetch, new_id, transaction
from core.declarations import Event, Reaction
from core.errors import NotYours
from core.journal import deliver_once, deliveries_in_trouble, retry, seal_once, set_aside
from core.journal.lease import Leader

Write = Callable[..., Awaitable[UUID]]


class Listener:
    """A subscriber that remembers what it heard and fails when told to."""

    def __init__(self) -> None:
        self.heard: list[Event] = []
        self.fails_for: set[UUID] = set()

    async def __call__(self, event: Event) -> None:
        if event.object in self.fails_for:
            raise ValueError("the gateway is closed")
        self.heard.append(event)

    @property
    def order(self) -> list[int]:
        return [event.seq for event in self.heard]

    def on(self, *actions: str, name: str = "volunteers") -> dict[str, dict[str, Reaction]]:
        return {name: dict.fromkeys(actions or ("needs.raised",), self)}


@pytest.fixture
def listener() -> Listener:
    return Listener()


async def cursors() -> dict[str, int]:
    rows = await fetch("SELECT subscriber, seq FROM journal_cursor")
    return {row["subscriber"]: row["seq"] for row in rows}


async def test_what_was_done_is_told_once_and_in_order(
    database: Engine, now: datetime, write: Write, listener: Listener
) -> None:
    about = [await write(), await write("access.signed_in"), await write()]
    assert await deliver_once(now, reactions=listener.on()) == 0, "nothing is told before it is sealed"
    await seal_once(now)
    assert await deliver_once(now, reactions=listener.on()) == 2
    assert await deliver_once(now, reactions=listener.on()) == 0
    assert listener.order == [1, 3]
    assert [event.object for event in listener.heard] == [about[0], about[2]]
    assert listener.heard[0].household is not None
    assert (await cursors())["volunteers"] == 3


async def test_a_new_house_tells_all_and_a_plugin_enabled_later_what_comes(
    database: Engine, now: datetime, write: Write, listener: Listener
) -> None:
    await write()
    await seal_once(now)
    await deliver_once(now, reactions=listener.on())
    assert listener.order == [1]
    later = Listener()
    both = listener.on() | later.on(name="party_building")
    assert await deliver_once(now, reactions=both) == 0
    await write()
    await seal_once(now)
    assert await deliver_once(now, reactions=both) == 2
    assert later.order == [2]


async def test_a_house_without_subscribers_does_not_tell_its_first_plugin_the_past(
    database: Engine, now: datetime, write: Write, listener: Listener
) -> None:
    await write()
    await seal_once(now)
    await deliver_once(now, reactions={})
    await deliver_once(now, reactions=listener.on())
    assert listener.order == []


async def test_a_failure_holds_up_its_own_object_only(
    database: Engine, now: datetime, write: Write, listener: Listener
) -> None:
    bad, good = new_id(), new_id()
    for about in (bad, good, bad, good):
        await write(about=about)
    await seal_once(now)
    listener.fails_for = {bad}
    assert await deliver_once(now, reactions=listener.on()) == 2
    assert listener.order == [2, 4]
    (trouble,) = await deliveries_in_trouble()
    assert (trouble.subscriber, trouble.seq, trouble.attempts, trouble.behind) == ("volunteers", 1, 1, 1)
    assert trouble.error == "ValueError: the gateway is closed"
    listener.fails_for = set()
    assert await deliver_once(now, reactions=listener.on()) == 0, "not tried again before its second is over"
    await write(about=bad)
    await seal_once(now)
    assert await deliver_once(now, reactions=listener.on()) == 0, "what is new waits behind it too"
    assert await deliver_once(now + timedelta(seconds=1), reactions=listener.on()) == 3
    assert listener.order == [2, 4, 1, 3, 5]
    assert await fetch("SELECT 1 FROM journal_delivery") == []


async def test_after_ten_tries_it_is_set_aside_and_the_rest_goes_on(
    database: Engine, now: datetime, write: Write, listener: Listener
) -> None:
    bad = await write()
    await write("needs.withdrawn", about=bad)
    await seal_once(now)
    told = listener.on("needs.withdrawn") | listener.on(name="other")
    told["volunteers"]["needs.raised"] = fails = Listener()
    fails.fails_for = {bad}
    pauses, at = [], now
    await deliver_once(at, reactions=told)
    while waiting := [trouble for trouble in await deliveries_in_trouble() if trouble.state == "waiting"]:
        assert listener.order == [1], "the other subscriber is not held up; what stands behind waits"
        pauses.append((waiting[0].next_at - at).total_seconds())
        at = waiting[0].next_at
        await deliver_once(at, reactions=told)
    assert pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256]
    (trouble,) = await set_aside()
    assert (trouble.attempts, trouble.state, trouble.behind) == (10, "set_aside", 0)
    assert listener.order == [1, 2], "what waited behind goes on"

    fails.fails_for = set()
    assert await deliver_once(at + timedelta(days=1), reactions=told) == 0, "not tried by itself"
    await retry(trouble.id, now=at)
    assert await deliver_once(at, reactions=told) == 1
    assert fails.order == [1]
    assert await set_aside() == []
    with pytest.raises(NotYours):
        await retry(trouble.id, now=at)


async def test_what_can_be_undone_is_told_when_its_time_has_come(
    database: Engine, now: datetime, write: Write, listener: Listener
) -> None:
    about = await write("needs.withdrawn", at=now)
    await write(about=about)
    await write()
    await seal_once(now)
    told, delays = listener.on("needs.raised", "needs.withdrawn"), {"needs.withdrawn": 10.0}
    await deliver_once(now + timedelta(seconds=9), reactions=told, not_before=delays)
    assert listener.order == [3], "others go on; the same object keeps its order"
    assert await deliveries_in_trouble() == []
    await deliver_once(now + timedelta(seconds=10), reactions=told, not_before=delays)
    assert listener.order == [3, 1, 2]


async def test_a_reaction_that_hangs_is_given_up(database: Engine, now: datetime, write: Write) -> None:
    async def hangs(event: Event) -> None:
        await asyncio.sleep(60)

    await write()
    await seal_once(now)
    async with asyncio.timeout(5):
        await deliver_once(now, reactions={"slow": {"needs.raised": hangs}}, patience=0.05)
    (trouble,) = await deliveries_in_trouble()
    assert trouble.error == "TimeoutError: no end within 0.05 s"


async def test_a_reaction_runs_in_no_transaction(database: Engine, now: datetime, write: Write) -> None:
    seen = []

    async def looks(event: Event) -> None:
        seen.append(database.transaction_exists())

    await write()
    await seal_once(now)
    await deliver_once(now, reactions={"one": {"needs.raised": looks}})
    assert seen == [False]
    with pytest.raises(RuntimeError):
        async with transaction():
            await deliver_once(now, reactions={})


async def test_what_nobody_listens_to_is_skipped_without_a_write_each_time(
    database: Engine, now: datetime, write: Write, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.journal.delivery.WINDOW", 4)
    await deliver_once(now, reactions=listener.on())
    for _ in range(3):
        await write("access.signed_in")
    await seal_once(now)
    await deliver_once(now, reactions=listener.on())
    assert (await cursors())["volunteers"] == 0
    for _ in range(6):
        await write("access.signed_in")
    await write()
    await seal_once(now)
    assert await deliver_once(now, reactions=listener.on()) == 1
    assert (await cursors())["volunteers"] == 10


async def test_who_does_not_hold_the_lease_tells_nobody(
    database: Engine, now: datetime, write: Write, listener: Listener
) -> None:
    await write()
    await seal_once(now)
    assert await deliver_once(now, reactions=listener.on(), leader=Leader("journal")) == 0
    assert listener.order == []


async def test_events_doubled_and_reordered_leave_the_same_rows(database: Engine, now: datetime, write: Write) -> None:
    """A reaction that looks: it makes its own rows agree with what is so now."""
    await database.run_ddl("CREATE TABLE mirror (object UUID PRIMARY KEY NOT NULL, acts INTEGER NOT NULL)")

    async def look(event: Event) -> None:
        count = "SELECT count(*) FROM journal_entry WHERE object = ?"
        ((acts,),) = await fetch(count, (event.object,))
        write_down = "INSERT INTO mirror (object, acts) VALUES (?, ?) ON CONFLICT (object) DO UPDATE SET acts = ?"
        await fetch(write_down, (event.object, acts, acts))

    objects = [new_id() for _ in range(5)]
    for about in objects * 4:
        await write(about=about)
    await seal_once(now)
    assert await deliver_once(now, reactions={"mirror": {"needs.raised": look}}) == 20
    once = [tuple(row) for row in await fetch("SELECT object, acts FROM mirror ORDER BY object")]
    assert [acts for _, acts in once] == [4] * 5

    await fetch("DELETE FROM mirror")
    rows = await fetch("SELECT seq, action, object, household FROM journal_entry WHERE seq IS NOT NULL")
    events = [Event(*row) for row in rows] * 2
    Random(7).shuffle(events)
    for event in events:
        await look(event)
    assert [tuple(row) for row in await fetch("SELECT object, acts FROM mirror ORDER BY object")] == once
    await fetch("UPDATE journal_cursor SET seq = 0")  # as after a crash: everything comes again
    assert await deliver_once(now, reactions={"mirror": {"needs.raised": look}}) == 20
    assert [tuple(row) for row in await fetch("SELECT object, acts FROM mirror ORDER BY object")] == once
