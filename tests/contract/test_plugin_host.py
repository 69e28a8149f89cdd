"""The plugin host: a mistake stops the start, a gate never fails open, a box that fails harms nothing else.

The plugins of these tests lie in a folder of their own, each with an entry point, and are found as any other.
"""

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib import invalidate_caches
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest

import core.plugins
from core import access, terms
from core.app import House, prepare
from core.database import Engine, fetch, transaction
from core.errors import Refused
from core.hookspecs import hookimpl
from core.needs import raise_need, withdraw_need
from core.needs.service import NO_SUCH_KIND
from core.plugins import UNANSWERED, PluginError, Plugins, set_host
from core.settings import Settings
from core.terms import known_terms, word
from core.testing import TEST_SECRET
from core.texts import LANGUAGES, language
from core.web.clock import local_day, now

from .small_county import SmallCounty, a_need, build

Install = Callable[..., None]
Start = Callable[..., House]

HEAD = """
import asyncio
from core import MenuItem, Permission, Reason, Term, hookimpl
from core.database import fetch
"""


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "shelf"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    return folder


@pytest.fixture
def install(shelf: Path) -> Iterator[Install]:
    """Install a plugin from its source, or another version of it; None uninstalls it."""
    names = set()

    def install(name: str, source: str | None, **files: str) -> None:
        names.add(name)
        sys.modules.pop(name, None)
        code, about = shelf / name / "__init__.py", shelf / f"{name}-1.0.dist-info"
        if source is None:
            code.unlink()
            (about / "entry_points.txt").unlink()
        else:
            for folder in (code.parent, about):
                folder.mkdir(exist_ok=True)
            code.write_text(HEAD + source)
            (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
            (about / "entry_points.txt").write_text(f"[nuanliu.plugins]\n{name} = {name}\n")
        for path, text in files.items():
            file = code.parent / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        for cached in shelf.rglob("__pycache__"):
            for file in cached.iterdir():
                file.unlink()
        invalidate_caches()

    yield install
    for name in names:
        sys.modules.pop(name, None)


@pytest.fixture
def start() -> Iterator[Start]:
    """Prepare a house with what is installed now."""
    known, before = dict(access.known()), core.plugins._host

    def start(*disabled: str, url: str = "sqlite:///:memory:") -> House:
        return prepare(Settings(database_url=url, secret=TEST_SECRET, disabled_plugins=disabled))

    yield start
    set_host(before)
    access.learn(known.values())


# ── a mistake stops the start and names plugin and culprit ───────────────────────────────────────

ROUTE = """
from core.journal import act
from core.web import page
from litestar import Response, get, post

@hookimpl
def provide_permissions():
    return [Permission("meals.see", "see meals", ("town",))]

@hookimpl
def provide_routes():
    {handler}
    async def handler() -> Response[str]:
        return Response("")
    return [handler]
"""
MISTAKES = {
    "hook": ("@hookimpl\ndef provide_menus():\n    return []", "provide_menus"),
    "argument": ("@hookimpl\ndef provide_menu(colour):\n    return []", "colour"),
    "ask argument": ("@hookimpl\nasync def offers_for_need(kneed):\n    return []", "kneed"),
    "step": ("@hookimpl\ndef provide_objections():\n    return {'needs.withdrow': None}", "needs.withdrow"),
    "action": ("@hookimpl\ndef provide_reactions():\n    return {'needs.rased': None}", "needs.rased"),
    "permission of another": (
        "@hookimpl\ndef provide_permissions():\n    return [Permission('needs.see', 'x')]",
        "needs.see",
    ),
    "permission twice": (
        "@hookimpl\ndef provide_permissions():\n    return [Permission('meals.see', 'x')] * 2",
        "meals.see.*taken",
    ),
    "role": (
        "@hookimpl\ndef provide_permissions():\n    return [Permission('meals.see', 'x', ('twon',))]",
        "meals.see.*twon",
    ),
    "menu": (
        "@hookimpl\ndef provide_menu():\n    return [MenuItem('Meals', '/meals/', 'home', 'meals.sea')]",
        "meals.sea",
    ),
    "term of another": (
        "@hookimpl\ndef provide_terms():\n    return [Term('needs.raised', 'action', 'x')]",
        "needs.raised.*needs",
    ),
    "need without a service": (
        "@hookimpl\ndef provide_terms():\n    return [Term('meals.warm', 'need', 'x', 'needs.nurture')]",
        "meals.warm.*needs.nurture",
    ),
    "a hook that raises": ("@hookimpl\ndef provide_menu():\n    return 1 / 0", "provide_menu.*ZeroDivisionError"),
    "cannot be imported": ("import no_such_thing", "does not load.*no_such_thing"),
    "no handler": ("@hookimpl\ndef provide_routes():\n    return ['/meals/']", "'/meals/' is no route handler"),
    "path outside": (ROUTE.format(handler="@page('/needs/meals', permission='meals.see')"), "/needs/meals"),
    "path that only begins alike": (ROUTE.format(handler="@page('/mealsy', permission='meals.see')"), "/mealsy"),
    "handler without permission": (ROUTE.format(handler="@get('/meals/all')"), "/meals/all.*no permission"),
    "handler that says none": (ROUTE.format(handler="@page('/meals/all')"), "names its permission"),
    "permission of a handler": (
        ROUTE.format(handler="@page('/meals/all', permission='meals.sea')"),
        "/meals/all.*meals.sea",
    ),
    "post without act": (
        ROUTE.format(handler="@post('/meals/all', opt={'permission': 'meals.see'})"),
        "/meals/all.*core.journal.act",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_stops_the_start_and_names_plugin_and_culprit(mistake: str, install: Install, start: Start) -> None:
    source, culprit = MISTAKES[mistake]
    install("meals", source)
    with pytest.raises(PluginError) as stopped:
        start()
    assert re.search(f"(?s)'meals'.*{culprit}", str(stopped.value))


def test_the_same_plugin_without_a_mistake_starts(install: Install, start: Start) -> None:
    install("meals", ROUTE.format(handler="@page('/meals/all', permission='meals.see')"))
    house = start()
    assert house.plugins.is_enabled("meals")
    assert [path for route in house.routes for path in route.paths if path.startswith("/meals/")] == ["/meals/all"]


def test_a_plugin_cannot_take_the_name_of_an_area(install: Install, start: Start, shelf: Path) -> None:
    install("meals", "")
    (shelf / "meals-1.0.dist-info" / "entry_points.txt").write_text("[nuanliu.plugins]\nneeds = meals\n")
    invalidate_caches()
    with pytest.raises(PluginError, match=r"'needs' \(meals\) does not load: the name 'needs' is taken"):
        start()


def test_a_disabled_plugin_is_mute(install: Install, start: Start) -> None:
    everything = ROUTE.format(handler="@page('/meals/all', permission='meals.see')") + (
        "@hookimpl\ndef provide_menu():\n    return [MenuItem('Meals', '/meals/all', 'home', 'meals.see')]\n"
        "@hookimpl\ndef provide_terms():\n    return [Term('meals.brought', 'action', 'brought a meal')]\n"
    )
    install("meals", everything)

    def said(house: House) -> list[bool]:
        return [
            any("/meals/all" in route.paths for route in house.routes),
            any(plugin == "meals" for plugin, _ in house.menu),
            "meals.see" in {permission.code for permission in house.permissions},
            "meals.brought" in house.terms,
            "meals" in house.packages,
        ]

    assert said(start()) == [True, True, True, True, True]
    assert said(start("meals")) == [False, False, False, True, True]  # words and migrations stay


def test_plugins_come_in_order_of_name_after_the_areas(install: Install, start: Start) -> None:
    for name in ("soup", "bread", "meals"):
        install(name, f"@hookimpl\ndef provide_terms():\n    return [Term('{name}.x', 'action', 'x')]")
    plugins = [plugin for plugin in start().plugins.declare("provide_terms") if plugin != "social_work"]
    assert plugins == ["access", "activities", "needs", "registry", "bread", "meals", "soup"]


def test_the_demo_is_filled_by_enabled_plugins_in_order_of_name(install: Install, start: Start) -> None:
    for name in ("soup", "bread", "meals"):
        install(name, "async def fill(county, actor):\n    pass\n@hookimpl\ndef provide_demo():\n    return fill")
    demos = start("meals").plugins.declare("provide_demo")
    assert [plugin for plugin in demos if plugin != "social_work"] == ["bread", "soup"]
    assert all(asyncio.iscoroutinefunction(fill) for fill in demos.values())


# ── ask: who fails is left out ───────────────────────────────────────────────────────────────────


def module(**hooks: Any) -> ModuleType:
    """Make a plugin of functions."""
    made = ModuleType("made")
    for name, function in hooks.items():
        setattr(made, name, hookimpl(function))
    return made


async def test_who_raises_or_is_late_or_answers_no_question_is_left_out_and_named(database: Engine) -> None:
    async def good(need: str) -> list[str]:
        return [need]

    async def bad(need: str) -> list[str]:
        raise ZeroDivisionError

    async def late() -> list[str]:
        await asyncio.sleep(9)
        return []

    def not_async() -> list[str]:
        return []

    plugins = Plugins()
    for name, hook in {"d": bad, "c": late, "b": good, "e": not_async, "a": good}.items():
        plugins.add(module(offers_for_need=hook), name)
    plugins.add(module(offers_for_need=good), "mute", muted=True)
    answers, failed = await plugins.ask("offers_for_need", need="x", actor=None)
    assert list(answers.items()) == [("a", ["x"]), ("b", ["x"])]
    assert failed == ["c", "d", "e"]
    answers, failed = await plugins.ask("panels_for", page="start", subject=None, actor=None)
    assert (answers, failed) == ({}, [])


async def test_nobody_is_asked_inside_a_transaction(database: Engine) -> None:
    async with transaction():
        with pytest.raises(RuntimeError, match="ask offers_for_need before the transaction"):
            await Plugins().ask("offers_for_need", need="x", actor=None)


# ── must: a gate never fails open ────────────────────────────────────────────────────────────────

GATE = """
AGAINST = Reason("meals.against", "A meal is planned.")

async def objector(need, actor):
    {body}

@hookimpl
def provide_objections():
    return {{"needs.withdraw": objector}}
"""
PASSES, OBJECTS = GATE.format(body="return {}"), GATE.format(body="return {AGAINST: {}}")
Open = Callable[..., AbstractAsyncContextManager[House]]


@pytest.fixture
def opened(url: str, start: Start) -> Open:
    """Open a house with what is installed now, on the database of this test."""

    @asynccontextmanager
    async def opened(*disabled: str) -> AsyncIterator[House]:
        async with start(*disabled, url=url).open(apply_migrations=True) as house:
            yield house

    return opened


async def outcome(county: SmallCounty, need: UUID) -> dict[str, Any]:
    """Withdraw a need; return what it was refused for and what stands in the database."""
    reasons: dict[Any, Any] = {}
    try:
        await withdraw_need(need, why="a mistake", actor=county.officer, now=now())
    except Refused as refused:
        reasons = refused.reasons
    (row,) = await fetch("SELECT state FROM needs_need WHERE id = ?", (need,))
    steps = await fetch("SELECT id FROM workflow_step WHERE object = ?", (need,))
    acts = await fetch("SELECT id FROM journal_entry WHERE object = ? AND action <> 'needs.raised'", (need,))
    return {"reasons": reasons, "state": row["state"], "written": len(steps) + len(acts)}


UNTOUCHED = {"reasons": {UNANSWERED: {"plugin": ["meals"]}}, "state": "open", "written": 0}
FAILURES = {
    "raises": "raise ZeroDivisionError",
    "is late": "await asyncio.sleep(9)",
    "sends broken SQL": "await fetch('SELECT nothing FROM nowhere')",
    "answers nothing": "return None",
    "answers something else": "return ['no']",
    "wants another argument": "return missing",
}


@pytest.mark.parametrize("failure", FAILURES)
async def test_a_gate_that_fails_refuses_the_step(failure: str, install: Install, opened: Open) -> None:
    install("meals", GATE.format(body=FAILURES[failure]))
    async with opened():
        county = await build()
        assert await outcome(county, await a_need(county)) == UNTOUCHED


async def test_a_gate_refuses_in_words_whatever_becomes_of_its_plugin(install: Install, opened: Open) -> None:
    install("meals", PASSES)
    async with opened() as house:
        county = await build()
        passed = await outcome(county, await a_need(county))
        assert (passed["reasons"], passed["state"], passed["written"] > 1) == ({}, "withdrawn", True)
        need = await a_need(county)

    install("meals", OBJECTS)
    for disabled in ((), ("meals",)):  # a disabled plugin is still asked
        async with opened(*disabled) as house:
            assert house.plugins.is_enabled("meals") == (not disabled)
            found = await outcome(county, need)
            assert [(reason.code, reason.text) for reason in found["reasons"]] == [
                ("meals.against", "A meal is planned.")
            ]
            assert (found["state"], found["written"]) == ("open", 0)

    install("meals", "import no_such_thing")
    async with opened("meals") as house:  # disabled, and cannot be imported: the house starts
        assert "no_such_thing" in house.plugins.broken["meals"]
        assert await outcome(county, need) == UNTOUCHED

    install("meals", None)
    async with opened() as house:  # uninstalled
        assert "meals" not in house.plugins.modules
        found = await outcome(county, need)
        assert found == UNTOUCHED
        ((reason, blanks),) = found["reasons"].items()
        for code in LANGUAGES:
            token = language.set(code)
            sentence = house.templates.globals["said"](reason, blanks)
            language.reset(token)
            assert "meals" in sentence
            assert bool(re.search("[一-鿿]", sentence)) == (code != "en")

    install("meals", "")
    async with opened("meals"):  # disabled ones do not take their gates away …
        assert (await outcome(county, need))["state"] == "open"
    async with opened():  # … an enabled one that guards no more has said so itself
        assert (await outcome(county, need))["state"] == "withdrawn"


async def test_every_guard_is_heard_in_order_of_name(install: Install, opened: Open) -> None:
    for name in ("soup", "bread"):
        install(name, OBJECTS.replace("meals.against", f"{name}.against"))
    async with opened():
        county = await build()
        found = await outcome(county, await a_need(county))
        assert [reason.code for reason in found["reasons"]] == ["bread.against", "soup.against"]


# ── words outlive their plugin ───────────────────────────────────────────────────────────────────

KIND = """
@hookimpl
def provide_terms():
    return [Term("meals.warm", "need", "Warm meals", "needs.service_nursing")]
"""
CHINESE = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Warm meals"\nmsgstr "{}"\n'


def words(code: str) -> list[str]:
    said = []
    for name in LANGUAGES:
        token = language.set(name)
        said.append(word(code))
        language.reset(token)
    return said


async def test_words_stay_when_their_plugin_is_gone(install: Install, opened: Open) -> None:
    catalogues = {f"locale/{code}/messages.po": CHINESE.format(said) for code, said in
                  (("zh_Hans", "热餐"), ("zh_Hant", "熱餐"))}  # fmt: skip
    install("meals", KIND, **catalogues)
    async with opened():
        county = await build()
        await a_need(county, "meals.warm")
        assert "meals.warm" in {term.code for term in known_terms("need")}
    async with opened("meals"):
        assert "meals.warm" in {term.code for term in known_terms("need")}

    install("meals", None)
    async with opened():
        assert words("meals.warm") == ["热餐", "熱餐", "Warm meals"]
        assert "meals.warm" not in {term.code for term in known_terms("need")}
        (kept,) = (term for term in known_terms("need", retired=True) if term.code == "meals.warm")
        assert (kept.plugin, kept.retired, kept.service) == ("meals", True, "needs.service_nursing")
        moment = now()
        with pytest.raises(Refused) as refused:
            await raise_need(
                county.household, "meals.warm", "hungry", urgency="soon", source="visit", actor=county.officer,
                now=moment, today=local_day(moment),
            )  # fmt: skip
        assert refused.value.reasons == {NO_SUCH_KIND: {}}

    install("meals", KIND, **catalogues)
    async with opened():
        assert not next(term for term in known_terms("need", retired=True) if term.code == "meals.warm").retired
        assert terms.service_of("meals.warm") == "needs.service_nursing"
