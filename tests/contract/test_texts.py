"""Every package says everything in Chinese, and says the same thing with the same blanks."""

import re
from pathlib import Path

import pytest

from core.catalogues import Sentence, extract, generated, read, sources

ROOT = Path(__file__).parents[2]
PACKAGES = sources(ROOT)
BLANK = re.compile(r"%\([a-z_]+\)s|\{[a-z_]+\}")
CHINESE = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")


@pytest.fixture(params=PACKAGES, ids=lambda folder: folder.name)
def package(request: pytest.FixtureRequest) -> Path:
    return request.param


def forms(said: str | tuple[str, ...]) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said)


def test_every_sentence_is_translated(package: Path) -> None:
    said = read(package / "locale" / "zh_Hans" / "messages.po")
    missing = [sentence for sentence in extract(*PACKAGES[package]) if not all(forms(said.get(sentence, "")))]
    assert missing == [], "run `python -m core.texts` and translate what is empty"


def test_a_translation_has_the_blanks_of_its_sentence(package: Path) -> None:
    for locale in ("zh_Hans", "zh_Hant"):
        for sentence, said in read(package / "locale" / locale / "messages.po").items():
            wanted = set(BLANK.findall(sentence.plural or sentence.singular))
            for form in filter(None, forms(said)):
                assert set(BLANK.findall(form)) == wanted, (sentence, form)


def test_the_traditional_catalogue_is_the_generated_one(package: Path) -> None:
    file = package / "locale" / "zh_Hant" / "messages.po"
    assert file.read_bytes() == generated(package), "run `python -m core.texts`"


def test_a_correction_corrects_a_sentence_that_is_said(package: Path) -> None:
    said = extract(*PACKAGES[package])
    assert [s for s in read(package / "locale" / "zh_Hant" / "corrections.po") if s not in said] == []


def test_templates_speak_english(package: Path) -> None:
    pages = [
        page
        for source in PACKAGES[package]
        for page in ([source] if source.is_file() else source.rglob("*.html"))
        if page.suffix == ".html"
    ]
    assert [page for page in pages if CHINESE.search(page.read_text(encoding="utf-8"))] == []


def test_core_has_pages_and_sentences_to_check() -> None:
    said = extract(*PACKAGES[ROOT / "core"])
    assert Sentence("%(n)s thing is missing", "%(n)s things are missing") in said
    assert Sentence("%(field)s:", about="before a message") in said
    assert Sentence("This is empty. Please fill it in.") in said
