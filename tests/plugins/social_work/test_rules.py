"""What can stand against a provider, as an official can read it."""

from datetime import date
from typing import Any

import pytest

from plugins.social_work.rules import (
    NO_AGREEMENT,
    NO_PLACE,
    NOT_ITS_SERVICE,
    NOT_ITS_TOWN,
    against,
    answered,
    codes,
    first_contact,
    number_of,
)

TODAY = date(2026, 11, 23)
FITS: dict[str, Any] = {
    "provider": "Warm Sun", "services": " a.b c.d ", "service": "c.d", "serves_town": True,
    "agreement_from": date(2026, 11, 23), "agreement_until": date(2026, 11, 24), "places": 2, "taken": 1,
    "today": TODAY,
}  # fmt: skip


@pytest.mark.parametrize(
    ("different", "reasons"),
    [
        ({}, set()),
        ({"agreement_until": None}, set()),
        ({"service": "c"}, {NOT_ITS_SERVICE}),
        ({"service": None}, {NOT_ITS_SERVICE}),
        ({"serves_town": False}, {NOT_ITS_TOWN}),
        ({"agreement_from": date(2026, 11, 24)}, {NO_AGREEMENT}),
        ({"agreement_until": TODAY}, {NO_AGREEMENT}),
        ({"taken": 2}, {NO_PLACE}),
        ({"taken": 2, "serves_town": False}, {NO_PLACE, NOT_ITS_TOWN}),
    ],
)
def test_what_stands_against_a_provider(different: dict[str, Any], reasons: set[Any]) -> None:
    assert set(against(**{**FITS, **different})) == reasons


@pytest.mark.parametrize(
    ("referral", "need", "latest", "expected"),
    [
        ("done", "delivered", True, False),
        ("done", "met", True, True),
        ("done", "unmet", True, True),
        ("done", "open", True, True),
        ("done", "delivered", False, True),
        ("accepted", "in_service", True, False),
        ("revoked", "withdrawn", True, False),
    ],
)
def test_a_word_was_given_when_the_need_went_on(referral: str, need: str, latest: bool, expected: bool) -> None:
    assert answered(referral, need, latest=latest) is expected


def test_numbers_days_and_codes_are_written_as_people_know_them() -> None:
    assert number_of(2026, 7) == "2026-0007"
    assert number_of(2026, 12345) == "2026-12345"
    assert first_contact(TODAY, 3) == date(2026, 11, 26)
    assert codes(["c.d", "a.b", "a.b"]) == " a.b c.d "
