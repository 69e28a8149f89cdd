"""Which permissions a role has: suggested by whoever declares the permission, learnt at start-up."""

from collections.abc import Iterable

from core.declarations import Permission

# Roles of the demo and of a new house; 等保 wants administrator, auditor and operator separated.
ROLES = ("town", "county", "worker", "supervisor", "auditor", "admin")
_known: dict[str, Permission] = {}


def learn(permissions: Iterable[Permission]) -> None:
    """Replace what is known by what the plugins of this start declare."""
    _known.clear()
    _known.update({permission.code: permission for permission in permissions})


def known() -> dict[str, Permission]:
    """Return every declared permission by its code."""
    return _known


def permissions_of(role: str, *, reading_only: bool = False) -> frozenset[str]:
    """Return what a role may do.

    :param reading_only: only what reads, for an organisation whose mandate is in its grace.
    """
    return frozenset(
        code
        for code, permission in _known.items()
        if role in permission.roles and (permission.reads or not reading_only)
    )


def is_reading(code: str) -> bool:
    """Say whether a permission only looks.

    :raises KeyError: nobody declared it.
    """
    return _known[code].reads
