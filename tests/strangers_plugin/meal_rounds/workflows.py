"""The life of a round."""

from core import N_
from core.workflow import State, Transition, Workflow

from .tables import Round

ROUND = Workflow(
    "meal_rounds.round",
    Round,
    (
        State("planned", N_("planned"), "info", "half"),
        State("running", N_("running"), "info", "half"),
        State("finished", N_("finished"), "ok", "ok", closed=True),
        State("stopped", N_("stopped"), "idle", "idle", closed=True),
    ),
    (
        Transition("start", N_("start"), ("planned",), "running", "meal_rounds.carry"),
        Transition("finish", N_("finish"), ("running",), "finished", "meal_rounds.carry"),
        Transition("stop", N_("stop"), ("planned", "running"), "stopped"),
    ),
)
