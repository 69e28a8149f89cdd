"""Puts the actor of a request's session where handlers find it."""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult
from litestar.types import ASGIApp

from core.settings import Settings
from core.texts import language
from core.web.clock import now
from core.web.pages import read_language

from .sessions import actor_of


def cookie_name(settings: Settings) -> str:
    """Return the cookie's name: `__Host-` where there is TLS (Secure, Path=/, no Domain)."""
    return "__Host-nuanliu" if settings.tls else "nuanliu"


class SignedIn(AbstractAuthenticationMiddleware):
    """Sets `request.user` to the actor (or None) and the language of this request."""

    def __init__(self, app: ASGIApp, settings: Settings, **options: Any) -> None:
        super().__init__(app, **options)
        self._settings = settings

    async def authenticate_request(self, connection: ASGIConnection[Any, Any, Any, Any]) -> AuthenticationResult:
        language.set(read_language(connection))  # type: ignore[arg-type]  # it has headers and cookies
        cookie = connection.cookies.get(cookie_name(self._settings))
        actor = await actor_of(cookie, now=now(), grace_days=self._settings.share_grace_days) if cookie else None
        return AuthenticationResult(user=actor, auth=cookie)
