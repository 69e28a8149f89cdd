"""What happens around every request before a handler is chosen."""

from datetime import UTC, datetime

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from .clock import stopped
from .headers import PRIVATE, STATIC, security_headers


class Headers:
    """Puts the security headers on every answer: pages, errors, files, whoever made them.

    A file that is asked for by the hash of its content (`?v=`) may be kept for ever; a file or an
    answer that says nothing else is not kept.
    """

    def __init__(self, app: ASGIApp, tls: bool) -> None:
        self.app = app
        self._always = [(name.encode(), value.encode()) for name, value in security_headers(tls).items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        for_ever = scope["path"].startswith("/static/") and b"v=" in scope["query_string"]

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = [(name.lower(), value) for name, value in message.get("headers", [])]
                names = {name for name, _ in given} - {b"cache-control"}
                kept = [value for name, value in given if name == b"cache-control"]
                cache = STATIC.encode() if for_ever and message["status"] == 200 else (kept or [PRIVATE.encode()])[0]
                message["headers"] = [
                    *((name, value) for name, value in given if name != b"cache-control"),
                    *((name, value) for name, value in self._always if name not in names),
                    (b"cache-control", cache),
                ]
            await send(message)

        await self.app(scope, receive, sending)


class Clock:
    """Stops the clock for a request, so that all its parts agree on the moment and the day."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        with stopped(datetime.now(UTC)) as now:
            scope.setdefault("state", {})["now"] = now
            await self.app(scope, receive, send)
