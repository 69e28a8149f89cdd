"""A plugin by somebody else: installed into an environment of its own, it walks the whole loop on the public face.

Its rows move with their household and are found when somebody asks what is held about them, while the plugin is
enabled, disabled and uninstalled.
"""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from core.catalogues import extract, generated, read

from .environments import ROOT, Environment, environment
from .public_face import FACES, exported

STRANGER = ROOT / "tests" / "strangers_plugin"
WALK = STRANGER / "walk.py"
TABLE = "meal_rounds_round"


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment without the stranger."""
    return environment(tmp_path_factory.mktemp("elsewhere"))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment with the stranger, installed as any distribution."""
    made = environment(tmp_path_factory.mktemp("installed"))
    made.must("python", "-m", "pip", "install", "--quiet", STRANGER)
    return made


@pytest.fixture
def settings(url: str, tmp_path: Path) -> dict[str, str]:
    return {"NUANLIU_DATABASE_URL": url, "NUANLIU_CHECKPOINTS": str(tmp_path / "checkpoints.jsonl")}


@pytest.fixture
def walked(installed: Environment, settings: dict[str, str]) -> dict[str, Any]:
    """What the walk told, in a database that now has the stranger's rows."""
    assert "meal_rounds/0001_rounds" in installed.run("nuanliu", "migrate", **settings).stderr
    return walk(installed, "loop", settings)


def walk(where: Environment, what: str, settings: dict[str, str]) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(where.must("python", WALK, what, **settings).splitlines()[-1])
    return told


def test_it_is_installed_beside_us_and_not_among_us(installed: Environment) -> None:
    there = installed.must(
        "python", "-c", "import core, meal_rounds; print(core.__file__); print(meal_rounds.__file__)"
    )
    core, stranger = map(Path, there.split())
    assert core.is_relative_to(ROOT)
    assert stranger.is_relative_to(installed.folder)


def test_it_is_listed_with_what_it_brings(installed: Environment, elsewhere: Environment) -> None:
    (line,) = (line for line in installed.must("nuanliu", "plugins", "list").splitlines() if "meal_rounds" in line)
    assert "enabled" in line
    assert "needs.withdraw" in line
    muted = installed.must("nuanliu", "plugins", "list", NUANLIU_DISABLED_PLUGINS="meal_rounds")
    assert "disabled" in next(line for line in muted.splitlines() if "meal_rounds" in line)
    assert "meal_rounds" not in elsewhere.must("nuanliu", "plugins", "list")


def test_it_uses_nothing_but_the_public_face() -> None:
    used = []
    for file in sorted((STRANGER / "meal_rounds").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and node.level == 0 and (node.module or "").startswith("core"):
                used += [(str(node.module), alias.name) for alias in node.names]
            elif isinstance(node, ast.Import):
                assert not [alias.name for alias in node.names if alias.name.startswith(("core", "plugins"))], file
    assert len(used) > 20
    assert [(module, name) for module, name in used if module not in FACES or name not in exported(module)] == []


def test_every_sentence_of_it_is_said_in_chinese() -> None:
    package = STRANGER / "meal_rounds"
    said = read(package / "locale" / "zh_Hans" / "messages.po")
    sentences = extract(package)
    assert len(sentences) > 30
    assert [sentence for sentence in sentences if not said.get(sentence)] == []
    assert (package / "locale" / "zh_Hant" / "messages.po").read_bytes() == generated(package)


def test_it_walks_the_whole_loop_and_its_rows_follow_their_household(
    walked: dict[str, Any], installed: Environment, elsewhere: Environment, settings: dict[str, str]
) -> None:
    the_loop_was_walked(walked)
    the_pages_were_read(walked["pages"])
    for there, disabled in ((installed, ""), (installed, "meal_rounds"), (elsewhere, "")):
        told = walk(there, "move", {**settings, "NUANLIU_DISABLED_PLUGINS": disabled})
        gone = there is elsewhere
        assert told["enabled"] == (not gone and not disabled)
        assert bool(told["routes"]) == told["enabled"]
        the_rows_followed(told, walked)
        refusals = [sentence for sentences in told["withdraw"] for sentence in sentences]
        assert len(refusals) == len(told["withdraw"]) == 2
        assert all("meal_rounds" in sentence if gone else "热餐" in sentence for sentence in refusals), refusals


def the_loop_was_walked(walked: dict[str, Any]) -> None:
    ((provider, address, why),) = walked["offers"]
    assert (provider, why, walked["failed"]) == ("热餐", ["送餐上门"], [])
    assert address.startswith("/meal_rounds/needs/")
    states = [walked[f"after {step}"] for step in ("plan", "start", "finish", "confirm")]
    assert states == ["referred", "in_service", "delivered", "met"]
    assert walked["ledger"] == [["meal_rounds.meal", 20]]
    acts = {f"meal_rounds.{act}" for act in ("planned", "started", "brought", "finished", "stopped")}
    assert acts <= set(walked["journal"])

    (objection,) = walked["objection"]
    assert "热餐正在送往这户家庭" in objection
    assert "{" not in objection
    assert walked["wrong kind"] == ["热餐不能满足这类需求。"]
    for refused in ("not called back", "own work", "closed"):
        assert len(walked[refused]) == 1
    assert (walked["stopped"], walked["steps"]) == ("stopped", 1)  # told twice, stopped once


def the_pages_were_read(pages: dict[str, Any]) -> None:
    assert pages.pop("a stranger") == 303
    assert pages.pop("rows") == 1
    assert pages.pop("planned") == pages.pop("planned twice") == [303, "/meal_rounds/rounds"]
    status, text = pages.pop("too early")
    assert status == 422
    assert "2001-01-01" in text
    for path, (status, text) in pages.items():
        assert status == 200, path
        assert "送餐" in text, path
        assert ("<html" in text) == (not path.endswith("/panel")), path
    assert "王秀英" in pages["/meal_rounds/rounds"][1]


def the_rows_followed(told: dict[str, Any], walked: dict[str, Any]) -> None:
    """What is open moved along, what is closed stayed where it was done; both are found, and their words are read."""
    assert told["rounds"][walked["open round"]] == told["town"]
    assert told["rounds"][walked["closed round"]] == walked["town"]
    assert told["held about the household"][TABLE] == len(told["rounds"])
    assert told["held about the person"][TABLE] == 1
    assert told["words"] == {"zh_Hans": "热餐", "zh_Hant": "熱餐", "en": "Warm meals"}
