"""How this house sets and takes back a cookie: the same way everywhere, Secure where there is TLS."""

from typing import Any

from litestar import Response

_secure = False


def secure_cookies(tls: bool) -> None:
    """Say whether browsers speak https with this house; called by the composition root."""
    global _secure
    _secure = tls


def set_cookie(answer: Response[Any], name: str, value: str, *, seconds: int) -> None:
    """Give the browser a cookie that scripts cannot read.

    :param seconds: how long it keeps it.
    """
    answer.set_cookie(name, value, httponly=True, secure=_secure, samesite="lax", path="/", max_age=seconds)


def drop_cookie(answer: Response[Any], name: str) -> None:
    """Take a cookie back; a browser heeds this for `__Host-` only with the attributes it was set with."""
    set_cookie(answer, name, "", seconds=0)
