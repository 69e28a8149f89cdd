"""What the demo county shows of service orders (being filled from `core.demo`)."""

from typing import Any

from core import Actor


async def fill(county: Any, actor: Actor) -> None:
    """Enter three organisations and a dozen orders in different states, by verbs."""
