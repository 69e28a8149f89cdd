"""Who came in and who did not is in the journal; what the browser keeps says nothing and travels by https alone."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest

from core.access import sessions
from core.database import fetch
from core.web import cookies, pages
from tests.core.needs.small_county import PASSWORD, SmallCounty

NOW = datetime(2026, 11, 23, 1, 40, tzinfo=UTC)


async def acts() -> list[tuple[str, str]]:
    rows = await fetch("SELECT action, object FROM journal_entry WHERE action LIKE 'access.sign%' ORDER BY id")
    return [(row["action"], str(row["object"])) for row in rows]


async def test_a_wrong_password_is_written_down_and_an_unknown_login_is_not(county: SmallCounty) -> None:
    officer = await county.officer()
    took = []
    for login in ("town", "nobody"):
        started = time.monotonic()
        assert await sessions.sign_in(login, "not this one", "", now=NOW) is None
        took.append(time.monotonic() - started)
    assert await acts() == [("access.sign_in_failed", str(officer.user))]
    assert min(took) >= sessions.FAILURE_TAKES - 0.01


async def test_a_session_is_not_begun_without_its_row_in_the_journal(
    county: SmallCounty, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = await county.officer()
    assert await sessions.sign_in("town", PASSWORD, "", now=NOW)
    assert await acts() == [("access.signed_in", str(officer.user))]

    async def fails(*_: Any, **__: Any) -> None:
        raise OSError("the disk is full")

    before = await fetch("SELECT count(*) AS n FROM access_session")
    for step in ("record", "start_session"):
        with monkeypatch.context() as broken:
            broken.setattr(sessions, step, fails)
            with pytest.raises(OSError):
                await sessions.sign_in("town", PASSWORD, "", now=NOW)
    assert await fetch("SELECT count(*) AS n FROM access_session") == before
    assert len(await acts()) == 1


def test_what_was_said_cannot_be_read_in_the_cookie_and_comes_back() -> None:
    answer = pages.to("/", "ok", "core", "Chen Wei moved.", who="Chen Wei")
    (cookie,) = answer.cookies
    assert cookie.value
    assert "Chen" not in cookie.value
    assert "Q2hlbi" not in cookie.value, "nor in base64"

    class Request:
        cookies = {pages.SAID_COOKIE: cookie.value}  # noqa: RUF012

    assert pages.read_said(Request()) == [("ok", "core", "Chen Wei moved.", {"who": "Chen Wei"})]  # type: ignore[arg-type]
    for changed in ("", "x", cookie.value[:-3], "a1.k1.x.y"):
        Request.cookies = {pages.SAID_COOKIE: changed}
        assert pages.read_said(Request()) == []  # type: ignore[arg-type]


@pytest.mark.parametrize("tls", [True, False])
def test_with_tls_every_cookie_is_secure_and_is_taken_back_as_it_was_given(
    tls: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cookies, "_secure", None)
    cookies.secure_cookies(tls)
    answer = pages.to("/", "ok", "core", "Saved.")
    cookies.drop_cookie(answer, "__Host-nuanliu")
    assert len(answer.cookies) == 2
    for cookie in answer.cookies:
        assert (cookie.secure, cookie.httponly, cookie.path) == (tls, True, "/")
    assert {cookie.key: cookie.max_age for cookie in answer.cookies}["__Host-nuanliu"] == 0
