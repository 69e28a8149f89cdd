"""Who may see and do what (访问): accounts, grants, shares, mandates, sessions, the scope compiler."""

from collections.abc import Iterable
from typing import Any

from core.declarations import MenuItem, Permission, Term
from core.hookspecs import hookimpl
from core.texts import N_

from .looks import looked
from .middleware import SignedIn
from .people import DEMO_PASSWORD, add_user, give_grant
from .roles import ROLES, is_reading, known, learn, permissions_of
from .routes import handlers
from .scope import COUNTED, Limits, Seen, Sort, seen, shareable
from .sessions import actor_for, allow_demo_accounts
from .shares import change_mandate, end_shares, give_mandate, mandate_holds, set_grace, share

__all__ = [
    "COUNTED",
    "DEMO_PASSWORD",
    "ROLES",
    "Limits",
    "Seen",
    "SignedIn",
    "Sort",
    "actor_for",
    "add_user",
    "allow_demo_accounts",
    "change_mandate",
    "end_shares",
    "give_grant",
    "give_mandate",
    "is_reading",
    "known",
    "learn",
    "looked",
    "mandate_holds",
    "permissions_of",
    "seen",
    "set_grace",
    "share",
    "shareable",
]


@hookimpl
def provide_permissions() -> Iterable[Permission]:
    """The trail is for auditors alone; accounts are for administrators."""
    return [
        Permission("access.trail", N_("read who did what and who looked"), ("auditor",), reads=True),
        Permission("access.deliveries", N_("see deliveries in trouble and try them again"), ("admin",)),
        Permission("access.users", N_("see who has an account and which grants"), ("admin",), reads=True),
    ]


@hookimpl
def provide_terms() -> Iterable[Term]:
    """Actions of the journal."""
    return [
        Term("access.user_added", "action", N_("made an account")),
        Term("access.grant_given", "action", N_("gave a role")),
        Term("access.signed_in", "action", N_("signed in")),
        Term("access.sign_in_failed", "action", N_("did not get in: the password was wrong")),
        Term("access.signed_out", "action", N_("signed out")),
        Term("access.delivery_retried", "action", N_("tried a delivery again")),
    ]


@hookimpl
def provide_menu() -> Iterable[MenuItem]:
    """The trail, the deliveries."""
    return [
        MenuItem(N_("Trail"), "/trail", "eye", "access.trail", group="oversight", order=80),
        MenuItem(N_("Who looked"), "/looks", "search", "access.trail", group="oversight", order=81),
        MenuItem(N_("Accounts"), "/accounts", "people", "access.users", group="oversight", order=90),
        MenuItem(N_("Deliveries"), "/deliveries", "warn", "access.deliveries", group="oversight", order=91),
    ]


@hookimpl
def provide_routes() -> Iterable[Any]:
    """Sign-in, display, the trail."""
    return handlers
