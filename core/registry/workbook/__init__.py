"""The household workbook (.xlsx): read, checked, written. Pure: neither database nor web."""

from .cells import CLEAR, Cleared, GivenDay, GivenText
from .check import Checked, HouseholdRow, MemberRow, check, household_numbers
from .faults import FAULTS, Fault, FaultWords
from .read import Formula, Limits, Row, Sheet, Unreadable, Workbook, read_workbook
from .returned import write_faulty
from .template import write_template

__all__ = [
    "CLEAR",
    "FAULTS",
    "Checked",
    "Cleared",
    "Fault",
    "FaultWords",
    "Formula",
    "GivenDay",
    "GivenText",
    "HouseholdRow",
    "Limits",
    "MemberRow",
    "Row",
    "Sheet",
    "Unreadable",
    "Workbook",
    "check",
    "household_numbers",
    "read_workbook",
    "write_faulty",
    "write_template",
]
