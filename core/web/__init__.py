"""Pages, forms and fragments: what a handler needs."""

from .clock import local_day, now, today
from .forms import Given, Invalid
from .htmx import HtmxRequest
from .lists import cursor_of, read_cursor
from .pages import show, to
from .routing import Handler, guards_of, may, page, ways_back

__all__ = [
    "Given",
    "Handler",
    "HtmxRequest",
    "Invalid",
    "cursor_of",
    "guards_of",
    "local_day",
    "may",
    "now",
    "page",
    "read_cursor",
    "show",
    "to",
    "today",
    "ways_back",
]
