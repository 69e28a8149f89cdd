"""The lifecycle of a service order (服务工单).

Source: the field's usual order form: 派单 → 接单 | 拒单 → 服务中 → 已完成 → 回访核验; 退单, 改派, 撤销.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from core import N_, Actor, Reason
from core.database import Rank, fetch, give_back, note_rank
from core.web import local_day
from core.workflow import State, Transition, Workflow

from .rules import BEFORE_ORDER, HOLDING, NO_SESSION
from .tables import Order, Provider

Found = Mapping[Reason, Mapping[str, Any]]


async def something_was_done(order: Order, *, actor: Actor, now: datetime, **_: Any) -> Found:
    """At least one session in which somebody was met and helped."""
    done = await fetch(
        "SELECT 1 AS one FROM social_work_session WHERE service_order = ? AND outcome = 'done' LIMIT 1", (order.id,)
    )
    return {} if done else {NO_SESSION: {}}


async def after_dispatch(order: Order, *, actor: Actor, now: datetime, day: date | None = None, **_: Any) -> Found:
    """Nothing was done for an order before it was given; `day` is unknown while a page only asks."""
    ordered = local_day(order.created_at)
    return {BEFORE_ORDER: {"day": ordered}} if day is not None and day < ordered else {}


async def give_place_back(order: Order, *, actor: Actor, now: datetime, **_: Any) -> None:
    """Free the provider's place, once: `holds_place` falls with the same statement that finds it standing."""
    freed = await fetch(
        "UPDATE social_work_order SET holds_place = FALSE WHERE id = ? AND holds_place RETURNING provider", (order.id,)
    )
    for row in freed:
        note_rank(Rank.COUNTER, "social_work_provider")
        await give_back(Provider.taken, where=Provider.id == row["provider"])


FREE = (give_place_back,)
WORK, DISPATCH = "social_work.work", "social_work.dispatch"

ORDER = Workflow(
    "social_work.order",
    Order,
    (
        State("dispatched", N_("waiting for the organisation"), "next", "next"),
        State("accepted", N_("accepted"), "info", "half"),
        State("in_progress", N_("in progress"), "info", "half"),
        State("completed", N_("completed, to be confirmed"), "alert", "clock"),
        State("confirmed", N_("confirmed"), "ok", "ok", closed=True),
        State("declined", N_("declined"), "danger", "danger", closed=True),
        State("returned", N_("returned"), "danger", "undo", closed=True),
        State("cancelled", N_("cancelled"), "idle", "idle", closed=True),
    ),
    (
        Transition("accept", N_("accept"), ("dispatched",), "accepted", WORK),
        Transition("decline", N_("decline"), ("dispatched",), "declined", WORK, effects=FREE),
        Transition(
            "log", N_("log a session"), ("accepted", "in_progress"), "in_progress", WORK, conditions=(after_dispatch,)
        ),
        Transition(
            "complete",
            N_("complete"),
            ("in_progress",),
            "completed",
            WORK,
            conditions=(something_was_done,),
            effects=FREE,
        ),
        Transition("return", N_("return"), ("accepted", "in_progress"), "returned", WORK, effects=FREE),
        Transition("pass_on", N_("pass on"), HOLDING, "cancelled", DISPATCH, effects=FREE),
        Transition("cancel", N_("cancel"), HOLDING, "cancelled", effects=FREE),
        Transition("confirm", N_("confirm"), ("completed",), "confirmed"),
    ),
)
