"""The template and the returned workbook can be filled, mended and read again."""

import io
from pathlib import Path
from uuid import UUID

import openpyxl
import pytest

import core.registry.workbook.returned as returned_module
from core.registry.workbook import check, read_workbook, write_faulty, write_template

from .conftest import DIVISIONS, TODAY, VILLAGE
from .test_read import rewritten

CASES = Path(__file__).parents[3] / "cases" / "import"


def say(reason, blanks):
    return reason.text.format(**blanks)


def returned(workbook, checked):
    stream = io.BytesIO()
    write_faulty(stream, workbook, checked, say)
    stream.seek(0)
    return stream


def test_the_template_has_the_layout_and_its_choices():
    stream = io.BytesIO()
    write_template(stream, [(VILLAGE, "某村委会")])
    written = openpyxl.load_workbook(stream)
    assert written.sheetnames == ["家庭", "成员", "说明", "选项"]
    assert written["选项"].sheet_state == "hidden"
    assert [cell.value for cell in written["家庭"][1]][:2] == ["家庭编号*", "村(居)区划代码*"]
    assert written["成员"].freeze_panes == "A2"
    assert written["成员"].column_dimensions["D"].width > 18
    choices = {str(rule.sqref).split(":")[0]: rule.formula1 for rule in written["成员"].data_validations.dataValidation}
    assert set(choices) == {f"{letter}2" for letter in "CEFHIJKLM"}
    assert next(rule.formula1 for rule in written["家庭"].data_validations.dataValidation) == "'说明'!$G$2:$G$2"
    assert written["说明"]["G2"].value == VILLAGE
    found = check(read_workbook(stream), divisions=DIVISIONS, today=TODAY)
    assert (found.faults, found.households) == ([], [])


def test_a_template_can_be_filled_and_read(book):
    stream = io.BytesIO()
    write_template(stream, [(VILLAGE, "某村委会")])
    written = openpyxl.load_workbook(stream)
    written["家庭"].append(["A1", VILLAGE, None, "农村"])
    written["成员"].append(["A1", "彭水生", None, "360802195501010014", "户主"])
    filled = io.BytesIO()
    written.save(filled)
    found = check(read_workbook(filled), divisions=DIVISIONS, today=TODAY)
    assert (found.faults, len(found.households)) == ([], 1)


def test_the_returned_workbook_has_the_same_faults_until_it_is_mended():
    workbook = read_workbook(CASES / "households-300.xlsx")
    divisions = {row.cell(1): UUID(int=1) for row in workbook.households.rows} | DIVISIONS
    del divisions["360803999299"]
    first = check(workbook, divisions=divisions, today=TODAY)
    second = check(read_workbook(returned(workbook, first)), divisions=divisions, today=TODAY)
    assert [(f.sheet, f.column, f.code, f.value) for f in second.faults] == [
        (f.sheet, f.column, f.code, f.value) for f in first.faults
    ]
    assert second.held_back == first.held_back
    assert second.households == []


def test_the_returned_workbook_marks_the_cell_and_can_be_mended(book):
    book.household("B2")
    book.people[0]["sex"] = "女"
    workbook = read_workbook(book.file())
    stream = returned(workbook, check(workbook, divisions=DIVISIONS, today=TODAY))
    back = openpyxl.load_workbook(stream)
    members = back["成员"]
    assert [row[0].value for row in members.iter_rows(min_row=2)] == ["A1", "A1"]
    assert members["P1"].value == "问题"
    assert "differs from the one in the document number" in members["P2"].value
    assert members["P3"].value is None
    assert members["F2"].comment is not None
    assert members["F2"].fill.start_color.rgb != members["F3"].fill.start_color.rgb
    members["F2"] = "男"
    mended = io.BytesIO()
    back.save(mended)
    found = check(read_workbook(mended), divisions=DIVISIONS, today=TODAY)
    assert (found.faults, [home.number for home in found.households]) == ([], ["A1"])


def test_what_looks_like_a_formula_is_neutral_and_comes_back_as_it_was(book):
    book.homes[0].update(address="-3号", note="@you", phone="+86 13812341234", cause="因懒")
    workbook = read_workbook(book.file())
    stream = returned(workbook, check(workbook, divisions=DIVISIONS, today=TODAY))
    sheet = openpyxl.load_workbook(stream)["家庭"]
    cells = [cell for row in sheet.iter_rows(min_row=2) for cell in row if isinstance(cell.value, str)]
    assert not [cell.value for cell in cells if cell.value.startswith(("=", "+", "-", "@")) or cell.data_type == "f"]
    sheet["E2"] = "因病"
    mended = io.BytesIO()
    sheet.parent.save(mended)
    home = check(read_workbook(mended), divisions=DIVISIONS, today=TODAY).households[0]
    assert (home.address, home.note, home.phone) == ("-3号", "@you", "13812341234")


def test_a_number_that_lost_its_digits_stays_a_number(book):
    book.people[0]["document"] = 360803195501010000
    workbook = read_workbook(book.file())
    first = check(workbook, divisions=DIVISIONS, today=TODAY)
    second = check(read_workbook(returned(workbook, first)), divisions=DIVISIONS, today=TODAY)
    assert [fault.code for fault in second.faults] == ["id_as_number"]


def test_rows_named_in_messages_are_those_of_the_returned_workbook(book):
    for place in range(5):
        book.household(f"B{place}", sequence=11 + 2 * place)
    book.people[-1]["document"] = book.people[-3]["document"]
    workbook = read_workbook(book.file())
    sheet = openpyxl.load_workbook(returned(workbook, check(workbook, divisions=DIVISIONS, today=TODAY)))["成员"]
    assert "also stands in row 3" in sheet["P2"].value


def test_a_workbook_with_an_unknown_column_comes_back_whole(book):
    book.order["家庭"].append("星座")
    book.homes[0]["星座"] = "白羊"
    workbook = read_workbook(book.file())
    back = openpyxl.load_workbook(returned(workbook, check(workbook, divisions=DIVISIONS, today=TODAY)))
    assert back["家庭"]["H1"].comment is not None
    assert back["成员"].max_row == 3
    back["家庭"].delete_cols(8)
    mended = io.BytesIO()
    back.save(mended)
    assert len(check(read_workbook(mended), divisions=DIVISIONS, today=TODAY).households) == 1


@pytest.mark.parametrize("digits", ["1e999", "-1e999", "9" * 400, "9" * 309 + ".5"])
def test_a_number_that_no_cell_holds_comes_back_as_text(book, digits):
    book.homes[0]["cause"] = 123456789

    def swap(name, content):
        return content.replace(b"<v>123456789</v>", f"<v>{digits}</v>".encode())

    stream = rewritten(book.file(), swap)
    workbook = read_workbook(stream)
    first = check(workbook, divisions=DIVISIONS, today=TODAY)
    assert [fault.code for fault in first.faults] == ["unknown_value"]
    second = check(read_workbook(returned(workbook, first)), divisions=DIVISIONS, today=TODAY)
    assert [(fault.code, fault.value) for fault in second.faults] == [(first.faults[0].code, first.faults[0].value)]


def test_only_so_many_cells_get_a_comment_and_every_row_its_message(book, monkeypatch):
    monkeypatch.setattr(returned_module, "COMMENTS", 3)
    for place in range(5):
        book.household(f"B{place}", sequence=11 + 2 * place)
    for person in book.people:
        person["sex"] = "其他"
    workbook = read_workbook(book.file())
    sheet = openpyxl.load_workbook(returned(workbook, check(workbook, divisions=DIVISIONS, today=TODAY)))["成员"]
    rows = range(2, sheet.max_row + 1)
    assert [sheet.cell(row, 6).comment is not None for row in rows] == [True] * 3 + [False] * 4
    assert all("is not accepted in 性别" in sheet.cell(row, 16).value for row in rows)
    assert len({sheet.cell(row, 6).fill.start_color.rgb for row in rows}) == 1
