"""Finding a household by what somebody knows of it: a name, its sound, a number."""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from piccolo.columns.combination import WhereRaw

from core.access import seen
from core.actor import Actor
from core.database import fetch

from .find_keys import LONGEST_KEY, plain_key
from .numbers import BadNumber, compact, parse_id
from .queries import Card, cards
from .tables import FindKey, Household
from .writing import number_mac

MOST = 50
NAMED_FROM = 14  # years
KEYS_READ = 4 * MOST  # of one kind: members of one household often begin alike
KINDS = ("name", "number", "pinyin", "initials")
LAST = "\U0010ffff"  # no key that begins with the words comes after it
# Dots within names are left out of the keys, too; a zero byte is not taken by PostgreSQL.
UNSEARCHED = re.compile("[\\s·•‧・･∙⋅'’\x00-\x1f]")


@dataclass(frozen=True)
class Hit:
    """A household that fits, and the member by whom it was found; None for a child, who is not named in lists."""

    card: Card
    person_name: str | None


async def find(actor: Actor, wanted: str, *, today: date) -> tuple[list[Hit], bool]:
    """Find households within the actor's scope, the surest first.

    A complete document number is found by its blind digest; anything else as the beginning of a name,
    of its pinyin or initials, or of a household's number. Each kind is one seek in an index.

    :param wanted: as typed; full-width signs and spaces are understood.
    :returns: at most 50 hits, and whether there are more.
    :raises Forbidden: the actor may not find.
    """
    actor.must("registry.find")
    words = plain_key(UNSEARCHED.sub("", wanted[:LONGEST_KEY]))
    if not words:
        return [], False
    households, more = await _by_document(actor, words, today), False
    if not households:
        households, more = await _by_key(actor, words)
    found = await cards(list(households)[: MOST + 1], actor, permission="registry.find")
    names = await _names([person for person in households.values() if person is not None], today)
    hits = [
        Hit(found[id_], names.get(person) if person else None) for id_, person in households.items() if id_ in found
    ]
    return hits[:MOST], more or len(hits) > MOST


async def _by_document(actor: Actor, words: str, today: date) -> dict[UUID, UUID | None]:
    """Return household → person for a complete document number; an old one of 15 digits finds the new one too.

    Whose number it is elsewhere decides nothing: a passport of another town may read like a name of this one.
    """
    numbers = {compact(words)}
    with suppress(BadNumber):
        numbers.add(parse_id(words, today=today).number)
    digests = tuple(number_mac(number) for number in sorted(numbers))
    holders = "registry_identity i JOIN registry_membership m ON m.person = i.person WHERE m.until_on IS NULL"
    held = WhereRaw(
        f"registry_household.id IN (SELECT m.household FROM {holders}"
        f" AND i.number_mac IN ({', '.join('{}' for _ in digests)}))",
        *digests,
    )
    homes = [row.id for row in await seen(Household, actor, "registry.find").some(held, limit=MOST + 1)]
    if not homes:
        return {}
    rows = await fetch(
        f"SELECT m.household, m.person FROM {holders} AND i.number_mac IN ({', '.join('?' * len(digests))})"
        f" AND m.household IN ({', '.join('?' * len(homes))})",
        (*digests, *homes),
    )
    return {row["household"]: row["person"] for row in rows}


async def _by_key(actor: Actor, words: str) -> tuple[dict[UUID, UUID | None], bool]:
    """Return household → person for keys that begin with the words, and whether some were left out."""
    found: dict[UUID, UUID | None] = {}
    scope, more = seen(FindKey, actor, "registry.find"), False
    for kind in KINDS:
        rows = await scope.some(
            (FindKey.kind == kind) & (FindKey.key >= words) & (FindKey.key <= words + LAST),
            order_by=(FindKey.key,),
            limit=KEYS_READ,
        )
        for row in rows:
            found.setdefault(row.household, row.person)
        more = more or len(rows) == KEYS_READ
        if len(found) > MOST:
            break
    return found, more


async def _names(people: list[UUID], today: date) -> dict[UUID, str]:
    """Return names for a list; children under 14 are not named in lists (design, names)."""
    if not people:
        return {}
    latest = (today.year - NAMED_FROM, today.month, today.day)
    rows = await fetch(
        f"SELECT id, name, birth_on FROM registry_person WHERE id IN ({', '.join('?' * len(people))})", tuple(people)
    )
    return {
        row["id"]: row["name"] for row in rows if row["birth_on"] is None or row["birth_on"].timetuple()[:3] <= latest
    }
