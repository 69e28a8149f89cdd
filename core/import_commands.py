"""`nuanliu import`: places and households come in from files."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from .actor import house as house_actor
from .app import prepare
from .commands import Stop, console, progress_bars, read_settings, run, tell_progress
from .web.clock import stopped


@click.group("import")
def import_group() -> None:
    """Bring data in from workbooks."""


@import_group.command("areas")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@run
async def import_areas(file: Path) -> None:
    """Enter the county's places from a CSV file: code, name, level, parent.

    Each place stands after the one it lies in; level is city, county, town or village; parent is the
    code of the place above. A zone without a national code gets one that begins with L. Places that
    are known stay as they are, so the file may be handed in again when it has grown.
    """
    from .registry import add_areas, read_area_list

    async with prepare(read_settings()).open():
        known = await add_areas(read_area_list(file), actor=house_actor("command line"), now=datetime.now(UTC))
    console.print(f"{len(known)} places are known now.")


@import_group.command("template")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@run
async def import_template(file: Path) -> None:
    """Write an empty workbook for households, with drop-downs and a legend."""
    from .registry import write_household_template

    async with prepare(read_settings()).open():
        with file.open("wb") as stream:
            await write_household_template(stream)
    console.print(f"{file} is ready to be filled in.")


@import_group.command("households")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as", "login", required=True, help="Login of the officer in whose name it is done.")
@click.option("--check", is_flag=True, help="Only look: say what is wrong and what would change.")
@click.option("--leave-out-faulty", is_flag=True, help="Apply the households without faults; hold the others back.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object to standard output.")
def import_households(file: Path, login: str, check: bool, leave_out_faulty: bool, as_json: bool) -> None:
    """Import households from a workbook (the layout of `nuanliu import template`).

    A household with one fault is held back whole. Without --leave-out-faulty nothing is written when
    anything is held back. The same workbook twice changes nothing. Ends with 1 when there are faults,
    unless they were left out, or are in the JSON.
    """
    clean = _import_households(file, login, check, leave_out_faulty, as_json)
    if not (clean or as_json or leave_out_faulty):
        sys.exit(1)


@run
async def _import_households(file: Path, login: str, check: bool, leave_out_faulty: bool, as_json: bool) -> bool:
    from .access import actor_for
    from .registry import Unreadable, Uploads, import_file, unreadable_sentence

    settings = read_settings()
    now = datetime.now(UTC)
    async with prepare(settings).open():
        with stopped(now):
            actor = await actor_for(login, now=now, grace_days=settings.share_grace_days)
            if actor is None:
                raise Stop(f"nobody signs in as {login!r}")
            try:
                with progress_bars() as progress:
                    summary = await import_file(
                        file, actor=actor, now=now, apply=not check, leave_out_faulty=leave_out_faulty,
                        limits=Uploads.of(settings).limits, progress=tell_progress(progress),
                    )  # fmt: skip
            except Unreadable as error:
                raise Stop(unreadable_sentence(error)) from error
    if as_json:
        click.echo(json.dumps(summary, ensure_ascii=False, indent=1))
    else:
        _tell_import(summary, check)
    return not summary["faults"]


def _tell_import(summary: dict[str, Any], check: bool) -> None:
    if summary["faults"]:
        table = Table("sheet", "row", "column", "fault", "value")
        for fault in summary["faults"]:
            table.add_row(
                fault["sheet"], str(fault["row"]), fault["column"], fault["code"], str(fault.get("value", ""))[:40]
            )
        Console().print(table)
    verb = "would be" if check else "were"
    console.print(
        f"{summary['applied_households']} households with {summary['applied_members']} people {verb} applied "
        f"({len(summary['new'])} new, {len(summary['changed'])} changed); "
        f"{len(summary['held_back_households'])} are held back."
    )
