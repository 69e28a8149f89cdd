"""What `nuanliu check` looks at: settings, plugins, bare ids, the seal of the journal."""

from collections.abc import AsyncIterator, Callable

from .app import DEMO_SECRET, House
from .database import fetch
from .journal import verify

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
    for name, cause in house.plugins.broken.items():
        yield "plugins", f"{name} is disabled and cannot be imported ({cause}); every step that it guards is refused."
    for row in await fetch("SELECT DISTINCT plugin FROM gate ORDER BY plugin"):
        if row["plugin"] not in house.plugins.modules and row["plugin"] not in house.plugins.broken:
            yield "plugins", f"{row['plugin']} is not installed and guards steps, which are refused; install it again."
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
        yield "journal", str(finding)
    progress("seal of the journal", 1, 1)


async def _references() -> list[tuple[str, str, str]]:
    """Return the references of plugins, as the catalogue has them."""
    rows = await fetch(
        "SELECT table_name, column_name, refers_to FROM catalogue WHERE package <> 'core' ORDER BY table_name"
    )
    return [(row["table_name"], row["column_name"], f"registry_{row['refers_to']}") for row in rows]
