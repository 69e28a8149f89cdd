"""What every command stands on: settings, one message instead of a trace, progress bars."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from .database import MigrationError
from .errors import Forbidden, Refused
from .plugins import PluginError
from .settings import Settings, SettingsError

P = ParamSpec("P")
R = TypeVar("R")
console = Console(stderr=True)


class Stop(click.ClickException):
    """Ends a command with one message and exit code 1."""


def run(command: Callable[P, Coroutine[Any, Any, R]]) -> Callable[P, R]:
    """Run an async command; what the house says of settings, plugins and database becomes one message."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return asyncio.run(command(*args, **kwargs))
        except (SettingsError, PluginError, MigrationError, OSError) as error:
            raise Stop(str(error)) from error
        except Forbidden as forbidden:
            raise Stop(f"this account does not have the permission {forbidden.permission}") from forbidden
        except Refused as refused:
            raise Stop(sentences(refused)) from refused

    return wrapped


def read_settings() -> Settings:
    """Read the settings of this house.

    :raises Stop: one is missing or wrong; says which.
    """
    try:
        return Settings.read()
    except SettingsError as error:
        raise Stop(str(error)) from error


def progress_bars() -> Progress:
    return Progress(
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=console, transient=True,
    )  # fmt: skip


def tell_progress(progress: Progress) -> Callable[[str, int, int], None]:
    """Return a callback (what, done, of) that keeps one bar for each thing that is done."""
    bars: dict[str, Any] = {}

    def tell(what: str, done: int, of: int) -> None:
        if what not in bars:
            bars[what] = progress.add_task(what, total=of)
        progress.update(bars[what], completed=done, total=of)

    return tell


def sentences(refused: Refused) -> str:
    return " ".join(
        reason.text.format(**{name: str(value) for name, value in blanks.items()})
        for reason, blanks in refused.reasons.items()
    )
