"""Filling an empty house with the demo county."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from core.access import known
from core.activities import log_activity
from core.actor import house as house_actor
from core.database import aside, fetch, new_id, transaction
from core.needs import raise_need
from core.place import Place
from core.registry import NewArea, NewHousehold, NewMember, add_areas, add_households, members_of, place_of_village
from core.workflow import remember

from .areas import COUNTY, read_areas
from .county import DemoCounty, everything
from .people import DemoHousehold, generate
from .stories import ACCOUNTS, ORGANISATIONS, STORIES

Progress = Callable[[str, int, int], None]
MARK = "demo.county"  # written last: a county that was stopped halfway is not taken for a whole one


class NotEmpty(RuntimeError):
    """The database has other data; the demo county is not put into it."""


async def build(
    house: Any, *, households: int = 2000, progress: Progress = lambda *_: None, now: datetime | None = None
) -> DemoCounty | None:
    """Fill an empty, migrated and opened house.

    :param house: `core.app.House`, opened. :param progress: (what, done, of).
    :param now: aware UTC; the day from which ages are counted.
    :returns: the county, or None if it is there already.
    :raises NotEmpty: the house has households or accounts that are not the demo's.
    """
    done = await fetch("SELECT 1 AS one FROM workflow_step WHERE machine = ? LIMIT 1", (MARK,))
    if done:
        return None
    for table in ("access_user", "registry_household"):
        if await fetch(f"SELECT 1 AS one FROM {table} LIMIT 1"):
            raise NotEmpty(
                f"{table} has rows: either this is no demo, or filling it was stopped halfway. "
                f"The demo county goes into an empty database only; delete the file of the database and try again"
            )
    moment = now or datetime.now(UTC)
    county = await _areas(moment)
    await _accounts(county)
    await _people(county, households, progress)
    await _contacts(county, progress)
    await _needs(county, progress)
    for plugin, fill in house.plugins.declare("provide_demo").items():
        progress(plugin, 0, 1)
        await fill(county, county.actor)
        progress(plugin, 1, 1)
    await remember(MARK, county.county, "build", "empty", "filled", None, moment, None)
    return county


async def _areas(now: datetime) -> DemoCounty:
    areas = read_areas()
    ids = await add_areas(
        [NewArea(area.code, area.name, area.level, area.parent) for area in areas],
        actor=house_actor("demo"),
        now=now,
    )
    towns = [(ids[area.code], area.name) for area in areas if area.level == "town"]
    county = next(area for area in areas if area.code == COUNTY)
    city = ids[county.parent or ""]
    return DemoCounty(now, city, ids[COUNTY], county.name, towns, everything(frozenset(known()), ids[COUNTY]))


async def _accounts(county: DemoCounty) -> None:
    whole = (county.county, "county", county.name)
    for login, name, role, where in ACCOUNTS:
        if where == "county":
            await county.add_account(login, name, role, areas=[whole])
        elif where == "everywhere":
            await county.add_account(login, name, role)
        elif isinstance(where, tuple):
            areas = [(county.towns[number][0], "town", county.towns[number][1]) for number in where]
            await county.add_account(login, name, role, areas=areas)
    for body, code, people in ORGANISATIONS:
        organisation = await county.add_organisation(body, code)
        for login, name, role in people:
            await county.add_worker(login, name, organisation, body, role)


async def _people(county: DemoCounty, count: int, progress: Progress) -> None:
    rows = await fetch("SELECT c.code, c.area FROM registry_area_code c WHERE c.until_on IS NULL")
    villages = {row["code"]: row["area"] for row in rows}
    places: dict[str, Place] = {}
    batch = []
    for one in generate(count, today=county.today):
        if one.village not in places:
            place = await place_of_village(villages[one.village])
            assert place is not None, one.village
            places[one.village] = place
        batch.append(_household(one, places[one.village]))
    async with transaction():
        county.everyone = await add_households(
            batch,
            actor=county.actor,
            now=county.now - timedelta(days=400),
            today=county.today,
            progress=lambda done: progress("households", done, count),
        )
    county.town_of = {
        id_: place.town
        for id_, place in zip(county.everyone, (row.place for row in batch), strict=True)
        if place.town is not None
    }


def _household(one: DemoHousehold, place: Place) -> NewHousehold:
    return NewHousehold(
        place=place,
        collector_number=one.number,
        address=one.address,
        setting=one.zone,
        cause=one.cause,
        phone=one.phone,
        note=one.note,
        members=tuple(
            NewMember(
                name=member.name,
                relation=member.relation,
                document_kind="resident_id",
                document_number=member.id_number,
                sex=member.sex,
                birth_on=member.birth_on,
                ethnicity=member.ethnicity,
                health=member.health,
                disability_category=member.disability_category,
                disability_grade=member.disability_grade,
                education=member.education,
                marital_status=member.marital,
                phone=member.phone,
                note=None,
            )
            for member in one.members
        ),
    )


async def _contacts(county: DemoCounty, progress: Progress) -> None:
    """Let officers have looked in at most households in the last half year, at some often, at some never."""
    random = Random(2)
    with aside():
        rows = await fetch("SELECT id, city, county, town, village FROM registry_household ORDER BY code")
    async with transaction():
        for done, row in enumerate(rows, 1):
            officer = await _officer_of(county, row["town"])
            visits = random.choices((0, 1, 2, 4), (14, 46, 28, 12))[0]
            for back in sorted((int(random.triangular(3, 200, 45)) for _ in range(visits)), reverse=True):
                day = county.today - timedelta(days=back)
                await log_activity(
                    plugin="activities", record=new_id(), line=0, kind="activities.conversation", day=day,
                    today=county.today, household=row["id"], place=Place.of(dict(zip(row.keys(), row, strict=True))),
                    actor=officer[0], now=county.now - timedelta(days=back), minutes=random.choice((15, 20, 30, 45)),
                    workers=[officer[1]], place_text=None,
                )  # fmt: skip
            if done % 100 == 0 or done == len(rows):
                progress("visits", done, len(rows))


_officers: dict[UUID, Any] = {}


async def _officer_of(county: DemoCounty, town: UUID) -> Any:
    if town not in _officers:
        numbers = [number for number, (id_, _) in enumerate(county.towns, 1) if id_ == town]
        login = "town" if numbers == [1] else f"town{numbers[0]}"
        actor = await county.signed_in(login if login in county.logins else "county")
        assert actor.person is not None
        _officers[town] = (actor, (actor.person, actor.name))
    return _officers[town]


async def _needs(county: DemoCounty, progress: Progress) -> None:
    """Let needs have been written down, most of them where somebody fits the story."""
    random = Random(3)
    wanted = min(120, max(12, len(county.everyone) // 16))
    spread = county.everyone[:: max(1, len(county.everyone) // wanted)][:wanted]
    for done, household in enumerate(spread, 1):
        people = [member for member in await members_of(household) if member.died_on is None]
        fitting = [
            (story, member)
            for story in STORIES
            for member in people
            if member.birth_on is not None
            and story.youngest <= (county.today - member.birth_on).days // 365 <= story.oldest
        ]
        if not fitting:
            continue
        story, member = random.choice(fitting)
        back = random.choice((0, 1, 2, 3, 5, 8, 12, 20, 30))
        await raise_need(
            household, story.kind, story.words, urgency=story.urgency, source=story.source, people=[member.person],
            actor=(await _officer_of(county, county.town_of[household]))[0],
            now=county.now - timedelta(days=back), today=county.today - timedelta(days=back),
        )  # fmt: skip
        progress("needs", done, len(spread))
