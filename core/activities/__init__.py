"""The ledger (服务台账): what was done for whom, by whom, how long, what came of it."""

from collections.abc import Iterable

from core.access import shareable
from core.declarations import Permission, Term
from core.hookspecs import hookimpl
from core.texts import N_

from .queries import hours_of_relief, of_household, worked_on
from .service import log_activity
from .tables import Activity

__all__ = ["Activity", "hours_of_relief", "log_activity", "of_household", "worked_on"]

shareable("activities.see")


@hookimpl
def provide_permissions() -> Iterable[Permission]:
    """Seeing what was done."""
    return [
        Permission(
            "activities.see",
            N_("see what was done for a household"),
            ("county", "town", "worker", "supervisor", "auditor"),
            reads=True,
        )
    ]


@hookimpl
def provide_terms() -> Iterable[Term]:
    """Kinds of activity that need no plugin."""
    return [
        Term("activities.conversation", "activity", N_("Conversation with the household")),
    ]
