"""What happens around every request before a handler is chosen."""

from datetime import UTC, datetime

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from .clock import stopped


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
