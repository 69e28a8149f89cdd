"""Who acts (经办人): a person signed in, with what their grants allow now."""

from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

from .errors import Forbidden

Level = Literal["city", "county", "town", "village"]


@dataclass(frozen=True)
class Reach:
    """One grant as it holds at this moment: a role's permissions over an area, an organisation, both or all.

    :param level: the column of a row that is compared with `area`.
    :param permissions: shrunk to the reading ones while an organisation's mandate is in its grace.
    """

    role: str
    permissions: frozenset[str]
    area: UUID | None = None
    level: Level | None = None
    organisation: UUID | None = None


@dataclass(frozen=True)
class Actor:
    """Comes into every verb and query; carries no database and no clock."""

    user: UUID | None
    name: str
    login: str
    person: UUID | None = None
    organisation: UUID | None = None
    reaches: tuple[Reach, ...] = ()
    place_label: str | None = None
    organisation_label: str | None = None
    permissions: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        every = frozenset().union(*(reach.permissions for reach in self.reaches))
        object.__setattr__(self, "permissions", every)

    def may(self, permission: str) -> bool:
        """Say whether any grant includes the permission."""
        return permission in self.permissions

    def must(self, permission: str) -> None:
        """Refuse an act that no grant includes.

        :raises Forbidden: answered with 403.
        """
        if permission not in self.permissions:
            raise Forbidden(permission)

    def with_permission(self, permission: str) -> tuple[Reach, ...]:
        """Return the grants that include the permission."""
        return tuple(reach for reach in self.reaches if permission in reach.permissions)

    @property
    def roles(self) -> frozenset[str]:
        """Return the names of the roles held now."""
        return frozenset(reach.role for reach in self.reaches)


def house(name: str) -> Actor:
    """Return the actor for what the house does by itself (a reaction, the sealer); it reads `unscoped`."""
    return Actor(user=None, name=name, login=f"house:{name}")
