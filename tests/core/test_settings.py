"""A setting that cannot be right is named in one sentence, and the command ends with 1."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from core.settings import Settings, SettingsError
from core.testing import TEST_SECRET


def nuanliu(folder: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NUANLIU_")}
    return subprocess.run(
        [sys.executable, "-m", "core", *words],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(Path(__file__).parents[2]), "NUANLIU_SECRET": TEST_SECRET, **settings},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://somebody:secret@host/x"),
        ("DATABASE_URL", "sqlite:///"),
        ("LOG_LEVEL", "LOUD"),
        ("SHARE_GRACE_DAYS", "-1"),
        ("UPLOAD_LIMIT_MB", "0"),
        ("UPLOAD_LIMIT_MB", "many"),
        ("TLS", "perhaps"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"NUANLIU_{name}") as error:
        Settings.read({"NUANLIU_SECRET": TEST_SECRET, f"NUANLIU_{name}": value})
    assert "secret@" not in str(error.value)


def test_the_log_level_may_be_written_small() -> None:
    assert Settings.read({"NUANLIU_SECRET": TEST_SECRET, "NUANLIU_LOG_LEVEL": "debug"}).log_level == "DEBUG"


@pytest.mark.parametrize(
    ("words", "settings", "said"),
    [
        (["serve"], {"NUANLIU_LOG_LEVEL": "LOUD"}, "NUANLIU_LOG_LEVEL"),
        (["migrate"], {"NUANLIU_DATABASE_URL": "mysql://x"}, "NUANLIU_DATABASE_URL"),
        (["serve"], {"NUANLIU_DISABLED_PLUGINS": "nobody"}, "'nobody'"),
        (["check"], {"NUANLIU_DATABASE_URL": "postgresql://a:hidden@127.0.0.1:1/x"}, "NUANLIU_DATABASE_URL"),
        (["migrate"], {"NUANLIU_DATABASE_URL": "sqlite:///not/there.sqlite"}, "the folder not is not there"),
        (["serve"], {}, "the folder var is not there"),
    ],
)
def test_a_house_that_cannot_start_says_why_in_one_sentence(
    tmp_path: Path, words: list[str], settings: dict[str, str], said: str
) -> None:
    ran = nuanliu(tmp_path, *words, **settings)
    assert ran.returncode == 1
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr
    assert "hidden" not in ran.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_the_house_writes_is_read_by_nobody_else(tmp_path: Path) -> None:
    assert nuanliu(tmp_path, "migrate").returncode == 0
    written = [tmp_path / "var", *(tmp_path / "var").rglob("*")]
    assert len(written) > 1
    assert [path for path in written if stat.S_IMODE(path.stat().st_mode) & 0o077] == []
    (tmp_path / "var" / "nuanliu.sqlite").chmod(0o644)
    ran = nuanliu(tmp_path, "check")
    assert ran.returncode == 1
    assert "everybody on this machine may read" in " ".join((ran.stdout + ran.stderr).split())
