"""Nuanliu (暖流): the platform for non-material social relief. This is the public face for plugins.

What stands here and in the `__all__` of each `core.<area>` may be imported by a plugin; a module below
an area may not. See `docs/plugins.md`.
"""

from .actor import Actor
from .declarations import Event, MenuItem, Offer, Panel, Permission, Term
from .errors import Forbidden, NotYours, Reason, Refused
from .hookspecs import hookimpl
from .place import Place
from .terms import word
from .texts import N_

__all__ = [
    "Actor",
    "Event",
    "Forbidden",
    "MenuItem",
    "N_",
    "NotYours",
    "Offer",
    "Panel",
    "Permission",
    "Place",
    "Reason",
    "Refused",
    "Term",
    "hookimpl",
    "word",
]
