"""A scoped table is read through a scope, or not at all."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from core.database import Engine, Unscoped, new_id, unscoped

from .shelf.tables import Note

WAYS: dict[str, Callable[[], Any]] = {
    "select": lambda: Note.select(Note.words),
    "objects": lambda: Note.objects(),
    "count": lambda: Note.count(),
    "exists": lambda: Note.exists(),
    "update": lambda: Note.update({Note.done: True}, force=True),
    "delete": lambda: Note.delete(force=True),
    "raw": lambda: Note.raw("SELECT words FROM shelf_note"),
}


async def a_note(words: str = "a boy of twelve") -> Note:
    note = Note(household=new_id(), words=words)
    await note.save()
    return note


@pytest.mark.parametrize("way", WAYS)
async def test_every_way_to_the_rows_needs_a_scope(database: Engine, way: str) -> None:
    await a_note()
    with pytest.raises(Unscoped, match=f"shelf_note.{way}"):
        await WAYS[way]()
    with unscoped("the test looks at everything"):
        assert len(await Note.objects()) == 1
        await WAYS[way]()


async def test_a_row_in_hand_may_be_saved_again(database: Engine) -> None:
    note = await a_note()
    note.words = "a boy of thirteen"
    await note.save()
    note.done = True
    await note.save(columns=[Note.done])
    with unscoped("the test looks at everything"):
        assert await Note.select(Note.words, Note.done) == [{"words": "a boy of thirteen", "done": True}]


async def test_a_row_in_hand_is_not_a_way_to_the_table(database: Engine) -> None:
    note = await a_note()
    with pytest.raises(Unscoped):
        await note.update_self({Note.done: True})
    with pytest.raises(Unscoped):
        await note.remove()
    with unscoped("the test looks at everything"):
        assert await Note.count().where(Note.done.eq(False)) == 1


async def test_an_opening_ends_with_its_block_and_is_nobody_elses(database: Engine) -> None:
    opened, looked = asyncio.Event(), asyncio.Event()

    async def house() -> int:
        with unscoped("the house itself"):
            opened.set()
            await looked.wait()
            return int(await Note.count())

    task = asyncio.create_task(house())
    await opened.wait()
    with pytest.raises(Unscoped):
        await Note.count()
    looked.set()
    assert await task == 0
    with pytest.raises(ZeroDivisionError), unscoped("an error ends it too"):
        raise ZeroDivisionError
    with pytest.raises(Unscoped):
        await Note.count()
