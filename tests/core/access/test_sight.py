"""Who sees which rows: exact ids, for grants, shares and mandates, while they hold and after."""

from collections.abc import Awaitable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from core.access import Sort, seen
from core.activities import Activity, log_activity
from core.actor import Actor
from core.database import Engine, fetch, new_id, transaction
from core.errors import Forbidden, NotYours
from core.needs import Need, need_view, withdraw_need
from core.needs.queries import BY_DUE
from core.place import Place
from core.registry import Household, locked_household, move_household
from core.registry.queries import LIST_SORTS
from core.web.clock import stopped
from tests.core.needs.small_county import SmallCounty

CODE = LIST_SORTS["code"]


async def visible(actor: Actor, permission: str = "registry.see", sort: Sort = CODE) -> list[str]:
    rows = await seen(Household, actor, permission).page(Household.code, sort=sort, limit=100)
    return [row["code"] for row in rows]


async def households(county: SmallCounty, *, town: int, codes: str, **more: Any) -> dict[str, UUID]:
    return {code: await county.household(town, code=code, **more) for code in codes}


async def test_an_officer_of_two_towns_sees_both_and_no_third(county: SmallCounty) -> None:
    await households(county, town=0, codes="ace")
    await households(county, town=1, codes="bd")
    one, two = await county.officer("one", towns=(0,)), await county.officer("two", towns=(0, 1))
    assert await visible(one) == ["a", "c", "e"]
    assert await visible(two) == ["a", "b", "c", "d", "e"]
    assert await seen(Household, two, "registry.see").count() == 5
    assert await visible(await county.county_wide()) == ["a", "b", "c", "d", "e"]
    assert await visible(await county.county_wide("auditor", "auditor")) == ["a", "b", "c", "d", "e"]


async def test_a_worker_sees_what_is_shared_and_nothing_else(county: SmallCounty) -> None:
    officer, organisation = await county.officer(towns=(0, 1)), await county.organisation()
    worker = await county.worker(organisation)
    stranger = await county.worker(await county.organisation("Other"), "stranger")
    near, far = await households(county, town=0, codes="ac"), await households(county, town=1, codes="bd")
    for household in (near["a"], far["d"]):
        await county.referred(await county.need(officer, household), officer, organisation)
    assert await visible(worker) == ["a", "d"]
    assert await seen(Household, worker, "registry.see").count() == 2
    assert await visible(stranger) == []
    for household, actor in ((near["c"], worker), (near["a"], stranger)):
        with pytest.raises(NotYours):
            await seen(Household, actor, "registry.see").one(household)


async def test_a_household_shared_twice_is_listed_once(county: SmallCounty) -> None:
    officer, organisation = await county.officer(), await county.organisation()
    worker = await county.worker(organisation)
    shared = await households(county, town=0, codes="ab")
    for _ in range(3):
        await county.referred(await county.need(officer, shared["a"]), officer, organisation)
    await county.referred(await county.need(officer, shared["b"]), officer, organisation)
    assert await visible(worker) == ["a", "b"]
    assert await seen(Household, worker, "registry.see").count() == 2


async def test_an_ended_share_reads_for_30_days_and_acts_no_more(county: SmallCounty) -> None:
    officer, organisation = await county.officer(), await county.organisation()
    worker = await county.worker(organisation)
    household = await county.household(code="a")
    need = await county.need(officer, household)
    await county.referred(need, officer, organisation)
    assert (await seen(Household, worker, "registry.reveal").one(household)).code == "a"
    await withdraw_need(need, why="", actor=officer, now=county.now)
    for days, reads in ((0, True), (29, True), (30, False), (400, False)):
        at = county.later(days)
        with stopped(at):
            assert await visible(worker) == (["a"] if reads else []), days
            with pytest.raises(NotYours):  # revealing is an act, not a reading
                await seen(Household, worker, "registry.reveal").one(household)
            if reads:
                assert (await need_view(worker, need)).state == "withdrawn"
            else:
                with pytest.raises(NotYours):
                    await need_view(worker, need)


async def test_an_organisation_without_a_mandate_reads_for_30_days_and_then_nothing(county: SmallCounty) -> None:
    ends = county.today + timedelta(days=10)
    officer, organisation = await county.officer(), await county.organisation(until_on=ends)
    await county.worker(organisation)
    household = await county.household(code="a")
    await county.referred(await county.need(officer, household), officer, organisation)
    for days, reads, acts in (
        (0, True, True),
        (9, True, True),
        (10, True, False),
        (39, True, False),
        (40, False, False),
    ):
        at = county.later(days)
        worker = await county.again("worker", at=at)
        with stopped(at):
            assert worker.may("registry.see") is reads, days
            assert worker.may("registry.reveal") is acts, days
            if reads:
                assert await visible(worker) == ["a"]
            else:
                with pytest.raises(Forbidden):
                    await visible(worker)


async def test_an_organisation_keeps_sight_of_a_household_that_moves(county: SmallCounty) -> None:
    officer, wide, organisation = await county.officer(), await county.county_wide(), await county.organisation()
    worker, other = await county.worker(organisation), await county.officer("other", towns=(1,))
    household = await county.household(code="a")
    await county.referred(await county.need(officer, household), officer, organisation)
    await move_household(household, county.villages[1], actor=wide, now=county.now, why="moved")
    assert (await visible(worker), await visible(officer), await visible(other)) == (["a"], [], ["a"])


async def test_a_share_never_carries_what_was_not_declared(county: SmallCounty) -> None:
    officer, organisation = await county.officer(), await county.organisation()
    worker = await county.worker(organisation)
    await county.referred(await county.need(officer, await county.household(code="a")), officer, organisation)
    assert await visible(worker, "registry.list") == []


async def both_ways(actor: Actor, sort: Sort, size: int) -> tuple[list[str], list[str]]:
    """Page through to the end and back again."""
    look, keys = seen(Household, actor, "registry.see"), sort.keys()
    there: list[str] = []
    after: tuple[Any, ...] | None = None
    while True:
        rows = await look.page(Household.code, Household.id, sort=sort, after=after, limit=size)
        there += [row["code"] for row in rows[:size]]
        edge = tuple(rows[:size][-1][key] for key in keys)
        if len(rows) <= size:
            break
        after = edge
    back = [there[-1]]
    while True:
        rows = await look.page(Household.code, Household.id, sort=sort, before=edge, limit=size)
        extra = len(rows) > size
        back = [row["code"] for row in (rows[1:] if extra else rows)] + back
        if not extra:
            return there, back
        edge = tuple(rows[1][key] for key in keys)


@pytest.mark.parametrize("size", [1, 2, 3, 50])
@pytest.mark.parametrize("sort", ["code", "name", "seen"])
async def test_pages_of_several_branches_miss_and_repeat_nothing(county: SmallCounty, sort: str, size: int) -> None:
    """Grants of two towns and of the whole county overlap, and names and days are equal on purpose."""
    days = [date(2026, 3, 1), date(2026, 3, 1), date(2026, 5, 1)]
    for number in range(11):
        await county.household(
            number % 2, name=["Li", "Li", "Wang"][number % 3], code=f"h{number:02}", seen_sort=days[number % 3]
        )
    grants: list[dict[str, Any]] = [{"area": town, "level": "town"} for town in county.towns]
    actor = await county.person_in_office("many", "county", [*grants, {"area": county.area, "level": "county"}])
    assert len(seen(Household, actor, "registry.see").branches) == 3
    there, back = await both_ways(actor, LIST_SORTS[sort], size)
    assert sorted(there) == [f"h{number:02}" for number in range(11)]
    assert back == there


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("sort", ["code", "name", "seen"])
async def test_a_scope_is_walked_in_index_order_and_never_sorted(
    county: SmallCounty, database: Engine, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    two = await county.officer(towns=(0, 1))
    look = seen(Household, two, "registry.see")
    queries = await asked_of(database, monkeypatch, look.page(Household.code, sort=LIST_SORTS[sort]))
    queries += await asked_of(
        database, monkeypatch, seen(Need, two, "needs.see").page(Need.id, sort=BY_DUE, where=Need.state == "open")
    )
    for plan in queries:
        walks = [step for step in plan if "registry_household" in step or "needs_need" in step]
        assert len(walks) == 2, plan
        assert all(step.startswith("SEARCH") and "town=?" in step and "INDEX" in step for step in walks), plan
        assert "FOR ORDER BY" not in str(inner(plan)), plan
    (sorting,) = await asked_of(database, monkeypatch, look.page(Household.code, sort=Sort(Household.size)))
    assert "FOR ORDER BY" in str(inner(sorting)), "an order without an index shows in the plan"


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("column", ["setting", "cause"])
async def test_a_filter_is_walked_by_an_index_of_its_own(
    county: SmallCounty, database: Engine, monkeypatch: pytest.MonkeyPatch, column: str
) -> None:
    for actor, level in ((await county.officer(), "town"), (await county.county_wide(), "county")):
        where = Household._meta.get_column_by_name(column) == "x"
        look = seen(Household, actor, "registry.see").page(Household.code, sort=CODE, where=where)
        ((walk,),) = await asked_of(database, monkeypatch, look)
        assert f"registry_household_{level}_{column}_code" in walk
        assert f"({level}=? AND {column}=?)" in walk


async def asked_of(database: Engine, monkeypatch: pytest.MonkeyPatch, reading: Awaitable[Any]) -> list[list[str]]:
    """Return the plans of SQLite for what a reading asks, instead of asking it."""
    asked: list[Any] = []

    async def keep(query: Any, in_pool: bool = False) -> list[Any]:
        asked.append(query)
        return []

    with monkeypatch.context() as patch:
        patch.setattr(database, "run_querystring", keep)
        await reading
    plans = []
    for query in asked:
        sql, args = query.compile_string(engine_type="sqlite")
        plans.append([row[3] for row in await database.fetch(f"EXPLAIN QUERY PLAN {sql}", args)])
    return plans


def inner(plan: list[str]) -> list[str]:
    """The steps within a branch; merging the few rows that the branches hand over may sort."""
    first = next(n for n, step in enumerate(plan) if step.startswith("SEARCH"))
    last = max(n for n, step in enumerate(plan) if step.startswith("SEARCH"))
    return plan[first : last + 1]


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_a_shared_list_is_walked_by_the_code_that_the_share_carries(
    county: SmallCounty, database: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = await county.worker(await county.organisation())
    (plan,) = await asked_of(
        database, monkeypatch, seen(Household, worker, "registry.see").page(Household.code, sort=CODE)
    )
    assert any("access_share_organisation" in step for step in plan), plan
    assert "FOR ORDER BY" not in str(inner(plan)), plan


async def test_what_was_done_is_seen_by_its_audience(county: SmallCounty) -> None:
    officer, organisation = await county.officer(), await county.organisation()
    worker = await county.worker(organisation)
    other_body = await county.organisation("Other")
    neighbour = await county.worker(other_body, "neighbour")
    colleague = await county.worker(organisation, "colleague")
    household = await county.household()
    for body in (organisation, other_body):
        await county.referred(await county.need(officer, household), officer, body)
    assert worker.person is not None
    async with transaction():
        place = Place.of(await locked_household(household))
        for line, audience in enumerate(("facts", "organisation", "named"), 1):
            await log_activity(
                plugin="test", record=new_id(), line=line, kind="activities.conversation", day=county.today,
                today=county.today, household=household, place=place, minutes=30, actor=worker, now=county.now,
                workers=[(worker.person, worker.name)], organisation=organisation, audience=audience,
            )  # fmt: skip
    expected = {
        "town": {"facts"}, "neighbour": {"facts"}, "colleague": {"facts", "organisation"},
        "worker": {"facts", "organisation", "named"},
    }  # fmt: skip
    for actor in (officer, neighbour, colleague, worker):
        rows = await seen(Activity, actor, "activities.see").some(Activity.household == household)
        assert {row.audience for row in rows} == expected[actor.login], actor.login


async def test_counts_are_exact_up_to_1000(county: SmallCounty) -> None:
    officer = await county.officer(towns=(0, 1))
    template = await county.household(code="h")
    columns = "city, county, town, village, size, facts_seq, head_sort, seen_sort, created_at, version"
    for number in range(1004):
        if number in (999, 1000, 1003):
            count = await seen(Household, officer, "registry.see").count()
            assert count == min(number + 1, 1001)
        await fetch(
            f"INSERT INTO registry_household (id, code, {columns}) SELECT ?, ?, {columns} FROM registry_household"
            " WHERE id = ?",
            (new_id(), f"h{number}", template),
        )
