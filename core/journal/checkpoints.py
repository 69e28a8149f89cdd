"""Signed marks of how far a chain had come, kept in a second place.

A chain alone does not show that its end was cut off. A mark in a file outside the database does.
"""

import asyncio
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from core.database import aware, fetch, new_id, transaction
from core.vault import mac

from .chains import Chain, canonical
from .lease import Leader

EVERY = timedelta(hours=1)
ROWS = 10_000


@dataclass(frozen=True)
class Mark:
    """A chain's length and last link at a moment (aware UTC)."""

    chain: str
    seq: int
    root: str
    at: datetime
    signature: str

    @classmethod
    def made(cls, chain: Chain, seq: int, root: str, at: datetime) -> "Mark":
        """Sign a new one."""
        return cls(chain.table, seq, root, aware(at), _signature(chain.table, seq, root, at))

    def is_genuine(self) -> bool:
        """Say whether this house signed it."""
        return self.signature == _signature(self.chain, self.seq, self.root, self.at)


def _signature(chain: str, seq: int, root: str, at: datetime) -> str:
    return mac("checkpoint")(canonical({"chain": chain, "seq": seq, "root": root, "at": at}).encode())


async def head(chain: Chain) -> tuple[int, str]:
    """Return the number of sealed rows and the last link."""
    rows = await fetch(f"SELECT seq, link FROM {chain.table} WHERE seq IS NOT NULL ORDER BY seq DESC LIMIT 1")
    return (rows[0]["seq"], rows[0]["link"]) if rows else (0, chain.beginning)


async def mark_if_due(chain: Chain, file: Path, leader: Leader, now: datetime, *, closing: bool = False) -> bool:
    """Mark a chain that has grown: after an hour, after 10,000 rows, at close; the file first.

    :param file: gets one JSON line and is on the disk when this returns.
    :returns: whether a mark was made.
    """
    seq, root = await head(chain)
    last = await fetch(
        "SELECT seq, at FROM journal_checkpoint WHERE chain = ? ORDER BY seq DESC LIMIT 1", (chain.table,)
    )
    since = last[0]["seq"] if last else 0
    due = closing or not last or seq - since >= ROWS or now - last[0]["at"] >= EVERY
    if seq <= since or not due:
        return False
    mark = Mark.made(chain, seq, root, now)
    await asyncio.to_thread(_append, file, canonical(vars(mark)))
    async with transaction():
        await leader.confirm()
        await fetch(
            "INSERT INTO journal_checkpoint (id, chain, seq, root, at, signature) VALUES (?, ?, ?, ?, ?, ?)",
            (new_id(), mark.chain, mark.seq, mark.root, mark.at, mark.signature),
        )
    return True


async def marks_in_database() -> list[Mark]:
    """Return every mark that stands beside the chains."""
    rows = await fetch("SELECT chain, seq, root, at, signature FROM journal_checkpoint ORDER BY seq")
    return [Mark(*row) for row in rows]


def marks_in_file(file: Path) -> tuple[list[Mark], list[int]]:
    """Read the second place.

    :returns: its marks, and the numbers of the lines that cannot be read.
    :raises OSError: the file is not there or cannot be read.
    """
    marks, unreadable = [], []
    for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        try:
            marks.append(_mark(json.loads(line)))
        except (ValueError, KeyError, TypeError, AttributeError):
            unreadable.append(number)
    return marks, unreadable


def _mark(values: Mapping[str, Any]) -> Mark:
    at = aware(datetime.fromisoformat(values["at"]))
    return Mark(str(values["chain"]), int(values["seq"]), str(values["root"]), at, str(values["signature"]))


def _append(file: Path, line: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    is_new = not file.exists()
    with file.open("ab+") as opened:
        torn = opened.tell() > 0 and _last_byte(opened) != b"\n"
        opened.write((b"\n" if torn else b"") + line.encode() + b"\n")
        opened.flush()
        os.fsync(opened.fileno())
    if is_new:
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _last_byte(opened: Any) -> bytes:
    opened.seek(-1, os.SEEK_END)
    last: bytes = opened.read(1)
    return last
