"""What is no household workbook is refused before it costs anything."""

import io
import time
import zipfile

import openpyxl
import pytest

from core.registry.workbook import Formula, Limits, Unreadable, household_numbers, read_workbook


def refused(content, **limits):
    with pytest.raises(Unreadable) as unreadable:
        read_workbook(io.BytesIO(content), limits=Limits(**limits))
    return unreadable.value.code


def zipped(**parts):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return stream.getvalue()


def test_a_file_of_100_mb_is_too_large(tmp_path):
    file = tmp_path / "large.xlsx"
    with file.open("wb") as large:
        large.truncate(100 * 1024**2)
    with pytest.raises(Unreadable) as unreadable:
        read_workbook(file)
    assert unreadable.value.code == "too_large"
    assert next(iter(unreadable.value.reasons.values())) == {"size": 100, "limit": 20}


def test_an_old_xls_is_told_from_one_with_a_password():
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    assert refused(ole + "Workbook".encode("utf-16-le")) == "old_xls"
    assert refused(ole + "EncryptedPackage".encode("utf-16-le")) == "encrypted"


@pytest.mark.parametrize("content", [b"", b"number,name\r\n1,x\r\n", b"PK\x03\x04 broken", b"\x89PNG\r\n" + bytes(99)])
def test_renamed_files_are_no_workbook(content):
    assert refused(content) == "not_xlsx"


def test_another_kind_of_zip_is_no_workbook():
    assert refused(zipped(word__document="<w/>")) == "not_xlsx"
    assert refused(zipped(**{"xl__workbook.xml": "<broken"})) == "not_xlsx"


def test_a_zip_bomb_is_refused_unopened():
    bomb = zipped(**{"xl__workbook.xml": "<x/>", "xl__sharedStrings.xml": bytes(200 * 1024**2)})
    assert len(bomb) < 1024**2
    assert refused(bomb) == "zip_bomb"


def rewritten(stream, change):
    """Return the workbook with the content of its parts changed."""
    changed = io.BytesIO()
    with zipfile.ZipFile(stream) as before, zipfile.ZipFile(changed, "w") as after:
        for part in before.infolist():
            after.writestr(part, change(part.filename, before.read(part)))
    assert changed.getvalue() != stream.getvalue()
    return changed


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"])
def test_entities_are_not_expanded(book, part):
    entities = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'

    def add(name, content):
        if name != part:
            return content
        declaration, end, rest = content.rpartition(b"?>")
        return declaration + end + entities + rest

    assert refused(rewritten(book.file(), add).getvalue()) == "not_xlsx"


def test_a_missing_sheet_is_named():
    stream = io.BytesIO()
    empty = openpyxl.Workbook()
    empty.active.title = "家庭"
    empty.save(stream)
    with pytest.raises(Unreadable) as unreadable:
        read_workbook(stream)
    assert next(iter(unreadable.value.reasons.values())) == {"sheet": "成员"}


def test_too_many_rows_are_refused(book):
    assert refused(book.file().getvalue(), rows=1) == "too_many_rows"


def test_a_cell_at_the_far_end_costs_nothing_much(book):
    source = openpyxl.load_workbook(book.file())
    source["家庭"]["A1048576"] = " "
    stream = io.BytesIO()
    source.save(stream)
    assert len(read_workbook(stream).households.rows) == 1


ROW = '<row r="{0}"><c r="XFD{0}"/></row>'


def raw_rows(book, rows):
    """Return the workbook with rows of XML added to sheet 家庭."""

    def add(name, content):
        at = b"</sheetData>"
        return content.replace(at, rows.encode() + at) if name == "xl/worksheets/sheet1.xml" else content

    return rewritten(book.file(), add)


def test_empty_cells_in_the_last_column_cost_no_time(book):
    stream = raw_rows(book, "".join(ROW.format(number) for number in range(3, 8003)))
    began = time.process_time()
    assert len(read_workbook(stream).households.rows) == 1
    assert time.process_time() - began < 2


def test_rows_of_blanks_count_against_the_limit(book):
    for _ in range(5):
        book.people.insert(0, {"name": "  "})
    assert refused(book.file().getvalue(), rows=6) == "too_many_rows"
    assert len(read_workbook(book.file(), limits=Limits(rows=7)).members.rows) == 2


def test_cells_count_up_to_the_last_that_has_content(book):
    book.order["家庭"] += [""] * 13 + ["far"]
    book.homes = [{"far": " "} for _ in range(10)]
    assert refused(book.file().getvalue(), cells=200) == "too_many_rows"
    assert read_workbook(book.file(), limits=Limits(cells=250)).households.rows == []


def test_a_cell_far_to_the_right_is_an_unknown_column(book):
    book.order["家庭"] += [""] * 113 + ["far"]
    book.homes[0]["far"] = "x"
    book.headings["家庭"]["far"] = " "
    assert [(fault[2], fault[3]) for fault in book.faults()] == [("DQ", "unknown_column")]


def test_the_limits_follow_the_setting():
    assert Limits.of_megabytes(20).file_bytes == 20 * 1024**2
    assert Limits.of_megabytes(1).unpacked_bytes == Limits().unpacked_bytes
    assert Limits.of_megabytes(100).unpacked_bytes > Limits().unpacked_bytes


def test_other_sheets_and_wrong_sizes_do_not_matter(book):
    source = openpyxl.load_workbook(book.file())
    source.create_sheet("说明", 0)["A1"] = "=1/0"
    source.create_sheet("Sheet3")
    stream = io.BytesIO()
    source.save(stream)
    changed = rewritten(stream, lambda _, content: content.replace(b'<dimension ref="A1:O3"', b'<dimension ref="A1"'))
    read = read_workbook(changed)
    assert [row.number for row in read.members.rows] == [2, 3]
    assert household_numbers(read) == ["A1"]


def test_formulas_stay_formulas(book):
    book.homes[0]["note"] = "=SUM(A1:A2)"
    cell = read_workbook(book.file()).households.rows[0].cell(6)
    assert isinstance(cell, Formula)
    assert cell == "=SUM(A1:A2)"
