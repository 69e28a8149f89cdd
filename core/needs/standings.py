"""How a referral stands now, for reactions: an event says look, this is where they look."""

from dataclasses import dataclass
from uuid import UUID

from core.database import fetch


@dataclass(frozen=True)
class Standing:
    """A plugin's record as needs see it.

    :cvar referral: state of its referral. :cvar need: state of the need.
    :cvar latest: nobody was asked after it.
    """

    referral: str
    need: str
    latest: bool


async def standing(plugin: str, record_id: UUID) -> Standing | None:
    """Return how the referral of a plugin's record stands; None: there is none.

    For what the house does by itself: nobody's scope is asked.
    """
    rows = await fetch(
        "SELECT r.state AS referral, n.state AS need,"
        " NOT EXISTS (SELECT 1 FROM needs_referral l WHERE l.need = r.need AND l.id > r.id) AS latest"
        " FROM needs_referral r JOIN needs_need n ON n.id = r.need WHERE r.plugin = ? AND r.record = ?"
        " ORDER BY r.id DESC LIMIT 1",
        (plugin, record_id),
    )
    return Standing(rows[0]["referral"], rows[0]["need"], bool(rows[0]["latest"])) if rows else None
