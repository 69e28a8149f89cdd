"""The small things that plugins and areas hand over in answer to a hook."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from uuid import UUID

from .actor import Actor
from .errors import Reason

Subject = Literal["start", "household", "need"]
TermKind = Literal["need", "service", "activity", "action", "step", "field", "purpose"]

Objections = Mapping[Reason, Mapping[str, Any]]
Objector = Callable[..., Awaitable[Objections]]


@dataclass(frozen=True)
class Permission:
    """Something one may do.

    :param code: `<package>.<verb>`.
    :param text: msgid that completes "may …".
    :param roles: who has it unless the county says otherwise.
    :param reads: only looks; it outlives a share or a mandate by its grace.
    """

    code: str
    text: str
    roles: tuple[str, ...] = ()
    reads: bool = False


@dataclass(frozen=True)
class Term:
    """A word of the house that rows refer to by its code, also after its plugin is gone.

    :param kind: need, service, activity, action (of the journal), step (that may be objected to), field
        (`<table>.<column>`, whose reading is recorded) or purpose (for which it was read).
    :param text: msgid of the package that declares it.
    :param service: for a kind of need, the code of the scheme's kind of service that answers it.
    """

    code: str
    kind: TermKind
    text: str
    service: str | None = None


@dataclass(frozen=True)
class MenuItem:
    """A line of the main menu.

    :param text: msgid. :param permission: who sees it; "" is everybody who is signed in.
    :param group: "" (the core's own), "services" or "oversight".
    :param order: within the group; equal ones follow the name of their plugin.
    """

    text: str
    url: str
    icon: str
    permission: str
    group: str = ""
    order: int = 50


@dataclass(frozen=True)
class Offer:
    """What a plugin could do about a need: a possibility, not a promise.

    :param provider: name as the worker knows it. :param why: sentences already in the reader's language.
    :param earliest: local date of the first contact it could make; None: not known.
    :param capacity: free places; None: not counted. :param distance_km: None: not known.
    :param url: of the plugin's own form for this need and provider.
    """

    provider: str
    organisation: UUID | None
    why: tuple[str, ...]
    earliest: date | None
    capacity: int | None
    url: str
    distance_km: float | None = None


@dataclass(frozen=True)
class Panel:
    """A box of a plugin on a page of the core.

    :param title: already in the reader's language. :param url: answers with a fragment.
    :param link: a page of its own, for those without JavaScript.
    """

    title: str
    url: str
    link: str
    order: int = 50


@dataclass(frozen=True)
class Event:
    """Says that something happened, never what is so now: a reaction looks for itself."""

    seq: int
    action: str
    object: UUID
    household: UUID | None


Reaction = Callable[[Event], Awaitable[None]]
Demo = Callable[[Any, Actor], Awaitable[None]]
