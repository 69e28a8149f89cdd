"""A page that uses every component, and a small house that serves it under the real headers."""

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

import jinja2
import pytest

from core.texts import language, read_catalogues
from core.web import clock
from core.web.forms import Given
from core.web.headers import security_headers
from core.web.templates import make_environment

ROOT = Path(__file__).parents[3]
MOMENT = datetime(2026, 11, 23, 1, 40, tzinfo=UTC)


def item(label: str, url: str, icon: str, current: bool = False, count: int | None = None) -> SimpleNamespace:
    return SimpleNamespace(label=label, url=url, icon=icon, current=current, count=count)


def context(**more: Any) -> dict[str, Any]:
    """What every page is given."""
    return {
        "actor": SimpleNamespace(name="Luo Xiaoyan", place_label="Badu", organisation_label=None),
        "menu": [
            ("", [item("My work", "/", "todo", count=12), item("Households", "/households", "household", True)]),
            ("Services", [item("Social work", "/social-work", "people")]),
        ],
        "csrf_token": "token-1",
        "language": language.get(),
        "display": {"theme": "light", "type": "normal", "contrast": "normal"},
        "toasts": [("ok", "Saved.")],
        "demo": True,
        "path": "/",
        "can_find": True,
        "now": MOMENT,
        "today": date(2026, 11, 23),
        "given": None,
        **more,
    }


@pytest.fixture(scope="session")
def environment() -> jinja2.Environment:
    pages = Path(__file__).parent / "pages"
    return make_environment([ROOT / "templates", pages], {}, read_catalogues({"core": "core"}))


class House(ThreadingHTTPServer):
    """Serves the sample page; remembers what was posted."""

    daemon_threads = True

    def __init__(self, environment: jinja2.Environment) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.environment = environment
        self.display = {"theme": "light", "type": "normal", "contrast": "normal"}
        self.language = "zh_Hans"
        self.posted: list[tuple[str, dict[str, list[str]]]] = []
        self.release = threading.Event()

    def handle_error(self, *_: Any) -> None:
        """A browser may leave while an answer is on its way."""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class Handler(BaseHTTPRequestHandler):
    server: House

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        if self.path.startswith("/static/"):
            file = ROOT / "core" / "static" / self.path.removeprefix("/static/").partition("?")[0]
            kinds = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
            return self.answer(200, file.read_bytes(), kinds[file.suffix])
        return self.page()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        form = parse_qs(body, keep_blank_values=True)
        self.server.posted.append((self.path, form))
        if self.path == "/display":
            for name, values in form.items():
                if name in self.server.display:
                    self.server.display[name] = values[0]
            self.server.language = form.get("language", [self.server.language])[0]
            self.send_response(303)
            self.send_header("location", form["back"][0])
            self.send_header("content-length", "0")
            return self.end_headers()
        if self.path == "/find":
            return self.answer(200, f'<ul><li><a href="/h">{form["q"][0]}</a></li></ul>'.encode())
        self.server.release.wait(5)
        given = Given(form, now=MOMENT)
        given.text("kind", most=5), given.day("until"), given.day("born"), given.choice("came", ["yes", "no"])
        return self.page(422, given=given)

    def page(self, status: int = 200, **more: Any) -> None:
        language.set(self.server.language)
        with clock.stopped(MOMENT):
            more.setdefault("toasts", [("ok", "Saved.")])
            text = self.server.environment.get_template("sample.html").render(
                context(display=self.server.display, **more)
            )
        self.answer(status, text.encode())

    def answer(self, status: int, body: bytes, kind: str = "text/html; charset=utf-8") -> None:
        self.send_response(status)
        for name, value in security_headers(tls=False).items():
            self.send_header(name, value)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def house(environment: jinja2.Environment) -> Iterator[House]:
    with House(environment) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.release.set()
        server.shutdown()
        thread.join()
