"""Finding a household by what somebody knows of it: a name, its sound, a number."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.access import seen
from core.actor import Actor
from core.database import fetch
from core.vault import blind

from .numbers import BadNumber, parse_id
from .queries import Card, cards
from .tables import FindKey

MOST = 50
KINDS = ("name", "pinyin", "initials", "number")


@dataclass(frozen=True)
class Hit:
    """A household that fits, and the member by whose name it was found."""

    card: Card
    person_name: str | None


async def find(actor: Actor, wanted: str, *, today: date) -> tuple[list[Hit], bool]:
    """Find households within the actor's scope, the surest first.

    A complete identity number is found by its blind digest; anything else as the beginning of a name,
    of its pinyin or initials, or of a household's number. Each kind is one seek in an index.

    :param wanted: as typed; full-width signs and spaces are understood.
    :returns: at most 50 hits, and whether there are more.
    :raises Forbidden: the actor may not find.
    """
    actor.must("registry.find")
    words = re.sub(r"\s+", "", unicodedata.normalize("NFKC", wanted))
    if not words:
        return [], False
    people: dict[Any, Any] = await _by_identity(words, today)
    households = {}
    if people:
        rows = await fetch(
            "SELECT household, person FROM registry_membership WHERE until_on IS NULL"
            f" AND person IN ({', '.join('?' * len(people))})",
            tuple(people),
        )
        households = {row["household"]: row["person"] for row in rows}
    else:
        households = await _by_key(actor, words.lower())
    found = await cards(list(households)[: MOST + 1], actor, permission="registry.find")
    names = await _names([person for person in households.values() if person is not None])
    hits = [Hit(found[id_], names.get(person)) for id_, person in households.items() if id_ in found]
    return hits[:MOST], len(hits) > MOST


async def _by_identity(words: str, today: date) -> dict[Any, Any]:
    try:
        number = parse_id(words, today=today).number
    except BadNumber:
        return {}
    rows = await fetch(
        "SELECT person FROM registry_identity WHERE number_mac = ? LIMIT 20", (blind(number, purpose="identity"),)
    )
    return {row["person"]: None for row in rows}


async def _by_key(actor: Actor, words: str) -> dict[Any, Any]:
    """Return household → person for keys that begin with the words; exact ones first."""
    found: dict[Any, Any] = {}
    scope = seen(FindKey, actor, "registry.find")
    end = words[:-1] + chr(ord(words[-1]) + 1)
    for kind in KINDS:
        rows = await scope.some(
            (FindKey.kind == kind) & (FindKey.key >= words) & (FindKey.key < end),
            order_by=(FindKey.key,),
            limit=MOST + 1 - len(found) or 1,
        )
        for row in rows:
            found.setdefault(row.household, row.person)
        if len(found) > MOST:
            break
    return found


async def _names(people: list[Any]) -> dict[Any, str]:
    if not people:
        return {}
    rows = await fetch(
        f"SELECT id, name FROM registry_person WHERE id IN ({', '.join('?' * len(people))})", tuple(people)
    )
    return {row["id"]: row["name"] for row in rows}
