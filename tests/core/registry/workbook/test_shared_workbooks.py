"""The workbooks of tests/cases/import give exactly the faults that stand in the file beside each."""

import json
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from core.demo import read_areas
from core.registry.workbook import CLEAR, check, read_workbook

CASES = Path(__file__).parents[3] / "cases" / "import"
VILLAGES = {area.code: UUID(int=place) for place, area in enumerate(read_areas()) if area.level == "village"}


def checked(name):
    return check(read_workbook(CASES / f"{name}.xlsx"), divisions=VILLAGES, today=date(2026, 11, 23))


@pytest.mark.parametrize("name", ["households-300", "households-300-update", "households-300-unknown-column"])
def test_the_faults_are_those_of_the_expected_file(name):
    expected = json.loads((CASES / f"{name}.expected.json").read_text(encoding="utf-8"))
    found = checked(name)
    assert [fault.as_json() for fault in found.faults] == expected["faults"]
    assert found.held_back == expected.get("held_back_households", [])
    if "applied_households" in expected:
        assert len(found.households) == expected["applied_households"]
    if "applied_members" in expected:
        assert sum(len(home.members) for home in found.households) == expected["applied_members"]


def test_cells_come_normalised():
    homes = {home.number: home for home in checked("households-300").households}
    first = homes["QY00004"].members[0]
    assert (first.document, first.birth_on, first.sex) == ("360803199103154885", date(1991, 3, 15), "2")
    assert homes["QY00016"].address == "梅苑社区居委会12组87号"
    assert homes["QY00018"].phone == "13843191768"


def test_an_update_tells_blank_from_cleared():
    homes = {home.number: home for home in checked("households-300-update").households}
    assert homes["QY00009"].address is CLEAR
    assert homes["QY00004"].address is None
