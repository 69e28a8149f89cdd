"""The same operation id gives the same answer and one effect."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from core.database import Engine, fetch, new_id, transaction
from core.errors import Reason, Refused
from core.journal import OPERATION_REUSED, Answer, Operation, forget_operations, once, once_outside

Write = Callable[..., Awaitable[UUID]]
Send = Callable[..., Awaitable[Answer]]
NO = Reason("core.no", "No.")
USER = new_id()


@pytest.fixture(params=["once", "once_outside"])
def send(request: pytest.FixtureRequest, database: Engine, write: Write, now: datetime) -> Send:
    """Send a form whose effect is one row of the journal."""

    async def send(op_id: UUID, *, fails: bool = False, pause: float = 0, **other: Any) -> Answer:
        sent = {"actor": USER, "route": "/needs", "request_hash": "a" * 64, "now": now} | other

        async def act() -> Answer:
            await write()
            await asyncio.sleep(pause)
            if fails:
                raise Refused(NO)
            return Answer(303, {"location": f"/needs/{new_id()}"}, "身份证 360803199001011234")

        async def act_in_the_end(operation: Operation) -> Answer:
            await asyncio.sleep(pause)
            async with transaction():
                answer = await act()
                await operation.done(answer)
            return answer

        if request.param == "once":
            return await once(op_id, effect=act, **sent)
        return await once_outside(op_id, effect=act_in_the_end, **sent)

    return send


async def effects() -> int:
    ((count,),) = await fetch("SELECT count(*) FROM journal_entry")
    return int(count)


async def test_sent_twice_it_is_done_once(send: Send) -> None:
    op_id = new_id()
    first = await send(op_id)
    assert await send(op_id) == first
    assert await effects() == 1
    assert (await send(new_id())).headers != first.headers
    assert await effects() == 2


async def test_sent_twice_at_once_it_is_done_once(send: Send) -> None:
    op_id = new_id()
    async with asyncio.timeout(20):
        answers = await asyncio.gather(*(send(op_id, pause=0.05) for _ in range(4)))
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert await effects() == 1


async def test_what_failed_leaves_the_id_free(send: Send) -> None:
    op_id = new_id()
    with pytest.raises(Refused) as refused:
        await send(op_id, fails=True)
    assert NO in refused.value.reasons
    assert await effects() == 0
    await send(op_id)
    assert await effects() == 1


async def test_at_once_the_second_goes_on_when_the_first_fails(send: Send) -> None:
    op_id = new_id()
    first = asyncio.create_task(send(op_id, fails=True, pause=0.1))
    await asyncio.sleep(0.02)
    second = await send(op_id)
    assert second.status == 303
    (other,) = await asyncio.gather(first, return_exceptions=True)
    # Outside a transaction it may hear that the second has done the work.
    assert isinstance(other, Refused) or other == second
    assert await effects() == 1


async def test_whoever_is_stopped_because_the_first_did_the_work_gets_its_answer(
    database: Engine, write: Write, now: datetime
) -> None:
    import_id, op_id, all_look = new_id(), new_id(), asyncio.Barrier(4)

    async def apply(operation: Operation) -> Answer:
        await all_look.wait()
        async with transaction():
            if await fetch("SELECT 1 FROM journal_entry WHERE object = ?", (import_id,)):
                raise Refused(NO)
            await write(about=import_id)
            answer = Answer(303, {"location": f"/imports/{new_id()}"}, "")
            await operation.done(answer)
        return answer

    async def send() -> Answer:
        return await once_outside(op_id, actor=USER, route="/imports", request_hash="a" * 64, now=now, effect=apply)

    async with asyncio.timeout(20):
        answers = await asyncio.gather(*(send() for _ in range(4)))
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert await effects() == 1


@pytest.mark.parametrize("other", [{"actor": new_id()}, {"route": "/orders"}, {"request_hash": "b" * 64}])
async def test_an_id_is_not_used_again_for_something_else(send: Send, other: dict[str, Any]) -> None:
    op_id = new_id()
    await send(op_id)
    with pytest.raises(Refused) as refused:
        await send(op_id, **other)
    assert list(refused.value.reasons) == [OPERATION_REUSED]
    assert await effects() == 1


async def test_the_kept_answer_cannot_be_read_in_the_database(send: Send) -> None:
    await send(new_id())
    ((kept,),) = await fetch("SELECT answer FROM journal_operation")
    assert "sealed" in kept
    assert "36080319" not in kept


async def test_long_work_that_does_not_say_that_it_is_done_is_an_error(database: Engine, now: datetime) -> None:
    async def forgets(operation: Operation) -> Answer:
        return Answer(200, {}, "")

    async def has_no_transaction(operation: Operation) -> Answer:
        await operation.done(Answer(200, {}, ""))
        return Answer(200, {}, "")

    for effect in (forgets, has_no_transaction):
        with pytest.raises(RuntimeError):
            await once_outside(new_id(), actor=None, route="/", request_hash="", now=now, effect=effect)


async def test_old_operations_are_forgotten(send: Send, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.journal.operations.FORGOTTEN_AT_ONCE", 2)
    for _ in range(5):
        await send(new_id(), now=now - timedelta(days=8))
    kept = new_id()
    await send(kept)
    assert await forget_operations(now - timedelta(days=7)) == 5
    assert [row["op_id"] for row in await fetch("SELECT op_id FROM journal_operation")] == [kept]
