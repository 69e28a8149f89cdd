"""A real server with a small demo county, and a real browser that looks at it."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

SCREENSHOTS = Path(__file__).parents[2] / "screenshots" / "e2e"
PASSWORD = "nuanliu-demo"
NUANLIU = [sys.executable, "-m", "core"]


@dataclass(frozen=True)
class House:
    """A running house of a test."""

    url: str
    folder: Path
    environment: dict[str, str]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*NUANLIU, *arguments], cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=120
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The demo county with 200 households, served by `nuanliu serve` as a user would start it."""
    folder = tmp_path_factory.mktemp("house")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NUANLIU_")}
    environment["PYTHONPATH"] = str(Path(__file__).parents[2])
    port = _free_port()
    made = House(f"http://127.0.0.1:{port}", folder, environment)
    filled = made.run("demo", "--households", "200")
    assert filled.returncode == 0, filled.stderr
    log = (folder / "server.log").open("w")
    server = subprocess.Popen(
        [*NUANLIU, "serve", "--port", str(port)], cwd=folder, env=environment, stdout=log, stderr=log
    )
    try:
        until = time.monotonic() + 30
        while True:
            try:
                if httpx.get(f"{made.url}/readyz").status_code == 200:
                    break
            except httpx.TransportError:
                pass
            assert server.poll() is None, (folder / "server.log").read_text()
            assert time.monotonic() < until, (folder / "server.log").read_text()
            time.sleep(0.1)
        yield made
    finally:
        server.terminate()
        server.wait(30)
        log.close()


@pytest.fixture(scope="module")  # while it runs, no other test of this process can have a loop of its own
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    chromium = next(
        (path for path in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if path), None
    )
    assert chromium, "the browser tests need Chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
                  "--disable-component-update", "--disable-sync", "--no-first-run"],
        )  # fmt: skip
        yield started
        started.close()


Visitor = Callable[..., Page]


@pytest.fixture
def visit(house: House, browser: Browser) -> Iterator[Visitor]:
    """Open a browser of somebody's own, signed in; what the console complains of fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_as(login: str | None, *, width: int = 1280, javascript: bool = True, language: str = "zh-CN") -> Page:
        context = browser.new_context(
            base_url=house.url,
            viewport={"width": width, "height": 844 if width < 600 else 900},
            has_touch=width < 600,
            locale=language,
            java_script_enabled=javascript,
            accept_downloads=True,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on(
            "console",
            lambda message: complaints.append(f"{page.url}: {message.text}") if message.type == "error" else None,
        )
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.goto("/sign-in")
        if login is not None:
            page.locator("input[name=login]:visible").fill(login)
            page.locator("input[name=password]:visible").fill(PASSWORD)
            page.locator("main form:has(input[name=password]:visible) button").first.click()
            page.wait_for_url(lambda url: "/sign-in" not in url)
        return page

    yield open_as
    for context in contexts:
        context.close()
    # Chromium itself notes each 4xx answer; those are asked for in these tests.
    assert [text for text in complaints if "Failed to load resource" not in text] == []


@pytest.fixture(scope="session")
def shot() -> Callable[[Page, str], None]:
    """Keep a picture of a page, to be looked at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)

    def keep(page: Page, name: str) -> None:
        page.screenshot(path=str(SCREENSHOTS / f"{name}.png"), full_page=True)

    return keep
