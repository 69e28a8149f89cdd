"""Agreements with providers: who enters and changes them, and what cannot be agreed."""

from datetime import date
from uuid import UUID

import pytest

from core import Forbidden, NotYours, Refused
from core.access import mandate_holds
from core.database import fetch, new_id
from core.registry import BAD_CREDIT_CODE
from plugins.social_work import agreements, queries, rules

from .conftest import NOW, TODAY, Scene, organisation_of, row_of

CREDIT_CODE = "91110000600037341L"


async def test_an_agreement_is_a_mandate_of_the_organisation(scene: Scene, provider: UUID) -> None:
    organisation = await organisation_of(provider)

    assert await mandate_holds(organisation, on=TODAY)
    await agreements.change_provider(provider, scene.agreement(until_on=TODAY), actor=scene.county, now=NOW)
    assert not await mandate_holds(organisation, on=TODAY)


async def test_a_new_organisation_is_entered_once_by_its_credit_code(scene: Scene) -> None:
    made = await agreements.add_provider(
        None, scene.agreement(), name="Warm Home", credit_code=CREDIT_CODE, actor=scene.county, now=NOW
    )

    assert (await row_of("registry_organisation", await organisation_of(made)))["name"] == "Warm Home"
    with pytest.raises(Refused) as twice:
        await agreements.add_provider(
            None, scene.agreement(), name="Warm Home 2", credit_code=CREDIT_CODE, actor=scene.county, now=NOW
        )
    assert twice.value.reasons == {rules.IS_PROVIDER: {"provider": "Warm Home"}}
    with pytest.raises(Refused) as wrong:
        await agreements.add_provider(
            None, scene.agreement(), name="Typo", credit_code="91110000600037341X", actor=scene.county, now=NOW
        )
    assert list(wrong.value.reasons) == [BAD_CREDIT_CODE]


async def test_places_do_not_fall_below_what_is_taken(scene: Scene, provider: UUID) -> None:
    await scene.order(provider)
    await scene.order(provider)

    with pytest.raises(Refused) as refused:
        await agreements.change_provider(provider, scene.agreement(places=1), actor=scene.county, now=NOW)

    assert refused.value.reasons == {rules.FEWER_THAN_TAKEN: {"taken": 2}}
    await agreements.change_provider(provider, scene.agreement(places=2), actor=scene.county, now=NOW)
    assert (await row_of("social_work_provider", provider))["places"] == 2


async def test_what_cannot_be_agreed_is_said(scene: Scene, provider: UUID) -> None:
    backwards = scene.agreement(from_on=date(2026, 5, 1), until_on=date(2026, 4, 1), towns=[])

    with pytest.raises(Refused) as refused:
        await agreements.change_provider(provider, backwards, actor=scene.county, now=NOW)

    assert set(refused.value.reasons) == {rules.ENDS_BEFORE_START, rules.ONE_COUNTY}


async def test_only_the_county_agrees_and_only_for_its_towns(scene: Scene, provider: UUID) -> None:
    organisation = await scene.organisation("Bright Moon")
    with pytest.raises(Forbidden):
        await agreements.add_provider(organisation, scene.agreement(), actor=scene.town, now=NOW)
    stranger = await scene.person_in_office("elsewhere", "county", area=new_id(), level="county")
    with pytest.raises(NotYours):
        await agreements.add_provider(organisation, scene.agreement(), actor=stranger, now=NOW)
    with pytest.raises(NotYours):
        await agreements.change_provider(provider, scene.agreement(), actor=stranger, now=NOW)
    with pytest.raises(NotYours):
        await agreements.add_provider(organisation, scene.agreement(towns=[new_id()]), actor=scene.county, now=NOW)
    assert len(await fetch("SELECT id FROM social_work_provider")) == 1


async def test_an_organisation_of_another_county_is_not_there(scene: Scene) -> None:
    theirs = await scene.organisation("Far Sun")
    await fetch(
        "UPDATE registry_organisation SET county = ?, credit_code = ? WHERE id = ?", (new_id(), CREDIT_CODE, theirs)
    )
    retired = await scene.organisation("Long Ago")
    await fetch("UPDATE registry_organisation SET until_on = ? WHERE id = ?", (TODAY, retired))

    for chosen in (theirs, retired, new_id()):
        with pytest.raises(NotYours):
            await agreements.add_provider(chosen, scene.agreement(), actor=scene.county, now=NOW)
    with pytest.raises(Refused) as by_code:
        await agreements.add_provider(
            None, scene.agreement(), name="Mine", credit_code=CREDIT_CODE, actor=scene.county, now=NOW
        )

    assert by_code.value.reasons == {rules.ELSEWHERE: {}}
    assert await fetch("SELECT id FROM social_work_provider") == []
    assert not await mandate_holds(theirs, on=TODAY)


async def test_a_provider_of_another_county_is_not_named(scene: Scene, provider: UUID) -> None:
    theirs = await organisation_of(provider)
    await fetch("UPDATE registry_organisation SET county = ? WHERE id = ?", (new_id(), theirs))

    with pytest.raises(NotYours):
        await agreements.add_provider(theirs, scene.agreement(), actor=scene.county, now=NOW)


async def test_providers_are_seen_where_they_serve(scene: Scene, provider: UUID) -> None:
    both = await scene.provider(await scene.organisation("Two Towns"), towns=list(scene.towns))
    worker = await scene.worker_of(both)

    def ids(views: list[queries.ProviderView]) -> set[UUID]:
        return {view.provider.id for view in views}

    assert ids(await queries.providers(scene.county)) == {provider, both}
    assert ids(await queries.providers(scene.town)) == {provider, both}
    assert ids(await queries.providers(scene.other_town)) == {both}
    assert ids(await queries.providers(worker)) == {both}
    (view,) = await queries.providers(scene.other_town)
    assert list(view.towns.values()) == ["Futian"]
