"""The demo county as plugins fill it: its places, its people who sign in, its households."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from core.access import DEMO_PASSWORD, actor_for, add_user, give_grant
from core.actor import Actor, Reach
from core.database import fetch, transaction
from core.place import Place
from core.registry import add_organisation, add_person
from core.web.clock import local_day


@dataclass
class DemoCounty:
    """What a plugin's `provide_demo` is given.

    :param county: area id. :param towns: (area id, name), in the order of their codes.
    :param actor: may do everything in the county.
    """

    now: datetime
    city: UUID
    county: UUID
    name: str
    towns: list[tuple[UUID, str]]
    actor: Actor
    everyone: list[UUID] = field(default_factory=list)
    town_of: dict[UUID, UUID] = field(default_factory=dict)
    needs: list[tuple[UUID, str]] = field(default_factory=list)
    logins: dict[str, str] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """Return the local day of the demo."""
        return local_day(self.now)

    @property
    def place(self) -> Place:
        """Return the place of the whole county."""
        return Place(self.city, self.county, None, None)

    def households(self, town: UUID | None = None, n: int | None = None) -> list[UUID]:
        """Return households, of one town or of all, always in the same order."""
        chosen = [id_ for id_ in self.everyone if town is None or self.town_of[id_] == town]
        return chosen if n is None else chosen[:n]

    async def open_needs(self, kind: str | None = None, n: int | None = None) -> list[UUID]:
        """Return needs that wait for an answer, those written down first before the others."""
        rows = await fetch("SELECT id, kind FROM needs_need WHERE state = 'open' ORDER BY id")
        found = [row["id"] for row in rows if kind is None or row["kind"] == kind]
        return found if n is None else found[:n]

    async def signed_in(self, login: str) -> Actor:
        """Return somebody of the demo as an actor."""
        actor = await actor_for(login, now=self.now)
        assert actor is not None, login
        return actor

    async def officer(self, town: UUID | None = None) -> Actor:
        """Return the officer of a town, or of the first town."""
        wanted = self.towns[0][0] if town is None else town
        for number, (id_, _) in enumerate(self.towns, 1):
            if id_ == wanted:
                return await self.signed_in("town" if number == 1 else f"town{number}")
        raise ValueError(f"{town} is no town of the demo county")

    async def add_organisation(self, name: str, credit_code: str) -> UUID:
        """Enter an organisation; one that is there stays."""
        async with transaction():
            return await add_organisation(name, credit_code, place=self.place, actor=self.actor, now=self.now)

    async def add_worker(self, login: str, name: str, organisation: UUID, body: str, role: str = "worker") -> None:
        """Make an account of somebody who works for an organisation; one that is there stays.

        :param body: the organisation's name. :param role: worker or supervisor.
        """
        await self.add_account(login, name, role, organisation=organisation, label=body)

    async def add_account(
        self,
        login: str,
        name: str,
        role: str,
        *,
        areas: Sequence[tuple[UUID, str, str]] = (),
        organisation: UUID | None = None,
        label: str | None = None,
    ) -> None:
        """Make an account with one role.

        :param areas: (area id, level, name) for each grant; none and no organisation: everything.
        """
        if await fetch("SELECT 1 AS one FROM access_user WHERE login = ?", (login,)):
            return
        async with transaction():
            person = await add_person(name, actor=self.actor, now=self.now)
            user = await add_user(
                login,
                name,
                DEMO_PASSWORD,
                actor=self.actor,
                now=self.now,
                person=person,
                organisation=organisation,
                demo=True,
            )
            everywhere: list[tuple[UUID | None, str | None, str | None]] = [(None, None, label)]
            for area, level, area_name in [*areas] or everywhere:
                await give_grant(
                    user, role, actor=self.actor, now=self.now, from_on=self.today, area=area, level=level,
                    label=area_name, organisation=organisation,
                )  # fmt: skip
        self.logins[login] = name


def everything(permissions: frozenset[str], county: UUID) -> Actor:
    """Return an actor who may do everything in the county, for filling it."""
    return Actor(
        user=None, name="演示", login="house:demo", reaches=(Reach("demo", permissions, area=county, level="county"),)
    )
