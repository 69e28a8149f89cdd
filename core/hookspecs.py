"""Every hook of the house: the contract between core and plugins, ours and strangers' alike.

Four tones of voice. *Declare* (`provide_…`): sync, at start-up, once; a mistake stops the start and
names the plugin. *Ask*: async, before any transaction, 300 ms each; who fails is left out, and its
box says so. *Must*: the table of `provide_objections`, called inside the deciding transaction; who
fails refuses the step. *Tell*: the table of `provide_reactions`, called after commit from the
journal, again until it succeeds.

A plugin is a module with functions marked `@hookimpl`, found through the entry-point group
`nuanliu.plugins`. A function takes those of the arguments that it names. Disabled plugins are asked
`provide_terms` and `provide_objections` only.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from .actor import Actor
    from .declarations import Demo, MenuItem, Objector, Offer, Panel, Permission, Reaction, Subject, Term

hookspec = pluggy.HookspecMarker("nuanliu")
hookimpl = pluggy.HookimplMarker("nuanliu")


# ── declare ──────────────────────────────────────────────────────────────────────────────────────


@hookspec
def provide_routes() -> "Iterable[Any]":
    """Hand over the route handlers (made with `core.web.page` and `core.journal.act`).

    Called once while the application is built. Every path begins with `/<plugin>/`, every handler
    names its permission; one that does not stops the start.
    Used by social_work, by all areas of core, and by the stranger. Since 0.1.
    """
    raise NotImplementedError


@hookspec
def provide_menu() -> "Iterable[MenuItem]":
    """Hand over the lines of the main menu; each is shown to those who hold its permission.

    Called once at start-up. An unknown permission stops the start.
    Used by social_work, registry, needs, access. Since 0.1.
    """
    raise NotImplementedError


@hookspec
def provide_permissions() -> "Iterable[Permission]":
    """Hand over what one may do here, each with the roles that have it unless changed.

    Called once at start-up, before everything that names a permission. A code that does not begin
    with the plugin's name, or that another has taken, stops the start; so does an unknown role.
    Used by social_work, registry, needs, access, and by the stranger. Since 0.1.
    """
    raise NotImplementedError


@hookspec
def provide_terms() -> "Iterable[Term]":
    """Hand over kinds of need, service and activity, actions of the journal, and steps, with words.

    Called at each start, for disabled plugins too; the words are kept in the database in every
    language, so that rows read well when the plugin is gone. A code that another plugin has
    taken stops the start.
    Used by social_work, registry, needs, access, and by the stranger. Since 0.1.
    """
    raise NotImplementedError


@hookspec
def provide_objections() -> "Mapping[str, Objector]":
    """Hand over who must be heard before which step: step → async function.

    The function is called inside the transaction that takes the step, after the subject was
    locked, one plugin after another, with a limit of 300 ms: `await objector(subject_id, actor)`.
    It reads, never writes, and returns every reason against the step with the values of its
    blanks; an empty mapping lets it pass. If it raises, is late, cannot be imported or is
    uninstalled, **the step is refused** and the plugin is named. An unknown step stops the start.
    Asked of disabled plugins too. Used by social_work (needs.withdraw) and by the stranger
    (needs.withdraw). Since 0.1.
    """
    raise NotImplementedError


@hookspec
def provide_reactions() -> "Mapping[str, Reaction]":
    """Hand over what follows from what was done: action of the journal → async function.

    The function is called with an `Event` after the act was committed and sealed, in the order of
    the journal for each object, in no transaction. It reads the present through faces and makes
    the plugin's own rows agree, so that late, doubled or reordered calls end the same. If it
    raises it is called again (ten tries, then set aside and shown to administrators).
    An unknown action stops the start. Used by social_work (needs.referral_revoked). Since 0.1.
    """
    raise NotImplementedError


@hookspec
def provide_demo() -> "Demo":
    """Hand over an async function that makes this plugin's screens worth looking at.

    Called by `nuanliu demo` in order of name, after the registry is filled, with the county
    (`core.demo.DemoCounty`) and an actor who may do everything in it. It uses verbs, not tables.
    Used by social_work. Since 0.1.
    """
    raise NotImplementedError


# ── ask ──────────────────────────────────────────────────────────────────────────────────────────


@hookspec
async def offers_for_need(need: Any, actor: "Actor") -> "list[Offer]":
    """Say what this plugin can do about a need; an empty list means nothing.

    Asked when somebody opens a need without an answer. Answer within 300 ms and write nothing.

    :param need: `core.needs.NeedView`: id, kind, service, household, town, urgency, due_on.
    :param actor: who asks; offer nothing they may not arrange.
    :returns: offers; the page shows the best first (capacity, then earliest date, then distance).

    A plugin that raises or is late is logged and left out, and the page says so.
    Used by social_work and by the stranger. Since 0.1.
    """
    raise NotImplementedError


@hookspec
async def panels_for(page: "Subject", subject: Any, actor: "Actor") -> "list[Panel]":
    """Say which boxes this plugin has on a page of core.

    :param page: start, household or need.
    :param subject: the id of the household or need; None for the start page.
    :param actor: who looks; return nothing they may not see.

    Each box loads by itself from the plugin's own route. A plugin that raises gets a quiet box.
    Used by social_work and by the stranger. Since 0.1.
    """
    raise NotImplementedError
