"""Pages (being written)."""

from typing import Any

handlers: list[Any] = []
