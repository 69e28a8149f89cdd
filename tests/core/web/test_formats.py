from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from core.texts import Words, language, read_catalogues
from core.web import clock, formats

NOW = datetime(2026, 11, 23, 1, 40, tzinfo=UTC)
WORDS = Words(read_catalogues({"core": "core"}), formats.shown)


@pytest.fixture(autouse=True)
def stopped() -> Iterator[None]:
    token = language.set("en")
    with clock.stopped(NOW):
        yield
    language.reset(token)


@pytest.mark.parametrize(
    ("spoken", "words"),
    [("en", "Thu 26 Nov, 14:05"), ("zh_Hans", "11月26日 周四 14:05"), ("zh_Hant", "11月26日 週四 14:05")],
)
def test_a_moment_reads_in_local_time_with_its_weekday(spoken: str, words: str) -> None:
    language.set(spoken)
    assert formats.when(datetime(2026, 11, 26, 6, 5, tzinfo=UTC)) == words


def test_the_local_day_begins_in_the_evening_of_utc() -> None:
    assert formats.day(datetime(2026, 11, 25, 16, 0, tzinfo=UTC)) == "Thu 26 Nov"


def test_another_year_is_named() -> None:
    assert formats.day(date(2025, 9, 1)) == "Mon 1 Sep 2025"
    language.set("zh_Hans")
    assert formats.day(date(2025, 9, 1)) == "2025年9月1日 周一"


def test_a_moment_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        formats.when(datetime(2026, 11, 26, 6, 5))


@pytest.mark.parametrize(
    ("day", "english", "chinese"),
    [
        (date(2026, 11, 23), "today", "今天"),
        (date(2026, 11, 22), "yesterday", "昨天"),
        (date(2026, 11, 24), "tomorrow", "明天"),
        (date(2026, 11, 26), "in 3 days", "3天后"),
        (date(2026, 11, 2), "21 days ago", "21天前"),
    ],
)
def test_near_days_are_counted(day: date, english: str, chinese: str) -> None:
    assert formats.distance(day, WORDS) == english
    language.set("zh_Hans")
    assert formats.distance(day, WORDS) == chinese


def test_somebody_born_on_a_leap_day_ages_on_the_first_of_march() -> None:
    born = date(2012, 2, 29)
    assert formats.age(born, date(2026, 2, 28)) == "13"
    assert formats.age(born, date(2026, 3, 1)) == "14"
    assert formats.age(date(1980, 11, 23)) == "46"


def test_minutes_become_hours_when_there_are_many() -> None:
    assert [formats.minutes(n) for n in (45, 119, 120, 150)] == ["45 min", "119 min", "2 hr", "2 hr 30 min"]
    language.set("zh_Hans")
    assert [formats.minutes(n) for n in (45, 150)] == ["45分钟", "2小时30分钟"]


@pytest.mark.parametrize(("fen", "words"), [(112040, "1,120.40"), (5, "0.05"), (-5, "-0.05"), (0, "0.00")])
def test_fen_read_as_yuan(fen: int, words: str) -> None:
    assert formats.yuan(fen) == words


@pytest.mark.parametrize(
    ("number", "covered"),
    [
        ("360822199001010426", "360822********0426"),
        ("360822900101042", "360822*****1042"),
        ("3608 2219", "******19"),
        ("123", "***"),
    ],
)
def test_identity_numbers_are_covered(number: str, covered: str) -> None:
    assert formats.masked_id(number) == covered


def test_telephone_numbers_are_covered() -> None:
    assert formats.masked_phone("13812341234") == "138****1234"
    assert "8123" not in formats.masked_phone("0796-8123456")


def test_nothing_known_reads_as_a_dash() -> None:
    assert {read(None) for name, read in formats.FILTERS.items()} == {"—"}


def test_a_sentence_formats_what_fills_its_blanks() -> None:
    assert WORDS.say("core", "{a} and {b}", a=12000, b=date(2026, 11, 26)) == "12,000 and Thu 26 Nov"
    with pytest.raises(KeyError):
        WORDS.say("core", "{a} and {b}", a=1)
