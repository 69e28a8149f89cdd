"""Verify both chains against their rows and the marks in the second place; name what does not fit."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from core.database import aside, engine, fetch

from .chains import CHAINS, Chain
from .checkpoints import Mark, marks_in_database, marks_in_file

PAGE = 5_000
MOST = 20  # findings a chain; the rest are counted
Row = dict[str, Any]
Kind = Literal["changed", "removed", "reordered", "inserted", "truncated", "unsealed", "checkpoint"]


@dataclass(frozen=True)
class Finding:
    """What does not fit, and where.

    :param chain: the table. :param seq: the first row it concerns; None: a row without a place, or a mark.
    :param text: one English sentence for whoever runs the check.
    """

    kind: Kind
    chain: str
    seq: int | None
    text: str


async def verify(checkpoints: Path | None, *, now: datetime | None = None, patience: float = 60) -> list[Finding]:
    """Walk both chains from the beginning; memory stays flat.

    Rows that are younger than the sealer's last beat have no place yet: what is done to them shows by
    their own MAC only, and their removal not at all.

    :param checkpoints: the file with the signed marks; None looks at those in the database alone.
    :param now: aware UTC; the present if left out.
    :param patience: seconds after which a row without a place is a finding.
    :returns: nothing if all fits.
    """
    # The marks first: rows that are sealed meanwhile may not make a mark look too far ahead.
    marks, findings = await _marks(checkpoints)
    with aside():
        for chain in CHAINS:
            walk = _Walk(chain, [mark for mark in marks if mark.chain == chain.table])
            findings += await walk.run()
            findings += await _unsealed(chain, now or datetime.now(UTC), timedelta(seconds=patience))
    return findings


async def _marks(file: Path | None) -> tuple[list[Mark], list[Finding]]:
    marks, findings = await marks_in_database(), []
    if file is not None:
        try:
            second, unreadable = marks_in_file(file)
            marks += second
            for number in unreadable:
                findings.append(Finding("checkpoint", "", None, f"Line {number} of {file} is not a checkpoint."))
        except OSError as error:
            if marks:
                text = f"The second place of the checkpoints, {file}, cannot be read: {error.strerror}."
                findings.append(Finding("checkpoint", "", None, text))
    genuine = []
    for mark in dict.fromkeys(marks):
        if mark.is_genuine():
            genuine.append(mark)
        else:
            which = f"The checkpoint of {mark.chain} at row {mark.seq} ({_moment(mark.at)})"
            text = f"{which} was not signed by this house."
            findings.append(Finding("checkpoint", mark.chain, None, text))
    return genuine, findings


@dataclass
class _Walk:
    """One pass over one chain."""

    chain: Chain
    marks: Iterable[Mark]
    findings: list[Finding] = field(default_factory=list)
    more: int = 0
    astray: bool = False  # in a stretch whose beginning was named

    def __post_init__(self) -> None:
        self.before, self.place = self.chain.beginning, 1
        self._roots: dict[int, list[Mark]] = {}
        for mark in self.marks:
            self._roots.setdefault(mark.seq, []).append(mark)

    async def run(self) -> list[Finding]:
        async for row in _sealed(self.chain):
            await self._step(row)
        self._compare_end()
        if self.more:
            self._add("changed", None, f"{self.more} more findings in {self.chain.table} are left out.", always=True)
        return self.findings

    async def _step(self, row: Row) -> None:
        seq, link, table = row["seq"], row["link"], self.chain.table
        genuine = self.chain.row_mac(row) == row["mac"]
        if seq != self.place:
            await self._name_gap(row, genuine)
        else:
            expected = self.chain.link(self.before, seq, row["mac"])
            if link != expected:
                link = await self._name_break(row, expected, genuine)
            elif not genuine:
                self._add("changed", seq, f"Row {seq} of {table} was changed after it was written{_about(row)}.")
            else:
                self.astray = False
        self.before, self.place = link, seq + 1
        for mark in self._roots.pop(seq, ()):
            if mark.root != row["link"] and not self.findings:
                text = f"The end of {table} was cut off and written anew: row {seq} is not the one that {_seen(mark)}."
                self._add("truncated", seq, text)

    async def _name_gap(self, row: Row, genuine: bool) -> None:
        seq, table = row["seq"], self.chain.table
        if seq < self.place:
            self._add("inserted", seq, f"Row {seq} of {table} was inserted: places begin at 1{_about(row)}.")
            return
        which = f"Row {self.place}" if seq - self.place == 1 else f"Rows {self.place} to {seq - 1}"
        self._add("removed", self.place, f"{which} of {table} removed; row {seq} comes next{_about(row)}.")
        if not genuine:
            self._add("changed", seq, f"Row {seq} of {table} was changed after it was written{_about(row)}.")
        self.astray = True  # what stood before is gone, so this row's link cannot be checked

    async def _name_break(self, row: Row, expected: str, genuine: bool) -> str:
        """Find out why a row does not follow the one before it; return the link that the next one builds on."""
        seq, table = row["seq"], self.chain.table
        after = await self._row_at(seq + 1)
        if genuine and self._follows(after, expected):
            self._add("changed", seq, f"The link of row {seq} of {table} was changed{_about(row)}.")
            return expected
        if not genuine and self._follows(after, row["link"]):
            self._add("changed", seq, f"Row {seq} of {table} was changed, its MAC too{_about(row)}.")
        elif not genuine:
            self._add("inserted", seq, f"Row {seq} of {table} was inserted: this house did not write it{_about(row)}.")
        elif not self.astray:
            rightful = await self._rightful(row)
            if rightful is not None:
                text = f"The rows of {table} were reordered: at place {seq} stood the row that is now at {rightful}"
                self._add("reordered", seq, f"{text}{_about(row)}.")
            else:
                text = f"Before row {seq} of {table} rows were removed, or it was moved here from elsewhere"
                self._add("removed", seq, f"{text}{_about(row)}.")
        self.astray = True
        link: str = row["link"]
        return link

    def _follows(self, after: Row | None, link: str) -> bool:
        return after is not None and after["link"] == self.chain.link(link, after["seq"], after["mac"])

    async def _rightful(self, row: Row) -> int | None:
        """Return where the row stands now that belongs at this row's place."""
        async for other in _sealed(self.chain, "seq, link, mac"):
            if other["seq"] == row["seq"]:
                continue
            if self.chain.link(self.before, row["seq"], other["mac"]) in (other["link"], row["link"]):
                seq: int = other["seq"]
                return seq
        return None

    async def _row_at(self, seq: int) -> Row | None:
        rows = await fetch(f"SELECT seq, link, mac FROM {self.chain.table} WHERE seq = ?", (seq,))
        return dict(rows[0]) if rows else None

    def _compare_end(self) -> None:
        last = self.place - 1
        beyond = [mark for seq, marks in self._roots.items() if seq > last for mark in marks]
        if beyond:
            furthest = max(beyond, key=lambda mark: (mark.seq, mark.at))
            text = f"{self.chain.table} was truncated: it ends at row {last}, but row {furthest.seq} {_seen(furthest)}."
            self._add("truncated", last + 1, text, always=True)

    def _add(self, kind: Kind, seq: int | None, text: str, *, always: bool = False) -> None:
        if always or len(self.findings) < MOST:
            self.findings.append(Finding(kind, self.chain.table, seq, text))
        else:
            self.more += 1


async def _unsealed(chain: Chain, now: datetime, patience: timedelta) -> list[Finding]:
    findings, old = [], []
    async for row in _rows(chain, "id", "seq IS NULL", "00000000-0000-0000-0000-000000000000"):
        if chain.row_mac(row) != row["mac"]:
            text = f"A row of {chain.table} without a place was changed, or this house did not write it{_about(row)}."
            findings.append(Finding("changed", chain.table, None, text))
        # The id tells when a row was made; `at` may speak of another time.
        made = datetime.fromtimestamp((int(str(row["id"]).replace("-", ""), 16) >> 80) / 1000, UTC)
        if now - made > patience:
            old.append(made)
    if old:
        text = (
            f"{len(old)} rows of {chain.table} wait to be sealed, the oldest since {_moment(min(old))}. "
            "Does a sealer run (nuanliu serve)?"
        )
        findings.append(Finding("unsealed", chain.table, None, text))
    return findings[-MOST:]


def _sealed(chain: Chain, columns: str = "") -> AsyncIterator[Row]:
    return _rows(chain, "seq", "seq IS NOT NULL", -(2**63) + 1, columns)


async def _rows(chain: Chain, key: str, which: str, after: Any, columns: str = "") -> AsyncIterator[Row]:
    """Read a chain page by page."""
    sqlite = engine().engine_type == "sqlite"
    if not columns:
        # On SQLite as text: quicker, and a value that was spoilt is read like any other.
        cast = [f"CAST({name} AS TEXT) AS {name}" if sqlite else name for name in chain.columns]
        columns = ", ".join(["seq", "link", "mac", *cast])
    sql = f"SELECT {columns} FROM {chain.table} WHERE {which} AND {key} > ? ORDER BY {key} LIMIT {PAGE}"
    while True:
        page = [dict(row) for row in await fetch(sql, (after,))]
        for row in page:
            if sqlite and "at" in row:
                row["at"] = _read_moment(row["at"])
            yield row
        if len(page) < PAGE:
            return
        after = page[-1][key]


def _read_moment(text: str) -> datetime | str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment if moment.tzinfo else text


def _about(row: Row) -> str:
    """Say which row it is, for whoever looks into the table."""
    action = row.get("action") or row.get("field")
    return f" ({action}, {_moment(row['at'])}, id {row['id']})"


def _seen(mark: Mark) -> str:
    return f"was there on {_moment(mark.at)}, by a signed checkpoint"


def _moment(at: datetime | str) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC") if isinstance(at, datetime) else at
