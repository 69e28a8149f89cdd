"""The small county with codes for its areas, and a maker of households as the registry writes them."""

from collections.abc import Awaitable, Callable
from datetime import date
from uuid import UUID

import pytest

from core.database import new_id
from core.place import Place
from core.registry import NewHousehold, NewMember, add_households
from core.registry.tables import AreaCode
from tests.core.needs.small_county import SmallCounty, _core_alone, built, counted, county, plugin

__all__ = ["_core_alone", "built", "coded", "counted", "county", "enter", "plugin"]

Enter = Callable[..., Awaitable[UUID]]


@pytest.fixture
async def coded(county: SmallCounty) -> SmallCounty:
    """The county with the codes that its households are numbered by."""
    codes = {county.area: "360803000000", county.villages[0]: "360803100201", county.villages[1]: "360803101201"}
    for area, code in codes.items():
        await AreaCode(area=area, scheme="national", code=code, from_on=date(2020, 1, 1)).save()
    return county


@pytest.fixture
def enter(coded: SmallCounty) -> Enter:
    """Enter one household: `await enter(NewMember("曾广贤", "02"), number="QY1", town=1)`."""

    async def made(
        *members: NewMember, number: str | None = None, town: int = 0, phone: str | None = None, note: str | None = None
    ) -> UUID:
        place = Place(coded.city, coded.area, coded.towns[town], coded.villages[town])
        home = NewHousehold(place, number or new_id().hex, "3组12号", "rural", "illness", phone, note, members)
        officer = coded.actors.get("writer") or await coded.county_wide("writer")
        (id_,) = await add_households([home], actor=officer, now=coded.now, today=coded.today)
        return id_

    return made
