"""The reads of needs: lists, one need with its history, the timeline, my work."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, cast
from uuid import UUID

from piccolo.columns.combination import And, Or

from core import vault
from core.access import Limits, Sort, seen
from core.activities import of_household
from core.actor import Actor
from core.database import fetch, unscoped
from core.declarations import Offer
from core.journal import JournalEntry
from core.place import Place
from core.plugins import host
from core.registry import MOVES, area_names, areas_below, cards, household_list
from core.terms import service_of
from core.web.clock import TIMEZONE
from core.web.panels import fits
from core.workflow import history

from .tables import Need, Referral
from .workflows import NEED

BY_DUE, LATEST = Sort(Need.due_on), Sort(Need.due_on, descending=True)
SORTS = {"due": BY_DUE, "latest": LATEST}
WEEKS = 13
COLUMNS = (Need.id, Need.household, Need.kind, Need.urgency, Need.due_on, Need.state, Need.town, Need.raised_by_name)


@dataclass(frozen=True)
class NeedView:
    """A need as plugins and pages see it.

    :cvar words: what was seen or said; None unless it was asked for, as reading it is recorded.
    """

    id: UUID
    household: UUID
    kind: str
    service: str | None
    urgency: str
    due_on: date
    state: str
    city: UUID | None
    county: UUID | None
    town: UUID | None
    village: UUID | None
    raised_by_name: str
    created_at: datetime
    source: str
    people: tuple[tuple[UUID, str, date | None], ...] = ()
    words: str | None = None
    outcome: str | None = None

    @property
    def place(self) -> Place:
        """Return where the household lives, or lived when the need was closed."""
        return Place.of(self)


async def need_view(actor: Actor, need: UUID, *, words: bool = False) -> NeedView:
    """Return one need with the people it concerns.

    :param words: open what was said, too, if the actor may read it: an officer, or whom the need was handed to;
        the caller writes down that it was read (`access.looked`).
    :raises NotYours: no such need in the actor's scope.
    """
    row = await seen(Need, actor, "needs.see").one(need)
    if words:
        words = actor.may("needs.words") and bool(await seen(Need, actor, "needs.words").some(Need.id == row.id))
    return _view(row, await _people([row.id]), words=words)


async def sees(actor: Actor, need: UUID) -> bool:
    """Say whether a need is within the actor's sight."""
    return bool(await seen(Need, actor, "needs.see").some(Need.id == need, limit=1))


async def limits_of(actor: Actor, need: NeedView) -> Limits | None:
    """Return how far the actor's sight of a need goes; None: an officer, from whom nothing is kept back."""
    return await seen(Need, actor, "needs.see").limits(need)


async def needs_of(actor: Actor, household: UUID, *, limit: int = 200) -> list[NeedView]:
    """Return the needs of a household, the open ones first, then the closed ones, the latest first.

    The caller has seen the household.
    """
    look, closed, its = seen(Need, actor, "needs.see"), list(NEED.closed()), Need.household == household
    rows = await look.some(And(its, Need.state.not_in(closed)), order_by=(BY_DUE,), limit=limit)
    order = ("open", "delivered", "referred", "in_service")
    rows.sort(key=lambda row: (order.index(row.state), row.due_on, row.id))
    if len(rows) < limit:
        rows += await look.some(And(its, Need.state.is_in(closed)), order_by=(LATEST,), limit=limit - len(rows))
    people = await _people([row.id for row in rows])
    return [_view(row, people) for row in rows]


async def need_list(
    actor: Actor,
    *,
    state: str,
    sort: str | None = None,
    kind: str | None = None,
    town: UUID | None = None,
    after: Sequence[Any] | None = None,
    before: Sequence[Any] | None = None,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """Return one page of needs in one state, the most pressing first, closed ones the latest first.

    :param sort: "due" or "latest" turns that order; one index walked either way.

    Each has its household's `card`; None when the household moved out of the actor's scope since the
    need was closed. Three queries.
    """
    where: Any = Need.state == state
    if kind:
        where = And(where, Need.kind == kind)
    if town:
        where = And(where, Need.town == town)
    rows = await seen(Need, actor, "needs.see").page(
        *COLUMNS, sort=sort_of(state, sort), where=where, after=after, before=before, limit=limit
    )
    known = await cards({row["household"] for row in rows}, actor)
    return [{**row, "card": known.get(row["household"])} for row in rows]


def sort_of(state: str, sort: str | None = None) -> Sort:
    """Return the order of a list of needs in a state, unless another was asked for."""
    usual = "latest" if NEED.state(state).closed else "due"
    return SORTS[sort or usual]


async def count_needs(actor: Actor, state: str, *, town: UUID | None = None) -> int:
    """Count the needs in a state within the actor's scope; 1,001 says "more than 1,000"."""
    where: Any = Need.state == state
    return await seen(Need, actor, "needs.see").count(And(where, Need.town == town) if town else where)


async def towns_of(actor: Actor, permission: str) -> list[tuple[UUID, str]]:
    """Return the towns between which the actor may choose, with their names; none for who has only one."""
    reaches = actor.with_permission(permission)
    own = {reach.area for reach in reaches if reach.level == "town" and reach.organisation is None} - {None}
    found = dict(await area_names(own))
    for county in sorted({reach.area for reach in reaches if reach.level == "county" and reach.area is not None}):
        found |= {row["id"]: row["name"] for row in await areas_below(county, "town")}
    return list(found.items()) if len(found) > 1 else []


async def need_history(need: UUID, limits: Limits | None) -> list[dict[str, Any]]:
    """Return the steps of a need, first to last, each with `by_name`; the caller has seen the need.

    :param limits: see `limits_of`: whoever sees through shares is shown what officers and the own
        organisation did, and the reasons of the own organisation; reasons given to others concern them.
    """
    steps = await history(NEED.name, need)
    users = sorted({step["by"] for step in steps if step["by"] is not None})
    known: dict[UUID | None, tuple[str, UUID | None]] = {}
    if users:
        blanks = ", ".join("?" * len(users))
        rows = await fetch(f"SELECT id, name, organisation FROM access_user WHERE id IN ({blanks})", tuple(users))
        known = {row["id"]: (row["name"], row["organisation"]) for row in rows}
    shown = []
    for step in steps:
        name, organisation = known.get(step["by"], (None, None))
        if limits is not None and not limits.shows(organisation, step["at"]):
            continue
        own = limits is None or organisation is not None
        shown.append({**step, "by_name": name, "why": step["why"] if own else None})
    return shown


async def offers(need: NeedView, actor: Actor) -> tuple[list[tuple[str, Offer]], list[str]]:
    """Ask every plugin what it can do about a need.

    :param need: without its words: who offers needs to know what kind of help, not what was said.
    :returns: (plugin, offer), those with free places first, then the earliest, then the nearest; and
        the names of plugins that did not answer.
    """
    answers, failed = await host().ask("offers_for_need", need=need, actor=actor)
    found: list[tuple[str, Offer]] = []
    for plugin, answer in answers.items():
        if fits(answer, Offer):
            found += [(plugin, offer) for offer in cast(list[Offer], answer or [])]
        else:
            failed.append(plugin)
    return sorted(found, key=_rank), sorted(failed)


def _rank(found: tuple[str, Offer]) -> tuple[int, date, float, str]:
    offer = found[1]
    room = 1 if offer.capacity is None else 0 if offer.capacity > 0 else 2
    distance = float("inf") if offer.distance_km is None else offer.distance_km
    return room, offer.earliest or date.max, distance, offer.provider


async def flows(households: Collection[UUID], *, today: date, until: datetime | None = None) -> dict[UUID, list[str]]:
    """Say for each of 13 weeks, oldest first, whether somebody came to a household: came, none, or late.

    Late are the weeks since the last visit. The caller has seen the households; one query. That somebody
    came is a fact for whoever sees the household, whatever the audience of what was done.

    :param until: leave out what was written down later.
    """
    if not households:
        return {}
    since = today - timedelta(weeks=WEEKS) + timedelta(days=1)
    rows = await fetch(
        "SELECT DISTINCT household, day FROM activities_activity"
        f" WHERE household IN ({', '.join('?' * len(households))}) AND day >= ? AND outcome = 'done'"
        + (" AND created_at <= ?" if until else ""),
        (*households, since, *([until] if until else [])),
    )
    weeks = {household: ["none"] * WEEKS for household in households}
    for row in rows:
        weeks[row["household"]][min((row["day"] - since).days // 7, WEEKS - 1)] = "came"
    for flow in weeks.values():
        for week in range(WEEKS - 1, -1, -1):
            if flow[week] == "came":
                break
            flow[week] = "late"
    return weeks


async def referrals_of(need: UUID, limits: Limits | None) -> list[dict[str, Any]]:
    """Return the referrals of a need, first to last; the caller has seen the need.

    :param limits: see `limits_of`: whoever sees through shares is shown those to the own organisation.
    """
    where: Any = Referral.need == need
    if limits is not None:
        where = And(where, Referral.organisation.is_in(list(limits.organisations)))
    with unscoped("the caller has seen the need"):
        rows: list[dict[str, Any]] = await Referral.select().where(where).order_by(Referral.id)
    return rows


async def standing_with(household: UUID, limits: Limits) -> set[UUID]:
    """Return the needs of a household that are in the hands of the actor's organisations now.

    The caller has seen the household.
    """
    where = And(Referral.household == household, Referral.open == True)  # noqa: E712
    with unscoped("the caller has seen the household"):
        rows = await Referral.select(Referral.need).where(
            And(where, Referral.organisation.is_in(list(limits.organisations)))
        )
    return {row["need"] for row in rows}


@dataclass(frozen=True)
class Moment:
    """One line of the timeline: an act or a piece of help.

    :param what: code of a term (an action or a kind of activity). :param tone: act or help.
    :param why: the reason that was given for a move; for officers.
    """

    at: datetime
    day: date
    what: str
    who: str
    tone: str
    minutes: int | None = None
    provider: UUID | None = None
    place_text: str | None = None
    outcome: str | None = None
    why: str | None = None


async def timeline(actor: Actor, household: UUID, limits: Limits | None, *, limit: int = 100) -> list[Moment]:
    """Return what happened with a household, newest first: who did what, and when.

    Acts come from the journal, help from the ledger, narrowed to its audience. The caller has seen the
    household.

    :param limits: whoever sees through shares is shown what officers and the own organisation did.
    """
    where: Any = JournalEntry.household == household
    if limits is not None:
        ours = Or(JournalEntry.organisation.is_null(), JournalEntry.organisation.is_in(list(limits.organisations)))
        where = And(where, ours)
        if limits.until is not None:
            where = And(where, JournalEntry.at <= limits.until)
    with unscoped("the caller has seen the household"):
        acts = (
            await JournalEntry.select(JournalEntry.at, JournalEntry.action, JournalEntry.actor_name)
            .where(where)
            .order_by(JournalEntry.at, ascending=False)
            .limit(limit)
        )
    steps = await history(MOVES, household) if limits is None else []
    reasons = {(step["at"], "registry.household_moved"): step["why"] for step in steps}
    help_given = await of_household(actor, household, limit=limit)
    moments = [
        Moment(
            row["at"], row["at"].astimezone(TIMEZONE).date(), row["action"], row["actor_name"], "act",
            why=reasons.get((row["at"], row["action"])),
        )
        for row in acts
    ]  # fmt: skip
    for row in help_given:
        at = row["start_at"] or datetime.combine(row["day"], time(12), TIMEZONE)
        moments.append(
            Moment(
                at, row["day"], row["kind"], "、".join(row["workers"]), "help", row["minutes"], row["organisation"],
                row["place_text"], row["outcome"],
            )
        )  # fmt: skip
    moments.sort(key=lambda moment: (moment.day, moment.at), reverse=True)
    return moments[:limit]


@dataclass(frozen=True)
class Work:
    """What waits for somebody on the start page."""

    unanswered: list[dict[str, Any]]
    unanswered_count: int
    to_confirm: list[dict[str, Any]]
    to_confirm_count: int
    in_service_count: int
    long_unseen: list[dict[str, Any]]

    @property
    def nothing(self) -> bool:
        """Say whether nothing waits."""
        return not (self.unanswered or self.to_confirm)


async def my_work(actor: Actor, *, today: date, shown: int = 8) -> Work:
    """Return what an officer should do first: needs without an answer, needs to confirm, households not seen.

    A fixed number of queries, however much waits. Households not seen have `days` (None: never) and `flow`.
    """
    unseen = (await household_list(actor, sort="seen", limit=5))[:5]
    weeks = await flows([row["id"] for row in unseen], today=today)
    for row in unseen:
        row["days"] = (today - row["last_seen_on"]).days if row["last_seen_on"] else None
        row["flow"] = weeks[row["id"]]
    unanswered = await need_list(actor, state="open", limit=shown)
    to_confirm = await need_list(actor, state="delivered", limit=shown)
    return Work(
        unanswered[:shown],
        await count_needs(actor, "open"),
        to_confirm[:shown],
        await count_needs(actor, "delivered"),
        await count_needs(actor, "in_service"),
        unseen,
    )


async def _people(needs: list[UUID]) -> dict[UUID, list[tuple[UUID, str, date | None]]]:
    if not needs:
        return {}
    rows = await fetch(
        "SELECT m.need, p.id, p.name, p.birth_on FROM needs_member m JOIN registry_person p ON p.id = m.person"
        f" WHERE m.need IN ({', '.join('?' * len(needs))}) ORDER BY m.id",
        tuple(needs),
    )
    found: dict[UUID, list[tuple[UUID, str, date | None]]] = {}
    for row in rows:
        found.setdefault(row["need"], []).append((row["id"], row["name"], row["birth_on"]))
    return found


def _view(row: Need, people: dict[UUID, list[tuple[UUID, str, date | None]]], *, words: bool = False) -> NeedView:
    outcome = row.outcome_words_sealed if words else None
    return NeedView(
        row.id,
        row.household,
        row.kind,
        service_of(row.kind),
        row.urgency,
        row.due_on,
        row.state,
        row.city,
        row.county,
        row.town,
        row.village,
        row.raised_by_name,
        row.created_at,
        row.source,
        tuple(people.get(row.id, ())),
        vault.unseal(row.words_sealed, about=f"needs_need/{row.id}/words") if words else None,
        vault.unseal(outcome, about=f"needs_need/{row.id}/outcome") if outcome else None,
    )
