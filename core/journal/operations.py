"""One POST, one effect: the id that a form carries is answered the same way however often it comes."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.database import aware, engine, fetch, transaction
from core.errors import Reason, Refused
from core.texts import N_
from core.vault import seal, unseal

OPERATION_REUSED = Reason(
    "core.operation_reused",
    N_("This form was already sent with other contents. Open the page again and repeat what you changed."),
)
FORGOTTEN_AT_ONCE = 1_000


@dataclass(frozen=True)
class Answer:
    """What a POST was answered with."""

    status: int
    headers: dict[str, str]
    body: str


@dataclass(frozen=True)
class Operation:
    """One sending of a form, told apart by its id.

    :param actor: user id. :param route: where it was sent. :param request_hash: SHA-256 of what was sent.
    """

    id: UUID
    actor: UUID | None
    route: str
    request_hash: str
    now: datetime

    async def begin(self, status: int | None = None, answer: str | None = None) -> bool:
        """Enter it; False if it stands there. On PostgreSQL this waits for another that is under way."""
        made = await fetch(
            "INSERT INTO journal_operation (op_id, actor, route, request_hash, status, answer, at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING op_id",
            (self.id, self.actor, self.route, self.request_hash, status, answer, aware(self.now)),
        )
        return bool(made)

    async def done(self, answer: Answer) -> None:
        """Keep the answer, as the last act of the transaction that has the effect.

        If the same operation was done meanwhile, the transaction is rolled back and `once_outside`
        gives the answer of the first.
        """
        if not engine().transaction_exists():
            raise RuntimeError("an operation is done in the transaction that has its effect")
        if not await self.begin(answer.status, self._sealed(answer)):
            raise _DoneMeanwhile

    async def earlier(self) -> Answer | None:
        """Return the answer that was given before.

        :raises Refused: OPERATION_REUSED; the id was used by another, elsewhere or for something else.
        """
        rows = await fetch(
            "SELECT actor, route, request_hash, status, answer FROM journal_operation WHERE op_id = ?", (self.id,)
        )
        if not rows:
            return None
        (row,) = rows
        if (row["actor"], row["route"], row["request_hash"]) != (self.actor, self.route, self.request_hash):
            raise Refused(OPERATION_REUSED)
        headers, body = json.loads(unseal(json.loads(row["answer"])["sealed"], about=self._about))
        return Answer(row["status"], headers, body)

    async def end(self, answer: Answer) -> None:
        """Keep the answer of an operation that was begun."""
        await fetch(
            "UPDATE journal_operation SET status = ?, answer = ? WHERE op_id = ?",
            (answer.status, self._sealed(answer), self.id),
        )

    def _sealed(self, answer: Answer) -> str:
        # The body may be the page that shows a number in full; none stands in the database in the clear.
        return json.dumps({"sealed": seal(json.dumps([answer.headers, answer.body]), about=self._about)})

    @property
    def _about(self) -> str:
        return f"journal_operation/{self.id}"


class _DoneMeanwhile(Exception):
    """Another sending of the same form came first."""


async def once(
    op_id: UUID,
    *,
    actor: UUID | None,
    route: str,
    request_hash: str,
    now: datetime,
    effect: Callable[[], Awaitable[Answer]],
) -> Answer:
    """Have the effect and keep its answer in one transaction, or give the answer that was kept.

    The transactions of verbs become savepoints in it. If `effect` raises, everything is rolled back
    and the id is free again. The same id sent twice at once: the second waits for the first.

    :param now: aware UTC.
    :raises Refused: OPERATION_REUSED; another actor, route or content came with this id.
    """
    operation = Operation(op_id, actor, route, request_hash, now)
    async with transaction():
        if not await operation.begin():
            earlier = await operation.earlier()
            assert earlier is not None, "an operation that stands there has an answer"
            return earlier
        answer = await effect()
        await operation.end(answer)
    return answer


async def once_outside(
    op_id: UUID,
    *,
    actor: UUID | None,
    route: str,
    request_hash: str,
    now: datetime,
    effect: Callable[[Operation], Awaitable[Answer]],
) -> Answer:
    """Do the same for long work that may not hold the writer: an import.

    `effect` works outside a transaction, then opens a short one, writes, and ends it with
    `await operation.done(answer)`. Of two at once both work, and the one that does not come to its end
    because the other did gets the other's answer.

    :raises Refused: OPERATION_REUSED; another actor, route or content came with this id.
    :raises RuntimeError: `effect` came to its end without `done`: nothing says that it happened.
    """
    operation = Operation(op_id, actor, route, request_hash, now)
    if earlier := await operation.earlier():
        return earlier
    try:
        await effect(operation)
    except Exception as error:
        # Whatever stopped it, the first may have done the work meanwhile; then its answer is the answer.
        kept = await operation.earlier()
        if kept is None:
            raise error
        return kept
    kept = await operation.earlier()
    if kept is None:
        raise RuntimeError(f"the effect of {route} ended without operation.done(answer)")
    return kept


async def forget_operations(before: datetime) -> int:
    """Delete the operations that began before a moment (aware UTC); say how many. Their ids are free again."""
    old = f"SELECT op_id FROM journal_operation WHERE at < ? ORDER BY at LIMIT {FORGOTTEN_AT_ONCE}"
    gone = 0
    while True:
        rows = await fetch(f"DELETE FROM journal_operation WHERE op_id IN ({old}) RETURNING op_id", (aware(before),))
        gone += len(rows)
        if len(rows) < FORGOTTEN_AT_ONCE:
            return gone
