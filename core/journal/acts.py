"""How a POST is declared: one effect, however often it is sent."""

import hashlib
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any
from uuid import UUID

from litestar import Response, post
from litestar.datastructures import UploadFile
from litestar.handlers.http_handlers import HTTPRouteHandler

from core.errors import Reason, Refused
from core.texts import N_
from core.web import Given, Handler, HtmxRequest, Invalid, guards_of

from .operations import Answer, once

NO_OPERATION = Reason(
    "core.no_operation", N_("This form was too old or incomplete. Open the page again and repeat what you did.")
)
Redraw = Callable[..., Awaitable[Response[Any]]]


def act(
    path: str,
    *,
    permission: str | None = None,
    public: bool = False,
    redraw: Redraw | None = None,
    outside: bool = False,
    **options: Any,
) -> Callable[[Handler], HTTPRouteHandler]:
    """Declare an act (POST): form, token, operation id, transaction, and what a refusal looks like.

    The handler takes `request`, `given` and what else it needs, calls one verb and returns a
    response. Everything it writes and the record of the operation are one transaction; the same
    operation id gives the same answer again and no second effect.

    :param permission: who may; "" is everybody who is signed in.
    :param redraw: `async (request, given, reasons, **path parameters)` draws the form again, filled,
        for faults (422) and refusals (409). Without it a refusal is the error page.
    :param outside: the handler does long work first and keeps the operation itself
        (`once_outside`), so that nothing holds the writer meanwhile.
    """

    def declare(handler: Handler) -> HTTPRouteHandler:
        @wraps(handler)
        async def posted(**kwargs: Any) -> Response[Any]:
            request: HtmxRequest = kwargs["request"]
            given: Given = kwargs["given"]
            try:
                if outside or public:
                    return await handler(**kwargs)
                return await _once(request, given, lambda: handler(**kwargs))
            except Invalid as invalid:
                if redraw is None:
                    raise
                return await _redrawn(redraw, 422, kwargs, invalid.given, {})
            except Refused as refused:
                if redraw is None:
                    raise
                return await _redrawn(redraw, 409, kwargs, given, refused.reasons)

        return post(
            path,
            status_code=200,
            guards=guards_of(permission, public),
            opt={"permission": permission, "public": public, "act": True},
            **options,
        )(posted)

    return declare


def operation_id(given: Given) -> UUID:
    """Return the id of the operation that the form carries.

    :raises Refused: NO_OPERATION.
    """
    try:
        return UUID(given.raw("operation"))
    except ValueError:
        raise Refused(NO_OPERATION) from None


async def request_hash(given: Given) -> str:
    """Digest what was sent, without the token and the operation's id; files by their content."""
    digest = hashlib.sha256()
    multi = getattr(given.form, "multi_items", None)
    for name, value in sorted(multi() if multi else given.form.items(), key=lambda item: (item[0], str(item[1]))):
        if name in ("_csrf_token", "operation"):
            continue
        if isinstance(value, UploadFile):
            await value.seek(0)
            content = await value.read()
            await value.seek(0)
            value = hashlib.sha256(content).hexdigest()
        digest.update(f"{name}\0{value}\0".encode())
    return digest.hexdigest()


async def _once(request: HtmxRequest, given: Given, effect: Callable[[], Awaitable[Response[Any]]]) -> Response[Any]:
    made: list[Response[Any]] = []

    async def run() -> Answer:
        response = await effect()
        made.append(response)
        return answer_of(response)

    actor = request.scope.get("user")
    answer = await once(
        operation_id(given),
        actor=actor.user if actor else None,
        route=request.url.path,
        request_hash=await request_hash(given),
        now=request.state.now,
        effect=run,
    )
    return made[0] if made else response_of(answer)


def answer_of(response: Response[Any]) -> Answer:
    """Turn a response into what is kept of it."""
    content = response.content
    return Answer(response.status_code or 200, dict(response.headers), content if isinstance(content, str) else "")


def response_of(answer: Answer) -> Response[Any]:
    """Turn what was kept into the response that a repeated form gets."""
    return Response(answer.body or None, status_code=answer.status, headers=answer.headers)


async def _redrawn(
    redraw: Redraw, status: int, kwargs: dict[str, Any], given: Given, reasons: dict[Reason, dict[str, Any]]
) -> Response[Any]:
    response = await redraw(**{**kwargs, "given": given, "reasons": reasons})
    response.status_code = status
    return response
