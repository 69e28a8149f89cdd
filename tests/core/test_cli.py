"""The command line as somebody types it: what it says, and with which number it ends."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WORKBOOK = ROOT / "tests" / "cases" / "import" / "households-300.xlsx"
EXPECTED = json.loads((WORKBOOK.parent / "households-300.expected.json").read_text())


def nuanliu(folder: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NUANLIU_")}
    return subprocess.run(
        [sys.executable, "-m", "core", *arguments],
        cwd=folder,
        env={**environment, "PYTHONPATH": str(ROOT), "COLUMNS": "200", **settings},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small demo county; tests that write take a copy."""
    folder = tmp_path_factory.mktemp("county")
    made = nuanliu(folder, "demo", "--households", "40")
    assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture
def copy(county: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(county, tmp_path / "copy"))


def test_the_demo_can_be_made_again_and_changes_nothing(copy: Path) -> None:
    again = nuanliu(copy, "demo", "--households", "40")
    assert again.returncode == 0
    assert "nothing was changed" in again.stderr


def test_a_demo_stopped_halfway_is_not_taken_for_a_whole_one(copy: Path) -> None:
    with sqlite3.connect(copy / "var" / "nuanliu.sqlite") as raw:
        raw.execute("DROP TRIGGER workflow_step_no_delete")
        raw.execute("DELETE FROM workflow_step WHERE machine = 'demo.county'")
    again = nuanliu(copy, "demo", "--households", "40")
    assert again.returncode == 1
    assert "stopped halfway" in again.stderr


def test_a_check_of_a_workbook_prints_the_faults_as_json(county: Path) -> None:
    checked = nuanliu(county, "import", "households", str(WORKBOOK), "--as", "county", "--check", "--json")
    assert checked.returncode == 0, checked.stderr
    summary = json.loads(checked.stdout)
    assert summary["faults"] == EXPECTED["faults"]
    assert summary["held_back_households"] == EXPECTED["held_back_households"]
    assert (summary["applied_households"], summary["applied_members"]) == (288, 829)


def test_an_import_with_faults_is_applied_only_when_they_are_left_out(copy: Path) -> None:
    arguments = ("import", "households", str(WORKBOOK), "--as", "county")
    assert nuanliu(copy, *arguments).returncode == 1
    applied = nuanliu(copy, *arguments, "--leave-out-faulty", "--json")
    assert applied.returncode == 0, applied.stderr
    assert len(json.loads(applied.stdout)["new"]) == 288
    again = json.loads(nuanliu(copy, *arguments, "--leave-out-faulty", "--json").stdout)
    assert (again["new"], again["changed"]) == ([], [])


def test_who_may_not_import_is_told_so_in_one_sentence(county: Path) -> None:
    refused = nuanliu(county, "import", "households", str(WORKBOOK), "--as", "admin", "--check")
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert "registry.import" in refused.stderr
    assert nuanliu(county, "import", "households", str(WORKBOOK), "--as", "nobody").returncode == 1


def test_places_and_accounts_are_entered_into_an_empty_house(tmp_path: Path) -> None:
    secret = {"NUANLIU_SECRET": "x" * 40}
    assert nuanliu(tmp_path, "migrate", **secret).returncode == 0
    places = tmp_path / "places.csv"
    places.write_text(
        "code,name,level,parent\n360800000000,吉安市,city,\n360803000000,青原区,county,360800000000\n"
        "360803101000,富滩镇,town,360803000000\n360803101200,某村委会,village,360803101000\n"
    )
    assert nuanliu(tmp_path, "import", "areas", str(places), **secret).returncode == 0
    added = nuanliu(
        tmp_path,
        "user",
        "add",
        "--role",
        "town",
        "--area",
        "360803101000",
        "--password",
        "a long one",
        "luo",
        "罗",
        **secret,
    )
    assert added.returncode == 0, added.stderr
    assert "富滩镇" in added.stderr
    unknown = nuanliu(
        tmp_path, "user", "add", "--role", "town", "--area", "999999", "--password", "a long one", "li", "李", **secret
    )
    assert unknown.returncode == 1
    assert "no area has the code" in unknown.stderr
    places.write_text("code,name,level,parent\n360899000000,某县,county,999999999999\n")
    wrong = nuanliu(tmp_path, "import", "areas", str(places), **secret)
    assert wrong.returncode == 1
    assert "999999999999" in wrong.stderr


def test_a_wrong_call_ends_with_two_and_teaches(county: Path) -> None:
    wrong = nuanliu(county, "import", "households", "no such file.xlsx", "--as", "county")
    assert wrong.returncode == 2
    taught = nuanliu(county, "import", "households", "--help")
    assert taught.returncode == 0
    assert "held back" in taught.stdout


def test_check_finds_nothing_in_a_sound_house_and_names_a_changed_row(copy: Path) -> None:
    sound = nuanliu(copy, "check")
    assert sound.returncode == 0, sound.stdout + sound.stderr
    with sqlite3.connect(copy / "var" / "nuanliu.sqlite") as raw:
        raw.execute("DROP TRIGGER journal_entry_no_update")
        raw.execute("UPDATE journal_entry SET action = 'needs.met' WHERE id = (SELECT min(id) FROM journal_entry)")
    changed = nuanliu(copy, "check")
    assert changed.returncode == 1
    assert "journal" in changed.stdout
    assert "Finding(" not in changed.stdout
