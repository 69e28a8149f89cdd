"""The words that rows refer to by code: kept in the database, so they outlive their plugin."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from .database import fetch, transaction
from .declarations import Term
from .plugins import PluginError
from .texts import LANGUAGES, language


@dataclass(frozen=True)
class Word:
    """A term as the database has it, in every language."""

    code: str
    plugin: str
    kind: str
    words: Mapping[str, str]
    service: str | None
    retired: bool


_words: dict[str, Word] = {}


def collect(declared: Mapping[str, Iterable[Term]]) -> dict[str, tuple[str, Term]]:
    """Bring together what the plugins declare: code → plugin and term.

    :raises PluginError: a code is taken by another plugin, or a need names no kind of service.
    """
    terms: dict[str, tuple[str, Term]] = {}
    for plugin, provided in declared.items():
        for term in provided:
            if term.code in terms:
                raise PluginError(f"plugin {plugin!r}: the term {term.code!r} is taken by {terms[term.code][0]!r}")
            terms[term.code] = (plugin, term)
    services = {code for code, (_, term) in terms.items() if term.kind == "service"}
    for code, (plugin, term) in terms.items():
        if term.kind == "need" and term.service not in services:
            raise PluginError(f"plugin {plugin!r}: the need {code!r} names no kind of service ({term.service!r})")
    return terms


async def keep(terms: Mapping[str, tuple[str, Term]], translate: Callable[[str, str, str], str]) -> None:
    """Write the terms of this start into the database, retire those that nobody declares, and read them all.

    :param translate: (language, plugin, msgid) → words.
    """
    async with transaction():
        known = {row["code"]: row for row in await fetch("SELECT code, words, service, retired FROM term")}
        for code, (plugin, term) in terms.items():
            words = json.dumps(
                {name: translate(name, plugin, term.text) for name in LANGUAGES}, ensure_ascii=False, sort_keys=True
            )
            row = known.get(code)
            if row is None:
                await fetch(
                    "INSERT INTO term (code, plugin, kind, words, service, retired) VALUES (?, ?, ?, ?, ?, FALSE)",
                    (code, plugin, term.kind, words, term.service),
                )
            elif (row["words"], row["service"], bool(row["retired"])) != (words, term.service, False):
                await fetch(
                    "UPDATE term SET words = ?, service = ?, retired = FALSE WHERE code = ?",
                    (words, term.service, code),
                )
        for code in known.keys() - terms.keys():
            if not known[code]["retired"]:
                await fetch("UPDATE term SET retired = TRUE WHERE code = ?", (code,))
    await read()


async def read() -> None:
    """Read every term that the database has."""
    _words.clear()
    for row in await fetch("SELECT code, plugin, kind, words, service, retired FROM term ORDER BY code"):
        _words[row["code"]] = Word(
            row["code"], row["plugin"], row["kind"], json.loads(row["words"]), row["service"], bool(row["retired"])
        )


def word(code: str) -> str:
    """Say a term in the language of this request; an unknown one says its code."""
    known = _words.get(code)
    return known.words.get(language.get(), code) if known else code


def known_terms(kind: str, *, retired: bool = False) -> list[Word]:
    """Return the terms of a kind, by plugin and code."""
    return [term for term in _words.values() if term.kind == kind and (retired or not term.retired)]


def service_of(need_kind: str) -> str | None:
    """Return the scheme's kind of service that answers a kind of need."""
    known = _words.get(need_kind)
    return known.service if known else None


async def keep_gates(steps_of: Mapping[str, Iterable[str]], enabled: Callable[[str], bool]) -> None:
    """Enter who guards which step, when a plugin is first enabled; entries outlive the plugin.

    A step that an enabled plugin guards no more is taken out: it has said so itself.
    """
    async with transaction():
        rows = await fetch("SELECT step, plugin FROM gate")
        kept = {(row["step"], row["plugin"]) for row in rows}
        for plugin, steps in steps_of.items():
            declared = {(step, plugin) for step in steps}
            if enabled(plugin):
                for step, _ in sorted(declared - kept):
                    await fetch("INSERT INTO gate (step, plugin) VALUES (?, ?)", (step, plugin))
                for step, owner in sorted(kept - declared):
                    if owner == plugin:
                        await fetch("DELETE FROM gate WHERE step = ? AND plugin = ?", (step, owner))
