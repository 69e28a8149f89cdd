"""What htmx 4 says of a request.

litestar-htmx 0.5 reads the headers of htmx 2; htmx 4 sends HX-Source instead of HX-Trigger,
HX-Target as `tag#id`, and HX-Request-Type. What is not 204 or 304 is swapped, errors too: a request
that wants a fragment gets a fragment, whatever the status.
"""

from typing import Any

from litestar import Request
from litestar.datastructures import State


class HtmxRequest(Request[Any, Any, State]):
    """Set as `request_class` of the app."""

    @property
    def wants_fragment(self) -> bool:
        """Whether to answer with a part; swaps of the whole body and history restores want the page."""
        return (
            self.headers.get("hx-request") == "true"
            and self.headers.get("hx-request-type") == "partial"
            and self.headers.get("hx-history-restore-request") != "true"
        )

    @property
    def source(self) -> str | None:
        """The id of the element that asked."""
        return _id(self.headers.get("hx-source"))

    @property
    def target(self) -> str | None:
        """The id of the element that will be swapped."""
        return _id(self.headers.get("hx-target"))


def _id(identifier: str | None) -> str | None:
    _, _, name = (identifier or "").partition("#")
    return name or None
