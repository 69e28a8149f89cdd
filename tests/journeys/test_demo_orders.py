"""The demo shows orders in every state, a full organisation and one with a single place left."""

from datetime import UTC, datetime
from typing import Any

import pytest

from core.database import fetch
from core.demo import build
from plugins.social_work.demo import BODIES
from plugins.social_work.rules import HOLDING
from plugins.social_work.workflows import ORDER

NOW = datetime(2026, 11, 23, 1, 40, tzinfo=UTC)


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
async def test_the_demo_has_an_order_in_every_state_and_places_that_agree_with_them(
    house: Any, stop_clock: Any
) -> None:
    with stop_clock(NOW):
        assert await build(house, households=2000, now=NOW) is not None

    orders = await fetch("SELECT provider, state, holds_place FROM social_work_order")
    providers = await fetch("SELECT id, places, taken FROM social_work_provider")
    assert {row["state"] for row in orders} == {state.name for state in ORDER.states}
    assert len(orders) == sum(len(body.states) for body in BODIES)
    assert all(bool(row["holds_place"]) == (row["state"] in HOLDING) for row in orders)
    for row in providers:
        assert row["taken"] == sum(one["provider"] == row["id"] and one["state"] in HOLDING for one in orders)
    assert sorted(row["places"] - row["taken"] for row in providers) == sorted(body.free for body in BODIES)
    assert (await fetch("SELECT count(*) AS n FROM social_work_session"))[0]["n"] >= 5
    assert len(await fetch("SELECT id FROM access_mandate")) == len(BODIES)
