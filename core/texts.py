"""Words in three languages: English msgids, a catalogue per package, never chained.

Chained catalogues let one plugin's word translate another's page. Here the folder of a template
(`volunteers/_shift.html`) names the package whose catalogue answers, then core's. Catalogues are
read from .po at start: no .mo to forget in a wheel. zh_Hant is made from zh_Hans by OpenCC.
The tools that write the catalogues are in `core.catalogues` (run `python -m core.texts`).
"""

import io
import re
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from gettext import GNUTranslations
from importlib.resources import files
from typing import Any

import jinja2
from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2.runtime import Context

from .errors import Reason

LANGUAGES = ("zh_Hans", "zh_Hant", "en")
LANGUAGE_NAMES = {code: Locale.parse(code).languages[code] for code in LANGUAGES}  # each in its own script
language: ContextVar[str] = ContextVar("language", default="zh_Hans")
Catalogues = dict[tuple[str, str], GNUTranslations]
BLANK = re.compile(r"\{([a-z_][a-z0-9_]*)\}")


def N_(msgid: str) -> str:
    """Mark a sentence for the catalogue; it is translated where it is shown."""
    return msgid


def read_catalogues(packages: Mapping[str, str]) -> Catalogues:
    """Load `locale/<language>/messages.po` of each package, given as {name: module}."""
    found: Catalogues = {}
    for name, module in packages.items():
        for locale in LANGUAGES:
            file = files(module) / "locale" / locale / "messages.po"
            if file.is_file():
                compiled = io.BytesIO()
                write_mo(compiled, read_po(io.BytesIO(file.read_bytes()), locale=locale))
                compiled.seek(0)
                found[name, locale] = GNUTranslations(compiled)
    return found


def text(catalogues: Catalogues, package: str, singular: str, plural: str = "", n: int = 1, *, about: str = "") -> str:
    """Translate one message of a package into the language of this request.

    :param about: the context, where English has one word and Chinese several (受理, 接单, 验收).
    """
    for owner in (package, "core"):
        catalogue = catalogues.get((owner, language.get()))
        if catalogue is not None:
            if about:
                said = catalogue.pgettext(about, singular)
            else:
                said = catalogue.ngettext(singular, plural, n) if plural else catalogue.gettext(singular)
            if said not in (singular, plural):
                return said
    return singular if n == 1 or not plural else plural


@dataclass(frozen=True)
class Message:
    """A sentence of a package that is translated when it is shown; may itself fill a {blank}."""

    package: str
    msgid: str
    blanks: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Words:
    """Translation for Python code: reasons, messages, anything that is not a template.

    :param shown: turns the value of a blank (number, date, moment) into words of the language.
    """

    catalogues: Catalogues
    shown: Callable[[Any], str] = str

    def say(self, package: str, msgid: str, /, *, about: str = "", **blanks: Any) -> str:
        """Say one sentence in the language of this request, its {blanks} filled.

        :raises KeyError: the sentence has a blank for which no value was given.
        """
        return BLANK.sub(
            lambda blank: self._value(blanks[blank[1]]), text(self.catalogues, package, msgid, about=about)
        )

    def reason(self, reason: Reason, blanks: Mapping[str, Any] | None = None) -> str:
        """Say why something was refused, in the words of the package that refused it."""
        return self.say(reason.package, reason.text, **(blanks or {}))

    def _value(self, value: Any) -> str:
        match value:
            case Message():
                return self.say(value.package, value.msgid, **value.blanks)
            case Reason():
                return self.reason(value)
            case list() | tuple():
                return self.shown([self._value(one) for one in value])
            case _:
                return self.shown(value)


_words = Words({})


def speak_with(words: Words) -> None:
    """Set what `say` speaks with; called when the templates of the house are made."""
    global _words
    _words = words


def say(package: str, msgid: str, /, **blanks: Any) -> str:
    """Say one sentence of a package in the language of this request (an offer's why, a box's title)."""
    return _words.say(package, msgid, **blanks)


def install(environment: jinja2.Environment, catalogues: Catalogues) -> None:
    """Give templates `_`, `ngettext`, `pgettext` and {% trans %}; %(name)s values are escaped."""

    @jinja2.pass_context
    def gettext(context: Context, message: str) -> str:
        return text(catalogues, _package(context), message)

    @jinja2.pass_context
    def ngettext(context: Context, singular: str, plural: str, n: int) -> str:
        return text(catalogues, _package(context), singular, plural, n)

    @jinja2.pass_context
    def pgettext(context: Context, about: str, message: str) -> str:
        return text(catalogues, _package(context), message, about=about)

    environment.add_extension("jinja2.ext.i18n")
    extension: Any = environment
    extension.install_gettext_callables(gettext, ngettext, newstyle=True, pgettext=pgettext)


def _package(context: Context) -> str:
    return (context.name or "").partition("/")[0]


if __name__ == "__main__":
    from .catalogues import main

    main()
