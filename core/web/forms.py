"""Reading a form: every field is read, every fault is kept, and the page shows what was typed.

    given = Given(await request.form(), now=now)
    kind, until = given.choice("kind", KINDS), given.day("until", required=False)
    given.check()                      # raises Invalid with everything that is wrong

A reader that finds a fault returns None whatever its annotation says: nothing read may be used
before `check()` has passed. The page is drawn again from `Invalid.given` with status 422.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, overload
from uuid import UUID

from core.errors import Reason
from core.texts import N_

from .clock import TIMEZONE

NEEDED = Reason("core.needed", N_("This is empty. Please fill it in."))
TOO_LONG = Reason("core.too_long", N_("This has {length} characters; at most {most} fit. Please shorten it."))
NO_NUMBER = Reason("core.no_number", N_("“{given}” is not a whole number. Write digits only, for example {example}."))
TOO_SMALL = Reason("core.too_small", N_("{given} is too small. Write {least} or more."))
TOO_LARGE = Reason("core.too_large", N_("{given} is too large. Write {most} or less."))
NO_DAY = Reason("core.no_day", N_("There is no day “{given}”. Write year, month and day, for example {example}."))
TOO_EARLY = Reason("core.too_early", N_("{given} is too early. It can be {earliest} at the earliest."))
TOO_LATE = Reason("core.too_late", N_("{given} is too late. It can be {latest} at the latest."))
NOT_OFFERED = Reason("core.not_offered", N_("Choose one of the answers offered."))
TOO_FEW = Reason("core.too_few", N_("Choose {least} or more of the answers."))
NO_IDENTIFIER = Reason("core.no_identifier", N_("This cannot be found any more. Choose again from the list."))

NUMBER = re.compile(r"[+-]?\d{1,3}(,?\d{3})*|[+-]?\d+")
DAY = re.compile(r"(\d{4})(\d\d)(\d\d)|(\d{4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})\D?")
PARTS = ("year", "month", "day")
# Nobody types these, PostgreSQL takes no zero byte, and a lone carriage return is no line's end.
CONTROLS = dict.fromkeys([*range(0x09), *range(0x0B, 0x20), *range(0x7F, 0xA0)])
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2200, 12, 31)  # wider than any life or plan, narrower than a database


@dataclass(frozen=True)
class Fault:
    """What is wrong with one field."""

    reason: Reason
    blanks: Mapping[str, Any]


class Invalid(Exception):
    """The form has faults (422); `given` has them and everything that was typed."""

    def __init__(self, given: "Given") -> None:
        self.given = given
        super().__init__(", ".join(f"{name}: {fault.reason.code}" for name, fault in given.faults.items()))


class Given:
    """What somebody typed into a form, and what is wrong with it.

    :param form: the decoded form; a multi-dictionary or a mapping to a string or list of strings.
    :param now: aware UTC; examples of days are taken from it.
    """

    def __init__(self, form: Mapping[str, Any], *, now: datetime) -> None:
        self.form = form
        self.today = now.astimezone(TIMEZONE).date()
        self.faults: dict[str, Fault] = {}

    def all(self, name: str) -> list[str]:
        """Return every value sent under a name, as typed but for control characters; files are left out."""
        several = getattr(self.form, "getall", None)
        values = several(name, []) if several else self.form.get(name, [])
        sent = [values] if isinstance(values, str) else values or []
        return [value.translate(CONTROLS) for value in sent if isinstance(value, str)]

    def raw(self, name: str) -> str:
        """Return the first value as typed, to fill the field again; "" when there is none."""
        return next(iter(self.all(name)), "")

    def fault(self, name: str, reason: Reason, **blanks: Any) -> None:
        """Note what is wrong with a field; the first fault of a field stays."""
        self.faults.setdefault(name, Fault(reason, blanks))

    def check(self) -> None:
        """Raise `Invalid` when anything was wrong."""
        if self.faults:
            raise Invalid(self)

    @overload
    def text(self, name: str, required: Literal[True] = True, most: int = 2000) -> str: ...
    @overload
    def text(self, name: str, required: bool, most: int = 2000) -> str | None: ...
    def text(self, name: str, required: bool = True, most: int = 2000) -> str | None:
        """Read words, at most so many characters."""
        typed = unicodedata.normalize("NFC", self.raw(name)).strip()
        if not typed:
            self._empty(name, required)
            return None
        if len(typed) > most:
            self.fault(name, TOO_LONG, length=len(typed), most=most)
            return None
        return typed

    @overload
    def number(self, name: str, least: int, most: int, required: Literal[True] = True) -> int: ...
    @overload
    def number(self, name: str, least: int, most: int, required: bool) -> int | None: ...
    def number(self, name: str, least: int, most: int, required: bool = True) -> int | None:
        """Read a whole number between two bounds; full-width digits and thousands commas are understood."""
        typed = self._plain(name)
        if not typed:
            self._empty(name, required)
            return None
        if len(typed) > 18 or not NUMBER.fullmatch(typed):
            self.fault(name, NO_NUMBER, given=self.raw(name)[:40], example=str(least if least > 0 else most))
            return None
        value = int(typed.replace(",", ""))
        if value < least:
            self.fault(name, TOO_SMALL, given=value, least=least)
            return None
        if value > most:
            self.fault(name, TOO_LARGE, given=value, most=most)
            return None
        return value

    @overload
    def day(
        self, name: str, earliest: date | None = None, latest: date | None = None, required: Literal[True] = True
    ) -> date: ...
    @overload
    def day(
        self, name: str, earliest: date | None = None, latest: date | None = None, *, required: bool
    ) -> date | None: ...
    def day(
        self, name: str, earliest: date | None = None, latest: date | None = None, required: bool = True
    ) -> date | None:
        """Read a local day from one field, or from three: `name-year`, `name-month`, `name-day`.

        :param earliest: default: 1900-01-01. :param latest: default: 2200-12-31.
        """
        boxes = [self._plain(f"{name}-{part}") for part in PARTS]
        typed = "-".join(boxes) if any(boxes) else self._plain(name)
        if not typed:
            self._empty(name, required)
            return None
        value = _day(typed)
        if value is None:
            self.fault(name, NO_DAY, given=typed[:40], example=self.today.isoformat())
            return None
        earliest, latest = max(earliest or FIRST_DAY, FIRST_DAY), min(latest or LAST_DAY, LAST_DAY)
        if value < earliest:
            self.fault(name, TOO_EARLY, given=value, earliest=earliest)
            return None
        if value > latest:
            self.fault(name, TOO_LATE, given=value, latest=latest)
            return None
        return value

    @overload
    def choice(self, name: str, options: Iterable[str], required: Literal[True] = True) -> str: ...
    @overload
    def choice(self, name: str, options: Iterable[str], required: bool) -> str | None: ...
    def choice(self, name: str, options: Iterable[str], required: bool = True) -> str | None:
        """Read one of the answers offered."""
        typed = self.raw(name).strip()
        if not typed:
            self._empty(name, required)
            return None
        if typed not in set(options):
            self.fault(name, NOT_OFFERED)
            return None
        return typed

    def choices(self, name: str, options: Iterable[str], least: int = 0) -> tuple[str, ...]:
        """Read any of the answers offered, each once, in the order sent."""
        offered, chosen = set(options), tuple(dict.fromkeys(filter(None, self.all(name))))
        if not offered.issuperset(chosen):
            self.fault(name, NOT_OFFERED)
        elif len(chosen) < least:
            self.fault(name, TOO_FEW, least=least)
        return chosen

    @overload
    def identifier(self, name: str, required: Literal[True] = True) -> UUID: ...
    @overload
    def identifier(self, name: str, required: bool) -> UUID | None: ...
    def identifier(self, name: str, required: bool = True) -> UUID | None:
        """Read the id of a row."""
        typed = self.raw(name).strip()
        if not typed:
            self._empty(name, required)
            return None
        try:
            return UUID(typed)
        except ValueError:
            self.fault(name, NO_IDENTIFIER)
            return None

    def flag(self, name: str) -> bool:
        """Read a box to tick."""
        return self.raw(name).strip().lower() in {"1", "on", "true", "yes"}

    def _plain(self, name: str) -> str:
        return unicodedata.normalize("NFKC", self.raw(name)).strip()

    def _empty(self, name: str, required: bool) -> None:
        if required:
            self.fault(name, NEEDED)


def _day(typed: str) -> date | None:
    parts = DAY.fullmatch(typed)
    if parts is None:
        return None
    year, month, day = (int(part) for part in parts.groups() if part is not None)
    try:
        return date(year, month, day)
    except ValueError:
        return None
