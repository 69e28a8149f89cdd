"""How an act ends when it does not succeed: refused with reasons, not yours, or forbidden.

A verb raises `Refused` with *every* condition that is not met, so that a person mends all of them
at once. `NotYours` is for rows outside the actor's scope: they do not exist (404). `Forbidden` is
for acts that the actor's roles do not include (403).
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Reason:
    """Why something was refused: a stable code and one English sentence with {blanks} (a msgid)."""

    code: str
    text: str

    @property
    def package(self) -> str:
        """Return the package whose catalogue has the sentence."""
        return self.code.partition(".")[0]


class Refused(Exception):
    """The act was refused; `reasons` has every unmet condition with the values of its blanks."""

    def __init__(self, reason: Reason, /, **blanks: Any) -> None:
        self.reasons: dict[Reason, dict[str, Any]] = {reason: blanks}
        super().__init__(reason.code)

    @classmethod
    def all(cls, reasons: dict[Reason, dict[str, Any]]) -> "Refused":
        """Refuse for several reasons at once."""
        refused = cls.__new__(cls)
        refused.reasons = dict(reasons)
        Exception.__init__(refused, ", ".join(reason.code for reason in reasons))
        return refused


class NotYours(Exception):
    """There is no such thing within the actor's scope; answered like something that never was (404)."""


class Forbidden(Exception):
    """The actor's roles do not include this act (403)."""

    def __init__(self, permission: str) -> None:
        self.permission = permission
        super().__init__(permission)
