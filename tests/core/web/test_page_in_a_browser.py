"""The look and the glue in Chromium, under the content security policy of the house."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.core.web.conftest import House

pytestmark = pytest.mark.browser
SHOTS = Path(__file__).parents[3] / "screenshots" / "web"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, house: House) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    complaints: list[str] = []
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(house.address)
    yield page
    context.close()
    assert [line for line in complaints if "status of 422" not in line] == []


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("type_size", ["normal", "large"])
def test_no_page_scrolls_sideways(page: Page, house: House, width: int, theme: str, type_size: str) -> None:
    house.display.update(theme=theme, type=type_size)
    page.set_viewport_size({"width": width, "height": 844})
    for house.language in ("en", "zh_Hans"):
        page.reload()
        expect(page.locator("html")).to_have_attribute("data-type", type_size)
        assert page.evaluate("document.documentElement.scrollWidth") == width
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"sample-{width}-{theme}-{type_size}.png", full_page=True)


def test_search_waits_for_the_input_method(page: Page, house: House) -> None:
    box = page.locator("#find")
    page.keyboard.press("/")
    expect(box).to_be_focused()
    composing = """(box, [type, composing]) => box.dispatchEvent(
        type === 'input' ? new InputEvent(type, {bubbles: true, isComposing: composing})
                         : new CompositionEvent(type, {bubbles: true}))"""
    for letters in ("z", "zh", "zho"):
        box.evaluate("(box, value) => { box.value = value }", letters)
        box.evaluate(composing, ["input", True])
    page.wait_for_timeout(500)
    assert house.posted == []
    box.evaluate("(box) => { box.value = 'Zhong' }")
    box.evaluate(composing, ["compositionend", False])
    expect(page.locator("#find-hits a")).to_have_text("Zhong")
    assert [(path, form["q"]) for path, form in house.posted] == [("/find", ["Zhong"])]
    page.keyboard.press("Escape")
    expect(page.locator("#find-hits")).to_be_empty()


def test_a_change_of_language_and_type_keeps_what_was_typed(page: Page, house: House) -> None:
    page.fill("#kind", "counselling")
    page.fill("#note", "two\nlines")
    page.check("input[name=came][value=no]", force=True)
    page.check("input[name=met][value=b]", force=True)
    page.select_option("#village", "2")
    page.set_input_files("#paper", {"name": "a.xlsx", "mimeType": "application/zip", "buffer": b"abc"})
    page.click("#display")
    page.click("button[name=language][value=en]")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.click("#display")
    page.click("button[name=type][value=large]")
    expect(page.locator("html")).to_have_attribute("data-type", "large")
    expect(page.locator("#kind")).to_have_value("counselling")
    expect(page.locator("#note")).to_have_value("two\nlines")
    expect(page.locator("input[name=came][value=no]")).to_be_checked()
    expect(page.locator("input[name=met][value=b]")).to_be_checked()
    expect(page.locator("#village")).to_have_value("2")
    assert page.evaluate("document.getElementById('paper').files[0].name") == "a.xlsx"
    assert page.url == house.address


def test_a_second_tap_sends_nothing(page: Page, house: House) -> None:
    page.fill("#kind", "much too long")
    page.fill("#until", "2026-11-26")
    operation = page.input_value("#need input[name=operation]")
    tapped_twice = """() => new Promise((resolve) => {
        const button = document.querySelector('#need button[data-kind=primary]');
        button.click();
        setTimeout(() => { button.click(); resolve([button.disabled, button.ariaBusy]); }, 100);
    })"""
    assert page.evaluate(tapped_twice) == [True, "true"]
    house.release.set()
    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    posts = [form for path, form in house.posted if path == "/needs"]
    assert [form["operation"] for form in posts] == [[operation]]
    assert page.input_value("#need input[name=operation]") == operation
    expect(page.locator("#kind")).to_have_value("much too long")
    expect(page.locator("#until")).to_have_value("2026-11-26")
    message = page.locator("#kind-error span").first.inner_text()
    assert message.splitlines()[-1] in summary.inner_text()
    page.screenshot(path=SHOTS / "errors-1280.png", full_page=True)
    summary.locator("a").first.click()
    expect(page.locator("#kind")).to_be_focused()


def test_what_was_shown_is_covered_again(page: Page) -> None:
    expect(page.locator("#shown")).to_have_text("3608**", timeout=3000)


def test_keys_walk_through_rows_and_menus_close(page: Page) -> None:
    page.locator("h1").click()
    page.keyboard.press("j")
    expect(page.locator("main tbody a").first).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator("main tbody tr:nth-child(2) th a")).to_be_focused()
    page.keyboard.press("k")
    expect(page.locator("main tbody a").first).to_be_focused()
    page.click("#display")
    expect(page.locator("button[name=theme][value=dark]")).to_be_visible()
    page.screenshot(path=SHOTS / "menu-1280.png")
    page.keyboard.press("Escape")
    expect(page.locator("button[name=theme][value=dark]")).to_be_hidden()
    page.click("#display")
    page.locator("h1").click()
    expect(page.locator("button[name=theme][value=dark]")).to_be_hidden()


def test_every_form_works_without_script(browser: Browser, house: House) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(house.address)
    page.click("#display")
    page.click("button[name=theme][value=dark]")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    house.release.set()
    page.click("#need button[data-kind=primary]")
    expect(page.locator(".error-summary li")).to_have_count(3)
    context.close()
