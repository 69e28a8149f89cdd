"""Open an uploaded workbook safely and read its two sheets into plain rows.

Everything that can be known without unpacking (size, kind of file, promised sizes of the parts) is checked
first, so that a bomb costs nothing. Sheets are streamed; only the values of filled cells are kept.
"""

import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import openpyxl
from openpyxl.cell.cell import ERROR_CODES

from core.errors import Reason, Refused
from core.texts import N_

from .columns import HOUSEHOLDS, LAYOUT, MEMBERS, plain_heading

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .xls, and an .xlsx that has a password
ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
LAST_ROW = 1_048_576  # of Excel; a row number beyond it would make the reader count there
# The last column that is read (IV, the last of old .xls): a cell far out would make the reader fill up its row.
LAST_COLUMN = 256
NARROW = 2 * max(len(columns) for columns in LAYOUT.values())
NOTHING_BEYOND = (None,) * (LAST_COLUMN - NARROW)

TOO_LARGE = Reason("core.too_large", N_("The file has {size} MB; at most {limit} MB can be imported. Split it."))
NOT_XLSX = Reason("core.not_xlsx", N_("This is not an .xlsx workbook, or it is damaged. Save it again as .xlsx."))
OLD_XLS = Reason("core.old_xls", N_("This is an old .xls workbook. Open it and save it as .xlsx."))
ENCRYPTED = Reason("core.encrypted", N_("The workbook has a password. Save it without one."))
ZIP_BOMB = Reason("core.zip_bomb", N_("The workbook unpacks to far more than a list of households. Make a new copy."))
MISSING_SHEET = Reason("core.missing_sheet", N_("The workbook has no sheet {sheet}. Use the template."))
TOO_MANY_ROWS = Reason("core.too_many_rows", N_("Sheet {sheet} has more than {limit} rows. Split the workbook."))


class Unreadable(Refused):
    """The file cannot be read as a household workbook; `code` is the last part of its reason's code."""

    @property
    def code(self) -> str:
        """One of too_large, not_xlsx, old_xls, encrypted, zip_bomb, missing_sheet, too_many_rows."""
        return next(iter(self.reasons)).code.rpartition(".")[2]


UNPACKED = 8  # times that a large workbook of people grows at most


@dataclass(frozen=True)
class Limits:
    """What a workbook may cost: bytes of the file, bytes unpacked, times it may grow, rows and cells of a sheet.

    A row counts when a cell of it has any content, be it blanks; its cells count up to the last such.
    """

    file_bytes: int = 20 * 1024**2
    unpacked_bytes: int = 150 * 1024**2
    growth: int = 100
    growth_from: int = 10 * 1024**2
    rows: int = 200_000
    cells: int = 10_000_000

    @classmethod
    def of_megabytes(cls, limit: int) -> "Limits":
        """Return the limits of a house that takes files of this size (the setting `upload_limit_mb`)."""
        size = limit * 1024**2
        return cls(file_bytes=size, unpacked_bytes=max(cls.unpacked_bytes, size * UNPACKED))


class Formula(str):
    """The content of a formula cell as written, = first."""


class ErrorValue(str):
    """The content of a cell that shows an error, such as #N/A."""


PLAIN = {int, float, bool, date, datetime, time, timedelta, type(None)}
Raw = str | int | float | bool | date | datetime | time | timedelta | None


@dataclass(frozen=True, slots=True)
class Row:
    """One filled row: its number as Excel counts, its cells up to the last filled one."""

    number: int
    cells: tuple[Raw, ...]

    def cell(self, position: int) -> Raw:
        """Return the cell at a position, 0 for column A; None when it is empty."""
        return self.cells[position] if position < len(self.cells) else None


@dataclass(frozen=True)
class Sheet:
    """One sheet: the cells of row 1, and every filled row below it."""

    name: str
    heading: tuple[Raw, ...] = ()
    rows: list[Row] = field(default_factory=list)


@dataclass(frozen=True)
class Workbook:
    """What was read: the sheets 家庭 and 成员."""

    households: Sheet
    members: Sheet

    @property
    def sheets(self) -> tuple[Sheet, Sheet]:
        """Both sheets, households first."""
        return self.households, self.members


def read_workbook(source: Path | str | BinaryIO, *, limits: Limits | None = None) -> Workbook:
    """Read the sheets 家庭 and 成员 of an .xlsx workbook. Other sheets are left alone; formulas are not computed.

    :param source: a path, or an open binary file that can be rewound.
    :raises Unreadable: the file is too large, not an .xlsx workbook, encrypted, a bomb, or lacks a sheet.
    """
    limits = limits or Limits()
    if isinstance(source, Path | str):
        with open(source, "rb") as file:
            return _read(file, limits)
    return _read(source, limits)


def _read(file: BinaryIO, limits: Limits) -> Workbook:
    _look_at_file(file, limits)
    with warnings.catch_warnings():  # openpyxl warns of drop-downs and dates that it cannot read; we find the latter
        warnings.simplefilter("ignore")
        try:
            book = openpyxl.load_workbook(file, read_only=True, data_only=False, keep_links=False)
        except Exception as error:  # a damaged part makes openpyxl raise whatever its parser met
            raise Unreadable(NOT_XLSX) from error
        try:
            titles = {plain_heading(sheet.title): sheet for sheet in reversed(book.worksheets)}
            for name in (HOUSEHOLDS, MEMBERS):
                if name not in titles:
                    raise Unreadable(MISSING_SHEET, sheet=name)
            return Workbook(*(_read_sheet(name, titles[name], limits) for name in (HOUSEHOLDS, MEMBERS)))
        except Unreadable:
            raise
        except Exception as error:
            raise Unreadable(NOT_XLSX) from error
        finally:
            book.close()


def _look_at_file(file: BinaryIO, limits: Limits) -> None:
    size = file.seek(0, 2)
    if size > limits.file_bytes:
        raise Unreadable(TOO_LARGE, size=-(-size // 1024**2), limit=limits.file_bytes // 1024**2)
    file.seek(0)
    if file.read(len(OLE_MAGIC)) == OLE_MAGIC:
        raise Unreadable(ENCRYPTED if ENCRYPTED_PACKAGE in file.read() else OLD_XLS)
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise Unreadable(NOT_XLSX) from error
    file.seek(0)
    unpacked = sum(part.file_size for part in parts)  # zipfile never reads beyond the promised size
    if unpacked > limits.unpacked_bytes or (unpacked > limits.growth_from and unpacked > limits.growth * size):
        raise Unreadable(ZIP_BOMB)
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable(ENCRYPTED)
    if "xl/workbook.xml" not in {part.filename.lstrip("/") for part in parts}:
        raise Unreadable(NOT_XLSX)


def _read_sheet(name: str, sheet: Any, limits: Limits) -> Sheet:
    sheet.reset_dimensions()  # some programs write a wrong size into the file
    heading: tuple[Raw, ...] = ()
    rows: list[Row] = []
    filled = cells = 0
    for number, row in _with_content(sheet):
        filled += number > 1
        cells += len(row)
        if filled > limits.rows or cells > limits.cells:
            raise Unreadable(TOO_MANY_ROWS, sheet=name, limit=limits.rows)
        values: list[Any] = [value if type(value) in PLAIN else _raw(value) for value in row]
        while values and (values[-1] is None or (isinstance(values[-1], str) and not values[-1].strip())):
            values.pop()
        if number == 1:
            heading = tuple(values)
        elif values:
            rows.append(Row(number, tuple(values)))
    return Sheet(name, heading, rows)


def _with_content(sheet: Any) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Yield every row with content and its number; the cells up to the last one with content, blank text included."""
    rows = sheet.iter_rows(max_row=LAST_ROW, max_col=LAST_COLUMN, values_only=True)
    for number, row in enumerate(rows, start=1):
        wide = row[NARROW:] != NOTHING_BEYOND
        end = LAST_COLUMN if wide else NARROW
        while end and row[end - 1] is None:
            end -= 1
        if end:
            yield number, row[:end]


def _raw(value: Any) -> Raw:
    """Mark formulas and errors. A text that begins with = is a formula typed into a cell formatted as text."""
    if not isinstance(value, str):  # array formulas and data tables come as objects
        return Formula(getattr(value, "text", None) or "=")
    if value.startswith("="):
        return Formula(value)
    return ErrorValue(value) if value in ERROR_CODES else value
