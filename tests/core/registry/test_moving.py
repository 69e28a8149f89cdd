"""A household lives elsewhere: it is written down, its open rows go along, and who sees it changes."""

import re
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from core.database import fetch, new_id
from core.errors import Forbidden, NotYours, Reason, Refused
from core.needs import withdraw_need
from core.registry import MOVES, move_household
from core.registry.service import NOT_A_VILLAGE, PLACE_NOT_YOURS, SAME_PLACE
from core.registry.tables import Area
from core.workflow import history
from tests.core.needs.browser import visitor
from tests.core.needs.small_county import SmallCounty


async def town_of(table: str, id_: UUID) -> UUID:
    (row,) = await fetch(f"SELECT town FROM {table} WHERE id = ?", (id_,))
    town: UUID = row["town"]
    return town


async def another_county(county: SmallCounty) -> UUID:
    """A village outside the county."""
    parent = county.city
    for level in ("county", "town", "village"):
        area = Area(name=f"other {level}", level=level, parent=parent, from_on=date(2020, 1, 1))
        await area.save()
        parent = area.id
    return parent


async def test_what_is_open_goes_along_and_what_is_closed_stays(county: SmallCounty) -> None:
    officer, home = await county.officer(), await county.household()
    closed = await county.need(officer, home)
    await withdraw_need(closed, why="a mistake", actor=officer, now=county.now)
    still_open = await county.need(officer, home)
    record = await county.referred(still_open, officer, await county.organisation())
    await move_household(home, county.villages[1], actor=officer, now=county.now, why="told by the daughter")
    (referral,) = await fetch("SELECT id FROM needs_referral WHERE record = ?", (record,))
    towns = [
        await town_of(table, id_)
        for table, id_ in (
            ("registry_household", home), ("needs_need", still_open), ("needs_referral", referral["id"]),
            ("needs_need", closed),
        )
    ]  # fmt: skip
    assert towns == [county.towns[1]] * 3 + [county.towns[0]]
    trail = await fetch(
        "SELECT action, town FROM journal_entry WHERE object = ? AND action LIKE 'registry.%' ORDER BY id", (home,)
    )
    assert [(row["action"], row["town"]) for row in trail] == [
        ("registry.household_moved", county.towns[1]),
        ("registry.household_left", county.towns[0]),
    ]
    with pytest.raises(NotYours):
        await move_household(home, county.villages[0], actor=officer, now=county.now, why="back")


async def test_a_move_that_cannot_be_is_refused(county: SmallCounty) -> None:
    officer, home = await county.county_wide(), await county.household()
    places: dict[UUID, Reason] = {
        county.villages[0]: SAME_PLACE,
        county.towns[1]: NOT_A_VILLAGE,
        new_id(): NOT_A_VILLAGE,
        await another_county(county): PLACE_NOT_YOURS,
    }
    for village, reason in places.items():
        with pytest.raises(Refused) as refused:
            await move_household(home, village, actor=officer, now=county.now, why="?")
        assert set(refused.value.reasons) == {reason}
    worker = await county.worker(await county.organisation())
    with pytest.raises(Forbidden):
        await move_household(home, county.villages[1], actor=worker, now=county.now, why="?")
    assert await town_of("registry_household", home) == county.towns[0]
    assert await fetch("SELECT 1 AS one FROM journal_entry WHERE object = ?", (home,)) == []


async def test_the_form_keeps_what_was_typed_and_moves_once(county: SmallCounty) -> None:
    home = await county.household()
    look = await visitor(county.house, await county.officer(), datetime.now(UTC))
    url = f"/households/{home}/move"
    page = await look.get(url)
    assert all(f'value="{village}"' in page for village in county.villages)
    refused = await look.post(url, 422, village="", why="told by the daughter")
    assert "told by the daughter" in refused.text
    assert "error-summary" in refused.text
    refused = await look.post(url, 409, village=str(county.villages[0]), why="told by the daughter")
    assert "told by the daughter" in refused.text
    assert "lives in Pingtian already" in refused.text
    operation = new_id()
    for _ in range(2):
        answer = await look.post(url, operation=operation, village=str(county.villages[1]), why="told")
        assert answer.headers["location"] == "/households", "it is another town's now"
    assert len(await fetch("SELECT id FROM journal_entry WHERE action = 'registry.household_moved'")) == 1


@pytest.mark.parametrize(("typed", "kept"), [(" 3 New Road ", "3 New Road"), ("", None)])
async def test_the_address_is_the_new_one_or_unknown(county: SmallCounty, typed: str, kept: str | None) -> None:
    home = await county.household(address="14 Old Lane")
    look = await visitor(county.house, await county.officer(), datetime.now(UTC))
    url = f"/households/{home}/move"
    form = await look.get(url)
    assert 'name="address"' in form
    assert re.search(rf'<a class="btn"[^>]* href="/households/{home}"', form), "there is a way out of the form"
    refused = await look.post(url, 422, village="", address=typed, why="told")
    assert typed in refused.text
    await look.post(url, village=str(county.villages[1]), address=typed, why="told")
    (row,) = await fetch("SELECT address FROM registry_household WHERE id = ?", (home,))
    assert row["address"] == kept


async def test_why_a_household_moved_is_shown_to_officers(county: SmallCounty) -> None:
    home, organisation = await county.household(), await county.organisation()
    wide, worker = await county.county_wide(), await county.worker(organisation)
    await county.referred(await county.need(wide, home), wide, organisation)
    await move_household(home, county.villages[1], actor=wide, now=county.now, why="told by the daughter")
    (step,) = await history(MOVES, home)
    moved = (county.villages[0].hex, county.villages[1].hex)
    assert (step["before"], step["after"], step["by"], step["at"]) == (*moved, wide.user, county.now)
    for actor, shown in ((wide, 1), (worker, 0)):
        text = await (await visitor(county.house, actor, datetime.now(UTC))).get(f"/households/{home}")
        assert text.count("told by the daughter") == shown, actor.login
