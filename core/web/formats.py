"""How values read on a page: template filters, in the language of the request, local time.

`None` means unknown and reads as a dash. Nothing here looks at the wall clock; "today" is `clock`'s.
"""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal
from babel.units import format_unit

from core.texts import N_, Words, language

from . import clock

UNKNOWN = "—"
YESTERDAY, TODAY, TOMORROW = N_("yesterday"), N_("today"), N_("tomorrow")
AGO, AHEAD = N_("{days} days ago"), N_("in {days} days")


def when(moment: datetime | None) -> str:
    """Say a moment (aware): `Thu 26 Nov, 14:05`; the year only when it is not this one.

    :raises ValueError: the moment has no zone.
    """
    if moment is None:
        return UNKNOWN
    local = _local(moment)
    comma = " " if language.get().startswith("zh") else ", "
    return f"{day(local.date())}{comma}{local:%H:%M}"


def day(moment: date | datetime | None) -> str:
    """Say a local day with its weekday: `Thu 26 Nov`; the year only when it is not this one."""
    if moment is None:
        return UNKNOWN
    local = _day(moment)
    return _day_words(local, local.year != clock.today().year, language.get())


def weekday(moment: date | datetime | None) -> str:
    """Say the weekday alone: `Thu`."""
    return UNKNOWN if moment is None else format_date(_day(moment), "EEE", locale=Locale.parse(language.get()))


@lru_cache(maxsize=4096)
def _day_words(local: date, with_year: bool, code: str) -> str:
    locale = Locale.parse(code)
    if code == "en":
        return format_date(local, "EEE d MMM y" if with_year else "EEE d MMM", locale=locale)
    name = format_date(local, "EEE", locale=locale)
    return f"{format_skeleton('yMMMd' if with_year else 'MMMd', local, locale=locale)} {name}"


def distance(moment: date | datetime | None, words: Words) -> str:
    """Say how far a day is from today: `yesterday`, `in 3 days`; the filter `near`."""
    if moment is None:
        return UNKNOWN
    days = (_day(moment) - clock.today()).days
    if near := {-1: YESTERDAY, 0: TODAY, 1: TOMORROW}.get(days):
        return words.say("core", near)
    return words.say("core", AHEAD if days > 0 else AGO, days=abs(days))


def age(birth_on: date | None, today: date | None = None) -> str:
    """Say the age in full years on a day (default: today); somebody born on 29 February ages on 1 March."""
    if birth_on is None:
        return UNKNOWN
    on = today or clock.today()
    return str(on.year - birth_on.year - ((on.month, on.day) < (birth_on.month, birth_on.day)))


def minutes(amount: int | None) -> str:
    """Say a duration given in minutes: `45 min`, from two hours on `2 hr 30 min`."""
    if amount is None:
        return UNKNOWN
    locale = Locale.parse(language.get())
    if amount < 120:
        return format_unit(amount, "minute", "short", locale=locale)
    hours = format_unit(amount // 60, "hour", "short", locale=locale)
    rest = format_unit(amount % 60, "minute", "short", locale=locale) if amount % 60 else ""
    return (hours + rest) if locale.language == "zh" else f"{hours} {rest}".rstrip()


def yuan(fen: int | None) -> str:
    """Write an amount of fen in yuan: 112040 → `1,120.40`. The unit stands in the column's head."""
    if fen is None:
        return UNKNOWN
    sign, amount = "-" if fen < 0 else "", abs(fen)
    return f"{sign}{amount // 100:,}.{amount % 100:02d}"


def number(value: int | Decimal | float | None) -> str:
    """Write a number with thousands apart: `1,120`."""
    return UNKNOWN if value is None else format_decimal(value, locale="en")


def masked_id(text: str | None) -> str:
    """Cover an identity number: area and the last four stay, `360822********0426`."""
    return _masked(text, 6, 4)


def masked_phone(text: str | None) -> str:
    """Cover a telephone number: `138****1234`; of a short one only the last two digits stay."""
    return _masked(text, 3, 4)


def _masked(text: str | None, first: int, last: int) -> str:
    if not text:
        return UNKNOWN
    kept = re.sub(r"\s", "", text)
    if len(kept) < first + last + 3:
        return "*" * max(len(kept) - 2, 0) + kept[-2:] if len(kept) > 4 else "*" * len(kept)
    return kept[:first] + "*" * (len(kept) - first - last) + kept[-last:]


def shown(value: Any) -> str:
    """Write a value that fills the {blank} of a sentence."""
    match value:
        case None:
            return UNKNOWN
        case bool() | str():
            return str(value)
        case datetime():
            return when(value)
        case date():
            return day(value)
        case int() | float() | Decimal():
            return number(value)
        case list() | tuple():
            return (", " if language.get() == "en" else "\u3001").join(shown(item) for item in value)
        case _:
            return str(value)


def _local(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("A moment needs a zone; store and pass aware UTC.")
    return moment.astimezone(UTC).astimezone(clock.TIMEZONE)


def _day(moment: date | datetime) -> date:
    return _local(moment).date() if isinstance(moment, datetime) else moment


FILTERS = {
    "when": when,
    "day": day,
    "weekday": weekday,
    "age": age,
    "minutes": minutes,
    "yuan": yuan,
    "number": number,
    "masked_id": masked_id,
    "masked_phone": masked_phone,
}
