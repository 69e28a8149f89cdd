"""Signed marks of how far a chain had come, kept in a second place.

A chain alone does not show that its end was cut off. A mark in a file outside the database does: each
beat of the sealer that sealed something adds one. When an hour has passed, those marks of earlier
hours that the database bears out are left to the last of each hour.
"""

import asyncio
import fcntl
import json
import logging
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from core.database import aware, fetch, new_id, transaction
from core.vault import mac

from .chains import CHAINS, Chain, canonical
from .lease import Leader

EVERY = timedelta(hours=1)
ROWS = 10_000
TAIL = 8_192  # bytes at the end of the file; the last heads of all chains stand there together
ASKED = 500  # rows looked up at once
log = logging.getLogger(__name__)


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


async def note_heads(file: Path, now: datetime) -> None:
    """Write the heads of all chains into the second place, if any is not the last that stands there.

    :param file: gets a JSON line a chain and is on the disk when this returns.
    """
    heads = [(chain, *await head(chain)) for chain in CHAINS]
    last = await asyncio.to_thread(_last_marks, file)
    marks = [Mark.made(chain, seq, root, now) for chain, seq, root in heads if seq]
    if all(mark.chain in last and last[mark.chain].root == mark.root for mark in marks):
        return
    if any(_hour(mark) != _hour(marks[0]) for mark in last.values()):
        await _thin(file)
    await asyncio.to_thread(_append, file, [canonical(vars(mark)) for mark in marks])


async def mark_if_due(chain: Chain, file: Path, leader: Leader, now: datetime, *, closing: bool = False) -> bool:
    """Mark a chain that has grown: after an hour, after 10,000 rows, at close; the file first.

    :param file: has the heads and is on the disk when this returns.
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
    await note_heads(file, now)
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


def _last_marks(file: Path) -> dict[str, Mark]:
    """Return the last mark of each chain at the end of the file."""
    try:
        with file.open("rb") as opened:
            opened.seek(max(0, opened.seek(0, os.SEEK_END) - TAIL))
            lines = opened.read().decode(errors="replace").splitlines()
    except FileNotFoundError:
        return {}
    marks = [_mark_of(line) for line in lines]
    return {mark.chain: mark for mark in marks if mark is not None}


def _mark_of(line: str) -> Mark | None:
    """Read a line that this house signed."""
    try:
        mark = _mark(json.loads(line))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return mark if mark.is_genuine() else None


def _hour(mark: Mark) -> datetime:
    return mark.at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


async def _thin(file: Path) -> None:
    """Leave the last mark of each hour; one that the database contradicts is evidence and stays, too."""
    older, last = await asyncio.to_thread(_older_marks, file)
    spare: set[str] = set()
    for chain in CHAINS:
        mine = [(mark, line) for mark, line in older if mark.chain == chain.table]
        for start in range(0, len(mine), ASKED):
            some = mine[start : start + ASKED]
            blanks = ", ".join("?" * len(some))
            rows = await fetch(
                f"SELECT seq, link FROM {chain.table} WHERE seq IN ({blanks})", tuple(mark.seq for mark, _ in some)
            )
            links = {row["seq"]: row["link"] for row in rows}
            spare.update(line for mark, line in some if links.get(mark.seq) == mark.root)
    spare -= last
    if spare:
        try:
            await asyncio.to_thread(_leave_out, file, spare)
        except OSError as error:
            # A second place that can only be added to is a better one; it grows.
            log.info("%s cannot be written anew and grows: %s", file, error.strerror)


def _older_marks(file: Path) -> tuple[list[tuple[Mark, str]], set[str]]:
    """Return the marks, with their lines, that another of the same hour follows, and the lines that end an hour."""
    last: dict[tuple[str, datetime], tuple[Mark, str]] = {}
    older = []
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
        if (mark := _mark_of(line)) is not None:
            key = (mark.chain, _hour(mark))
            if key in last:
                older.append(last[key])
            last[key] = (mark, line)
    return older, {line for _, line in last.values()}


def _leave_out(file: Path, spare: Collection[str]) -> None:
    with _folder_of(file) as folder:
        kept = [line for line in file.read_bytes().splitlines() if line.decode(errors="replace") not in spare]
        beside = file.with_name(f"{file.name}.new")
        try:
            with beside.open("wb") as opened:
                os.fchmod(opened.fileno(), file.stat().st_mode & 0o777)
                opened.write(b"".join(line + b"\n" for line in kept))
                opened.flush()
                os.fsync(opened.fileno())
            beside.replace(file)
        except OSError:
            beside.unlink(missing_ok=True)
            raise
        os.fsync(folder)


@contextmanager
def _folder_of(file: Path) -> Iterator[int]:
    """Open the folder; whoever else writes the file waits, since the file itself may be replaced."""
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield folder
    finally:
        os.close(folder)


def _append(file: Path, lines: list[str]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with _folder_of(file) as folder:
        is_new = not file.exists()
        with file.open("ab+") as opened:
            torn = opened.tell() > 0 and _last_byte(opened) != b"\n"
            opened.write((b"\n" if torn else b"") + "".join(f"{line}\n" for line in lines).encode())
            opened.flush()
            os.fsync(opened.fileno())
        if is_new:
            os.fsync(folder)


def _last_byte(opened: Any) -> bytes:
    opened.seek(-1, os.SEEK_END)
    last: bytes = opened.read(1)
    return last
