"""What comes next is said to whoever reads it: warm for who does it, quiet for who waits."""

import re
from typing import Any
from uuid import UUID

import pytest

from core import Refused
from core.database import fetch
from plugins.social_work import rules, service

from .conftest import NOW, TODAY, Scene, together

CREDIT_CODE = "91110000600037341L"
WARM = '<div class="next"><dt>Next</dt>'


@pytest.fixture
async def endless(scene: Scene) -> UUID:
    """A provider whose agreement has no end: pages live by the wall clock."""
    return await scene.provider(until_on=None)


async def test_an_order_at_work_is_warm_for_the_worker_and_quiet_for_the_officer(
    scene: Scene, endless: UUID, visitor: Any
) -> None:
    actor = await scene.worker_of(endless)
    town, worker = await visitor("town"), await visitor("worker")
    asked = f"/social_work/orders/{await scene.order(endless)}"
    order = await scene.accepted(endless, actor)
    taken_on = f"/social_work/orders/{order}"

    for page in (asked, taken_on):
        assert WARM in (await worker.get(page)).text
        quiet = (await town.get(page)).text
        assert WARM not in quiet
        assert "data-next" not in quiet
        assert f"{page}/pass-on" in quiet
    assert "Warm Sun is at work" in (await town.get(taken_on)).text
    await scene.session(order, actor)
    assert WARM in (await worker.get(taken_on)).text
    again = (await town.get(taken_on)).text
    assert "Warm Sun is at work" in again
    assert WARM not in again


async def test_an_officer_who_may_confirm_is_led_to_the_need_and_the_worker_waits(
    scene: Scene, endless: UUID, visitor: Any
) -> None:
    need = await scene.need()
    order = await scene.completed(endless, await scene.worker_of(endless), need)
    page = f"/social_work/orders/{order}"

    warm = (await (await visitor("town")).get(page)).text
    assert f'{WARM}<dd><a href="/needs/{need}">' in warm
    assert WARM not in (await (await visitor("worker")).get(page)).text


@pytest.mark.parametrize("move", ["decline", "return"])
async def test_after_a_refusal_the_officer_is_led_to_the_need_until_somebody_else_is_asked(
    scene: Scene, endless: UUID, visitor: Any, move: str
) -> None:
    actor, need = await scene.worker_of(endless), await scene.need()
    if move == "decline":
        order = await scene.order(endless, need)
        await service.decline(order, why="full up", actor=actor, now=NOW)
    else:
        order = await scene.accepted(endless, actor, need)
        await service.return_order(order, why="full up", actor=actor, now=NOW)
    await fetch("UPDATE social_work_order SET changed_at = ?", (await wall_clock(),))
    page, box, again = f"/social_work/orders/{order}", "/social_work/panels/start", "Choose somebody else"
    town = await visitor("town")

    assert f'{WARM}<dd><a href="/needs/{need}">{again}</a>' in (await town.get(page)).text
    assert again not in (await (await visitor("worker")).get(page)).text
    waits = (await town.get(box)).text
    assert re.search(rf'<a class="btn" href="/needs/{need}">{again}</a>', waits), waits
    assert page not in waits

    await scene.order(endless, need)
    assert again not in (await town.get(page)).text
    assert again not in (await town.get(box)).text


async def wall_clock() -> Any:
    from datetime import UTC, datetime

    return datetime.now(UTC)


async def test_a_worker_reads_where_to_go_beside_the_first_contact(scene: Scene, endless: UUID, visitor: Any) -> None:
    household = await scene.household()
    actor = await scene.worker_of(endless)
    order = await scene.accepted(endless, actor, await scene.need(household))

    text = (await (await visitor("worker")).get(f"/social_work/orders/{order}")).text

    following = text.partition(WARM)[2].partition("</dl>")[0]
    assert "First contact" in following
    assert "Pingtian" in following
    assert f'href="/households/{household}"' in following


async def test_a_worker_is_shown_one_warm_row_with_its_button(scene: Scene, endless: UUID, visitor: Any) -> None:
    actor = await scene.worker_of(endless)
    asked, begun = await scene.order(endless), await scene.accepted(endless, actor)

    text = (await (await visitor("worker")).get("/social_work/panels/start")).text

    assert text.count("<li data-next>") == 1
    warm = text.partition("<li data-next>")[2].partition("</li>")[0]
    assert f'data-kind="primary" href="/social_work/orders/{asked}">Answer</a>' in warm
    assert f'href="/social_work/orders/{begun}/sessions/new">Log a session</a>' in text
    assert re.search(r"<b>[^<]*(day|today|tomorrow)", warm), warm


async def test_what_a_new_organisation_needs_is_not_called_optional(scene: Scene, endless: UUID, visitor: Any) -> None:
    county, page = await visitor("county"), "/social_work/providers/new"
    for organisations in (0, 1):
        text = (await county.get(page)).text
        assert ('name="organisation"' in text) == bool(organisations)
        for field in ("name", "credit_code"):
            label = re.search(rf'<label for="{field}">(.*?)</label>', text)
            assert label
            assert "optional" not in label[1]
        await scene.organisation("Bright Moon")
    refused = await county.post(page, page=page)
    assert refused.status_code == 422
    assert 'href="#name"' in refused.text
    assert 'href="#credit_code"' in refused.text


async def test_offers_on_the_form_stand_in_the_order_of_the_need_page(
    scene: Scene, endless: UUID, visitor: Any
) -> None:
    for name, days in (("Zeal", 1), ("Slow", 9), ("Amity", 3)):
        await scene.provider(await scene.organisation(name), until_on=None, contact_days=days)
    town, need = await visitor("town"), await scene.need()
    ranked = ["Zeal", "Amity", "Warm Sun", "Slow"]

    for page in (f"/needs/{need}", f"/social_work/needs/{need}/dispatch"):
        text = (await town.get(page)).text
        places = [text.index(name) for name in ranked]
        assert places == sorted(places), page


async def test_who_chose_a_provider_that_is_full_by_now_is_never_given_another(
    scene: Scene, endless: UUID, visitor: Any
) -> None:
    full = await scene.provider(await scene.organisation("Full House"), until_on=None, places=0)
    town, form = await visitor("town"), f"/social_work/needs/{await scene.need()}/dispatch"

    assert " checked" in (await town.get(form)).text  # nobody was chosen, and there is one only
    late = await town.get(f"{form}?provider={full}")
    refused = await town.post(form, page=form, provider=str(full), instructions="He is shy.")
    faulty = await town.post(form, page=form, provider=str(full), due="9999-12-31")

    assert (late.status_code, refused.status_code, faulty.status_code) == (200, 409, 422)
    for answer in (late, refused, faulty):
        assert f'value="{endless}"' in answer.text
        assert " checked" not in answer.text
    for answer in (late, refused):
        assert "Full House has no free place" in answer.text


async def test_a_need_that_has_an_order_shows_it_instead_of_the_form(scene: Scene, endless: UUID, visitor: Any) -> None:
    need = await scene.need()
    order = await scene.order(endless, need)
    actor = await scene.worker_of(endless)
    town, form = await visitor("town"), f"/social_work/needs/{need}/dispatch"

    answers = [
        await town.get(f"{form}?provider={endless}"),
        await town.post(form, page="/needs", provider=str(endless)),
    ]
    assert [answer.status_code for answer in answers] == [200, 409]
    for answer in answers:
        assert f'href="/social_work/orders/{order}"' in answer.text
        assert 'name="provider"' not in answer.text
        assert 'class="blocked"' in answer.text
    await service.accept(order, actor=actor, now=NOW, today=TODAY)
    await scene.session(order, actor)
    await service.complete(order, actor=actor, now=NOW)
    done = await town.get(form)
    assert 'name="provider"' not in done.text
    assert 'class="blocked"' in done.text


async def test_of_officers_who_enter_one_provider_at_once_all_but_one_are_told(scene: Scene) -> None:
    from plugins.social_work import agreements

    organisation = await scene.organisation()

    answers = await together(
        agreements.add_provider(
            organisation if number % 2 else None, scene.agreement(), name="Warm Home", credit_code=CREDIT_CODE,
            actor=scene.county, now=NOW,
        )
        for number in range(8)
    )  # fmt: skip

    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert len(refused) == 6, answers
    assert {reason for answer in refused for reason in answer.reasons} == {rules.IS_PROVIDER}
    assert len(await fetch("SELECT id FROM social_work_provider")) == 2
