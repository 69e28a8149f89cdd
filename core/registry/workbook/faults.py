"""The faults a household workbook can have, and their words: what is wrong, how to mend it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.errors import Reason
from core.texts import N_


@dataclass(frozen=True)
class FaultWords:
    """Two sentences about a kind of fault; their blanks are those of `Fault.filled`."""

    wrong: Reason
    mend: Reason


@dataclass(frozen=True)
class Fault:
    """One fault: where it stands (row as Excel counts, column by its heading), its code, the cell's content.

    `household` is the household's number where the row tells it; `value` is None where a whole column is at fault.
    `others` are the rows of the same sheet that share it.
    """

    sheet: str
    row: int
    column: str
    code: str
    value: str | None
    household: str | None
    others: tuple[int, ...] = field(default=(), compare=False)
    blanks: dict[str, Any] = field(default_factory=dict, compare=False)

    @property
    def words(self) -> FaultWords:
        """What is wrong and how to mend it."""
        return FAULTS[self.code]

    def filled(self, now_in: Mapping[int, int] | None = None) -> dict[str, Any]:
        """Return the values for the blanks of both sentences.

        :param now_in: where rows stand now, if they were copied into another workbook.
        """
        rows = {row: (now_in or {}).get(row, row) for row in (self.row, *self.others)}
        return {
            "sheet": self.sheet,
            "row": rows[self.row],
            "column": self.column,
            "value": self.value or "",
            "household": self.household or "",
            "others": ", ".join(str(rows[row]) for row in self.others),
            **self.blanks,
        }

    def as_json(self) -> dict[str, Any]:
        """Return the fault as the command line prints it; what is not known is left out."""
        found = {"sheet": self.sheet, "row": self.row, "column": self.column, "code": self.code}
        return {k: v for k, v in {**found, "household": self.household, "value": self.value}.items() if v is not None}


def _words(code: str, wrong: str, mend: str) -> tuple[str, FaultWords]:
    return code, FaultWords(Reason(f"core.{code}", wrong), Reason(f"core.{code}_mend", mend))


FAULTS = dict(
    (
        _words(
            "unknown_column",
            N_("Sheet {sheet} has a column “{column}” that the template does not have."),
            N_("Delete the column, or correct its heading. Until then nothing of the file can be applied."),
        ),
        _words(
            "missing_required",
            N_("{column} is empty, but must be filled in."),
            N_("Fill in {column}."),
        ),
        _words(
            "bad_check_digit",
            N_("The document number {value} is mistyped: its last character does not fit the others."),
            N_("Copy the number from the document again."),
        ),
        _words(
            "bad_id_length",
            N_("The document number {value} has {length} characters; it must have 18, or 15 on old cards."),
            N_("Copy the number from the document again."),
        ),
        _words(
            "id_as_number",
            N_("The document number was stored as a number, so its last digits are lost."),
            N_("Format the cell as text, then type the number again."),
        ),
        _words(
            "duplicate_id",
            N_("The document number {value} also stands in row {others} of this sheet."),
            N_("Correct the wrong one, or delete the row that repeats the person."),
        ),
        _words(
            "no_head",
            N_("Household {household} has no head."),
            N_("Write 户主 in the relation of exactly one member of the household."),
        ),
        _words(
            "two_heads",
            N_("Household {household} has more than one head."),
            N_("Keep 户主 for one member and give the others their relation to the head."),
        ),
        _words(
            "birth_in_future",
            N_("{value} tells a birth date that is still to come."),
            N_("Correct the date."),
        ),
        _words(
            "birth_contradicts_id",
            N_("The birth date {value} differs from {expected}, the one in the document number."),
            N_("Correct the birth date or the number; the date may also be left empty."),
        ),
        _words(
            "sex_contradicts_id",
            N_("The sex {value} differs from the one in the document number."),
            N_("Correct the sex or the number; the sex may also be left empty."),
        ),
        _words(
            "bad_date",
            N_("{value} is not a day of the calendar since 1900."),
            N_("Write the date as in 1955-01-31."),
        ),
        _words(
            "unknown_division",
            N_("The county has no village or community with the code {value}."),
            N_("Choose the code from the list in the template."),
        ),
        _words(
            "unknown_value",
            N_("“{value}” is not accepted in {column}."),
            N_("Choose a value from the list; the legend of the template explains each column."),
        ),
        _words(
            "duplicate_household",
            N_("The household number {value} also stands in row {others} of this sheet."),
            N_("Give each household its own number and list it once."),
        ),
        _words(
            "number_taken",
            N_("This number is already used in the county."),
            N_("Ask the county, or give the household another number."),
        ),
        _words(
            "orphan_member",
            N_("No household {value} stands in sheet 家庭."),
            N_("Add the household to sheet 家庭, or correct the number."),
        ),
        _words(
            "formula_cell",
            N_("{column} holds a formula. Formulas are not computed here."),
            N_("Replace the formula by its value (copy, then paste as values)."),
        ),
        _words(
            "grade_without_category",
            N_("A disability grade is given without the category."),
            N_("Fill in the category, or clear the grade."),
        ),
        _words(
            "bad_phone",
            N_("{value} is not a telephone number."),
            N_("Write one number: 11 digits for a mobile, or a landline with area code such as 0796-8221234."),
        ),
    )
)
