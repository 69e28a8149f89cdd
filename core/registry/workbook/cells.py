"""One cell at a time: what a person typed, and what it means for its column."""

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum

from core.registry import numbers

from .columns import CLEARED, MAX_NUMBER, Column, Kind
from .read import ErrorValue, Formula, Raw


class Cleared(Enum):
    """The officer wrote （清空）: what is known shall be deleted. A blank cell (None) changes nothing."""

    CLEAR = CLEARED


CLEAR = Cleared.CLEAR
GivenText = str | Cleared | None
GivenDay = date | Cleared | None

DAY = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})-|/([0-9]{1,2})/|\.([0-9]{1,2})\.|年([0-9]{1,2})月)([0-9]{1,2})日?")
DAY_IN_DIGITS = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
# Free text keeps its punctuation and rare characters: NFKC would replace some ideographs by others.
HALF_WIDTH = {
    wide: wide - 0xFEE0 for first, last in ("０９", "ＡＺ", "ａｚ") for wide in range(ord(first), ord(last) + 1)
}
MIDDLE_DOTS = {ord(dot): "·" for dot in "•‧・･．∙⋅"}
GAP_IN_NAME = re.compile(r"(?<=[^\W\da-zA-Z_])\s+(?=[^\W\da-zA-Z_])|\s*(?=·)|(?<=·)\s*")
AS_TYPED = {Kind.TEXT, Kind.NAME}
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")  # pasted along from web pages
FORMULA_STARTS = ("=", "+", "-", "@")


class BadCell(ValueError):
    """The cell cannot be accepted; `code` is its fault code."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def shown(column: Column, raw: Raw) -> str:
    """Return a cell's content as text, as a fault names it: trimmed, digits half-width, dates as YYYY-MM-DD."""
    match raw:
        case None:
            return ""
        case Formula():
            return str(raw)
        case bool():
            return str(raw).upper()
        case float() if raw.is_integer():
            return f"{Decimal(repr(raw)):f}".removesuffix(".0")
        case datetime():
            return raw.date().isoformat() if raw.time() == time.min else raw.isoformat(" ")
        case date():
            return raw.isoformat()
        case time() | timedelta() | int() | float():
            return str(raw)
    if column.kind is Kind.DOCUMENT:
        return numbers.compact(raw)
    visible = without_guard(INVISIBLE.sub("", raw).strip())
    if column.kind in AS_TYPED:
        return visible.translate(HALF_WIDTH)
    return unicodedata.normalize("NFKC", visible).strip()


def guarded(text: str) -> str:
    """Return a text that no program takes for a formula: ' before = + - @."""
    return "'" + text if text.lstrip().startswith(FORMULA_STARTS) else text


def without_guard(text: str) -> str:
    """Take off the ' that `guarded` put before a text."""
    return text[1:].strip() if text.startswith("'") and text[1:].lstrip().startswith(FORMULA_STARTS) else text


def is_cleared(text: str) -> bool:
    """Say whether the cell holds （清空）, with brackets of either width."""
    return unicodedata.normalize("NFKC", text) == unicodedata.normalize("NFKC", CLEARED)


def read_cell(column: Column, raw: Raw, *, today: date) -> GivenText | date:
    """Return what a cell means: a code, a normalised text or a day; None when blank; CLEAR for （清空）.

    Document numbers are only tidied here: how they are checked depends on the kind of document.

    :raises BadCell: with the fault code.
    """
    if isinstance(raw, Formula):
        raise BadCell("formula_cell")
    if column.kind is Kind.CHOICE and isinstance(raw, str):  # the usual case, seen a hundred thousand times
        entry = column.codes.by_word(raw) if column.codes is not None else None
        if entry is not None:
            return entry.code
    text = shown(column, raw)
    if text.startswith("="):  # behind the ' of `guarded`
        raise BadCell("formula_cell")
    if not text or is_cleared(text):
        if column.required:
            raise BadCell("missing_required")
        return CLEAR if text else None
    if isinstance(raw, ErrorValue):
        raise BadCell("bad_date" if column.kind is Kind.BIRTH else "unknown_value")
    match column.kind:
        case Kind.CHOICE:
            return _choice(column, text)
        case Kind.BIRTH:
            return _birth(raw, text, today)
        case Kind.DOCUMENT:
            if isinstance(raw, int | float):
                raise BadCell("id_as_number")
            return text
        case Kind.PHONE | Kind.MOBILE:
            return _phone(column, text)
        case Kind.COLLECTOR if len(text) > MAX_NUMBER:
            raise BadCell("unknown_value")
        case Kind.DIVISION:
            return text.upper()
        case Kind.NAME:
            return GAP_IN_NAME.sub("", text.translate(MIDDLE_DOTS))
    return text


def _choice(column: Column, text: str) -> str:
    entry = column.codes.by_word(text) if column.codes is not None else None
    if entry is None:
        raise BadCell("unknown_value")
    return entry.code


def _birth(raw: Raw, text: str, today: date) -> date:
    if isinstance(raw, date):  # a moment is a date too
        day = date(raw.year, raw.month, raw.day)
    else:
        matched = DAY.fullmatch(text) or DAY_IN_DIGITS.fullmatch(text)
        if not matched:
            raise BadCell("bad_date")
        year, month, of_month = (int(part) for part in matched.groups() if part)
        try:
            day = date(year, month, of_month)
        except ValueError:
            raise BadCell("bad_date") from None
    if day < numbers.EARLIEST_BIRTH:
        raise BadCell("bad_date")
    if day > today:
        raise BadCell("birth_in_future")
    return day


def _phone(column: Column, text: str) -> str:
    try:
        return numbers.parse_mobile(text) if column.kind is Kind.MOBILE else numbers.parse_phone(text)
    except numbers.BadNumber as bad:
        raise BadCell(bad.code) from None
