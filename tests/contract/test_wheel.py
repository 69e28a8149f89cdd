"""The wheel holds everything and runs where there is no checkout."""

import json
import os
import re
import socket
import subprocess
import sys
import sysconfig
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]
SECRET = "a secret that is only for this test, 32+"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout as it stands, without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert built.returncode == 0, built.stderr
    (file,) = folder.glob("nuanliu-*.whl")
    return file


@pytest.fixture(scope="module")
def elsewhere(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel; what it stands on is seen in this one, the checkout is not."""
    folder = tmp_path_factory.mktemp("elsewhere")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "venv"], check=True, timeout=100)
    python = folder / "venv" / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel]
    subprocess.run(pip, check=True, timeout=100)
    (site,) = (folder / "venv").glob("lib/python*/site-packages")
    # A folder named in a .pth is searched, its own .pth files (the checkout) are not read.
    (site / "others.pth").write_text(sysconfig.get_path("purelib"))
    return folder


def environment(folder: Path) -> dict[str, str]:
    """What a process in `elsewhere` sees: nothing of this one's paths, a database of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "NUANLIU_"))}
    database = f"sqlite:///{folder / 'nuanliu.sqlite'}"
    return {**kept, "NUANLIU_DATABASE_URL": database, "NUANLIU_SECRET": SECRET}


def run(folder: Path, program: str, *arguments: str) -> str:
    """Run a program of the environment in its folder and return what it prints."""
    ran = subprocess.run(
        [folder / "venv" / "bin" / program, *arguments],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_the_wheel_holds_every_file_of_core_and_plugins_and_nothing_else(wheel: Path) -> None:
    inside = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    checkout = {
        str(file.relative_to(ROOT))
        for folder in ("core", "plugins")
        for file in (ROOT / folder).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    templates = {f"core/{file.relative_to(ROOT)}" for file in (ROOT / "templates").rglob("*") if file.is_file()}
    assert inside == checkout | templates
    for kind in ("core/templates/.*html", "core/static/.*css", "core/migrations/0001_.*py", "core/locale/.*po"):
        assert any(re.fullmatch(kind, name) for name in inside), kind


def test_the_wheel_carries_its_licence(wheel: Path) -> None:
    (licence,) = (name for name in zipfile.ZipFile(wheel).namelist() if name.endswith("/LICENSE"))
    assert b"Apache License" in zipfile.ZipFile(wheel).read(licence)


def test_core_and_plugins_are_nuanlius_alone(elsewhere: Path) -> None:
    """Somebody else's package of the same name would hide ours."""
    program = (
        "import core, json, plugins; from importlib.metadata import packages_distributions as owners;"
        "print(json.dumps([core.__path__[0], list(plugins.__path__), owners()['core'], owners()['plugins']]))"
    )
    core, plugins, owns_core, owns_plugins = json.loads(run(elsewhere, "python", "-c", program))
    assert Path(core).is_relative_to(elsewhere)
    assert [Path(folder).is_relative_to(elsewhere) for folder in plugins] == [True]
    assert set(owns_core) == set(owns_plugins) == {"nuanliu"}


def test_the_command_line_teaches(elsewhere: Path) -> None:
    printed = run(elsewhere, "nuanliu", "--help")
    for command in ("serve", "migrate", "demo", "check"):
        assert command in printed


@pytest.fixture
def served(elsewhere: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a house that was migrated and is served from the wheel."""
    run(elsewhere, "nuanliu", "migrate")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (tmp_path / "log").open("w+")
    command = [elsewhere / "venv" / "bin" / "nuanliu", "serve", "--port", str(port)]
    server = subprocess.Popen(command, cwd=elsewhere, env=environment(elsewhere), stdout=log, stderr=log)
    try:
        until = time.monotonic() + 60
        while True:
            try:
                httpx.get(f"http://127.0.0.1:{port}/healthz")
                break
            except httpx.TransportError:
                assert server.poll() is None, (tmp_path / "log").read_text()
                assert time.monotonic() < until, (tmp_path / "log").read_text()
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(30)
        log.close()


def test_it_serves_pages_with_their_templates_styles_and_words(served: str) -> None:
    assert httpx.get(f"{served}/healthz").status_code == 200
    page = httpx.get(f"{served}/sign-in", headers={"accept-language": "zh-CN"})
    assert page.status_code == 200
    styles = re.findall(r'href="(/static/[^"]+\.css[^"]*)"', page.text)
    assert styles
    for style in styles:
        assert httpx.get(f"{served}{style}").status_code == 200
    assert re.search("[一-鿿]", page.text)
