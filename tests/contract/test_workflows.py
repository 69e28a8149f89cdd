"""The drawings in the docs are those of the code, and every lifecycle can be walked to its end."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from core.workflow import Workflow, all_workflows

ROOT = Path(__file__).parents[2]


def test_the_drawings_in_the_docs_are_those_of_the_code(tmp_path: Path) -> None:
    drawn = tmp_path / "workflows.md"
    command = [sys.executable, "-m", "core", "draw", "--into", str(drawn)]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=100, stdout=subprocess.DEVNULL)
    assert "## needs.need" in drawn.read_text()
    assert drawn.read_text() == (ROOT / "docs" / "workflows.md").read_text(), "run: make docs"


@pytest.fixture
def workflows() -> list[Workflow]:
    """The lifecycles of core and of the bundled plugins."""
    for file in [*ROOT.glob("core/*/workflows.py"), *ROOT.glob("plugins/*/workflows.py")]:
        import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))
    ours = [workflow for workflow in all_workflows() if workflow.table.__module__.startswith(("core.", "plugins."))]
    assert ours
    return ours


def test_every_state_is_reached_and_every_open_one_can_be_left(workflows: list[Workflow]) -> None:
    for workflow in workflows:
        first = workflow.states[0].name
        reached = {transition.target for transition in workflow.transitions} | {first}
        left = {source for transition in workflow.transitions for source in transition.source}
        assert {state.name for state in workflow.states} == reached, workflow.name
        assert {state.name for state in workflow.states if not state.closed} <= left, workflow.name
