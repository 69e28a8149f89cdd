"""Turning a template into an answer: what every page shows around its own content."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from litestar import Request, Response
from litestar.enums import MediaType
from litestar.utils.empty import value_or_default
from litestar.utils.scope.state import ScopeState

from core.actor import Actor
from core.declarations import MenuItem
from core.texts import LANGUAGES, N_, language
from core.vault import SealBroken, seal, unseal

from .clock import now
from .cookies import drop_cookie, set_cookie
from .headers import PRIVATE
from .htmx import HtmxRequest

DISPLAY = {"type": ("normal", "large"), "theme": ("auto", "light", "dark"), "contrast": ("normal", "high")}
DISPLAY_COOKIE, SAID_COOKIE = "nuanliu_display", "nuanliu_said"
GROUPS = {"": "", "services": N_("Services"), "oversight": N_("Oversight")}


def show(
    request: HtmxRequest, template: str, *, code: int = 200, headers: dict[str, str] | None = None, **context: Any
) -> Response[str]:
    """Answer with a template.

    :param code: the status of the answer. :param context: what the page itself needs.
    """
    state = request.app.state
    page = state.templates.get_template(template)
    said = read_said(request)
    say = state.templates.globals["say"]
    toasts = [(tone, say(package, text, **blanks)) for tone, package, text, blanks in said]
    html = page.render(**frame(request), toasts=toasts, **context)
    answer = Response(
        html, media_type=MediaType.HTML, status_code=code, headers={"cache-control": PRIVATE, **(headers or {})}
    )
    if said and not request.wants_fragment:
        drop_cookie(answer, SAID_COOKIE)
    return answer


def frame(request: HtmxRequest) -> dict[str, Any]:
    """Return what base.html shows around every page."""
    state = request.app.state
    actor: Actor | None = request.scope.get("user")
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return {
        "actor": actor,
        "menu": menu_for(actor, state.menu, request.url.path, state.templates.globals["say"]) if actor else [],
        "csrf_token": value_or_default(ScopeState.from_scope(request.scope).csrf_token, ""),
        "language": language.get(),
        "display": read_display(request),
        "demo": state.settings.demo,
        "path": path,
        "can_find": bool(actor and actor.may("registry.find")),
        "now": now(),
    }


def menu_for(
    actor: Actor, items: list[tuple[str, MenuItem]], path: str, say: Callable[..., str]
) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return the groups of the menu with what the actor may open; the longest matching address is current."""
    mine = [(plugin, item) for plugin, item in items if not item.permission or actor.may(item.permission)]
    fitting = [item.url for _, item in mine if path == item.url or path.startswith(f"{item.url}/")]
    current = max(fitting, key=len, default=None)
    groups = []
    for group, title in GROUPS.items():
        lines = [
            {
                "label": say(plugin, item.text),
                "url": item.url,
                "icon": item.icon,
                "current": item.url == current,
                "count": None,
            }
            for plugin, item in mine
            if item.group == group
        ]
        if lines:
            groups.append((say("core", title) if title else "", lines))
    return groups


def to(url: str, tone: str = "ok", package: str = "core", text: str | None = None, /, **blanks: Any) -> Response[None]:
    """Answer with a redirect (303) to a page that says what was done.

    :param text: msgid of `package`, shown once as a toast.
    """
    answer: Response[None] = Response(None, status_code=303, headers={"location": quote(url, safe="/?&=#%:,.-_~")})
    if text is not None:
        words = json.dumps([tone, package, text, {name: str(value) for name, value in blanks.items()}])
        set_cookie(answer, SAID_COOKIE, seal(words, about=SAID_COOKIE), seconds=60)  # it may name somebody
    return answer


def read_said(request: Request[Any, Any, Any]) -> list[tuple[str, str, str, dict[str, str]]]:
    """Return what the last act left to be said: tone, package, msgid, blanks."""
    try:
        tone, package, text, blanks = json.loads(unseal(request.cookies.get(SAID_COOKIE, ""), about=SAID_COOKIE))
        return [(str(tone), str(package), str(text), {str(k): str(v) for k, v in dict(blanks).items()})]
    except (SealBroken, ValueError, TypeError):
        return []


def read_display(request: Request[Any, Any, Any]) -> dict[str, str]:
    """Return how this browser wants pages shown: type, theme, contrast."""
    wanted = dict(part.partition("=")[::2] for part in request.cookies.get(DISPLAY_COOKIE, "").split("&"))
    return {name: wanted[name] if wanted.get(name) in options else options[0] for name, options in DISPLAY.items()}


def read_language(request: Request[Any, Any, Any]) -> str:
    """Return the language of this browser: chosen, else asked for by its headers, else zh_Hans."""
    wanted = dict(part.partition("=")[::2] for part in request.cookies.get(DISPLAY_COOKIE, "").split("&"))
    if (chosen := wanted.get("language", "")) in LANGUAGES:
        return chosen
    for asked in request.headers.get("accept-language", "").split(","):
        code = asked.partition(";")[0].strip().lower()
        if code.startswith("zh"):
            return "zh_Hant" if any(part in code for part in ("hant", "tw", "hk", "mo")) else "zh_Hans"
        if code.startswith("en"):
            return "en"
    return "zh_Hans"
