"""What time it is, once per request: a page whose parts disagree about today is wrong twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

TIMEZONE = ZoneInfo("Asia/Shanghai")
_now: ContextVar[datetime | None] = ContextVar("now", default=None)


def now() -> datetime:
    """Return this moment, aware UTC: the one of the request when it was stopped, else the wall clock's."""
    return _now.get() or datetime.now(UTC)


def local_day(moment: datetime) -> date:
    """Return the local day (Asia/Shanghai) of an aware moment."""
    return moment.astimezone(TIMEZONE).date()


def today() -> date:
    """Return the local day of this request."""
    return local_day(now())


@contextmanager
def stopped(moment: datetime | None = None) -> Iterator[datetime]:
    """Hold the clock at a moment (default: this one) for a request or a test."""
    held = moment or datetime.now(UTC)
    token = _now.set(held)
    try:
        yield held
    finally:
        _now.reset(token)
