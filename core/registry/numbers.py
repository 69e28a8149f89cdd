"""Numbers that people, organisations and telephones carry: checked, normalised, masked. Pure functions.

A broken number raises `BadNumber` whose code is also a fault code of the household workbook. A number is
never refused for the place in its first six digits: they name where it was first issued, and before
2000 the Ji'an prefecture used 3624xx, which no list of today has.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Any

from stdnum import exceptions as stdnum_exceptions
from stdnum.cn import ric, uscc

RESIDENCE_PREFIXES = ("81", "82", "83")  # Hong Kong, Macao, Taiwan
EARLIEST_BIRTH = date(1900, 1, 1)
CENTENARIANS = ("996", "997", "998", "999")  # in 15 digits these sequences were kept for people born in the 1800s
UNSEEN = re.compile("[\\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]+")
MOBILE = re.compile(r"1[3-9][0-9]{9}")
LANDLINE = re.compile(r"(?:(0(?:10|2\d|[3-9]\d{2}))-?)?([2-8]\d{6,7})(?:(?:-|转|ext\.?)(\d{1,6}))?", re.ASCII)
DISABILITY_CERTIFICATE = re.compile(r"(\d{17}[\dX])([1-7])([1-4])(B\d)?", re.ASCII)
FOREIGN_OLD = re.compile(r"[A-Z]{3}[0-9]{12}")


class BadNumber(ValueError):
    """The number is not one; `code` says why: bad_id_length, bad_check_digit, bad_date and so on."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class IdNumber:
    """A checked document number, its birth date and sex (GB/T 2261.1: "1" male, "2" female) where it tells them."""

    number: str
    birth_on: date | None
    sex: str | None


@dataclass(frozen=True)
class DisabilityCertificate:
    """A checked disability certificate: its holder's ID number, category 1-7, grade 1-4 (GB/T 26341-2010)."""

    number: str
    holder: str
    category: str
    grade: str


def compact(text: str) -> str:
    """Return the number as it is meant: half-width, upper case, without spaces or invisible characters."""
    return UNSEEN.sub("", unicodedata.normalize("NFKC", text)).strip("'`’").upper()


def check_digit(seventeen: str) -> str:
    """Return the 18th character for 17 digits (ISO 7064 mod 11-2, GB 11643-1999)."""
    return str(ric.calc_check_digit(seventeen + "0"))


def convert_15(fifteen: str) -> str:
    """Lengthen an ID number of 15 digits, as issued until 1999, to 18.

    :raises BadNumber: bad_id_length, it does not have 15 digits.
    """
    if not re.fullmatch(r"[0-9]{15}", fifteen):
        raise BadNumber("bad_id_length")
    century = "18" if fifteen.endswith(CENTENARIANS) else "19"
    seventeen = fifteen[:6] + century + fifteen[6:]
    return seventeen + check_digit(seventeen)


def parse_id(text: str, *, today: date) -> IdNumber:
    """Read the number of a resident identity card (GB 11643-1999).

    :param text: 18 characters, or the 15 digits of an old card; full width, spaces and a small x are mended.
    :param today: the local date; nobody is born after it.
    :raises BadNumber: bad_id_length · bad_check_digit · bad_date (no such day, or before 1900) · birth_in_future.
    """
    number = compact(text)
    if len(number) == 15:
        try:
            return _parse_18(convert_15(number), today)
        except BadNumber:  # a number of 18 that lost three digits looks like this
            raise BadNumber("bad_id_length") from None
    return _parse_18(number, today)


def parse_residence_permit(text: str, *, today: date) -> IdNumber:
    """Read the number of a residence permit for people of Hong Kong, Macao or Taiwan: 81, 82 or 83 first.

    :raises BadNumber: as `parse_id`; unknown_value when it begins otherwise.
    """
    number = compact(text)
    found = _parse_18(number, today)
    if not number.startswith(RESIDENCE_PREFIXES):
        raise BadNumber("unknown_value")
    return found


def parse_foreign_residence(text: str, *, today: date) -> IdNumber:
    """Read the number of a foreigner's permanent residence card.

    Cards since 2023 have 18 digits, 9 first, in the structure of the resident's card. Older ones have three
    letters and 12 digits; their birth date has no century, so it is not taken from there.

    :raises BadNumber: as `parse_id`; unknown_value when 18 digits begin otherwise.
    """
    number = compact(text)
    if FOREIGN_OLD.fullmatch(number):
        return IdNumber(number, None, None)
    found = _parse_18(number, today)
    if not number.startswith("9"):
        raise BadNumber("unknown_value")
    return found


def _parse_18(number: str, today: date) -> IdNumber:
    if len(number) != 18:
        raise BadNumber("bad_id_length")
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number) or number[-1] != check_digit(number[:17]):
        raise BadNumber("bad_check_digit")
    try:
        birth_on = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise BadNumber("bad_date") from None
    if birth_on < EARLIEST_BIRTH:
        raise BadNumber("bad_date")
    if birth_on > today:
        raise BadNumber("birth_in_future")
    return IdNumber(number, birth_on, "1" if int(number[16]) % 2 else "2")


def parse_disability_certificate(text: str, *, today: date) -> DisabilityCertificate:
    """Read a disability certificate: the holder's ID number, category, grade, and B1, B2, … when issued again.

    :raises BadNumber: bad_certificate; or as `parse_id` for the ID number in it.
    """
    number = compact(text)
    matched = DISABILITY_CERTIFICATE.fullmatch(number)
    if not matched:
        raise BadNumber("bad_certificate")
    holder = _parse_18(matched[1], today).number
    return DisabilityCertificate(number, holder, matched[2], matched[3])


def parse_credit_code(text: str) -> str:
    """Return a unified social credit code (GB 32100-2015) of 18 characters.

    :raises BadNumber: bad_credit_code.
    """
    number = compact(text)
    try:
        checked: Any = uscc.validate(number)
    except stdnum_exceptions.ValidationError:
        raise BadNumber("bad_credit_code") from None
    return str(checked)


def parse_mobile(text: str) -> str:
    """Return a mobile number as 11 digits; +86, spaces and hyphens are left out.

    :raises BadNumber: bad_phone.
    """
    digits = compact(text).replace("-", "")
    digits = re.sub(r"^(?:\+|00)86(?=[0-9]{11}$)", "", digits)
    if not MOBILE.fullmatch(digits):
        raise BadNumber("bad_phone")
    return digits


def parse_phone(text: str) -> str:
    """Return a mobile number, or a landline as area code, number and extension joined by hyphens (0796-8221234).

    :raises BadNumber: bad_phone.
    """
    try:
        return parse_mobile(text)
    except BadNumber:
        plain = compact(text).replace("(", "").replace(")", "-").lower()
        landline = LANDLINE.fullmatch(plain)
        if not landline:
            raise
        return "-".join(part for part in landline.groups() if part)


def mask_id(number: str) -> str:
    """Hide the birth date of an ID number: 360802********0014. Other numbers keep their last four characters."""
    if len(number) == 18:
        return number[:6] + "*" * 8 + number[-4:]
    return "*" * max(len(number) - 4, 0) + number[-4:] if len(number) > 4 else "*" * len(number)


def mask_phone(number: str) -> str:
    """Hide the middle of a telephone number: 138****1234, 0796****234."""
    if len(number) <= 7:
        return "*" * len(number)
    if MOBILE.fullmatch(number):
        return number[:3] + "****" + number[-4:]
    return number[:4] + "*" * (len(number) - 7) + number[-3:]
