"""The rows that were held back, as a workbook to be mended and uploaded again."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

import xlsxwriter

from core.errors import Reason

from .cells import guarded, shown
from .check import Checked
from .columns import HOUSEHOLDS, LAYOUT, PROBLEMS, Column, Kind, column_named, plain_heading
from .faults import Fault
from .read import Raw, Row, Sheet, Workbook
from .template import HEADING, add_choices

FAULTY = {"bg_color": "#F8D7C4", "num_format": "@"}
UNKNOWN_WIDTH, PROBLEMS_WIDTH = 14, 80
COMMENTS = 2_000  # of a sheet; each is a drawing, and thousands are slow to write and slow to open
LARGEST = 1e300  # what a number cell holds; infinity and hundreds of digits are kept as text
Say = Callable[[Reason, Mapping[str, Any]], str]


def write_faulty(stream: BinaryIO, workbook: Workbook, checked: Checked, say: Say) -> None:
    """Write what was not applied: every row of a household held back, and every other row with a fault.

    Columns and their order are those of the upload. Faulty cells are coloured and have a comment; the last
    column 问题 has the messages and is ignored when the workbook comes back. If a heading was at fault, all
    rows are returned. Only the first COMMENTS cells of a sheet get a comment. Texts that begin with = + - @
    get a ' in front, which the reader takes off again.

    :param say: puts a reason with the values of its blanks into words, such as `Words.reason`.
    """
    held = set(checked.held_back)
    with xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False}) as book:
        formats = {
            "heading": book.add_format(HEADING),
            "text": book.add_format({"num_format": "@"}),
            "faulty": book.add_format(FAULTY),
        }
        written = {}
        for sheet in workbook.sheets:
            faults: dict[int, list[Fault]] = defaultdict(list)
            for fault in checked.faults:
                if fault.sheet == sheet.name:
                    faults[fault.row].append(fault)
            rows = [
                row for row in sheet.rows if checked.wrong_layout or row.number in faults or _number(sheet, row) in held
            ]
            page = book.add_worksheet(sheet.name)
            written[sheet.name] = (page, _write_sheet(page, sheet, rows, faults, formats, say))
        add_choices(book, written)


def _number(sheet: Sheet, row: Row) -> str | None:
    for position, heading in enumerate(sheet.heading):
        column = column_named(sheet.name, str(heading or ""))
        if column is not None and column.kind is Kind.COLLECTOR:
            return shown(column, row.cell(position))
    return None


def _write_sheet(
    page: Any, sheet: Sheet, rows: list[Row], faults: dict[int, list[Fault]], formats: dict[str, Any], say: Say
) -> list[Column | None]:
    """Write one sheet; return its columns by position, None for one that is not ours."""
    width = max([len(sheet.heading), *(len(row.cells) for row in rows)])
    kept = [at for at in range(width) if plain_heading(_text(_at(sheet.heading, at))) != PROBLEMS]
    headings = [_text(_at(sheet.heading, at)) for at in kept]
    columns = [column_named(sheet.name, heading) for heading in headings]
    missing = [column for column in LAYOUT[sheet.name] if column.required and column not in columns]
    columns += missing
    headings += [column.heading for column in missing]
    now_in = {row.number: number for number, row in enumerate(rows, start=2)}
    page.freeze_panes(1, 0)
    for position, (heading, column) in enumerate(zip(headings, columns, strict=True)):
        page.set_column(position, position, column.width if column else UNKNOWN_WIDTH, formats["text"])
        page.write_string(0, position, guarded(heading), formats["heading"])
    page.set_column(len(headings), len(headings), PROBLEMS_WIDTH)
    page.write_string(0, len(headings), PROBLEMS, formats["heading"])
    comments = _Comments(page)
    names = [column.heading if column else heading.strip() for heading, column in zip(headings, columns, strict=True)]
    for position, name in enumerate(names):
        for fault in faults.get(1, []):
            if fault.column == name:
                page.write_string(0, position, guarded(headings[position]), formats["faulty"])
                comments.write(0, position, _message(fault, now_in, say))
    for line, row in enumerate(rows, start=1):
        messages = {fault.column: _message(fault, now_in, say) for fault in faults.get(row.number, [])}
        for position, name in enumerate(names):
            raw = row.cell(kept[position]) if position < len(kept) else None
            _write_cell(page, line, position, raw, formats["faulty" if name in messages else "text"])
            if name in messages:
                comments.write(line, position, messages[name])
        if messages:
            page.write_string(line, len(headings), guarded("\n".join(messages.values())))
    return columns


class _Comments:
    """The comments of one sheet, up to COMMENTS."""

    def __init__(self, page: Any) -> None:
        self.page, self.left = page, COMMENTS

    def write(self, line: int, position: int, message: str) -> None:
        """Put a comment on a cell while there are any left."""
        if self.left > 0:
            self.left -= 1
            self.page.write_comment(line, position, message, {"x_scale": 2, "y_scale": 1.5})


def _message(fault: Fault, now_in: Mapping[int, int], say: Say) -> str:
    blanks = fault.filled(now_in)
    return f"{say(fault.words.wrong, blanks)} {say(fault.words.mend, blanks)}"


def _write_cell(page: Any, line: int, position: int, raw: Raw, look: Any) -> None:
    match raw:
        case None:
            page.write_blank(line, position, None, look)
        case bool():
            page.write_boolean(line, position, raw, look)
        case int() | float() if (
            -LARGEST < raw < LARGEST
        ):  # a document number typed as a number stays one, or its lost digits would pass for true
            page.write_number(line, position, raw, look)
        case _:
            page.write_string(line, position, guarded(_text(raw)), look)


def _text(raw: Raw) -> str:
    if raw is None or isinstance(raw, str):
        return raw or ""
    return shown(LAYOUT[HOUSEHOLDS][0], raw)


def _at(cells: tuple[Raw, ...], position: int) -> Raw:
    return cells[position] if position < len(cells) else None
