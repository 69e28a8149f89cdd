"""Lifecycles as data: states, transitions, who may, under which conditions, with which effects."""

from .history import WorkflowStep, history, remember
from .machine import NOT_NOW, Condition, Effect, State, Transition, Workflow, all_workflows

__all__ = [
    "NOT_NOW",
    "Condition",
    "Effect",
    "State",
    "Transition",
    "Workflow",
    "WorkflowStep",
    "all_workflows",
    "history",
    "remember",
]
