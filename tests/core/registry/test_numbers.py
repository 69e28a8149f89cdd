"""Document, credit code and telephone numbers; vectors of the standards, and a second opinion by id-validator."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from id_validator import validator

from core.registry.numbers import (
    BadNumber,
    check_digit,
    convert_15,
    mask_id,
    mask_phone,
    parse_credit_code,
    parse_disability_certificate,
    parse_foreign_residence,
    parse_id,
    parse_mobile,
    parse_phone,
    parse_residence_permit,
)

TODAY = date(2026, 11, 23)


def refused(parse, text, **kwargs):
    with pytest.raises(BadNumber) as bad:
        parse(text, **kwargs)
    return bad.value.code


@pytest.mark.parametrize(
    ("text", "number", "birth_on", "sex"),
    [
        ("360802195501010014", "360802195501010014", date(1955, 1, 1), "1"),
        ("360827194802290024", "360827194802290024", date(1948, 2, 29), "2"),
        ("36242519700630123X", "36242519700630123X", date(1970, 6, 30), "1"),
        ("36080319600101006x", "36080319600101006X", date(1960, 1, 1), "2"),
        (" ３６０８０２１９５５０１０１００１４　", "360802195501010014", date(1955, 1, 1), "1"),
        ("\u202d360802 19550101 0014", "360802195501010014", date(1955, 1, 1), "1"),
        ("362426480315002", "362426194803150027", date(1948, 3, 15), "2"),
    ],
)
def test_a_true_number_tells_birth_and_sex(text, number, birth_on, sex):
    found = parse_id(text, today=TODAY)
    assert (found.number, found.birth_on, found.sex) == (number, birth_on, sex)


def with_check(seventeen):
    return seventeen + check_digit(seventeen)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("36080219550101001", "bad_id_length"),
        ("", "bad_id_length"),
        ("360803198701280", "bad_id_length"),  # 18 digits that lost three: no day in it
        ("360802195501010015", "bad_check_digit"),
        ("36O802195501010014", "bad_check_digit"),
        (with_check("36080219550230001"), "bad_date"),
        (with_check("36080218991231001"), "bad_date"),
        (with_check("36080220261124001"), "birth_in_future"),
    ],
)
def test_a_broken_number_says_what_is_wrong(text, code):
    assert refused(parse_id, text, today=TODAY) == code


def test_whoever_is_born_today_has_a_number():
    assert parse_id(with_check("36080220261123001"), today=TODAY).birth_on == TODAY


def test_fifteen_digits_of_the_old_centenarians_keep_the_century():
    assert convert_15("360802981231996").startswith("36080218981231")
    assert refused(convert_15, "36080298123199X") == "bad_id_length"


def test_no_number_is_refused_for_its_place():
    for place in ("362401", "362432", "999999", "000000"):
        assert parse_id(with_check(place + "19550101001"), today=TODAY).sex == "1"


@given(
    place=st.sampled_from(["360803", "362421", "110101", "440305"]),
    birth_on=st.dates(date(1900, 1, 1), TODAY),
    sequence=st.integers(0, 999),
    last=st.sampled_from("0123456789X"),
)
def test_generated_numbers_agree_with_another_validator(place, birth_on, sequence, last):
    number = f"{place}{birth_on:%Y%m%d}{sequence:03}{last}"
    try:
        ours = parse_id(number, today=TODAY)
    except BadNumber:
        ours = None
    assert (ours is not None) == bool(validator.is_valid(number))
    if ours is not None:
        theirs = validator.get_info(number)
        assert ours.birth_on.isoformat() == theirs["birthday_code"]
        assert ours.sex == ("1" if theirs["sex"] == 1 else "2")


@given(st.text(max_size=20))
def test_no_text_breaks_the_check(text):
    for parse in (parse_id, parse_residence_permit, parse_foreign_residence, parse_disability_certificate):
        try:
            parse(text, today=TODAY)
        except BadNumber as bad:
            assert bad.code  # noqa: PT017 - most texts are refused; none may raise anything else


def test_permits_of_hong_kong_macao_and_taiwan_begin_with_their_region():
    number = with_check("81000019800101001")
    assert parse_residence_permit(number, today=TODAY).birth_on == date(1980, 1, 1)
    assert refused(parse_residence_permit, "360802195501010014", today=TODAY) == "unknown_value"


def test_foreigners_permanent_residence_has_two_forms():
    assert parse_foreign_residence("usa360019800101", today=TODAY).birth_on is None
    assert parse_foreign_residence(with_check("91133619800101002"), today=TODAY).sex == "2"
    assert refused(parse_foreign_residence, "360802195501010014", today=TODAY) == "unknown_value"


@pytest.mark.parametrize(
    "code", ["52360802MJC0000130", "52360802MJC000001Q", "91360803MA35000031", "11360803014900004U"]
)
def test_credit_codes_are_checked(code):
    assert parse_credit_code(code.lower()) == code
    wrong = code[:-1] + ("1" if code[-1] != "1" else "2")
    assert refused(parse_credit_code, wrong) == "bad_credit_code"


def test_a_disability_certificate_names_holder_category_and_grade():
    found = parse_disability_certificate("36080219550101001442B1", today=TODAY)
    assert (found.holder, found.category, found.grade) == ("360802195501010014", "4", "2")
    assert refused(parse_disability_certificate, "36080219550101001482", today=TODAY) == "bad_certificate"
    assert refused(parse_disability_certificate, "36080219550101001542", today=TODAY) == "bad_check_digit"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("13812341234", "13812341234"),
        ("+86 138-1234-1234", "13812341234"),
        ("１３８１２３４１２３４", "13812341234"),
        ("07968221234", "0796-8221234"),
        ("(0796)8221234", "0796-8221234"),
        ("0796-8221234转12", "0796-8221234-12"),
        ("010-62345678", "010-62345678"),
        ("8221234", "8221234"),
    ],
)
def test_a_telephone_number_is_tidied(text, number):
    assert parse_phone(text) == number


@pytest.mark.parametrize(
    "text", ["1381234123", "138123412345", "12812341234", "1234567", "0796-822", "无", "13812341234/8221234"]
)
def test_what_is_no_telephone_number_is_refused(text):
    assert refused(parse_phone, text) == "bad_phone"


def test_a_mobile_column_takes_no_landline():
    assert refused(parse_mobile, "0796-8221234") == "bad_phone"


def test_masks_hide_the_middle():
    assert mask_id("360802195501010014") == "360802********0014"
    assert mask_id("USA360019800101") == "***********0101"
    assert mask_id("1234") == "****"
    assert mask_phone("13812341234") == "138****1234"
    assert mask_phone("0796-8221234") == "0796*****234"
    assert mask_phone("8221234") == "*******"
