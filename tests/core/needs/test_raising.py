"""Writing down a need."""

from datetime import date, timedelta

import pytest

from core import vault
from core.database import fetch, new_id
from core.errors import Forbidden, NotYours, Refused
from core.needs import need_view, raise_need
from core.needs.service import NO_SUCH_KIND, NOT_A_MEMBER
from core.registry import members_of

from .small_county import SmallCounty


async def test_a_need_is_open_and_lies_where_the_household_lives(county: SmallCounty) -> None:
    officer, household = await county.officer(), await county.household()
    boy = (await members_of(household))[1]
    view = await need_view(officer, await county.need(officer, household, people=[boy.person]), words=True)
    assert (view.state, view.household, view.town, view.village) == (
        "open", household, county.towns[0], county.villages[0],
    )  # fmt: skip
    assert view.people == ((boy.person, boy.name, boy.birth_on),)
    assert view.words is not None
    assert view.words.startswith("The boy of 12")
    assert view.service == "needs.service_counselling"


@pytest.mark.parametrize(("urgency", "days"), [("urgent", 1), ("soon", 5), ("normal", 15)])
async def test_the_urgency_says_by_when_unless_somebody_does(county: SmallCounty, urgency: str, days: int) -> None:
    officer = await county.officer()
    by_urgency = await need_view(officer, await county.need(officer, urgency=urgency))
    said = await need_view(officer, await county.need(officer, urgency=urgency, due_on=date(2026, 12, 24)))
    assert by_urgency.due_on == county.today + timedelta(days=days)
    assert said.due_on == date(2026, 12, 24)


async def test_what_was_said_is_sealed_and_only_named_in_the_journal(county: SmallCounty) -> None:
    officer = await county.officer()
    need = await county.need(officer)
    stored = (await fetch("SELECT words_sealed FROM needs_need WHERE id = ?", (need,)))[0]["words_sealed"]
    assert "boy" not in stored
    assert "boy" in vault.unseal(stored, about=f"needs_need/{need}/words")
    (entry,) = await fetch("SELECT action, fields FROM journal_entry WHERE object = ?", (need,))
    assert entry["action"] == "needs.raised"
    assert '"words"' in entry["fields"]
    assert "boy" not in entry["fields"]
    assert (await need_view(officer, need)).words is None


async def test_a_kind_that_nobody_declared_is_refused(county: SmallCounty) -> None:
    officer = await county.officer()
    with pytest.raises(Refused) as refused:
        await county.need(officer, kind="needs.company_of_cats")
    assert refused.value.reasons == {NO_SUCH_KIND: {}}
    assert not await fetch("SELECT id FROM needs_need")


async def test_somebody_of_another_household_is_refused(county: SmallCounty) -> None:
    officer, neighbours = await county.officer(), await county.household()
    stranger = (await members_of(neighbours))[0].person
    with pytest.raises(Refused) as refused:
        await county.need(officer, people=[stranger])
    assert refused.value.reasons == {NOT_A_MEMBER: {}}
    assert not await fetch("SELECT id FROM needs_need")


async def test_a_household_of_another_town_does_not_exist(county: SmallCounty) -> None:
    officer, other = await county.officer(), await county.household(town=1)
    with pytest.raises(NotYours):
        await county.need(officer, other)
    with pytest.raises(NotYours):
        await county.need(officer, new_id())


async def test_a_worker_writes_down_no_need(county: SmallCounty) -> None:
    worker, household = await county.worker(await county.organisation()), await county.household()
    with pytest.raises(Forbidden):
        await raise_need(
            household, "needs.company", "…", urgency="soon", source="visit", actor=worker, now=county.now,
            today=county.today,
        )  # fmt: skip
