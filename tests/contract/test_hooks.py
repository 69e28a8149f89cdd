"""No hook without a place in the docs, somebody who uses it, and a test that names it."""

import ast
import inspect
import re
from pathlib import Path

import pytest

from core import hookspecs

ROOT = Path(__file__).parents[2]
SPECS: dict[str, ast.FunctionDef | ast.AsyncFunctionDef] = {
    node.name: node
    for node in ast.parse(inspect.getsource(hookspecs)).body
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
}
SOURCES = {
    **{file.parent.name: file for file in (ROOT / "core").glob("*/__init__.py")},
    **{file.parent.name: file for file in (ROOT / "plugins").glob("*/__init__.py")},
    "stranger": ROOT / "tests" / "strangers_plugin" / "meal_rounds" / "__init__.py",
}


def implemented(file: Path) -> set[str]:
    """Return the names of a package's functions that are marked `@hookimpl`."""
    return {
        node.name
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and any(isinstance(mark, ast.Name) and mark.id == "hookimpl" for mark in node.decorator_list)
    }


IMPLEMENTED = {name: hooks for name, file in SOURCES.items() if (hooks := implemented(file))}


def signature(hook: str) -> str:
    """Return a hook as the docs write it: `async name(argument: Type) -> Type`."""
    node = SPECS[hook]
    assert node.returns is not None
    written = f"{node.name}({ast.unparse(node.args)}) -> {ast.unparse(node.returns)}"
    return "async " * isinstance(node, ast.AsyncFunctionDef) + re.sub("['\"]", "", written)


def test_the_contract_is_found() -> None:
    assert len(SPECS) >= 9
    assert {"needs", "registry", "access", "stranger"} <= IMPLEMENTED.keys()
    assert signature("provide_menu") == "provide_menu() -> Iterable[MenuItem]"


def test_nobody_implements_what_is_no_hook() -> None:
    assert {(name, hook) for name, hooks in IMPLEMENTED.items() for hook in hooks - SPECS.keys()} == set()


@pytest.mark.parametrize("hook", SPECS)
def test_a_hook_is_in_the_docs_as_it_is(hook: str) -> None:
    assert f"`{signature(hook)}`" in (ROOT / "docs" / "plugins.md").read_text()


@pytest.mark.parametrize("hook", SPECS)
def test_a_hook_says_who_uses_it_and_they_do(hook: str) -> None:
    users = {name for name, hooks in IMPLEMENTED.items() if hook in hooks}
    assert users, "a hook that nobody uses goes"
    said = re.search(r"Used\s+by\s(.+?)\.\s+Since \d", ast.get_docstring(SPECS[hook]) or "", re.S)
    assert said, "who uses it, since when"
    named = {name for name in SOURCES if re.search(rf"\b{name}\b(?!\.)", said[1])}
    assert named
    assert named <= users


@pytest.mark.parametrize("hook", SPECS)
def test_a_hook_is_named_in_a_test(hook: str) -> None:
    tests = [file for file in (ROOT / "tests").rglob("test_*.py") if file.name != Path(__file__).name]
    assert [file.name for file in tests if hook in file.read_text()]
