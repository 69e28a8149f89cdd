"""The demo county: true places, invented people that pass every check of the registry."""

from collections import Counter
from datetime import date
from itertools import islice

import pytest

from core.demo import COUNTY, generate, read_areas
from core.registry import codes
from core.registry.numbers import parse_id, parse_mobile

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def homes():
    return list(generate(today=TODAY))


def test_every_place_lies_in_one_that_stands_before_it():
    areas = read_areas()
    seen = {None}
    for area in areas:
        assert area.parent in seen
        seen.add(area.code)
    assert len(seen) == len(areas) + 1
    assert Counter(area.level for area in areas) == {"city": 1, "county": 1, "town": 12, "village": 139}


def test_one_zone_has_a_local_code_at_the_level_of_towns():
    zones = [area for area in read_areas() if area.code.startswith("L") and area.level == "town"]
    assert [(zone.code, zone.parent) for zone in zones] == [("L360803", COUNTY)]
    assert len([area for area in read_areas() if area.parent == "L360803"]) == 3


def test_every_number_is_true_unique_and_agrees_with_its_person(homes):
    numbers = set()
    for home in homes:
        for member in home.members:
            found = parse_id(member.id_number, today=TODAY)
            assert (found.birth_on, found.sex) == (member.birth_on, member.sex)
            assert member.id_number[:4] in ("3608", "3624")
            numbers.add(member.id_number)
    assert len(numbers) == sum(len(home.members) for home in homes)


def test_every_household_has_one_head_and_known_codes(homes):
    villages = {area.code for area in read_areas() if area.level == "village"}
    assert len({home.number for home in homes}) == len(homes) == 2000
    for home in homes:
        assert [member.relation for member in home.members].count(codes.HEAD) == 1
        assert home.village in villages
        assert home.zone in codes.URBAN_RURAL
        assert home.cause in codes.CAUSE
        assert home.phone is None or parse_mobile(home.phone).startswith("154")
        for member in home.members:
            assert member.relation in codes.RELATION
            assert member.ethnicity in codes.ETHNICITY
            assert member.health in codes.HEALTH
            assert (member.disability_category is None) == (member.disability_grade is None)
            assert member.education is None or member.education in codes.EDUCATION
            assert member.marital in codes.MARITAL


def test_children_are_a_generation_younger_than_their_parents(homes):
    for home in homes:
        head = next(member for member in home.members if member.relation == codes.HEAD)
        for member in home.members:
            years = (member.birth_on - head.birth_on).days / 365.25
            if member.relation[0] in "23":
                assert years > 16
            if member.relation in ("51", "52"):
                assert years < -16


def test_the_same_seed_gives_the_same_people_and_another_one_others(homes):
    assert list(generate(today=TODAY)) == homes
    assert list(islice(generate(today=TODAY, count=9), 5)) == homes[:5]
    assert list(generate(20, seed=1, today=TODAY)) != homes[:20]


def test_the_mix_is_that_of_a_county_in_need(homes):
    kinds = Counter(home.kind for home in homes)
    assert 500 < kinds["old_alone"] < 700
    assert kinds["left_behind"] > 150
    assert kinds["single_parent"] > 90
    assert kinds["daughters_only"] > 70
    assert sum(any(member.disability_grade for member in home.members) for home in homes) > 300
    assert any(home.village.startswith("L360803") for home in homes)
    she = sum(member.ethnicity == "22" for home in homes for member in home.members)
    assert 100 < she < 500


def test_names_that_software_gets_wrong_are_among_the_first_hundred(homes):
    names = {member.name for home in homes[:100] for member in home.members}
    assert {"罗㵘", "曾䶮", "王𠮷生", "古丽娜尔·阿卜杜热西提"} <= names
