"""One sheet of the household workbook under check: where its columns are, what its cells mean, its faults."""

from bisect import bisect_left
from datetime import date
from operator import attrgetter
from typing import Any

from xlsxwriter.utility import xl_col_to_name

from .cells import BadCell, read_cell, shown
from .columns import LAYOUT, PROBLEMS, Column, column_named, plain_heading
from .faults import Fault
from .read import Formula, Row, Sheet


class SheetCheck:
    """One sheet: where its columns are, its rows' cells, its faults."""

    def __init__(self, sheet: Sheet, today: date) -> None:
        self.sheet, self.today = sheet, today
        self.faults: list[Fault] = []
        self.position: dict[str, int] = {}
        self.columns: dict[str, Column] = {}
        self.strange: list[tuple[int, str]] = []
        for position, cell in enumerate(sheet.heading):
            text = str(cell or "").strip()
            column = None if isinstance(cell, Formula) else column_named(sheet.name, text)
            if column is not None and column.key not in self.position:
                self.position[column.key], self.columns[column.key] = position, column
            elif text and plain_heading(text) != PROBLEMS:
                self.strange.append((position, text))
        self.by_key = {column.key: column for column in LAYOUT[sheet.name]}

    def heading_faults(self) -> list[Fault]:
        """Name columns that the layout does not have, cells below no heading, and required columns that lack."""
        width = len(self.sheet.heading)
        untitled = {position for position, cell in enumerate(self.sheet.heading) if not str(cell or "").strip()}
        beyond = {
            position
            for row in self.sheet.rows
            if len(row.cells) > width or untitled
            for position in (*untitled, *range(width, len(row.cells)))
            if str(row.cell(position) if row.cell(position) is not None else "").strip()
        }
        strange = self.strange + [(position, xl_col_to_name(position)) for position in beyond]
        found = [Fault(self.sheet.name, 1, name, "unknown_column", None, None) for _, name in sorted(strange)]
        return found + [
            Fault(self.sheet.name, 1, column.heading, "missing_required", "", None)
            for column in LAYOUT[self.sheet.name]
            if column.required and column.key not in self.position
        ]

    def read(self, row: Row, only: set[str] | None = None) -> tuple[dict[str, Any], dict[str, str]]:
        """Return the row's values, and the fault codes of the cells that cannot be read, both by column key."""
        values: dict[str, Any] = {}
        bad: dict[str, str] = {}
        for key, position in self.position.items():
            raw = row.cell(position)
            column = self.columns[key]
            if (only is not None and key not in only) or (raw is None and not column.required):
                continue
            try:
                values[key] = read_cell(column, raw, today=self.today)
            except BadCell as cell:
                bad[key] = cell.code
        return values, bad

    def shown(self, row: int, key: str) -> str:
        """Return a cell's content as text."""
        position = self.position.get(key)
        if position is None:
            return ""
        at = bisect_left(self.sheet.rows, row, key=attrgetter("number"))
        return shown(self.columns[key], self.sheet.rows[at].cell(position))

    def add(self, row: int, key: str, code: str, household: str | None, *others: int, **blanks: Any) -> None:
        """Note a fault of one cell; `others` are the rows that share it."""
        value = self.shown(row, key)
        if code == "bad_id_length":
            blanks["length"] = len(value)
        self.faults.append(
            Fault(self.sheet.name, row, self.by_key[key].heading, code, value, household, others, blanks)
        )

    def sorted_faults(self) -> list[Fault]:
        """Return the faults in the order of rows and columns."""
        order = {column.heading: self.position.get(column.key, 0) for column in self.by_key.values()}
        return sorted(self.faults, key=lambda fault: (fault.row, order[fault.column]))
