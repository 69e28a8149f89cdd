from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as every
from hypothesis import strategies as st
from litestar.datastructures import FormMultiDict

from core.web import forms
from core.web.forms import Given, Invalid

NOW = datetime(2026, 11, 23, 1, 40, tzinfo=UTC)


def form(**fields: Any) -> Given:
    return Given(fields, now=NOW)


def fault(given: Given, name: str = "x") -> str:
    return given.faults[name].reason.code


def test_all_faults_are_gathered_and_what_was_typed_is_kept() -> None:
    given = form(kind=" ", amount="many", day="2026-02-30")
    given.text("kind")
    given.number("amount", 1, 10)
    given.day("day")
    with pytest.raises(Invalid) as refused:
        given.check()
    assert {name: fault.reason for name, fault in refused.value.given.faults.items()} == {
        "kind": forms.NEEDED,
        "amount": forms.NO_NUMBER,
        "day": forms.NO_DAY,
    }
    assert refused.value.given.raw("amount") == "many"


def test_a_form_without_faults_passes() -> None:
    given = form(kind=" companion ", more="")
    assert (given.text("kind"), given.text("more", required=False)) == ("companion", None)
    given.check()


def test_too_many_characters_are_counted() -> None:
    given = form(x="abcdef")
    assert given.text("x", most=5) is None
    assert given.faults["x"].blanks == {"length": 6, "most": 5}


@pytest.mark.parametrize(("typed", "read"), [("12", 12), (" １２ ", 12), ("1,200", 1200), ("007", 7)])
def test_whole_numbers_are_read(typed: str, read: int) -> None:
    given = form(x=typed)
    assert given.number("x", 1, 5000) == read
    given.check()


@pytest.mark.parametrize("typed", ["12,3", "1.5", "0x1", "12人", "9" * 19])
def test_what_is_no_whole_number_is_said_to_be_none(typed: str) -> None:
    given = form(x=typed)
    assert given.number("x", 1, 5000) is None
    assert fault(given) == "core.no_number"


def test_a_number_keeps_its_bounds() -> None:
    low, high = form(x="0"), form(x="11")
    assert low.number("x", 1, 10) is None
    assert high.number("x", 1, 10) is None
    assert (fault(low), fault(high)) == ("core.too_small", "core.too_large")


@pytest.mark.parametrize(
    "typed",
    ["2026-11-26", "２０２６－１１－２６", "2026/11/26", "2026.11.26", "20261126", "2026年11月26日", " 2026-11-26 "],
)
def test_days_are_read_as_people_write_them(typed: str) -> None:
    assert form(x=typed).day("x") == date(2026, 11, 26)


@pytest.mark.parametrize("typed", ["2026-02-30", "26-11-2026", "tomorrow", "2026-11", "0000-01-01", "2026-11-26 14:00"])
def test_what_is_no_day_is_said_to_be_none(typed: str) -> None:
    given = form(x=typed)
    assert given.day("x") is None
    assert given.faults["x"].blanks == {"given": typed, "example": "2026-11-23"}


def test_a_day_comes_from_three_boxes() -> None:
    assert Given({"x-year": "１９７９", "x-month": "4", "x-day": "12"}, now=NOW).day("x") == date(1979, 4, 12)
    given = Given({"x-year": "1979", "x-month": "", "x-day": "12"}, now=NOW)
    assert given.day("x") is None
    assert fault(given) == "core.no_day"
    assert Given({"x-year": "", "x-month": "", "x-day": ""}, now=NOW).day("x", required=False) is None


def test_a_day_keeps_its_bounds() -> None:
    early, late = form(x="2026-11-01"), form(x="2026-12-01")
    assert early.day("x", earliest=date(2026, 11, 2)) is None
    assert late.day("x", latest=date(2026, 11, 30)) is None
    assert (fault(early), fault(late)) == ("core.too_early", "core.too_late")


def test_only_what_was_offered_can_be_chosen() -> None:
    assert form(x="a").choice("x", ["a", "b"]) == "a"
    other = form(x="c")
    assert other.choice("x", ["a", "b"]) is None
    assert fault(other) == "core.not_offered"
    many = Given(FormMultiDict([("x", "a"), ("x", "b"), ("x", "a")]), now=NOW)
    assert many.choices("x", ["a", "b"]) == ("a", "b")
    assert many.choices("x", ["a", "b"], least=3) == ("a", "b")
    assert fault(many) == "core.too_few"


def test_identifiers_and_ticks_are_read() -> None:
    known = "01920000-0000-7000-8000-000000000000"
    given = form(id=known, bad="1", sure="1")
    assert given.identifier("id") == UUID(known)
    assert given.identifier("bad") is None
    assert fault(given, "bad") == "core.no_identifier"
    assert (given.flag("sure"), given.flag("other")) == (True, False)


@every(st.dictionaries(st.sampled_from(["x", "x-year", "x-month", "x-day"]), st.text(max_size=30)))
def test_no_typing_breaks_a_reader(fields: dict[str, str]) -> None:
    given = Given(fields, now=NOW)
    read = [given.text("x"), given.number("x", 0, 9), given.day("x"), given.identifier("x"), given.choice("x", ["1"])]
    assert len(read) == 5
    assert set(given.faults) <= {"x"}
