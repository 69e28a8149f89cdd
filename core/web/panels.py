"""The boxes that plugins have on pages of the core: who has one, and who did not answer."""

from typing import Any, cast
from uuid import UUID

from core.actor import Actor
from core.declarations import Panel, Subject
from core.plugins import host

from .htmx import HtmxRequest


async def panels(
    request: HtmxRequest, page: Subject, subject: UUID | None, actor: Actor
) -> tuple[list[tuple[str, Panel]], list[str]]:
    """Ask every plugin for its boxes on a page; `_panels.html` shows them under the names `panels` and `failed`.

    :param subject: the id of the household or need; None for the start page.
    :returns: (plugin, box) in their order, and the names of plugins that raised, were late or
        answered something else. The boxes load by themselves, so a slow one slows nobody.
    """
    answers, failed = await host().ask("panels_for", page=page, subject=subject, actor=actor)
    found: list[tuple[str, Panel]] = []
    for plugin, answer in answers.items():
        if fits(answer, Panel):
            found += [(plugin, panel) for panel in cast(list[Panel], answer or [])]
        else:
            failed.append(plugin)
    return sorted(found, key=lambda pair: (pair[1].order, pair[0])), sorted(failed)


def fits(answer: Any, kind: type) -> bool:
    """Say whether a plugin answered with what was asked for: a list of one kind of thing, or nothing."""
    return answer is None or (isinstance(answer, list | tuple) and all(isinstance(one, kind) for one in answer))
