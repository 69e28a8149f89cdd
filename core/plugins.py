"""The plugin host: find, check, order and question plugins.

Areas of core are registered by the composition root, plugins are found through entry points; from
there on they are treated alike, in order of name. The contract is `hookspecs.py`.
"""

import asyncio
import logging
from collections.abc import Collection, Iterable, Mapping
from importlib.metadata import entry_points
from types import ModuleType
from typing import Any

import pluggy

from . import hookspecs
from .database import engine, fetch, transaction
from .declarations import Objector
from .errors import Reason
from .texts import N_

log = logging.getLogger(__name__)
GROUP = "nuanliu.plugins"
KEPT = {"provide_terms", "provide_objections"}  # what a disabled plugin still answers
PATIENCE = 0.3  # seconds

UNANSWERED = Reason(
    "core.guard_did_not_answer",
    N_(
        "The module {plugin} must agree to this and did not answer. Nothing was changed; try again, or ask the "
        "administrator to look at this module."
    ),
)


class PluginError(Exception):
    """A plugin cannot be used; says which and why."""


class Plugins:
    """Everything registered: areas of core, then what is installed under `nuanliu.plugins`."""

    def __init__(self) -> None:
        self._manager = pluggy.PluginManager("nuanliu")
        self._manager.add_hookspecs(hookspecs)
        self._muted: set[str] = set()
        self.modules: dict[str, ModuleType] = {}
        self.areas: set[str] = set()
        self.broken: dict[str, str] = {}
        self._objections: Mapping[str, Mapping[str, Objector]] = {}

    def load(self, areas: Iterable[ModuleType] = (), disabled: Collection[str] = ()) -> None:
        """Register the areas, then import and register every plugin in order of name.

        :param disabled: names of plugins that stay mute.
        :raises PluginError: one that is enabled does not load, or one that is disabled is not installed;
            names it and the cause.
        """
        for area in areas:
            name = area.__name__.rpartition(".")[2]
            self.areas.add(name)
            self.add(area, name)
        entries = sorted(entry_points(group=GROUP), key=lambda entry: entry.name)
        for name in sorted(set(disabled) - {entry.name for entry in entries}):
            installed = ", ".join(entry.name for entry in entries) or "none"
            raise PluginError(
                f"NUANLIU_DISABLED_PLUGINS names {name!r}, which is not installed; installed: {installed}"
            )
        for entry in entries:
            try:
                if entry.name in self.modules:
                    raise PluginError(f"the name {entry.name!r} is taken")
                self.add(entry.load(), entry.name, muted=entry.name in disabled)
            except Exception as error:
                if entry.name not in disabled:
                    raise PluginError(f"plugin {entry.name!r} ({entry.value}) does not load: {error}") from error
                self.broken[entry.name] = repr(error)
                log.error("disabled plugin %s does not load; what it guards is refused", entry.name, exc_info=error)

    def add(self, plugin: ModuleType, name: str, *, muted: bool = False) -> None:
        """Register one plugin.

        :raises PluginError: a misspelt hook or argument.
        """
        if muted:
            self._muted.add(name)
        try:
            self._manager.register(plugin, name=name)
            self._manager.check_pending()
        except (pluggy.PluginValidationError, ValueError) as error:
            raise PluginError(f"plugin {name!r}: {error}") from error
        self.modules[name] = plugin

    def is_enabled(self, name: str) -> bool:
        """Say whether a plugin is installed and not muted."""
        return name in self.modules and name not in self._muted

    def packages(self) -> list[str]:
        """Return the import names of all plugins that could be loaded, the muted ones too (not the areas)."""
        return [module.__name__ for name, module in sorted(self.modules.items()) if name not in self.areas]

    def declare(self, hook: str) -> dict[str, Any]:
        """Collect what each plugin provides, by plugin: areas first, then in order of name.

        :raises PluginError: a plugin raises.
        """
        answers = {}
        for impl in self._implementations(hook):
            try:
                answers[impl.plugin_name] = impl.function()
            except Exception as error:
                raise PluginError(f"plugin {impl.plugin_name!r}, {hook}: {error!r}") from error
        return answers

    def declare_objections(self, steps: Collection[str]) -> dict[str, list[str]]:
        """Collect who objects to what, and return the steps of each plugin.

        :raises PluginError: a step that nobody takes.
        """
        self._objections = self.declare("provide_objections")
        for plugin, table in self._objections.items():
            for step in sorted(table.keys() - set(steps)):
                raise PluginError(f"plugin {plugin!r} objects to {step!r}, which is no step")
        # Who has no such hook guards nothing, and says so: its gates of an earlier version are taken out.
        return {plugin: sorted(self._objections.get(plugin, ())) for plugin in self.modules}

    async def ask(self, hook: str, within: float = PATIENCE, **facts: Any) -> tuple[dict[str, Any], list[str]]:
        """Ask all plugins at once.

        :returns: the answers by plugin, and the names of those that raised or were late.
        """
        if engine().transaction_exists():
            raise RuntimeError(f"ask {hook} before the transaction: a late answer would abort it")

        async def one(impl: pluggy.HookImpl) -> Any:
            async with asyncio.timeout(within):
                answer: Any = impl.function(*(facts[name] for name in impl.argnames))
                return await answer

        impls = self._implementations(hook)
        answers = await asyncio.gather(*map(one, impls), return_exceptions=True)
        good, failed = {}, []
        for impl, answer in zip(impls, answers, strict=True):
            if isinstance(answer, BaseException):
                log.error("plugin %s failed to answer %s", impl.plugin_name, hook, exc_info=answer)
                failed.append(impl.plugin_name)
            else:
                good[impl.plugin_name] = answer
        return good, failed

    async def object_to(self, step: str, *facts: Any, within: float = PATIENCE) -> dict[Reason, dict[str, Any]]:
        """Hear a step's guards one after another, inside the transaction that takes the step.

        Who guards which step stands in the database (`gate`): a guard that is gone is missed.

        :returns: every reason against the step, with the values of its blanks; UNANSWERED among them
            when a guard failed, was late or is not there.
        """
        guards = await fetch("SELECT plugin FROM gate WHERE step = ? ORDER BY plugin", (step,))
        reasons: dict[Reason, dict[str, Any]] = {}
        silent: list[str] = []
        for plugin in [row["plugin"] for row in guards]:
            try:
                # A savepoint: a guard that swallows an error of its own SQL may not pass for one that agrees.
                async with asyncio.timeout(within), transaction():
                    objections = await self._objections[plugin][step](*facts)
                for reason, blanks in objections.items():
                    if not isinstance(reason, Reason):
                        raise TypeError(f"{reason!r} is no Reason")
                    reasons[reason] = dict(blanks)
            except Exception:
                log.exception("plugin %s did not answer for %s", plugin, step)
                silent.append(plugin)
        return {**reasons, UNANSWERED: {"plugin": silent}} if silent else reasons

    def _implementations(self, hook: str) -> list[pluggy.HookImpl]:
        impls = getattr(self._manager.hook, hook).get_hookimpls()
        heard = [impl for impl in impls if hook in KEPT or impl.plugin_name not in self._muted]
        return sorted(heard, key=lambda impl: (impl.plugin_name not in self.areas, impl.plugin_name))


_host: Plugins | None = None


def set_host(plugins: Plugins | None) -> None:
    """Make this the host that verbs question; called by the composition root."""
    global _host
    _host = plugins


def host() -> Plugins:
    """Return the host of this process."""
    if _host is None:
        raise RuntimeError("no plugins are loaded; core.app.prepare() does it")
    return _host
