"""A county that is just large enough: two towns, one household, an officer each for town and county."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from core.access import actor_for, add_user, give_grant
from core.actor import Actor, house
from core.database import fetch, transaction
from core.needs import raise_need
from core.registry import Area, Household, Person
from core.registry.tables import Membership
from core.web.clock import local_day

HOUSE = house("a test")
START = date(2020, 1, 1)


@dataclass(frozen=True)
class SmallCounty:
    """Ids of what is there, and who acts."""

    here: UUID
    elsewhere: UUID
    village_here: UUID
    village_elsewhere: UUID
    household: UUID
    person: UUID
    officer: Actor
    county_officer: Actor


async def build(now: datetime | None = None) -> SmallCounty:
    """Fill an empty, migrated database of an open house."""
    now = now or datetime.now(UTC)
    async with transaction():
        county = await _area("Qingyuan", "county", await _area("Ji'an", "city", None))
        here, elsewhere = await _area("Badu", "town", county), await _area("Donggu", "town", county)
        villages = [await _area("Shangcun", "village", here), await _area("Xiacun", "village", elsewhere)]
        city = (await fetch("SELECT parent FROM registry_area WHERE id = ?", (county,)))[0]["parent"]
        household = Household(
            code="360803-1", city=city, county=county, town=here, village=villages[0], head_name="王秀英",
            head_sort="wang xiu ying", size=1, created_at=now,
        )  # fmt: skip
        await household.save()
        person = Person(name="王秀英", created_at=now)
        await person.save()
        await Membership(household=household.id, person=person.id, relation="02", from_on=START).save()
        for login, role, area, level in (("luo", "town", here, "town"), ("chen", "county", county, "county")):
            user = await add_user(login, login.title(), "a good password", actor=HOUSE, now=now)
            await give_grant(user, role, actor=HOUSE, now=now, from_on=START, area=area, level=level, label=level)
    officer, county_officer = await actor("luo", now), await actor("chen", now)
    return SmallCounty(here, elsewhere, *villages, household.id, person.id, officer, county_officer)


async def actor(login: str, now: datetime | None = None) -> Actor:
    """Return one of the officers as of now."""
    found = await actor_for(login, now=now or datetime.now(UTC))
    assert found is not None
    return found


async def a_need(county: SmallCounty, kind: str = "needs.nursing") -> UUID:
    """Write down a need of the household."""
    now = datetime.now(UTC)
    return await raise_need(
        county.household, kind, "She cannot cook any more.", urgency="soon", source="visit",
        actor=county.officer, now=now, today=local_day(now),
    )  # fmt: skip


async def _area(name: str, level: str, parent: UUID | None) -> UUID:
    area = Area(name=name, level=level, parent=parent, from_on=START)
    await area.save()
    made: UUID = area.id
    return made
