"""JSON logs with a request id and no personal data: paths by their route, never by their ids or forms."""

import logging
import time
from typing import Any
from uuid import uuid4

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger("request")
_traceback = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)


def _where_it_failed(exc_info: Any) -> list[dict[str, Any]]:
    """Tell types and frames; what an exception says and what its frames held may be about somebody."""
    return [_without_words(one) for one in _traceback(exc_info)]


def _without_words(one: dict[str, Any]) -> dict[str, Any]:
    kept = {name: one[name] for name in ("exc_type", "is_cause", "is_group", "frames")}
    return kept | {"exceptions": [[_without_words(part) for part in parts] for parts in one["exceptions"]]}


def set_up_logs(level: str = "INFO") -> None:
    """Write every log line as JSON to standard error, those of libraries too."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.ExceptionRenderer(_where_it_failed),
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("uvicorn.access").disabled = True
    logging.getLogger("apscheduler").setLevel(logging.WARNING)  # it tells each beat of the sealer
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


class RequestLog:
    """Gives each request an id, answers with it, and logs route, status and milliseconds."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        request_id, started, status = uuid4().hex[:16], time.perf_counter(), 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message.setdefault("headers", [])
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode())]
            await send(message)

        scope.setdefault("state", {})["request_id"] = request_id
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self.app(scope, receive, sending)
            finally:
                route = scope.get("path_template") or scope.get("route_handler")
                if not str(scope["path"]).startswith("/static"):
                    log.info(
                        "request",
                        method=scope.get("method"),
                        route=str(route),
                        status=status,
                        ms=round((time.perf_counter() - started) * 1000, 1),
                    )
