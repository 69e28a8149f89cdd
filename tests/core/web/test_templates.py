import hashlib
import json
from pathlib import Path
from types import SimpleNamespace

import jinja2
import pytest

from core.errors import Reason
from core.texts import language, read_catalogues
from core.web.forms import Given
from core.web.headers import security_headers
from core.web.htmx import HtmxRequest
from core.web.templates import make_environment
from tests.core.web.conftest import MOMENT, ROOT, context

STATIC = ROOT / "core" / "static"


def test_what_others_wrote_is_escaped(environment: jinja2.Environment) -> None:
    given = Given({"kind": "<b>'\""}, now=MOMENT)
    given.text("kind", most=2)
    given.fault("born", Reason("core.x", "{given} is wrong"), given="<i>")
    page = environment.get_template("sample.html").render(context(given=given))
    assert "<b>'" not in page
    assert "<i>" not in page
    assert 'value="&lt;b&gt;&#39;&#34;"' in page
    assert page.count("&lt;i&gt; is wrong") == 2


def test_a_page_needs_nothing_inline(environment: jinja2.Environment) -> None:
    page = environment.get_template("sample.html").render(context())
    for forbidden in (" style=", "<style", " onclick=", "hx-on", "javascript:", "js:", "http://", "https://"):
        assert forbidden not in page.lower()
    assert page.count("<script") == 2


def test_a_form_drawn_again_keeps_its_operation(environment: jinja2.Environment) -> None:
    given = Given({"operation": "same"}, now=MOMENT)
    draw = environment.from_string('{% import "_form.html" as f with context %}{{ f.form_start("/x", given) }}').render
    assert 'name="operation" value="same"' in draw(given=given, csrf_token="t")
    first, second = draw(given=None, csrf_token="t"), draw(given=None, csrf_token="t")
    assert first != second


@pytest.mark.parametrize("status", [400, 403, 404, 409, 413, 422, 429, 500, 503])
def test_every_error_says_what_to_do(environment: jinja2.Environment, status: int) -> None:
    part = environment.get_template("_error.html").render(status=status, limit=20)
    page = environment.get_template("error.html").render(context(status=status, toasts=[], limit=20))
    assert part.strip() in page
    assert part.lstrip().startswith('<div class="error-page" role="alert">')
    assert "<html" not in part


def test_a_refusal_lists_every_reason(environment: jinja2.Environment) -> None:
    reasons = {Reason("core.a", "Only {n} came."): {"n": 2}, Reason("core.b", "It is closed."): {}}
    part = environment.get_template("_error.html").render(status=409, reasons=reasons)
    assert "<li>Only 2 came.</li><li>It is closed.</li>" in part


def test_the_house_overrides_a_plugin_and_no_plugin_another(tmp_path: Path) -> None:
    for folder, name, words in [
        ("house", "a/page.html", "house"),
        ("a", "templates/a/page.html", "a"),
        ("a", "templates/a/other.html", "{{ _('Close') }} {{ static('a/x.css') }}"),
        ("a", "templates/b/page.html", "stolen"),
        ("a", "templates/base.html", "stolen"),
        ("a", "static/x.css", "p{}"),
        ("b", "templates/b/page.html", "b"),
    ]:
        file = tmp_path / folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(words)
    packages = {"a": tmp_path / "a", "b": tmp_path / "b"}
    house = make_environment([tmp_path / "house"], packages, read_catalogues({"core": "core"}))
    token = language.set("zh_Hans")
    assert house.get_template("a/page.html").render() == "house"
    assert house.get_template("b/page.html").render() == "b"
    mark = hashlib.sha256(b"p{}").hexdigest()[:8]
    assert house.get_template("a/other.html").render() == f"关闭 /static/a/x.css?v={mark}"
    language.reset(token)
    with pytest.raises(jinja2.TemplateNotFound):
        house.get_template("base.html")


def test_a_misspelt_name_is_an_error(environment: jinja2.Environment) -> None:
    with pytest.raises(jinja2.UndefinedError):
        environment.from_string("{{ householdd }}").render()


def test_vendored_files_are_what_the_manifest_says() -> None:
    manifest = json.loads((STATIC / "vendor" / "MANIFEST.json").read_text())
    assert [entry["name"] for entry in manifest] == ["htmx.org"]
    for entry in manifest:
        assert hashlib.sha256((STATIC / "vendor" / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]
        assert (STATIC / "vendor" / entry["licence_file"]).read_text().strip()
    listed = {entry[key] for entry in manifest for key in ("file", "licence_file")} | {"MANIFEST.json"}
    assert {file.name for file in (STATIC / "vendor").iterdir()} == listed


def test_every_icon_a_template_names_is_drawn() -> None:
    sprite = (STATIC / "icons.svg").read_text()
    for name in ("brand", "pin", "search", "display", "person", "down", "menu", "danger", "left", "right", "lock", "x"):
        assert f'id="i-{name}"' in sprite


def test_what_every_page_loads_is_light() -> None:
    assert (STATIC / "app.js").stat().st_size <= 12_000
    assert sum((STATIC / name).stat().st_size for name in ("app.js", "nuanliu.css", "icons.svg")) < 90_000


def test_hsts_is_promised_only_over_tls() -> None:
    assert "strict-transport-security" not in security_headers(tls=False)
    assert "max-age=" in security_headers(tls=True)["strict-transport-security"]
    policy = security_headers(tls=True)["content-security-policy"]
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'")


@pytest.mark.parametrize(
    ("headers", "fragment"),
    [
        ({}, False),
        ({"hx-request": "true", "hx-request-type": "partial"}, True),
        ({"hx-request": "true", "hx-request-type": "full"}, False),
        ({"hx-request": "true", "hx-request-type": "partial", "hx-history-restore-request": "true"}, False),
    ],
)
def test_a_fragment_is_wanted_only_by_a_partial_swap(headers: dict[str, str], fragment: bool) -> None:
    request = SimpleNamespace(headers={**headers, "hx-target": "div#hits", "hx-source": "input"})
    assert HtmxRequest.wants_fragment.fget(request) is fragment  # type: ignore[attr-defined]
    assert HtmxRequest.target.fget(request) == "hits"  # type: ignore[attr-defined]
    assert HtmxRequest.source.fget(request) is None  # type: ignore[attr-defined]
