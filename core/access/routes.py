"""The door, the display menu, and the pages of auditors and administrators."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import FromPath

from core.actor import Actor
from core.errors import Reason
from core.journal import act, deliveries_in_trouble, record, retry
from core.terms import known_terms
from core.texts import LANGUAGES, N_
from core.web import Given, HtmxRequest, cursor_of, page, read_cursor, show, to
from core.web.cookies import drop_cookie, set_cookie
from core.web.pages import DISPLAY, DISPLAY_COOKIE, read_display, read_language

from . import queries, sessions
from .middleware import cookie_name
from .people import DEMO_PASSWORD
from .roles import ROLES
from .sessions import place_of

WRONG = Reason(
    "access.wrong_password", N_("Login and password do not fit together. Check both; capitals matter in the password.")
)


@page("/sign-in", public=True)
async def sign_in_page(request: HtmxRequest) -> Response[Any]:
    """Let somebody in who has an account."""
    if request.scope.get("user") is not None:
        return to("/")
    return await _sign_in_form(request)


async def _sign_in_form(request: HtmxRequest, given: Given | None = None, **_: Any) -> Response[Any]:
    demo = _of_each_role(await queries.demo_logins()) if request.app.state.settings.demo else []
    to_page = given.raw("next") if given else request.query_params.get("next", "")
    return show(request, "access/sign_in.html", given=given, logins=demo, password=DEMO_PASSWORD, next=_safe(to_page))


@act("/sign-in", public=True, redraw=_sign_in_form)
async def sign_in(request: HtmxRequest, given: NamedDependency[Given], now: NamedDependency[datetime]) -> Response[Any]:
    """Check login and password and start a session; the cookie is new at every sign-in."""
    login, password = given.text("login", most=64), given.text("password", most=200)
    given.check()
    device, settings = request.headers.get("user-agent", ""), request.app.state.settings
    cookie = await sessions.sign_in(login, password, device, now=now, grace_days=settings.share_grace_days)
    if cookie is None:
        given.fault("login", WRONG)
        given.check()
        raise AssertionError("a fault was noted")
    answer = to(_safe(given.raw("next")) or "/")
    set_cookie(answer, cookie_name(settings), cookie, seconds=int(sessions.LONGEST.total_seconds()))
    return answer


@act("/sign-out", permission="")
async def sign_out(
    request: HtmxRequest, actor: NamedDependency[Actor], given: NamedDependency[Given], now: NamedDependency[datetime]
) -> Response[Any]:
    """End this session."""
    if actor.user is not None:
        await record(actor, "access.signed_out", actor.user, now=now, place=place_of(actor))
    await sessions.end_session(request.auth)
    answer = to("/sign-in", "ok", "core", N_("You are signed out."))
    drop_cookie(answer, cookie_name(request.app.state.settings))
    answer.headers["clear-site-data"] = '"storage"'
    return answer


@act("/display", public=True)
async def display(request: HtmxRequest, given: NamedDependency[Given]) -> Response[Any]:
    """Choose language, type size, colours, contrast; stays on the page."""
    chosen = {**read_display(request), "language": read_language(request)}
    for name, options in {**DISPLAY, "language": LANGUAGES}.items():
        if (value := given.raw(name)) in options:
            chosen[name] = value
    answer = to(_safe(given.raw("back")) or "/")
    words = "&".join(f"{name}={value}" for name, value in chosen.items())
    set_cookie(answer, DISPLAY_COOKIE, words, seconds=365 * 24 * 3600)
    return answer


@page("/trail", permission="access.trail")
async def trail_page(request: HtmxRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    """Show an auditor what was done, by whom, to what; filters and place in the list live in the address."""
    asked = Given(request.query_params, now=request.state.now)
    actions = known_terms("action", retired=True)
    action = asked.choice("action", {term.code for term in actions}, required=False)
    login, day = asked.text("login", required=False, most=64), asked.day("day", required=False)
    object_id = asked.identifier("object", required=False)
    after, before = read_cursor(request)
    rows = [] if asked.faults else await queries.trail(
        actor, action=action, login=login, object_id=object_id, day=day, after=after, before=before
    )  # fmt: skip
    for row in rows:
        row["field_names"] = json.loads(row["fields"])
    return show(
        request, "access/trail.html", given=asked, actions=actions,
        list=cursor_of(request, rows, ("at", "id"), after=after, before=before),
    )  # fmt: skip


@page("/looks", permission="access.trail")
async def looks_page(request: HtmxRequest, actor: NamedDependency[Actor]) -> Response[Any]:
    """Show an auditor who read sensitive fields, and why."""
    asked = Given(request.query_params, now=request.state.now)
    household = asked.identifier("household", required=False)
    after, before = read_cursor(request)
    rows = await queries.looks(actor, household=household, after=after, before=before)
    return show(
        request, "access/looks.html", given=asked,
        list=cursor_of(request, rows, ("at", "id"), after=after, before=before),
    )  # fmt: skip


@page("/accounts", permission="access.users")
async def accounts_page(request: HtmxRequest) -> Response[Any]:
    """Show an administrator who can sign in and with which roles."""
    return show(request, "access/accounts.html", accounts=await queries.accounts())


@page("/deliveries", permission="access.deliveries")
async def deliveries_page(request: HtmxRequest) -> Response[Any]:
    """Show what a module could not be told, and let it be tried again."""
    return show(request, "access/deliveries.html", deliveries=await deliveries_in_trouble())


@act("/deliveries/{delivery:uuid}/retry", permission="access.deliveries")
async def retry_delivery(
    request: HtmxRequest,
    delivery: FromPath[UUID],
    actor: NamedDependency[Actor],
    given: NamedDependency[Given],
    now: NamedDependency[datetime],
) -> Response[Any]:
    """Try a delivery again that was set aside."""
    await retry(delivery, now=now)
    await record(actor, "access.delivery_retried", delivery, now=now, place=place_of(actor))
    return to("/deliveries", "ok", "core", N_("It will be tried again within seconds."))


def _of_each_role(logins: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put the first account of each role before the others, and each account once."""
    once = {login["login"]: login for login in reversed(logins)}
    return sorted(
        once.values(), key=lambda login: (login["login"] not in ROLES, ROLES.index(login["role"]), login["login"])
    )


def _safe(address: str | None) -> str:
    """Return an address of this house, or "": nobody is sent elsewhere."""
    return address if address and address.startswith("/") and not address.startswith(("//", "/\\")) else ""


handlers = [
    sign_in_page,
    sign_in,
    sign_out,
    display,
    trail_page,
    looks_page,
    accounts_page,
    deliveries_page,
    retry_delivery,
]
