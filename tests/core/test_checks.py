"""The check names what no longer holds rows as they were written."""

import pytest

from core.app import House
from core.checks import APPEND_ONLY, findings
from core.database import Engine, fetch


async def said(house: House) -> list[str]:
    return [sentence async for area, sentence in findings(house, progress=lambda *_: None) if area == "database"]


async def test_every_trigger_of_a_new_house_is_at_work(house: House) -> None:
    assert await said(house) == []


@pytest.mark.parametrize("table", APPEND_ONLY)
async def test_a_missing_trigger_is_named(house: House, database: Engine, table: str) -> None:
    on = f" ON {table}" if database.engine_type == "postgres" else ""
    await fetch(f"DROP TRIGGER {table}_no_delete{on}")
    (sentence,) = await said(house)
    assert f"{table}_no_delete" in sentence


async def test_a_trigger_that_does_nothing_is_named(house: House, database: Engine) -> None:
    if database.engine_type == "postgres":
        await fetch("ALTER TABLE workflow_step DISABLE TRIGGER workflow_step_no_update")
    else:
        await fetch("DROP TRIGGER workflow_step_no_update")
        await fetch("CREATE TRIGGER workflow_step_no_update BEFORE UPDATE ON workflow_step BEGIN SELECT 1; END")
    (sentence,) = await said(house)
    assert "workflow_step_no_update" in sentence
