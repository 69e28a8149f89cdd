"""The loop of the mission, walked by the people who walk it: known, found, offered, helped, confirmed."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .conftest import House, Visitor

pytestmark = pytest.mark.browser  # one story in steps: `--dist loadfile` keeps them in one process, in order
WORKBOOK = Path(__file__).parents[1] / "cases" / "import" / "households-300.xlsx"
WORDS = "男孩十二岁，开春以来不肯出房门，也不上学。"
Shot = Callable[[Page, str], None]


def submit(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()


def test_an_officer_sees_what_to_do_first(visit: Visitor, shot: Shot) -> None:
    page = visit("town", language="en-US")
    expect(page.get_by_role("heading", name="What to do first")).to_be_visible()
    expect(page.locator(".queue > li").first).to_be_visible()
    expect(page.get_by_role("heading", name="Not seen for longest")).to_be_visible()
    shot(page, "start-1280")
    phone = visit("town", width=390)
    shot(phone, "start-390")


def test_a_workbook_is_previewed_returned_and_applied_once(visit: Visitor, shot: Shot, tmp_path: Path) -> None:
    page = visit("county", language="en-US")
    page.goto("/imports")
    with page.expect_download() as template:
        page.get_by_role("link", name=re.compile("template", re.I)).first.click()
    assert template.value.suggested_filename.endswith(".xlsx")
    page.locator("input[type=file]").set_input_files(WORKBOOK)
    page.locator("main form:has(input[type=file]) button").first.click()
    page.wait_for_url(re.compile(r"/imports/[0-9a-f-]{36}"))
    shot(page, "import-preview-1280")
    expect(page.locator("main")).to_contain_text("288")
    expect(page.locator("main")).to_contain_text("is mistyped")
    with page.expect_download() as faulty:
        page.get_by_role("link", name="Download what is to be mended").first.click()
    assert faulty.value.suggested_filename.endswith(".xlsx")
    page.locator("form[action$='/apply'] button").first.click()  # without the tick: told, nothing written
    expect(page.locator(".error-summary, .callout, .blocked").first).to_be_visible()
    page.locator("form[action$='/apply'] input[type=checkbox]").check()
    page.locator("form[action$='/apply'] button").first.click()
    expect(page.locator(".toast, .callout").first).to_be_visible()
    shot(page, "import-applied-1280")
    page.goto("/imports")
    page.locator("input[type=file]").set_input_files(WORKBOOK)
    page.locator("main form:has(input[type=file]) button").first.click()
    page.wait_for_url(re.compile(r"/imports/[0-9a-f-]{36}"))
    expect(page.locator("main")).to_contain_text("288")  # known already: nothing new


@pytest.fixture(scope="module")
def story() -> dict[str, str]:
    """What one step leaves for the next."""
    return {}


def test_a_need_is_recorded_and_a_provider_chosen(visit: Visitor, shot: Shot, story: dict[str, str]) -> None:
    page = visit("town", language="en-US")
    page.goto("/households")
    shot(page, "households-1280")
    page.locator("table tbody th a").first.click()
    page.wait_for_url(re.compile(r"/households/[0-9a-f-]{36}$"))
    story["household"] = page.url
    expect(page.get_by_role("heading", name="Needs")).to_be_visible()
    expect(page.get_by_role("heading", name="People")).to_be_visible()
    expect(page.get_by_role("heading", name="Contact and service")).to_be_visible()
    shot(page, "household-1280")
    page.get_by_role("link", name="Record a need").first.click()
    page.get_by_role("button", name="Write down the need").click()  # empty: told what is missing
    expect(page.locator(".error-summary")).to_be_visible()
    page.locator("select[name=kind]").select_option("needs.counselling")
    page.locator("textarea[name=words]").fill(WORDS)
    page.get_by_role("button", name="Write down the need").click()
    page.wait_for_url(re.compile(r"/needs/[0-9a-f-]{36}$"))
    story["need"] = page.url
    expect(page.locator("main")).to_contain_text(WORDS)
    shot(page, "need-offers-1280")
    page.get_by_role("link", name=re.compile("^Ask ")).first.click()
    page.wait_for_url(re.compile("/social_work/needs/.*/dispatch"))
    page.locator("textarea[name=instructions]").fill("奶奶在家，下午去最好。")
    shot(page, "dispatch-1280")
    submit(page, "Give the order")
    page.wait_for_url(lambda url: "/dispatch" not in url)
    page.goto(story["need"])
    story["provider"] = page.locator("dl.answers").inner_text()
    expect(page.locator("main")).to_contain_text("offered to a provider")


def worker_for(story: dict[str, str]) -> tuple[str, str]:
    """Return the worker of the chosen organisation, and one of another."""
    of = {"暖阳": "worker", "同行": "worker2", "乡伴": "worker4"}
    mine = next(login for name, login in of.items() if name in story["provider"])
    return mine, next(login for login in of.values() if login != mine)


def test_a_worker_takes_the_order_on_and_completes_it(visit: Visitor, shot: Shot, story: dict[str, str]) -> None:
    mine, other = worker_for(story)
    page = visit(mine, width=390, language="en-US")
    page.goto("/social_work/orders?state=dispatched")
    shot(page, "orders-390")
    page.locator("main table tbody th a, main .queue a").last.click()
    page.wait_for_url(re.compile(r"/social_work/orders/[0-9a-f-]{36}$"))
    story["order"] = page.url
    expect(page.locator("main")).to_contain_text("奶奶在家，下午去最好。")
    submit(page, "Accept the order")
    page.goto(story["order"])
    page.get_by_role("link", name="Log a session").click()
    shot(page, "session-390")
    page.locator("textarea[name=note]").fill("坐在门口聊了一小时，答应下次一起画画。")
    submit(page, "Log the session")
    page.goto(story["order"])
    expect(page.locator("main")).to_contain_text("答应下次一起画画")
    household = page.locator("dl.answers a").first
    household.click()
    expect(page.get_by_role("heading", name="People")).to_be_visible()
    shot(page, "household-390")
    stranger = visit(other, language="en-US")
    for address in (story["order"], story["household"], story["need"]):
        answer = stranger.goto(address)
        assert answer is not None
        assert answer.status == 404, address


def test_a_need_in_service_is_not_withdrawn_and_says_why(visit: Visitor, shot: Shot, story: dict[str, str]) -> None:
    page = visit("town", language="en-US")
    page.goto(story["need"])
    page.locator("details:has(form[action$='/withdraw']) > summary").click()
    page.locator("form[action$='/withdraw'] textarea[name=why]").fill("家里说不用了")
    submit(page, "Withdraw the need")
    expect(page.locator(".blocked")).to_contain_text(re.compile("order", re.I))
    expect(page.locator("form[action$='/withdraw'] button:not([aria-disabled])")).to_have_count(0)
    shot(page, "withdraw-refused-1280")
    page.locator("#display").click()
    page.get_by_role("button", name="繁體中文").click()  # at the address of an act, not of a page
    expect(page.locator("body")).to_have_attribute("data-lang", "zh-Hant")
    expect(page.locator("main")).to_contain_text(WORDS)
    expect(page.locator("form[action$='/withdraw'] textarea[name=why]")).to_have_value("家里说不用了")
    answer = page.goto(page.url)
    assert answer is not None
    assert (answer.status, page.url) == (200, story["need"])


def test_the_need_is_met_after_the_household_was_asked(visit: Visitor, shot: Shot, story: dict[str, str]) -> None:
    mine, _ = worker_for(story)
    worker = visit(mine, width=390, language="en-US")
    worker.goto(story["order"])
    submit(worker, "Complete the order")
    page = visit("town", language="en-US")
    page.goto(story["need"])
    page.locator("input[name=met][value=yes]").check()
    page.locator("form[action$='/confirm'] textarea[name=words]").fill("奶奶说孩子肯出来吃饭了。")
    submit(page, "Keep their word")
    expect(page.locator("dl.answers")).to_contain_text("met")
    page.goto(story["household"])
    timeline = page.locator("#timeline")
    for what in ("wrote down a need", "offered the need to a provider", "took the need on", "the need is met"):
        expect(timeline).to_contain_text(what)
    shot(page, "household-met-1280")


def test_the_language_changes_without_losing_the_page(visit: Visitor, story: dict[str, str]) -> None:
    page = visit("town", language="en-US")
    page.goto(story["household"] + "/needs/new")
    page.locator("textarea[name=words]").fill("写了一半")
    page.locator("#display").click()
    page.get_by_role("button", name="繁體中文").click()
    expect(page.locator("html, body").last).to_have_attribute("data-lang", "zh-Hant")
    assert page.url == story["household"] + "/needs/new"
    expect(page.locator("textarea[name=words]")).to_have_value("写了一半")
    page.locator("#display").click()
    page.get_by_role("button", name="简体中文").click()
    expect(page.locator("body")).to_have_attribute("data-lang", "zh-Hans")
    expect(page.locator("textarea[name=words]")).to_have_value("写了一半")


def test_an_auditor_sees_the_trail_of_it_all(visit: Visitor, shot: Shot, house: House, story: dict[str, str]) -> None:
    page = visit("auditor", language="en-US")
    page.goto("/trail")
    shot(page, "trail-1280")
    for what in ("wrote down a need", "took the need on", "the need is met", "applied an import"):
        expect(page.locator("main")).to_contain_text(what)
    page.goto("/looks")
    expect(page.locator("main table")).to_be_visible()
    checked = house.run("check")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_everything_works_without_javascript(visit: Visitor, story: dict[str, str]) -> None:
    page = visit("town", javascript=False, language="en-US")
    page.goto(story["household"] + "/needs/new")
    page.locator("select[name=kind]").select_option("needs.company")
    page.locator("textarea[name=words]").fill("一个人住，想有人说说话。")
    page.get_by_role("button", name="Write down the need").click()
    page.wait_for_url(re.compile(r"/needs/[0-9a-f-]{36}$"))
    page.locator("#display").click()
    page.get_by_role("button", name="繁體中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hant")
