"""What the package says of itself: README.md and quality.toml beside what it is."""

import re
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import plugins.social_work as package
from core import Term
from plugins.social_work.workflows import ORDER

FOLDER = files(package)
README = FOLDER.joinpath("README.md").read_text(encoding="utf-8")
RULES = Path(__file__).parents[3] / "docs" / "quality.md"


def rules() -> dict[str, list[str]]:
    """The rules of docs/quality.md by heading, each apart; not the numbers for the whole house."""
    text = RULES.read_text(encoding="utf-8").partition("## Numbers")[0]
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)[1:]
    return {
        heading: [rule.rstrip(".") for rule in re.split(r"(?<=\.)\s+(?=[A-Za-z])|;\s+(?![^(]*\))", body.strip())]
        for heading, body in zip(parts[::2], parts[1::2], strict=True)
    }


def test_each_rule_of_quality_is_done_or_exempt_with_a_reason() -> None:
    said: dict[str, dict[str, Any]] = tomllib.loads(FOLDER.joinpath("quality.toml").read_text(encoding="utf-8"))

    assert {heading: list(answers) for heading, answers in said.items()} == rules()
    for answers in said.values():
        for rule, answer in answers.items():
            assert answer == "done" or (set(answer) == {"exempt"} and len(answer["exempt"]) > 10), rule


def test_the_readme_names_every_hook_permission_event_and_state() -> None:
    hooks = [name for name in vars(package) if hasattr(getattr(package, name), "nuanliu_impl")]
    terms: list[Term] = list(package.provide_terms())
    names = [
        *hooks,
        *(permission.code for permission in package.provide_permissions()),
        *(term.code for term in terms if term.kind == "action"),
        *package.provide_objections(),
        *package.provide_reactions(),
        *(state.name for state in ORDER.states),
    ]

    assert {"offers_for_need", "panels_for", "provide_routes"} <= set(hooks)
    assert len(names) > 30
    assert [name for name in names if not re.search(rf"\b{re.escape(name)}\b", README)] == []
