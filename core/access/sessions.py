"""Who is signed in: a row per session, found by the hash of a random cookie.

One indexed read per request for the session with its grants, one for mandates where an organisation
is involved, and a write only when the row was last seen more than five minutes ago.
"""

import asyncio
import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from core.actor import Actor, Reach, house
from core.database import fetch, transaction
from core.journal import record
from core.place import NOWHERE, Place
from core.web.clock import local_day

from .roles import permissions_of
from .tables import User

IDLE, LONGEST, TOUCH = timedelta(hours=1), timedelta(hours=12), timedelta(minutes=5)
FAILURE_TAKES = 0.4  # seconds; longer than the hash and the row of the journal
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_at_once = asyncio.Semaphore(4)  # 4 × 19 MiB
_nobody = ""  # a hash that no password fits, made when first needed
_demo_allowed = False


def allow_demo_accounts(allowed: bool) -> None:
    """Say whether this house is a demo; in any other, accounts of the demo do not exist."""
    global _demo_allowed
    _demo_allowed = allowed


async def hash_password(password: str) -> str:
    """Hash a password with argon2id; at most four at once."""
    async with _at_once:
        return await asyncio.to_thread(_hasher.hash, password)


async def password_fits(stored: str | None, given: str) -> bool:
    """Check a password; takes as long for a user who does not exist."""
    global _nobody
    if stored is None and not _nobody:
        _nobody = await hash_password(secrets.token_hex())
    async with _at_once:
        try:
            await asyncio.to_thread(_hasher.verify, stored or _nobody, given)
        except VerifyMismatchError:
            return False
    return stored is not None


async def sign_in(login: str, password: str, device: str, *, now: datetime, grace_days: int = 30) -> str | None:
    """Check login and password, start a session and write that down; or write down that it failed.

    :param device: what the browser says it is; kept so that a person knows their sessions.
    :returns: the cookie, new at every sign-in, or None: the same answer for unknown and wrong, after
        the same time, although nothing is written down about a login that does not exist.
    """
    answered = asyncio.get_running_loop().time() + FAILURE_TAKES
    user = await User.objects().where(User.login == login.strip().lower()).first()
    active = user is not None and user.state == "active" and (_demo_allowed or not user.demo)
    stored = user.password_hash if user is not None and active else None
    fits = await password_fits(stored, password)
    if user is not None:
        async with transaction():
            actor = await actor_for(user.login, now=now, grace_days=grace_days)
            place = place_of(actor) if actor else NOWHERE
            if fits and actor is not None:
                await record(actor, "access.signed_in", user.id, now=now, place=place)
                return await start_session(user.id, device, now=now)
            await record(house("sign-in"), "access.sign_in_failed", user.id, now=now, place=place)
    await asyncio.sleep(answered - asyncio.get_running_loop().time())
    return None


async def start_session(user: UUID, device: str, *, now: datetime) -> str:
    """Write a new session and return its cookie."""
    cookie = secrets.token_urlsafe(32)
    async with transaction():
        await fetch("DELETE FROM access_session WHERE started_at < ?", (now - LONGEST,))
        await fetch(
            "INSERT INTO access_session (id, holder, device, started_at, seen_at) VALUES (?, ?, ?, ?, ?)",
            (_digest(cookie), user, device[:200], now, now),
        )
    return cookie


async def end_session(cookie: str) -> None:
    """Sign out here."""
    await fetch("DELETE FROM access_session WHERE id = ?", (_digest(cookie),))


async def actor_of(cookie: str, *, now: datetime, grace_days: int) -> Actor | None:
    """Return who the cookie stands for with what they may do now, if the session still lasts.

    Grants are read at each request: a role that is taken away is gone with the next click.
    """
    today = local_day(now)
    rows = await fetch(
        "SELECT u.id, u.name, u.login, u.person, u.organisation, s.seen_at, g.role, g.area,"
        " g.level, g.organisation AS granted_organisation, g.label"
        " FROM access_session s JOIN access_user u ON u.id = s.holder"
        " LEFT JOIN access_grant g ON g.holder = u.id AND g.from_on <= ? AND (g.until_on IS NULL OR g.until_on > ?)"
        " WHERE s.id = ? AND s.seen_at > ? AND s.started_at > ? AND u.state = 'active' AND (u.demo = FALSE OR ?)"
        " ORDER BY g.from_on, g.id",
        (today, today, _digest(cookie), now - IDLE, now - LONGEST, _demo_allowed),
    )
    if not rows:
        return None
    if rows[0]["seen_at"] < now - TOUCH:
        await fetch("UPDATE access_session SET seen_at = ? WHERE id = ?", (now, _digest(cookie)))
    return await _actor(rows, now=now, grace_days=grace_days)


async def actor_for(login: str, *, now: datetime, grace_days: int = 30) -> Actor | None:
    """Return a user as an actor without a session, for the command line and for tests."""
    today = local_day(now)
    rows = await fetch(
        "SELECT u.id, u.name, u.login, u.person, u.organisation, g.role, g.area,"
        " g.level, g.organisation AS granted_organisation, g.label FROM access_user u"
        " LEFT JOIN access_grant g ON g.holder = u.id AND g.from_on <= ? AND (g.until_on IS NULL OR g.until_on > ?)"
        " WHERE u.login = ? AND u.state = 'active' AND (u.demo = FALSE OR ?) ORDER BY g.from_on, g.id",
        (today, today, login, _demo_allowed),
    )
    return await _actor(rows, now=now, grace_days=grace_days) if rows else None


async def _actor(rows: list[Any], *, now: datetime, grace_days: int) -> Actor:
    organisations = {row["granted_organisation"] for row in rows} - {None}
    mandates = {id_: await _mandate(id_, now, grace_days) for id_ in sorted(organisations)}
    reaches = []
    for row in rows:
        mandate = mandates.get(row["granted_organisation"], "holds")
        if row["role"] is None or mandate == "gone":
            continue
        permissions = permissions_of(row["role"], reading_only=mandate == "grace")
        reaches.append(Reach(row["role"], permissions, row["area"], row["level"], row["granted_organisation"]))
    first = rows[0]
    places = [row["label"] for row in rows if row["label"] and row["area"]]
    bodies = [row["label"] for row in rows if row["label"] and row["granted_organisation"]]
    return Actor(
        user=first["id"],
        name=first["name"],
        login=first["login"],
        person=first["person"],
        organisation=first["organisation"],
        reaches=tuple(reaches),
        place_label="、".join(dict.fromkeys(places)) or None,
        organisation_label="、".join(dict.fromkeys(bodies)) or None,
    )


async def _mandate(organisation: UUID, now: datetime, grace_days: int) -> str:
    """Say whether an organisation may act (holds), only read (grace) or nothing (gone)."""
    today = local_day(now)
    rows = await fetch(
        "SELECT 1 AS live FROM access_mandate WHERE organisation = ? AND from_on <= ?"
        " AND (until_on IS NULL OR until_on > ?) LIMIT 1",
        (organisation, today, today),
    )
    if rows:
        return "holds"
    rows = await fetch(
        "SELECT 1 AS lately FROM access_mandate WHERE organisation = ? AND from_on <= ? AND until_on > ? LIMIT 1",
        (organisation, today, today - timedelta(days=grace_days)),
    )
    return "grace" if rows else "gone"


def place_of(actor: Actor) -> Place:
    """Return where an act that concerns no household is written down: the first area of the actor's grants."""
    for reach in actor.reaches:
        if reach.area is not None and reach.level is not None:
            return Place(**{**NOWHERE.columns(), reach.level: reach.area})
    return NOWHERE


def _digest(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()
