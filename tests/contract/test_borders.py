"""The borders of `docs/architecture.md`: kept by the tree as it stands, and each shown to break.

import-linter draws most of them (`pyproject.toml`). It runs here in a copy of the tree, once as it is and once
for each planted violation; what import-linter cannot see is read from the source.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from .public_face import AREAS, FACES, exported

ROOT = Path(__file__).parents[2]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
PLUGINS = sorted(path.parent.name for path in (ROOT / "plugins").glob("*/__init__.py"))

# contract → violations; each is a set of files with what is put at their beginning
VIOLATIONS: list[tuple[str, dict[str, str]]] = [
    ("core knows no plugin", {"core/errors.py": "import plugins.planted", "plugins/planted/__init__.py": ""}),
    (
        "plugins do not know one another",
        {
            "plugins/planted/__init__.py": "from plugins import planted_too",
            "plugins/planted_too/__init__.py": "",
        },
    ),
    (
        "plugins use only the public face",
        {"plugins/planted/__init__.py": "", "plugins/planted/service.py": "from core.database.places import claim"},
    ),
    ("plugins use only the public face", {"plugins/planted/__init__.py": "from core.vault import mac"}),
    ("plugins use only the public face", {"plugins/planted/__init__.py": "import core.testing"}),
    ("an area of core imports only what stands to its right", {"core/errors.py": "from core import plugins"}),
    ("an area of core imports only what stands to its right", {"core/workflow/machine.py": "import core.web"}),
    ("an area of core imports only what stands to its right", {"core/journal/service.py": "import core.registry"}),
    ("an area of core imports only what stands to its right", {"core/planted.py": ""}),
    ("no import cycles", {"core/errors.py": "import core.actor"}),
    (
        "no import cycles",
        {
            "core/database/columns.py": "from .places import claim",
            "core/database/places.py": "import core.database.columns",
        },
    ),
    (
        "routes go through verbs and queries, never to tables",
        {
            "plugins/planted/__init__.py": "",
            "plugins/planted/tables.py": "",
            "plugins/planted/routes.py": "from .tables import Shift",
        },
    ),
    (
        "rules are pure: no database, no web, no journal",
        {"plugins/planted/__init__.py": "", "plugins/planted/rules.py": "from core.database import fetch"},
    ),
]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of what the contracts are about."""
    only_python = shutil.ignore_patterns("__pycache__", "static", "locale", "templates", "*.xlsx", "*.gz")
    for folder in ("core", "plugins"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=only_python)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(tree: Path) -> tuple[int, str]:
    """Run lint-imports over the copy, which is found before the installed checkout."""
    # -S: the checkout is on the path by a .pth file, and `plugins` would span both.
    path = os.pathsep.join([str(tree), sysconfig.get_path("purelib")])
    command = [
        sys.executable,
        "-S",
        "-c",
        "from importlinter.cli import lint_imports_command as lint; lint()",
        "--no-cache",
    ]
    ran = subprocess.run(
        command, cwd=tree, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, timeout=100
    )
    return ran.returncode, ran.stdout + ran.stderr


def test_every_border_is_kept(tree: Path) -> None:
    code, output = lint(tree)
    assert code == 0, output
    for contract in CONTRACTS:
        assert re.search(rf"^{re.escape(contract['name'])} KEPT", output, re.M), output


@pytest.mark.parametrize(("contract", "files"), VIOLATIONS, ids=[f"{n}-{v[0][:24]}" for n, v in enumerate(VIOLATIONS)])
def test_a_planted_violation_breaks_its_border(tree: Path, contract: str, files: dict[str, str]) -> None:
    for name, line in files.items():
        file = tree / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"{line}\n{file.read_text() if file.exists() else ''}")
    code, output = lint(tree)
    assert code == 1, output
    assert re.search(rf"^{re.escape(contract)} BROKEN", output, re.M), output


def test_every_border_has_a_planted_violation() -> None:
    assert {contract for contract, _ in VIOLATIONS} == {contract["name"] for contract in CONTRACTS}


def test_every_file_of_core_is_closed_to_plugins() -> None:
    (faces,) = (c for c in CONTRACTS if c["name"] == "plugins use only the public face")
    files = {f"core.{path.stem}" for path in (ROOT / "core").glob("[!_]*.py")}
    assert set(faces["forbidden_modules"]) == files | {"core.*.*"}


# What import-linter does not see: tests, and names that are not exported.


def imports(file: Path) -> Iterator[tuple[str, str | None]]:
    """Yield (module, name) of each absolute import in a file; name is None for `import module`."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from ((node.module or "", alias.name) for alias in node.names)


def strays(file: Path, faces: set[str], own: str) -> Iterator[str]:
    """Name what a plugin's file, or a test of it, takes past the public face."""
    for module, name in imports(file):
        package = module.partition(".")[0]
        where = f"{file.relative_to(ROOT) if file.is_relative_to(ROOT) else file.name}: {module}"
        if package == "plugins" and not f"{module}.{name}.".startswith(f"{own}.") and not module.startswith(own):
            yield f"{where} is another plugin"
        elif package == "core" and f"{module}.{name}" in faces:
            continue  # from core import database
        elif package == "core" and module not in faces:
            yield f"{where} is no face"
        elif module in FACES and name is not None and name not in exported(module):
            yield f"{where} does not export {name}"


def test_plugins_import_only_what_faces_export() -> None:
    found = [
        stray
        for name in PLUGINS
        for file in sorted((ROOT / "plugins" / name).rglob("*.py"))
        for stray in strays(file, FACES, f"plugins.{name}")
    ]
    assert found == []


def test_tests_of_a_plugin_import_only_it_and_faces() -> None:
    found = [
        stray
        for name in PLUGINS
        for file in sorted((ROOT / "tests" / "plugins" / name).rglob("*.py"))
        for stray in strays(file, FACES | {"core.testing"}, f"plugins.{name}")
    ]
    assert found == []


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("from core.database.places import claim", "is no face"),
        ("import core.vault", "is no face"),
        ("from core.testing import url", "is no face"),
        ("from core.database import numbered", "does not export numbered"),
        ("from plugins.other import service", "is another plugin"),
        ("from plugins import other", "is another plugin"),
    ],
)
def test_a_stray_import_is_found(tmp_path: Path, line: str, fault: str) -> None:
    file = tmp_path / "service.py"
    file.write_text(f"def late():\n    {line}\n")
    (stray,) = strays(file, FACES, "plugins.mine")
    assert stray.endswith(fault)


@pytest.mark.parametrize(
    "line",
    [
        "from core.database import claim",
        "import core.database",
        "from core import database",
        "from plugins.mine import service",
        "from plugins import mine",
        "from .tables import Shift",
        "import json",
    ],
)
def test_what_a_plugin_may_import_is_let_through(tmp_path: Path, line: str) -> None:
    file = tmp_path / "service.py"
    file.write_text(line)
    assert list(strays(file, FACES, "plugins.mine")) == []


@pytest.mark.parametrize("area", AREAS)
def test_an_area_says_what_it_exports(area: str) -> None:
    assert exported(f"core.{area}"), f"core/{area}/__init__.py needs __all__"


def strings(file: Path) -> Iterator[str]:
    """Yield the strings of a file that do something: docstrings may name who uses a thing."""
    tree = ast.parse(file.read_text())
    statements = (node.value for node in ast.walk(tree) if isinstance(node, ast.Expr))
    docstrings = {id(value) for value in statements if isinstance(value, ast.Constant)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def test_core_names_no_plugin() -> None:
    """Not in a string either: the loader finds plugins by their entry points."""
    named = re.compile(rf"\bplugins[./]({'|'.join(PLUGINS)})\b|(^|/)({'|'.join(PLUGINS)})($|[/.])")
    assert PLUGINS
    assert named.search("plugins.social_work")
    assert named.search("social_work")
    found = [
        f"{file.relative_to(ROOT)}: {string}"
        for file in sorted((ROOT / "core").rglob("*.py"))
        for string in strings(file)
        if named.search(string)
    ]
    assert found == []
