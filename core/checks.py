"""What `nuanliu check` looks at: settings, files, plugins, triggers, bare ids, the seal of the journal."""

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from .app import DEMO_SECRET, House
from .database import engine, fetch
from .journal import verify
from .registry import orphan_uploads
from .settings import Settings

Progress = Callable[[str, int, int], None]

# Ids that point to an area further left carry no foreign key: table, column, where they must exist.
BARE_IDS = (
    ("access_user", "person", "registry_person"),
    ("access_user", "organisation", "registry_organisation"),
    ("access_grant", "area", "registry_area"),
    ("access_grant", "organisation", "registry_organisation"),
    ("access_mandate", "organisation", "registry_organisation"),
    ("access_share", "household", "registry_household"),
    ("access_share", "organisation", "registry_organisation"),
    ("access_share", "person", "registry_person"),
    ("access_entry", "household", "registry_household"),
    ("journal_entry", "household", "registry_household"),
    ("activities_activity", "need", "needs_need"),
)

# Tables that only grow: what holds each of their rows as it was written.
APPEND_ONLY = {
    "journal_entry": ("no_delete", "no_update", "sealed_once"),
    "access_entry": ("no_delete", "no_update", "sealed_once"),
    "activities_activity": ("no_delete", "no_update"),
    "workflow_step": ("no_delete", "no_update"),
}


async def findings(house: House, *, progress: Progress) -> AsyncIterator[tuple[str, str]]:
    """Yield what is wrong: the area it belongs to and one sentence; nothing is changed.

    :param progress: (what, done, of), called as the work goes on.
    """
    settings = house.settings
    if settings.demo and settings.secret not in ("", DEMO_SECRET):
        yield (
            "settings",
            "this house has a secret of its own and is a demo; set NUANLIU_DEMO=0 before real data come in.",
        )
    if not settings.demo:
        for row in await fetch("SELECT login FROM access_user WHERE demo = TRUE AND state = 'active' ORDER BY login"):
            yield (
                "accounts",
                f"{row['login']} is an account of the demo; it cannot sign in here, and has no business here.",
            )
    for path in _open_to_all(settings):
        yield "files", f"everybody on this machine may read {path}; take that away: chmod -R o-rwx {path}"
    for name, cause in house.plugins.broken.items():
        yield "plugins", f"{name} is disabled and cannot be imported ({cause}); every step that it guards is refused."
    for row in await fetch("SELECT DISTINCT plugin FROM gate ORDER BY plugin"):
        if row["plugin"] not in house.plugins.modules and row["plugin"] not in house.plugins.broken:
            yield "plugins", f"{row['plugin']} is not installed and guards steps, which are refused; install it again."
    at_work = await _triggers()
    for table, names in APPEND_ONLY.items():
        for name in names:
            if f"{table}_{name}" not in at_work:
                yield (
                    "database",
                    f"the trigger {table}_{name} is missing or does nothing; rows of {table} can be changed.",
                )
    for name in await orphan_uploads(datetime.now(UTC) - timedelta(days=1), folder=settings.uploads):
        yield "uploads", f"{name} in {settings.uploads} belongs to no import; it is removed after 30 days."
    checks = [*BARE_IDS, *await _references()]
    for done, (table, column, target) in enumerate(checks, 1):
        progress("bare ids", done, len(checks))
        rows = await fetch(
            f"SELECT t.{column} AS id, count(*) AS n FROM {table} t LEFT JOIN {target} x ON x.id = t.{column}"
            f" WHERE t.{column} IS NOT NULL AND x.id IS NULL GROUP BY t.{column} LIMIT 5"
        )
        for row in rows:
            yield "ids", f"{table}.{column} names {row['id']} ({row['n']} rows), which is not in {target}."
    progress("seal of the journal", 0, 1)
    for finding in await verify(settings.checkpoints):
        yield "journal", finding.text
    progress("seal of the journal", 1, 1)


def _open_to_all(settings: Settings) -> Iterator[Path]:
    """Return the files of this house that others than its own account may look into."""
    paths = [settings.uploads, settings.checkpoints]
    if settings.database_url.startswith("sqlite:///"):
        paths.append(Path(settings.database_url.removeprefix("sqlite:///")))
    for path in paths:
        if path.exists() and path.stat().st_mode & 0o007:
            yield path


async def _triggers() -> set[str]:
    """Return the names of the triggers that refuse."""
    if engine().engine_type == "sqlite":
        rows = await fetch(
            "SELECT name, tbl_name AS table_name FROM sqlite_master"
            " WHERE type = 'trigger' AND sql LIKE '%RAISE(ABORT,%'"
        )
    else:
        rows = await fetch(
            "SELECT t.tgname AS name, t.tgrelid::regclass::text AS table_name FROM pg_trigger AS t"
            " JOIN pg_proc AS f ON f.oid = t.tgfoid"
            " WHERE t.tgenabled IN ('O', 'A') AND f.proname = 'nuanliu_append_only'"
            " AND f.prosrc LIKE '%RAISE EXCEPTION%'"
        )
    return {row["name"] for row in rows if row["name"].startswith(row["table_name"])}


async def _references() -> list[tuple[str, str, str]]:
    """Return the references of plugins, as the catalogue has them."""
    rows = await fetch(
        "SELECT table_name, column_name, refers_to FROM catalogue WHERE package <> 'core' ORDER BY table_name"
    )
    return [(row["table_name"], row["column_name"], f"registry_{row['refers_to']}") for row in rows]
