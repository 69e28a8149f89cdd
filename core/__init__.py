"""Nuanliu (暖流): the platform for non-material social relief. This is the public face for plugins.

What stands here and in the `__all__` of each `core.<area>` may be imported by a plugin; a module below
an area may not. See `docs/plugins.md`.
"""

from .actor import Actor, house
from .declarations import Event, MenuItem, Offer, Panel, Permission, Term
from .errors import Forbidden, NotYours, Reason, Refused
from .hookspecs import hookimpl
from .place import Place
from .terms import known_terms, service_of, word
from .texts import N_, say
from .vault import seal, unseal

__all__ = [
    "N_",
    "Actor",
    "Event",
    "Forbidden",
    "MenuItem",
    "NotYours",
    "Offer",
    "Panel",
    "Permission",
    "Place",
    "Reason",
    "Refused",
    "Term",
    "hookimpl",
    "house",
    "known_terms",
    "say",
    "seal",
    "service_of",
    "unseal",
    "word",
]
