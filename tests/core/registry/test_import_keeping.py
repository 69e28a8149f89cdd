"""Uploaded workbooks: who may still see them, how large they may be, how long they stay."""

import asyncio
import os
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from core.actor import Actor
from core.database import fetch, transaction
from core.errors import NotYours
from core.registry import Uploads, forget_uploads, import_file, importing, orphan_uploads
from core.registry.importing import known
from core.registry.workbook import Limits, Unreadable
from core.settings import Settings
from core.web.clock import local_day

from .test_importing import CASES, NOW, Places, browser, count, places, send

__all__ = ["browser", "places"]

LATER = NOW + timedelta(days=31)
MONTH = timedelta(days=30)


@pytest.fixture
def uploads(tmp_path: Path) -> Uploads:
    """A folder of uploads with the usual limits."""
    return Uploads(tmp_path / "uploads", Limits())


async def hand_in(actor: Actor, uploads: Uploads, name: str = "households-300") -> UUID:
    async def done(_: UUID) -> None:
        pass

    content = await asyncio.to_thread((CASES / f"{name}.xlsx").read_bytes)
    return await importing.hand_in(
        content, "彭水生家.xlsx", uploads=uploads, actor=actor, now=NOW, today=local_day(NOW), done=done
    )


def transferred(actor: Actor, *areas: UUID) -> Actor:
    """Return the officer with other towns than before."""
    (reach,) = actor.reaches
    return replace(actor, reaches=tuple(replace(reach, area=area) for area in areas))


async def test_an_officer_who_was_transferred_sees_the_own_imports_no_more(places: Places, uploads: Uploads) -> None:
    made = await hand_in(places.town, uploads)
    own = places.town.reaches[0].area
    assert own is not None
    rows = await fetch("SELECT id FROM registry_area WHERE level = 'town' AND id <> ?", (own,))
    moved, wider = transferred(places.town, rows[0]["id"]), transferred(places.town, own, rows[0]["id"])
    for actor in (places.town, wider, places.county):
        assert (await importing.one_import(made, actor)).name == "彭水生家.xlsx"
        assert [row["id"] for row in await importing.latest_imports(actor)] == [made]
    of_two = await hand_in(wider, uploads)
    with pytest.raises(NotYours):
        await importing.one_import(made, moved)
    with pytest.raises(NotYours):
        await importing.one_import(of_two, places.town)
    assert await importing.latest_imports(moved) == []
    assert [row["id"] for row in await importing.latest_imports(places.town)] == [made]
    given: dict[str, Any] = {"uploads": uploads, "actor": moved, "now": NOW, "today": local_day(NOW)}
    with pytest.raises(NotYours):
        await importing.faulty_workbook(made, say=lambda reason, blanks: "", **given)
    assert await count("access_entry") == 0


async def test_one_limit_holds_wherever_a_workbook_is_read(places: Places, uploads: Uploads) -> None:
    made = await hand_in(places.county, uploads)
    small = replace(uploads, limits=Limits(file_bytes=1000))
    given: dict[str, Any] = {"uploads": small, "actor": places.county, "now": NOW, "today": local_day(NOW)}

    async def done() -> None:
        pass

    for reading in (
        hand_in(places.county, small),
        importing.look_again(made, **given),
        importing.apply_import(made, leave_out_faulty=True, done=done, **given),
        importing.faulty_workbook(made, say=lambda reason, blanks: "", **given),
        import_file(
            CASES / "households-300.xlsx", actor=places.county, now=NOW, apply=True, leave_out_faulty=True,
            limits=small.limits,
        ),
    ):  # fmt: skip
        with pytest.raises(Unreadable) as unreadable:
            await reading
        assert unreadable.value.code == "too_large"
    assert await count("registry_household") == 0
    assert Uploads.of(replace(Settings(secret="x" * 32), upload_limit_mb=3)).limits.file_bytes == 3 * 1024**2


async def test_the_workbook_to_be_mended_is_written_beside_the_event_loop(places: Places, uploads: Uploads) -> None:
    made = await hand_in(places.county, uploads)
    threads: set[int] = set()

    def say(reason: Any, blanks: Any) -> str:
        threads.add(threading.get_ident())
        return str(reason.text)

    await importing.faulty_workbook(made, uploads=uploads, actor=places.county, now=NOW, today=local_day(NOW), say=say)
    assert threads
    assert threading.get_ident() not in threads


async def test_a_workbook_that_nobody_decides_on_is_removed_after_a_time(places: Places, uploads: Uploads) -> None:
    waiting, applied = [await hand_in(places.county, uploads) for _ in range(2)]

    async def done() -> None:
        pass

    given: dict[str, Any] = {"uploads": uploads, "actor": places.county, "today": local_day(NOW)}
    await importing.apply_import(applied, leave_out_faulty=True, now=NOW, done=done, **given)
    assert len(list(uploads.folder.iterdir())) == 2
    assert await forget_uploads(NOW - MONTH, folder=uploads.folder, now=NOW) == 0
    assert await forget_uploads(LATER - MONTH, folder=uploads.folder, now=LATER) == 2
    assert list(uploads.folder.iterdir()) == []
    states = {row["id"]: (row["state"], row["stored"]) for row in await fetch("SELECT * FROM registry_import")}
    assert states == {waiting: ("left", ""), applied: ("applied", "")}
    assert await count("journal_entry", "action = 'registry.workbook_removed'") == 2
    with pytest.raises(NotYours):
        await importing.faulty_workbook(applied, now=LATER, say=lambda reason, blanks: "", **given)
    assert await forget_uploads(LATER - MONTH, folder=uploads.folder, now=LATER) == 0


async def test_a_file_that_belongs_to_no_import_is_named_then_removed(places: Places, uploads: Uploads) -> None:
    assert await orphan_uploads(NOW, folder=uploads.folder) == []
    await hand_in(places.county, uploads)
    for name, age in (("old", 40), ("young", 1)):
        (uploads.folder / name).write_text("x")
        moment = (NOW - timedelta(days=age)).timestamp()
        os.utime(uploads.folder / name, (moment, moment))
    assert await orphan_uploads(NOW, folder=uploads.folder) == ["old", "young"]
    assert await forget_uploads(NOW - MONTH, folder=uploads.folder, now=NOW) == 1
    assert await orphan_uploads(NOW, folder=uploads.folder) == ["young"]


async def test_the_page_about_a_file_that_is_too_large_says_how_large_it_may_be(browser: Any, tmp_path: Path) -> None:
    county = await browser("county")
    (tmp_path / "large.xlsx").write_bytes(bytes(22 * 1024**2))
    answer = await send(county, "/imports", "/imports", tmp_path / "large.xlsx")
    assert answer.status_code == 413
    assert "at most 20 MB" in answer.text


async def test_others_have_a_turn_while_many_households_are_read(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = await import_file(
        CASES / "households-300.xlsx", actor=places.county, now=NOW, apply=True, leave_out_faulty=True
    )
    county = places.county.reaches[0].area
    assert county is not None
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    monkeypatch.setattr(known, "AT_ONCE", 10)
    async with transaction():
        beside = asyncio.get_running_loop().create_task(others())
        found = await known.load_known(county, done["new"], places.county)
        beside.cancel()
    assert len(found.households) == 288
    assert turns >= 28
