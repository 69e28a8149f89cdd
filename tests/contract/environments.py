"""Environments of their own, in which a distribution is installed beside this checkout."""

import os
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from core.testing import TEST_SECRET

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Environment:
    """A folder with a virtual environment: what Nuanliu stands on is seen from it, so is this checkout."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "venv" / "bin" / "python"

    def run(self, *command: str | Path, cwd: Path | None = None, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run a command in it; `settings` are variables of the process."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "NUANLIU_"))}
        there = {
            "PATH": f"{self.python.parent}{os.pathsep}{os.environ['PATH']}",
            "NUANLIU_SECRET": TEST_SECRET,
            "COLUMNS": "200",
            # No network, and what is built is built with what is here.
            "PIP_NO_INDEX": "1",
            "PIP_NO_DEPS": "1",
            "PIP_NO_BUILD_ISOLATION": "0",  # for pip "0" says: no isolation
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }
        return subprocess.run(
            command,
            cwd=cwd or self.folder,
            env={**kept, **there, **settings},
            capture_output=True,
            text=True,
            timeout=100,
        )

    def must(self, *command: str | Path, cwd: Path | None = None, **settings: str) -> str:
        """Run a command that must succeed; return what it prints."""
        ran = self.run(*command, cwd=cwd, **settings)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout


def environment(folder: Path) -> Environment:
    """Make one in an empty folder."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True, timeout=100)
    (site,) = (folder / "venv").glob("lib/python*/site-packages")
    (site / "others.pth").write_text(f"{sysconfig.get_path('purelib')}\n{ROOT}\n")
    command = folder / "venv" / "bin" / "nuanliu"
    command.write_text(f"#!{folder / 'venv' / 'bin' / 'python'}\nfrom core.cli import main\n\nmain()\n")
    command.chmod(0o755)
    return Environment(folder)
