"""What can be said without a database."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

KINDS = ("needs.nursing", "meal_rounds.meals")


def today() -> date:
    """Return the local day."""
    return datetime.now(ZoneInfo("Asia/Shanghai")).date()


def first_day() -> date:
    """Return the day on which a new round could begin: the kitchen buys for tomorrow."""
    return today() + timedelta(days=1)
