"""How a handler is declared: its path, its permission, and nothing that could be forgotten.

A GET is made with `page`; a POST with `core.journal.act`. Both name a permission or say
`public=True`; the composition root refuses a handler that was made in another way.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from litestar import Request, Response, get
from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException
from litestar.handlers.base import BaseRouteHandler
from litestar.handlers.http_handlers import HTTPRouteHandler

from core.errors import Forbidden

Handler = Callable[..., Awaitable[Response[Any]]]
Guard = Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], None]


def may(permission: str) -> Guard:
    """Return a guard that lets in who holds a permission; others sign in (401) or are refused (403)."""

    def guard(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        actor = connection.scope.get("user")
        if actor is None:
            raise NotAuthorizedException
        if not actor.may(permission):
            raise Forbidden(permission)

    return guard


def signed_in(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Let in whoever is signed in."""
    if connection.scope.get("user") is None:
        raise NotAuthorizedException


def guards_of(permission: str | None, public: bool) -> list[Any]:
    """Return the guards for a permission, for anybody signed in ("") or for the public.

    :raises TypeError: neither a permission nor `public=True`.
    """
    if public:
        return []
    if permission is None:
        raise TypeError("a handler names its permission, or says public=True")
    return [may(permission)] if permission else [signed_in]


def ways_back(handlers: Sequence[HTTPRouteHandler]) -> list[HTTPRouteHandler]:
    """Give each address that only takes a POST a GET that leads to the nearest page above it.

    A form that was refused is drawn again at the address of its act; whoever loads that page anew,
    or changes the language there, comes to the page of the thing and not to nowhere.
    """
    pages = {path for handler in handlers if "GET" in handler.http_methods for path in handler.paths}
    acts = {path for handler in handlers if "POST" in handler.http_methods for path in handler.paths}
    return [_way_back(path, pages) for path in sorted(acts - pages)]


def _way_back(path: str, pages: set[str]) -> HTTPRouteHandler:
    parts = path.strip("/").split("/")
    depth = next((n for n in range(len(parts) - 1, 0, -1) if "/" + "/".join(parts[:n]) in pages), 0)

    async def back(request: Request[Any, Any, Any]) -> Response[None]:
        """Lead back to the page that the act belongs to."""
        above = "/" + "/".join(request.url.path.strip("/").split("/")[:depth])
        return Response(None, status_code=303, headers={"location": above})

    return get(path, guards=[signed_in], opt={"permission": "", "public": False}, name=f"back from {path}")(back)


def page(
    path: str | list[str], *, permission: str | None = None, public: bool = False, **options: Any
) -> Callable[[Handler], HTTPRouteHandler]:
    """Declare a page (GET).

    :param permission: who may open it; "" is everybody who is signed in.
    """
    return get(
        path,
        guards=guards_of(permission, public),
        opt={"permission": permission, "public": public},
        **options,
    )
