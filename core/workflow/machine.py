"""One small mechanism for every lifecycle: no `if state ==` anywhere else.

A verb locks the row, then calls `WORKFLOW.take(row, "accept", actor=…, now=…)`. The transition is
refused with *every* condition that is not met; else the state is moved, the step remembered and the
effects run, all in the verb's transaction.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from piccolo.table import Table

from core.actor import Actor
from core.database import engine, unscoped
from core.errors import Reason, Refused
from core.plugins import host
from core.texts import N_, Message

from .history import remember

NOT_NOW = Reason(
    "core.not_in_this_state", N_("This cannot be done while it is “{state}”; it can be done from: {possible}.")
)

Found = Mapping[Reason, Mapping[str, Any]]
Condition = Callable[..., Awaitable[Found]]
Effect = Callable[..., Awaitable[None]]
_all: dict[str, "Workflow"] = {}


@dataclass(frozen=True)
class State:
    """A state and how it is shown: icon, word and tone together."""

    name: str
    text: str
    tone: str = "info"
    icon: str = "half"
    closed: bool = False


@dataclass(frozen=True)
class Transition:
    """A move from some states to one.

    :param permission: who may; None: only the house (an effect of something else).
    :param conditions: `async (row, actor=, now=, **facts)` → reasons against it.
    :param step: name under which plugins may object (`provide_objections`).
    :param effects: `async (row, actor=, now=, **facts)`, after the state has moved, in the same transaction.
    """

    name: str
    text: str
    source: tuple[str, ...]
    target: str
    permission: str | None = None
    conditions: tuple[Condition, ...] = ()
    effects: tuple[Effect, ...] = ()
    step: str | None = None


@dataclass
class Workflow:
    """The lifecycle of one table's rows, whose column `state` it alone moves.

    :param name: `<package>.<record>`.
    """

    name: str
    table: type[Table]
    states: tuple[State, ...]
    transitions: tuple[Transition, ...]
    _by_name: dict[str, Transition] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._by_name = {transition.name: transition for transition in self.transitions}
        names = {state.name for state in self.states}
        for transition in self.transitions:
            if unknown := {*transition.source, transition.target} - names:
                raise ValueError(f"{self.name}.{transition.name}: no state {', '.join(sorted(unknown))}")
        _all[self.name] = self

    def state(self, name: str) -> State:
        """Return a state by its name."""
        return next(state for state in self.states if state.name == name)

    def word(self, name: str) -> Message:
        """Return a state as a word of its package, to fill a {blank}."""
        return Message(self.name.partition(".")[0], self.state(name).text)

    def closed(self) -> tuple[str, ...]:
        """Return the names of the states that end the lifecycle."""
        return tuple(state.name for state in self.states if state.closed)

    def steps(self) -> set[str]:
        """Return the steps that plugins may object to."""
        return {transition.step for transition in self.transitions if transition.step}

    def possible(self, state: str, actor: Actor) -> list[Transition]:
        """Return the transitions out of a state that the actor's roles include."""
        return [
            transition
            for transition in self.transitions
            if state in transition.source and transition.permission and actor.may(transition.permission)
        ]

    async def unmet(self, row: Any, name: str, *, actor: Actor, now: datetime, **facts: Any) -> dict[Reason, Any]:
        """Return every reason against a transition, inside the deciding transaction or for a page."""
        transition = self._by_name[name]
        reasons: dict[Reason, Any] = {}
        if row.state not in transition.source:
            possible = [self.word(source) for source in transition.source]
            reasons[NOT_NOW] = {"state": self.word(row.state), "possible": possible}
        for condition in transition.conditions:
            reasons.update(await condition(row, actor=actor, now=now, **facts))
        if transition.step and engine().transaction_exists():
            reasons.update(await host().object_to(transition.step, row.id, actor))
        return reasons

    async def take(
        self, row: Any, name: str, *, actor: Actor, now: datetime, why: str | None = None, **facts: Any
    ) -> None:
        """Move a locked row along a transition.

        :param now: aware UTC. :param why: kept with the step.
        :raises Refused: with every unmet condition and objection.
        :raises Forbidden: the actor's roles do not include it.
        """
        transition = self._by_name[name]
        if transition.permission is not None:
            actor.must(transition.permission)
        if reasons := await self.unmet(row, name, actor=actor, now=now, **facts):
            raise Refused.all(reasons)
        before = row.state
        with unscoped("the row was locked by the verb"):
            moved = (
                await self.table.update({"state": transition.target, **_changed(self.table, actor, now)})
                .where((self.table.id == row.id) & (self.table.state == before))  # type: ignore[attr-defined]
                .returning(self.table.id)  # type: ignore[attr-defined]
            )
        if not moved:
            raise RuntimeError(f"{self.name} {row.id} was not locked: its state moved meanwhile")
        row.state = transition.target
        await remember(self.name, row.id, name, before, transition.target, actor.user, now, why)
        for effect in transition.effects:
            await effect(row, actor=actor, now=now, **facts)

    def mermaid(self) -> str:
        """Draw the lifecycle for the docs."""
        lines = ["stateDiagram-v2"]
        for transition in self.transitions:
            lines += [f"    {source} --> {transition.target}: {transition.name}" for source in transition.source]
        lines += [f"    {state.name} --> [*]" for state in self.states if state.closed]
        return "\n".join(lines)


def all_workflows() -> Iterable[Workflow]:
    """Return every declared lifecycle, by name."""
    return [workflow for _, workflow in sorted(_all.items())]


def _changed(table: type[Table], actor: Actor, now: datetime) -> dict[Any, Any]:
    names = {column._meta.name for column in table._meta.columns}
    changed = {"changed_at": now, "changed_by": actor.user}
    return {name: value for name, value in changed.items() if name in names}
