"""Pages, forms and fragments: what a handler needs."""

from .forms import Given, Invalid
from .htmx import HtmxRequest
from .pages import show, to
from .routing import guards_of, may, page

__all__ = ["Given", "HtmxRequest", "Invalid", "guards_of", "may", "page", "show", "to"]
