"""Accounts and grants, as the command line and the demo make them."""

from datetime import date, datetime
from uuid import UUID

from core.actor import Actor
from core.database import fetch, new_id, transaction
from core.errors import Reason, Refused
from core.journal import record
from core.texts import N_

from .roles import ROLES
from .sessions import hash_password
from .tables import User

LOGIN_TAKEN = Reason("access.login_taken", N_("The login “{login}” is taken; choose another."))
PASSWORD_SHORT = Reason("access.password_short", N_("A password has at least {least} characters; longer is better."))
UNKNOWN_ROLE = Reason("access.unknown_role", N_("There is no role “{role}”; there are: {roles}."))
TWO_POWERS = Reason("access.two_powers", N_("Nobody can be administrator and auditor at once."))
LEAST = 8
DEMO_PASSWORD = "nuanliu-demo"  # of every account of the demo; shown on its sign-in page


async def add_user(
    login: str,
    name: str,
    password: str,
    *,
    actor: Actor,
    now: datetime,
    person: UUID | None = None,
    organisation: UUID | None = None,
    demo: bool = False,
) -> UUID:
    """Make an account without any grant.

    :raises Refused: LOGIN_TAKEN, PASSWORD_SHORT.
    """
    login = login.strip().lower()
    if len(password) < LEAST:
        raise Refused(PASSWORD_SHORT, least=LEAST)
    hashed = await hash_password(password)
    async with transaction():
        if await User.exists().where(User.login == login):
            raise Refused(LOGIN_TAKEN, login=login)
        user = User(
            person=person,
            organisation=organisation,
            name=name,
            login=login,
            password_hash=hashed,
            demo=demo,
            created_at=now,
        )
        await user.save()
        await record(actor, "access.user_added", user.id, now=now, fields={"login": login})
    made: UUID = user.id
    return made


async def give_grant(
    user: UUID,
    role: str,
    *,
    actor: Actor,
    now: datetime,
    from_on: date,
    area: UUID | None = None,
    level: str | None = None,
    label: str | None = None,
    organisation: UUID | None = None,
    until_on: date | None = None,
) -> UUID:
    """Give a role over an area, an organisation, both, or everything.

    :param level: of the area: city, county, town or village. :param label: the name of the
        area or organisation, shown to the holder.
    :raises Refused: UNKNOWN_ROLE, TWO_POWERS.
    """
    if role not in ROLES:
        raise Refused(UNKNOWN_ROLE, role=role, roles=", ".join(ROLES))
    async with transaction():
        held = await fetch("SELECT role FROM access_grant WHERE holder = ? AND until_on IS NULL", (user,))
        if {row["role"] for row in held} | {role} >= {"admin", "auditor"}:
            raise Refused(TWO_POWERS)
        id_ = new_id()
        await fetch(
            "INSERT INTO access_grant (id, holder, role, area, level, organisation, grantable, from_on, until_on,"
            " given_by, label) VALUES (?, ?, ?, ?, ?, ?, '', ?, ?, ?, ?)",
            (id_, user, role, area, level, organisation, from_on, until_on, actor.user, label),
        )
        await record(actor, "access.grant_given", user, now=now, fields={"role": role, "area": area})
    return id_
