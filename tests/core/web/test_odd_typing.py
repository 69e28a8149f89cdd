"""Whatever is typed into the main forms and addresses, on either database, is answered in words."""

from datetime import datetime
from urllib.parse import quote

from core.access import add_user
from core.actor import house
from core.database import fetch, new_id
from core.web import forms
from tests.core.needs.browser import visitor
from tests.core.needs.small_county import PASSWORD, SmallCounty, _core_alone, built, county

__all__ = ["_core_alone", "built", "county"]

# As they stand in an address or a form: percent-encoded bytes.
ODD = [
    *(quote(text) for text in (
        "\x00", "a\x00b\x01\x1f\x7f\x85\r\n\t", "'; DROP TABLE needs_need; -- %_{{ 7 * 7 }}<b>", "é" * 3000, "9" * 400,
        "𠮷\u202e\ufeff\ufffe\U0010ffff", "1e999", "9999-12-31", "0001-01-01", "2200-12-31",
    )),
    "%ed%a0%80%ff%",
]  # fmt: skip
PAGES = {
    "/needs": ("state", "kind", "town", "after"),
    "/households": ("sort", "town", "setting", "unseen", "before"),
    "/trail": ("action", "login", "object", "day", "after"),
    "/looks": ("household",),
    "/sign-in": ("next",),
}


async def test_no_typing_breaks_a_page(county: SmallCounty) -> None:
    officer, household = await county.officer(), await county.household()
    auditor, now = await county.county_wide("auditor", "auditor"), datetime.now(tz=county.now.tzinfo)
    page, oversight, nobody = [await visitor(county.house, actor, now) for actor in (officer, auditor, None)]
    await page.get("/")
    await nobody.get("/sign-in")
    good = {"kind": "needs.health", "urgency": "soon", "source": "visit", "met": "yes", "words": "fine", "why": "x",
            "village": str(county.villages[0]), "login": "town", "password": "wrong"}  # fmt: skip
    answers = []
    for odd in ODD:
        for path, names in PAGES.items():
            reader = {"/trail": oversight, "/looks": oversight, "/sign-in": nobody}.get(path, page)
            answers += [await reader.client.get(f"{path}?{name}={odd}") for name in names]
        need, done = await county.need(officer, household), await county.delivered(officer, household=household)
        for path, names in {
            "/find": ("q",),
            f"/households/{household}/needs/new": ("kind", "words", "people", "due"),
            f"/households/{household}/move": ("village", "why"),
            f"/households/{household}/phone/reveal": ("purpose",),
            f"/needs/{need}/withdraw": ("why", "operation"),
            f"/needs/{done}/confirm": ("words",),
            "/display": ("language", "back"),
            "/sign-in": ("login", "password"),
        }.items():
            sender = nobody if path == "/sign-in" else page
            for name in names:
                fields = {**good, "_csrf_token": sender.token, "operation": str(new_id())}
                body = "&".join(f"{field}={quote(value)}" for field, value in fields.items() if field != name)
                kind = {"content-type": "application/x-www-form-urlencoded"}
                answers.append(await sender.client.post(path, content=f"{body}&{name}={odd}", headers=kind))
    broken = [(str(answer.request.url), answer.text[-300:]) for answer in answers if answer.status_code >= 500]
    assert broken == []
    assert {200, 303, 409, 422} <= {answer.status_code for answer in answers}, "taken, refused, and sent back in words"
    (taken,) = await fetch("SELECT count(*) AS n FROM needs_need WHERE state = 'withdrawn'")
    assert taken["n"] >= len(ODD) - 4, "the odd reasons were kept, but for the empty and the long ones"


async def test_control_characters_are_left_out_of_what_is_kept(county: SmallCounty) -> None:
    officer, household = await county.officer(), await county.household()
    page = await visitor(county.house, officer, datetime.now(tz=county.now.tzinfo))
    need = await county.need(officer, household)
    await page.post(f"/needs/{need}/withdraw", why="the\x00 aunt\x1f\r\nhelps\t now")
    (step,) = await fetch("SELECT why FROM workflow_step WHERE object = ? AND transition = 'withdraw'", (need,))
    assert step["why"] == "the aunt\nhelps\t now"


async def test_a_login_is_looked_for_without_control_characters(county: SmallCounty) -> None:
    await add_user("ann", "Ann", PASSWORD, actor=house("a test"), now=county.now, demo=True)
    page = await visitor(county.house, None, county.now)
    await page.get("/sign-in")
    await page.post("/sign-in", login="an\x00n", password=PASSWORD)


def test_the_bounds_of_days_are_those_of_people() -> None:
    given = forms.Given({"a": "1899-12-31", "b": "2201-01-01", "c": "1900-01-01", "d": "2200-12-31"}, now=_NOW)
    assert [given.day(name) is None for name in "abcd"] == [True, True, False, False]
    assert {name: fault.reason for name, fault in given.faults.items()} == {"a": forms.TOO_EARLY, "b": forms.TOO_LATE}


_NOW = datetime.fromisoformat("2026-11-23T01:40:00+00:00")
