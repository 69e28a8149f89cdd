"""Importing households from a workbook: look first, then apply what was seen, once, or leave it."""

from .from_file import import_file, unreadable_sentence, write_household_template
from .keeping import Uploads, forget_uploads, orphan_uploads
from .look import Look, look_into
from .office import Office, office_of
from .uploads import (
    Batch,
    apply_import,
    faulty_workbook,
    hand_in,
    latest_imports,
    leave_import,
    look_again,
    one_import,
)

__all__ = [
    "Batch",
    "Look",
    "Office",
    "Uploads",
    "apply_import",
    "faulty_workbook",
    "forget_uploads",
    "hand_in",
    "import_file",
    "latest_imports",
    "leave_import",
    "look_again",
    "look_into",
    "office_of",
    "one_import",
    "orphan_uploads",
    "unreadable_sentence",
    "write_household_template",
]
