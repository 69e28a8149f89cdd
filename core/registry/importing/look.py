"""Looking at a workbook: read, checked, compared with what is known. Writes nothing, holds nothing."""

import asyncio
import json
import re
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from core.actor import Actor
from core.database import aside
from core.registry.codes import HEAD
from core.registry.numbers import mask_id, mask_phone
from core.registry.workbook import (
    Checked,
    Fault,
    HouseholdRow,
    Limits,
    Workbook,
    check,
    household_numbers,
    read_workbook,
)
from core.registry.workbook.columns import HOUSEHOLD_COLUMNS, HOUSEHOLDS
from core.vault import seal, unseal

from .compare import Plan, compare
from .known import Known, load_known
from .office import Office, office_of

NUMBER = HOUSEHOLD_COLUMNS[0].heading
LONG_NUMBER = re.compile(r"\d{13,17}[\dXx]?")
SHOWN = 200  # faults and changes on the page; the rest stands in the workbook
CODES = (NUMBER, HOUSEHOLD_COLUMNS[1].heading)


@dataclass(frozen=True)
class Look:
    """A workbook as seen at one moment by one officer."""

    office: Office
    workbook: Workbook
    checked: Checked
    known: Known
    plan: Plan

    @property
    def households(self) -> list[HouseholdRow]:
        """Households that can be applied, whether that changes anything or not."""
        return self.checked.households

    def counted(self) -> dict[str, Any]:
        """Return what the command line prints: faults, and numbers of households."""
        return {
            "faults": [fault.as_json() for fault in self.checked.faults],
            "held_back_households": self.checked.held_back,
            "applied_households": len(self.households),
            "applied_members": sum(len(household.members) for household in self.households),
            "new": [row.number for row in self.plan.new],
            "changed": [change.known.number for change in self.plan.changed],
        }

    def summary(self) -> dict[str, Any]:
        """Return what a page shows: counts, the first faults and changes, what tells this look from another."""
        lines = list(self.plan.lines())
        return {
            "faults": [asdict(covered(fault)) for fault in self.checked.faults[:SHOWN]],
            "faults_in_all": len(self.checked.faults),
            "wrong_layout": self.checked.wrong_layout,
            "held_back": self.checked.held_back,
            "rows": [len(sheet.rows) for sheet in self.workbook.sheets],
            "new": len(self.plan.new),
            "new_rows": [self._new(row) for row in self.plan.new[:SHOWN]],
            "new_members": sum(len(row.members) for row in self.plan.new),
            "changed": len(self.plan.changed),
            "unchanged": self.plan.unchanged,
            "lines": lines[:SHOWN],
            "lines_in_all": len(lines),
            "digest": self.plan.digest(),
        }

    def _new(self, row: HouseholdRow) -> tuple[str | None, str, str, int]:
        """Return what the page lists of a new household: number, head, village, how many people."""
        head = next((member.name for member in row.members if member.relation == HEAD), "")
        return row.number, head, dict(self.office.names).get(row.division, row.division), len(row.members)

    async def sealed(self, id_: UUID) -> str:
        """Return the summary as it is kept with an import: it names people. Made in a thread."""
        return await asyncio.to_thread(
            lambda: seal(json.dumps(self.summary(), ensure_ascii=False, default=str), about=about_import(id_))
        )


def about_import(id_: UUID) -> str:
    """Say what sealed values of an import belong to."""
    return f"registry_import/{id_}"


def sealed_name(name: str, id_: UUID) -> str:
    """Seal the name of a workbook: people name files after people."""
    return seal(name[-200:], about=f"{about_import(id_)}/name")


def file_name(sealed: str, id_: UUID) -> str:
    """Return the name of a workbook as `sealed_name` kept it."""
    return unseal(sealed, about=f"{about_import(id_)}/name")


async def look_into(source: Path | BinaryIO, *, actor: Actor, today: date, limits: Limits | None = None) -> Look:
    """Read and check a workbook, in a thread, and compare it with the registry.

    :raises Unreadable: it is no household workbook.
    :raises Refused: NO_COUNTY.
    """
    office = await office_of(actor)
    workbook = await asyncio.to_thread(read_workbook, source, limits=limits)
    numbers = await asyncio.to_thread(household_numbers, workbook)
    with aside():
        known = await load_known(office.county, numbers, actor)
    return await asyncio.to_thread(_judge, office, workbook, known, today)


def _judge(office: Office, workbook: Workbook, known: Known, today: date) -> Look:
    checked = check(workbook, divisions=office.divisions, today=today, known_heads=known.heads)
    checked = _without_taken(checked, known.taken)
    return Look(office, workbook, checked, known, compare(checked, known, office.divisions))


def covered(fault: Fault) -> Fault:
    """Return a fault as a page shows it: document numbers and telephone numbers masked."""
    value = fault.value
    if value and fault.column not in CODES:
        if fault.column.startswith("证件号码"):
            value = mask_id(value)
        elif fault.code == "bad_phone" or "电话" in fault.column or "手机" in fault.column:
            value = mask_phone(value)
        else:
            value = LONG_NUMBER.sub(lambda found: mask_id(found[0]), value)
    return replace(fault, value=value)


def _without_taken(checked: Checked, taken: frozenset[str]) -> Checked:
    """Hold back households whose number the county has given outside the officer's places.

    One of the declared exceptions to "what is not yours does not show" (docs/quality.md, Security 4).
    """
    if not taken:
        return checked
    strange = [row for row in checked.households if row.number in taken]
    added = [Fault(HOUSEHOLDS, row.row, NUMBER, "number_taken", row.number, row.number) for row in strange]
    first = [fault for fault in checked.faults if fault.sheet == HOUSEHOLDS]
    others = [fault for fault in checked.faults if fault.sheet != HOUSEHOLDS]
    return replace(
        checked,
        households=[row for row in checked.households if row.number not in taken],
        faults=sorted([*first, *added], key=lambda fault: fault.row) + others,
        held_back=sorted({*checked.held_back, *(str(row.number) for row in strange)}),
    )
