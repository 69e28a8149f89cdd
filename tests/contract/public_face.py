"""The public face: what `core` and each of its areas export. `python -m tests.contract.public_face` writes it down.

Plugins stand on these names, so a change of them is seen in review as a change of `public_face.txt`.
"""

import inspect
from enum import Enum
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).parents[2]
SNAPSHOT = Path(__file__).with_name("public_face.txt")
NO_FACE = {"demo", "migrations"}  # nothing of a plugin's business
AREAS = sorted({path.parent.name for path in (ROOT / "core").glob("*/*.py")} - NO_FACE)
FACES = {"core", *(f"core.{area}" for area in AREAS)}


def exported(module: str) -> list[str]:
    """Return the names in `__all__`, empty if there is none."""
    names: list[str] = list(getattr(import_module(module), "__all__", ()))
    return names


def public_face() -> str:
    """Return one line for each exported name, with the parameters of functions and the members of classes."""
    lines = []
    for face in sorted(FACES):
        module = import_module(face)
        lines += [f"[{face}]", *(_line(module, name) for name in sorted(exported(face))), ""]
    return "\n".join(lines)


def _line(module: ModuleType, name: str) -> str:
    thing: Any = getattr(module, name)
    if isinstance(thing, ModuleType):
        return f"{name}: module"
    if isinstance(thing, type) and issubclass(thing, Enum):
        return f"{name}: {' | '.join(thing.__members__)}"
    if isinstance(thing, type):
        members = sorted(member for member in vars(thing) if not member.startswith("_"))
        return f"{name}: class {' '.join(members)}".rstrip()
    if inspect.isroutine(thing):
        return f"{name}({', '.join(_parameter(p) for p in inspect.signature(thing).parameters.values())})"
    return f"{name}: value"


def _parameter(parameter: inspect.Parameter) -> str:
    star = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
    only = "named " * (parameter.kind is parameter.KEYWORD_ONLY)
    return f"{only}{star}{parameter.name}{'=…' * (parameter.default is not parameter.empty)}"


if __name__ == "__main__":
    SNAPSHOT.write_text(public_face())
    print(f"wrote {SNAPSHOT.relative_to(ROOT)}")
