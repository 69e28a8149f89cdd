"""The plugin of `docs/plugins.md` is built from its blocks, installed, and does what the page says."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

from .environments import ROOT, Environment, environment
from .public_face import FACES, exported

PAGE = (ROOT / "docs" / "plugins.md").read_text()
BLOCK = re.compile(r"^```(\w+) ?(\S*)\n(.*?)^```$", re.M | re.S)
BLOCKS: list[tuple[str, str, str]] = BLOCK.findall(PAGE)
FILES = {name: text for _, name, text in BLOCKS if name}
COMMANDS = [line for kind, name, text in BLOCKS if kind == "sh" and not name for line in text.splitlines()]

EXERCISE = """
import asyncio, json, re
from datetime import UTC, datetime
import httpx
from core.access.sessions import start_session
from core.app import create_app, prepare
from core.database import fetch
from core.errors import Refused
from core.needs import need_view, withdraw_need
from core.settings import Settings
from core.web.clock import today
from tests.contract.small_county import a_need, build

def now(): return datetime.now(UTC)

async def main():
    told = {}
    house = prepare(Settings.read())
    async with house.open():
        county = await build()
        need, other = await a_need(county, "needs.company"), await a_need(county, "needs.papers")
        app = create_app(house.settings, house=house, background=False)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as browser:
            browser.headers["accept-language"] = "zh-CN"
            browser.cookies.set("nuanliu", await start_session(county.officer.user, "a test", now=now()))
            offers = {}
            for kind, id_ in (("company", need), ("papers", other)):
                view = await need_view(county.officer, id_)
                answers, failed = await house.plugins.ask("offers_for_need", need=view, actor=county.officer)
                offers[kind] = [[offer.provider, offer.url] for offer in answers["neighbour_calls"]]
            told["offers"], told["failed"] = offers, failed
            told["empty"] = (await browser.get("/neighbour_calls/calls")).text

            async def post(page, path, **fields):
                text = (await browser.get(page)).text
                text = text[text.index("<main"):]
                names = ("_csrf_token", "operation")
                form = {name: re.search(f'name="{name}" value="([^"]*)"', text)[1] for name in names}
                return await browser.post(path, data=form | fields)

            url = offers["company"][0][1]
            told["faulty"] = (await post(url, url, neighbour="", call_on="tomorrow")).status_code
            sent = await post(url, url, neighbour="李大妈", call_on=today().isoformat())
            state = (await need_view(county.officer, need)).state
            told["promised"] = [sent.status_code, sent.headers.get("location"), state]
            told["twice"] = (await post(url, url, neighbour="张三", call_on=today().isoformat())).status_code
            try:
                await withdraw_need(need, why="a mistake", actor=county.officer, now=now())
            except Refused as refused:
                said = house.templates.globals["said"]
                told["objections"] = [said(reason, blanks) for reason, blanks in refused.reasons.items()]
            told["calls"] = (await browser.get("/neighbour_calls/calls")).text
            (call,) = await fetch("SELECT id FROM neighbour_calls_call")
            await post("/neighbour_calls/calls", f"/neighbour_calls/calls/{call['id']}/made")
            told["after"] = (await need_view(county.officer, need)).state
            told["ledger"] = [row["kind"] for row in await fetch("SELECT kind FROM activities_activity")]
    print(json.dumps(told, ensure_ascii=False))

asyncio.run(main())
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Environment, Path, dict[str, str]]:
    """The plugin, installed by the commands of the page; what each command printed."""
    made = environment(tmp_path_factory.mktemp("author"))
    project = made.folder / "project"
    for name, text in FILES.items():
        file = project / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    database = {"NUANLIU_DATABASE_URL": f"sqlite:///{made.folder / 'nuanliu.sqlite'}"}
    printed = {}
    for command in COMMANDS:
        ran = made.run(*command.split(), cwd=project, **database)
        assert ran.returncode == 0, f"{command}: {ran.stdout}{ran.stderr}"
        printed[command] = ran.stdout + ran.stderr
    return made, project, printed


def test_the_page_has_a_whole_plugin_and_every_file_is_in_it() -> None:
    assert {"pyproject.toml", "neighbour_calls/__init__.py", "neighbour_calls/service.py"} <= FILES.keys()
    assert len(FILES) == len([name for _, name, _ in BLOCKS if name]) > 10
    assert any(command.startswith("python -m pip install") for command in COMMANDS)


def test_its_code_imports_only_the_public_face() -> None:
    used = [
        (node.module or "", alias.name)
        for name, text in FILES.items()
        if name.endswith(".py")
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ImportFrom) and node.level == 0 and (node.module or "").startswith("core")
        for alias in node.names
    ]
    assert len(used) > 20
    assert [(module, name) for module, name in used if module not in FACES or name not in exported(module)] == []


def test_the_commands_of_the_page_install_it(built: tuple[Environment, Path, dict[str, str]]) -> None:
    printed = built[2]
    (line,) = (line for line in printed["nuanliu plugins list"].splitlines() if "neighbour_calls" in line)
    assert "enabled" in line
    assert "needs.withdraw" in line
    assert "applied neighbour_calls/0001_calls" in printed["nuanliu migrate"]


def test_the_plugin_does_what_the_page_says(built: tuple[Environment, Path, dict[str, str]]) -> None:
    made, _, _ = built
    printed = made.must("python", "-c", EXERCISE, NUANLIU_DATABASE_URL=f"sqlite:///{made.folder / 'nuanliu.sqlite'}")
    told: dict[str, Any] = json.loads(printed.splitlines()[-1])
    ((provider, url),) = told["offers"]["company"]
    assert provider == "邻居上门探望"
    assert url.startswith("/neighbour_calls/needs/")
    assert (told["offers"]["papers"], told["failed"]) == ([], [])
    assert "邻里探望" in told["empty"]
    assert "李大妈" not in told["empty"]
    assert told["faulty"] == 422
    assert told["promised"] == [303, "/neighbour_calls/calls", "referred"]
    assert told["twice"] == 409
    (objection,) = told["objections"]
    assert objection.startswith("李大妈已答应在")
    assert "{" not in objection
    assert "李大妈" in told["calls"]
    assert "王秀英" in told["calls"]
    assert told["after"] == "delivered"
    assert told["ledger"] == ["neighbour_calls.call"]


def test_the_page_names_every_face() -> None:
    reference = PAGE[PAGE.index("## The public face") :]
    assert set(re.findall(r"^\| `(core[.a-z]*)` \|", reference, re.M)) == FACES
