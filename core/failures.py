"""What a person sees when something does not work: plain words, what to do, never a trace."""

import logging
import socket
import sqlite3
from typing import Any
from urllib.parse import quote

import asyncpg
import structlog
from litestar import Response
from litestar.exceptions import HTTPException, NotAuthorizedException

from .errors import Forbidden, NotYours, Refused
from .vault import SealBroken
from .web import HtmxRequest, Invalid, show

log = structlog.get_logger("failure")


def error_page(request: HtmxRequest, status: int, reasons: Any = None) -> Response[Any]:
    """Answer with the page (or fragment) of a status."""
    template = "_error.html" if request.wants_fragment else "error.html"
    return show(
        request,
        template,
        code=status,
        status=status,
        reasons=reasons or {},
        retry_after=10 if status == 503 else None,
        limit=request.app.state.settings.upload_limit_mb,
        request_id=request.state.get("request_id"),
    )


def not_yours(request: HtmxRequest, error: Exception) -> Response[Any]:
    """Answer the same for what is not there and what is not yours."""
    return error_page(request, 404)


def forbidden(request: HtmxRequest, error: Exception) -> Response[Any]:
    """Answer an act or page that the roles do not include."""
    return error_page(request, 403)


def refused(request: HtmxRequest, error: Refused) -> Response[Any]:
    """Answer with every reason."""
    return error_page(request, 409, error.reasons)


def invalid(request: HtmxRequest, error: Invalid) -> Response[Any]:
    """Answer a form without a page of its own: its faults as reasons."""
    return error_page(request, 422, {fault.reason: dict(fault.blanks) for fault in error.given.faults.values()})


def to_sign_in(request: HtmxRequest, error: Exception) -> Response[Any]:
    """Send somebody who is not signed in to the door, and back afterwards."""
    address = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    to = f"/sign-in?next={quote(address)}" if request.method == "GET" and address != "/" else "/sign-in"
    if request.headers.get("hx-request") == "true":
        return Response(None, status_code=401, headers={"hx-redirect": to})
    return Response(None, status_code=303, headers={"location": to})


def http_error(request: HtmxRequest, error: HTTPException) -> Response[Any]:
    """Answer what the framework refuses: unknown paths, missing tokens, bodies that are too large."""
    status = {405: 404, 400: 404 if "path" in str(error.detail).lower() else 400}.get(
        error.status_code, error.status_code
    )
    return error_page(request, status)


def database_gone(request: HtmxRequest, error: Exception) -> Response[Any]:
    """Answer while the database cannot be reached: say so, and when to try again."""
    log.error("database_unreachable", error=type(error).__name__)
    answer = error_page(request, 503)
    answer.headers["retry-after"] = "10"
    return answer


def failed(request: HtmxRequest, error: Exception) -> Response[Any]:
    """Answer a defect of ours; the log has it under the request's id."""
    if is_gone(error):
        return database_gone(request, error)
    logging.getLogger("failure").exception("unhandled", exc_info=error)
    return error_page(request, 500)


def is_gone(error: Exception) -> bool:
    """Say whether the database cannot be reached or cannot take more, as against a defect of ours."""
    if isinstance(error, sqlite3.OperationalError):
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_BUSY) & 0xFF
        return code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)
    return isinstance(
        error,
        asyncpg.PostgresConnectionError
        | asyncpg.CannotConnectNowError
        | asyncpg.TooManyConnectionsError
        | ConnectionError
        | TimeoutError
        | socket.gaierror,
    )


HANDLERS: Any = {
    NotYours: not_yours,
    Forbidden: forbidden,
    Refused: refused,
    Invalid: invalid,
    NotAuthorizedException: to_sign_in,
    HTTPException: http_error,
    SealBroken: failed,
    Exception: failed,
}
