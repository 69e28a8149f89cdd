"""Every link leads somewhere, with a plugin enabled, disabled, and uninstalled with its tables left behind."""

import html
import re
from collections.abc import Callable
from importlib import metadata
from typing import Any

import httpx
import pytest

import core.plugins

from .conftest import served

LOGINS = ("town", "county", "worker", "supervisor", "auditor", "admin", "towns")
LINK = re.compile(r'(?:href|hx-get)="(/[^"]*)"')
MOST = 250  # addresses a person


async def crawl(client: httpx.AsyncClient) -> list[str]:
    """Follow every local link from the start page; return the addresses that do not answer well."""
    waiting, known, bad = ["/"], {"/"}, []
    while waiting and len(known) < MOST:
        address = waiting.pop(0)
        answer = await client.get(address)
        if answer.status_code in (302, 303):
            target = answer.headers["location"]
            if target not in known:
                known.add(target)
                waiting.append(target)
            continue
        if answer.status_code >= 400:
            bad.append(f"{answer.status_code} {address}")
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        for link in LINK.findall(answer.text):
            target = html.unescape(link).partition("#")[0]
            # Pages of one kind are alike: three of each are enough.
            kind = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=after=)[^&]+|(?<=before=)[^&]+", "*", target)
            alike = [
                one
                for one in known
                if re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=after=)[^&]+|(?<=before=)[^&]+", "*", one) == kind
            ]
            if target.startswith("/static") or target in known or len(alike) >= 3:
                continue
            known.add(target)
            waiting.append(target)
    assert len(known) > 2  # there was something to follow
    return bad


@pytest.mark.parametrize("state", ["enabled", "disabled", "uninstalled"])
async def test_no_link_is_dead(state: str, copies: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> None:
    if state == "uninstalled":

        def without(**options: Any) -> Any:
            return [entry for entry in metadata.entry_points(**options) if entry.name != "social_work"]

        monkeypatch.setattr(core.plugins, "entry_points", without)
    disabled = ("social_work",) if state == "disabled" else ()
    async with served(copies("sqlite"), disabled_plugins=disabled) as sign_in:
        for login in LOGINS:
            assert await crawl(await sign_in(login)) == [], login
