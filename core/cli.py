"""The command line: `nuanliu`."""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from .actor import house as house_actor
from .app import House, create_app, prepare
from .commands import Stop, console, progress_bars, read_settings, run, tell_progress
from .database import MigrationError, migrate, open_database
from .import_commands import import_group
from .logs import set_up_logs
from .plugins import PluginError
from .settings import DEFAULT_FILE, Settings
from .web.clock import local_day


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="nuanliu")
def main() -> None:
    """Nuanliu 暖流: the platform for non-material social relief.

    \b
    A first look:        nuanliu demo && nuanliu serve
    A new house:         export NUANLIU_SECRET=…   (at least 32 random characters)
                         nuanliu migrate
                         nuanliu user add --role admin LOGIN NAME
                         nuanliu serve

    Settings come from NUANLIU_… variables, then from a TOML file (NUANLIU_SETTINGS, else
    var/nuanliu.toml); see docs/operations.md. Every command ends with 0 when it did what it says, with 1 when it found
    something wrong, and with 2 when it was called in a wrong way.
    """


main.add_command(import_group)


@main.command()
@click.option("--households", default=2000, show_default=True, help="How many households to invent.")
@run
async def demo(households: int) -> None:
    """Make the demo county: 青原区 with its true places and invented people.

    Can be repeated: a county that is there is left as it is. Refuses a database that has other data.
    """
    from .demo import build

    _keep_files_private()
    if not DEFAULT_FILE.is_file() and not {"NUANLIU_SECRET", "NUANLIU_SETTINGS", "NUANLIU_DEMO"} & os.environ.keys():
        DEFAULT_FILE.parent.mkdir(exist_ok=True)
        DEFAULT_FILE.write_text(
            "# Made by `nuanliu demo`; delete this folder to start a house of your own.\ndemo = true\n"
        )
    settings = read_settings()
    if not settings.demo:
        raise Stop("these settings are not those of a demo; set NUANLIU_DEMO=1, or work in another folder")
    _make_folder(settings)
    house = prepare(settings)
    async with house.open(apply_migrations=True):
        with progress_bars() as progress:
            built = await build(house, households=households, progress=tell_progress(progress))
    if built is None:
        console.print("The demo county is there already; nothing was changed.")
    else:
        console.print(f"The demo county is ready: {households} households. Start it with: nuanliu serve")


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, help="Port to listen on.")
def serve(host: str, port: int) -> None:
    """Serve the web application; the sealer and the deliveries run beside it.

    The database must fit the code: run `nuanliu migrate` before, after each update.
    """
    import uvicorn

    _keep_files_private()
    settings = read_settings()
    try:
        house = prepare(settings)
        asyncio.run(_open_once(house))
    except (PluginError, MigrationError, OSError) as error:
        raise Stop(str(error)) from error
    set_up_logs(settings.log_level)
    console.print(f"Nuanliu is at [bold]http://{host}:{port}[/]  (stop with Ctrl+C)")
    uvicorn.run(
        create_app(settings, house=house),
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=30,
    )


@main.command("migrate")
@run
async def migrate_command() -> None:
    """Bring the database up to date: the steps of core and of every installed plugin, all or nothing."""
    _keep_files_private()
    settings = read_settings()
    _make_folder(settings)
    house = prepare(settings)
    async with open_database(settings.database_url):
        applied = await migrate(house.packages)
    async with house.open():
        pass
    for step in applied:
        console.print(f"applied {step}")
    console.print("The database is up to date." if applied else "The database was up to date.")


@main.group()
def user() -> None:
    """Accounts of people who sign in."""


@user.command("add")
@click.argument("login")
@click.argument("name")
@click.option("--role", required=True, help="county, town, worker, supervisor, auditor or admin.")
@click.option("--area", help="Code of the area the role holds for (12 or 6 digits); none: everywhere.")
@click.option("--password", help="Asked for when not given; at least 8 characters.")
def user_add(login: str, name: str, role: str, area: str | None, password: str | None) -> None:
    """Make an account with one role, for instance the first administrator.

    \b
    nuanliu user add --role admin chen 陈伟
    nuanliu user add --role town --area 360803101000 luo 罗晓燕
    """
    _user_add(login, name, role, area, password or click.prompt("Password", hide_input=True))


@run
async def _user_add(login: str, name: str, role: str, area: str | None, password: str) -> None:
    from .access import add_user, give_grant
    from .database import transaction
    from .registry import area_by_code

    house = prepare(read_settings())
    now = datetime.now(UTC)
    async with house.open():
        place = await area_by_code(area) if area else None
        if area and place is None:
            raise Stop(f"no area has the code {area}")
        async with transaction():
            made = await add_user(login, name, password, actor=house_actor("command line"), now=now)
            await give_grant(
                made,
                role,
                actor=house_actor("command line"),
                now=now,
                from_on=local_day(now),
                area=place["id"] if place else None,
                level=place["level"] if place else None,
                label=place["name"] if place else None,
            )
    console.print(f"{name} can sign in as {login} ({role}{', ' + place['name'] if place else ''}).")


@main.group()
def plugins() -> None:
    """Plugins: what is installed, and what each brings."""


@plugins.command("list")
def plugins_list() -> None:
    """List the areas of core and every installed plugin, with what each brings."""
    try:
        house = prepare(read_settings())
    except PluginError as error:
        raise Stop(str(error)) from error
    table = Table("plugin", "from", "state", "permissions", "routes", "terms", "guards")
    for name, module in house.plugins.modules.items():
        enabled = house.plugins.is_enabled(name)
        table.add_row(
            name,
            "core" if name in house.plugins.areas else module.__name__,
            "enabled" if enabled else "disabled",
            str(sum(permission.code.startswith(f"{name}.") for permission in house.permissions)),
            str(len(list(house.plugins.declare("provide_routes").get(name, [])))),
            str(sum(plugin == name for plugin, _ in house.terms.values())),
            ", ".join(house.gates.get(name, [])),
        )
    for name, cause in house.plugins.broken.items():
        table.add_row(name, "?", f"disabled, broken: {cause}", "", "", "", "")
    Console().print(table)


@main.command()
@run
async def check() -> None:
    """Check settings, files, plugins, database, bare ids and the seal of the journal; change nothing."""
    from .checks import findings

    settings = read_settings()
    house = prepare(settings)
    found = 0
    async with house.open():
        with progress_bars() as progress:
            async for area, sentence in findings(house, progress=tell_progress(progress)):
                found += 1
                Console().print(f"[bold]{area}[/]: {sentence}")
    if found:
        raise Stop(f"{found} things are wrong.")
    console.print("Everything is in order.")


@main.command()
@click.option("--into", type=click.Path(path_type=Path), default=Path("docs/workflows.md"), show_default=True)
def draw(into: Path) -> None:
    """Draw every lifecycle into the docs (Mermaid)."""
    from .workflow import all_workflows

    prepare(Settings(demo=True))
    parts = ["# Lifecycles\n\nWritten by `nuanliu draw`; do not edit.\n"]
    parts += [f"## {workflow.name}\n\n```mermaid\n{workflow.mermaid()}\n```\n" for workflow in all_workflows()]
    into.write_text("\n".join(parts))
    console.print(f"{into} has {len(parts) - 1} lifecycles.")


async def _open_once(house: House) -> None:
    async with house.open():
        pass


def _make_folder(settings: Settings) -> None:
    """Make the folder of the default database; one that somebody named is there, or the name is wrong."""
    if settings.database_url == Settings.database_url:
        Path(settings.database_url.removeprefix("sqlite:///")).parent.mkdir(exist_ok=True)


def _keep_files_private() -> None:
    """Let nobody else on this machine read what is written from now on: database, workbooks, checkpoints."""
    os.umask(0o077)
