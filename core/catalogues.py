"""The tools behind `python -m core.texts`: find the sentences, keep the catalogues up to date.

zh_Hans is written by people: a new sentence arrives with an empty translation, one that is no
longer used is kept below as obsolete. zh_Hant is made from it by OpenCC (script only, `s2tw`);
where that is not good enough, `locale/zh_Hant/corrections.po` has the last word. Files carry no
date, host or line number, so that two people's changes do not collide.
"""

import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import click
from babel.messages import Catalog
from babel.messages.extract import extract_from_dir, extract_from_file
from babel.messages.pofile import read_po, write_po
from opencc import OpenCC

KEYWORDS: dict[str, Any] = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
METHODS = [("**/locale/**", "ignore"), ("**.py", "python"), ("**.html", "jinja2.ext:babel_extract")]
OPTIONS = {"**.html": {"silent": "false", "trimmed": "true", "newstyle_gettext": "true"}}
HEADER = 'msgid ""\nmsgstr ""\n"Language: {locale}\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'


class Sentence(NamedTuple):
    """One entry of a catalogue: what gettext finds a translation by."""

    singular: str
    plural: str = ""
    about: str = ""

    @property
    def identifier(self) -> str | tuple[str, str]:
        """Return the msgid as babel wants it."""
        return (self.singular, self.plural) if self.plural else self.singular


def extract(*sources: Path) -> set[Sentence]:
    """Return every sentence that these files, and the .py files and templates below these folders, say."""
    found = set()
    for source in sources:
        if source.is_dir():
            messages = [entry[2:5:2] for entry in extract_from_dir(source, METHODS, OPTIONS, keywords=KEYWORDS)]
        else:
            method = "python" if source.suffix == ".py" else "jinja2.ext:babel_extract"
            messages = [
                entry[1:4:2] for entry in extract_from_file(method, source, KEYWORDS, options=OPTIONS["**.html"])
            ]
        for message, about in messages:
            singular, plural = message if isinstance(message, tuple) else (message, "")
            if singular:
                found.add(Sentence(singular, plural, about or ""))
    return found


def update_catalogue(package: Path, sentences: Iterable[Sentence]) -> int:
    """Write both Chinese catalogues of a package; returns how many sentences wait for a translation."""
    file = package / "locale" / "zh_Hans" / "messages.po"
    known = read(file)
    catalogue, waiting = Catalog(locale="zh_Hans", fuzzy=False), 0
    for sentence in sorted(sentences):
        said = known.pop(sentence, "")
        waiting += not (said if isinstance(said, str) else all(said))
        catalogue.add(sentence.identifier, said, context=sentence.about or None)
    for sentence, said in known.items():
        if said:
            catalogue.add(sentence.identifier, said, context=sentence.about or None)
            message = catalogue._messages.pop(catalogue._key_for(sentence.identifier, sentence.about or None))
            catalogue.obsolete[catalogue._key_for(sentence.identifier, sentence.about or None)] = message
    _write(file, catalogue)
    traditional = package / "locale" / "zh_Hant" / "messages.po"
    traditional.parent.mkdir(parents=True, exist_ok=True)
    traditional.write_bytes(generated(package))
    return waiting


def generated(package: Path) -> bytes:
    """Return the zh_Hant catalogue that a package should have: OpenCC's, corrections merged over."""
    corrections = read(package / "locale" / "zh_Hant" / "corrections.po")
    return traditional((package / "locale" / "zh_Hans" / "messages.po").read_bytes(), corrections)


def traditional(simplified: bytes, corrections: Mapping[Sentence, Any] | None = None) -> bytes:
    """Write the zh_Hant catalogue of a zh_Hans one; blanks like {n} and %(n)s are ASCII and stay."""
    convert = OpenCC("s2tw").convert
    made = Catalog(locale="zh_Hant", fuzzy=False)
    for sentence, said in _sentences(read_po(io.BytesIO(simplified), locale="zh_Hans")).items():
        string = tuple(map(convert, said)) if isinstance(said, tuple) else convert(said)
        string = (corrections or {}).get(sentence) or string
        made.add(sentence.identifier, string, context=sentence.about or None)
    return _bytes(made)


def read(file: Path) -> dict[Sentence, Any]:
    """Return what a catalogue says, retired sentences included; nothing when there is no file."""
    if not file.is_file():
        return {}
    catalogue = read_po(io.BytesIO(file.read_bytes()), locale=file.parent.name)
    retired = Catalog()
    for message in catalogue.obsolete.values():
        retired.add(message.id, message.string, context=message.context)
    return _sentences(retired) | _sentences(catalogue)


def _sentences(catalogue: Catalog) -> dict[Sentence, Any]:
    found = {}
    for message in catalogue:
        if message.id:
            singular, plural = message.id if isinstance(message.id, (tuple, list)) else (message.id, "")
            found[Sentence(singular, plural, message.context or "")] = message.string
    return found


def _write(file: Path, catalogue: Catalog) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(_bytes(catalogue))


def _bytes(catalogue: Catalog) -> bytes:
    out = io.BytesIO()
    write_po(out, catalogue, omit_header=True, sort_output=True, width=120)
    return HEADER.format(locale=catalogue.locale).encode() + out.getvalue().strip() + b"\n"


def sources(root: Path) -> dict[Path, tuple[Path, ...]]:
    """Return {package: what says its sentences} for core and each plugin on the shelf of a checkout.

    Core's pages lie in `templates/`; a folder there that bears a plugin's name overrides its pages
    for one county and speaks the plugin's words.
    """
    plugins = {init.parent.name: init.parent for init in sorted((root / "plugins").glob("*/__init__.py"))}
    pages = sorted((root / "templates").iterdir())
    found = {root / "core": (root / "core", *(page for page in pages if page.name not in plugins))}
    for name, folder in plugins.items():
        found[folder] = (folder, *(page for page in pages if page.name == name))
    return found


def main() -> None:
    """Bring the catalogues of core and of every plugin of this checkout up to date."""
    root = Path(__file__).parent.parent
    for package, folders in sources(root).items():
        waiting = update_catalogue(package, extract(*folders))
        click.echo(f"{package.relative_to(root)}: {waiting} sentences wait for a translation")
