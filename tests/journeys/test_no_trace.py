"""What is not yours leaves no trace: pages are the same, byte for byte, whether foreign rows exist or not."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from core.access import actor_for
from core.app import prepare
from core.database import fetch
from core.needs import raise_need
from core.place import Place
from core.registry import NewHousehold, NewMember, add_households
from core.web.clock import local_day, stopped
from plugins.social_work.service import dispatch

from .conftest import served, settings_for

MASKED = (
    (re.compile(r'name="(_csrf_token|operation)" value="[^"]*"'), r'name="\1" value="*"'),
    (re.compile(r"x-csrftoken[^}]*"), "x-csrftoken *"),
    (re.compile(r"(after|before)=[\w.~-]+"), r"\1=*"),
)


def masked(page: str) -> str:
    for pattern, to in MASKED:
        page = pattern.sub(to, page)
    return page


async def add_foreign_rows(url: str) -> None:
    """Put households, needs, orders and people into another town, for another organisation."""
    house = prepare(settings_for(url))
    now = datetime.now(UTC)
    async with house.open():
        with stopped(now):
            officer = await actor_for("town2", now=now)
            assert officer is not None
            town = officer.reaches[0].area
            row = (
                await fetch(
                    "SELECT city, county, town, village FROM registry_household WHERE town = ? LIMIT 1", (town,)
                )
            )[0]
            place = Place(row["city"], row["county"], row["town"], row["village"])
            made = await add_households(
                [
                    NewHousehold(
                        place=place, collector_number=f"XX{number}", address="别处", setting="rural", cause="illness",
                        phone=None, note=None,
                        members=(
                            NewMember(
                                name=f"外乡{number}", relation="02", document_kind=None, document_number=None, sex="1",
                                birth_on=None, ethnicity=None, health=None, disability_category=None,
                                disability_grade=None, education=None, marital_status=None, phone=None, note=None,
                            ),
                        ),
                    )
                    for number in range(40)
                ],
                actor=officer, now=now, today=local_day(now),
            )  # fmt: skip
            for number, household in enumerate(made):
                need = await raise_need(
                    household, "needs.counselling", "别处的需求", urgency="urgent", source="visit", actor=officer,
                    now=now - timedelta(days=9), today=local_day(now) - timedelta(days=9),
                )  # fmt: skip
                if number < 2:
                    await dispatch(
                        need,
                        await a_foreign_provider(),
                        instructions=None,
                        actor=officer,
                        now=now,
                        today=local_day(now),
                    )


async def a_foreign_provider() -> UUID:
    """Return a provider with a free place that `worker` does not work for."""
    rows = await fetch(
        "UPDATE social_work_provider SET places = places + 1 WHERE id = (SELECT p.id FROM social_work_provider p"
        " JOIN registry_organisation o ON o.id = p.organisation WHERE o.name NOT LIKE '%暖阳%' ORDER BY p.id LIMIT 1)"
        " RETURNING id"
    )
    found: UUID = rows[0]["id"]
    return found


async def pages(client: httpx.AsyncClient, addresses: list[str]) -> dict[str, tuple[int, str]]:
    return {
        address: (answer.status_code, masked(answer.text))
        for address in addresses
        for answer in [await client.get(address)]
    }


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
async def test_pages_are_identical_with_and_without_foreign_rows(engine: str, copies: Callable[[str], str]) -> None:
    alone, among = copies(engine), copies(engine)
    await add_foreign_rows(among)
    addresses = [
        "/", "/households", "/households?sort=seen", "/households?sort=name", "/households?unseen=30", "/needs",
        "/needs?state=in_service", "/needs?state=delivered", "/needs?kind=needs.counselling", "/imports",
        "/social_work/orders", "/social_work/orders?state=completed", "/social_work/panels/start",
        "/households/01890000-0000-7000-8000-000000000000", "/nowhere", "/trail", "/accounts",
    ]  # fmt: skip
    found: list[dict[str, Any]] = []
    moment = datetime.now(UTC)
    for url in (alone, among):
        seen: dict[str, Any] = {}
        async with served(url) as sign_in:
            for login in ("town", "worker"):
                client = await sign_in(login)
                with stopped(moment):
                    seen[login] = await pages(client, addresses)
                token = client.cookies["nuanliu_csrf"]
                if login == "town":
                    hits = await client.post("/find", data={"q": "外", "_csrf_token": token})
                    seen["find"] = (hits.status_code, masked(hits.text))
        found.append(seen)
    assert any("table" in text for _, text in found[0]["town"].values())
    assert found[0] == found[1]
