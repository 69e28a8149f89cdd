"""Workbooks that nobody has seen before: columns in any order, gaps between rows, one fault each in many households.

Every fault must be found where it was put, nothing else, and again in the workbook that is returned.
"""

import io
import random
from collections.abc import Callable
from typing import Any

import pytest

from core.registry.numbers import check_digit
from core.registry.workbook import FAULTS, check, read_workbook, write_faulty
from core.registry.workbook.columns import HOUSEHOLDS, LAYOUT, MEMBERS

from .conftest import DIVISIONS, TODAY, VILLAGE, Book

Cells = dict[str, Any]
DIVISION, RELATION = "村(居)区划代码*", "与户主关系*"


def wrong_digit(head: Cells) -> None:
    last = head["document"][-1]
    head["document"] = head["document"][:-1] + ("1" if last != "1" else "2")


def set_to(key: str, value: Any) -> Callable[[Cells], None]:
    return lambda row: row.update({key: value})


# sheet, who of the household (0 the head), what is done to the row, column of the fault, its code
SPOILT: list[tuple[str, int, Callable[[Cells], None], str, str]] = [
    (HOUSEHOLDS, 0, set_to("division", None), DIVISION, "missing_required"),
    (HOUSEHOLDS, 0, set_to("division", "360803999999"), DIVISION, "unknown_division"),
    (HOUSEHOLDS, 0, set_to("zone", "城市"), "城乡*", "unknown_value"),
    (HOUSEHOLDS, 0, set_to("zone", "（清空）"), "城乡*", "missing_required"),
    (HOUSEHOLDS, 0, set_to("cause", "#N/A"), "致贫原因", "unknown_value"),
    (HOUSEHOLDS, 0, set_to("phone", "1381234"), "联系电话", "bad_phone"),
    (HOUSEHOLDS, 0, set_to("address", "=A1"), "住址", "formula_cell"),
    (MEMBERS, 0, wrong_digit, "证件号码", "bad_check_digit"),
    (MEMBERS, 0, set_to("document", "3608031955010100"), "证件号码", "bad_id_length"),
    (MEMBERS, 0, set_to("document", 360803195501010010), "证件号码", "id_as_number"),
    (MEMBERS, 0, set_to("birth_on", "1949-10-01"), "出生日期", "birth_contradicts_id"),
    (MEMBERS, 0, set_to("sex", "女"), "性别", "sex_contradicts_id"),
    (MEMBERS, 0, set_to("name", " "), "姓名*", "missing_required"),
    (MEMBERS, 0, set_to("relation", "一家之主"), RELATION, "unknown_value"),
    (MEMBERS, 0, set_to("phone", "0796-8221234"), "手机号", "bad_phone"),
    (MEMBERS, 1, set_to("relation", "户主"), RELATION, "two_heads"),
    (MEMBERS, 1, set_to("birth_on", "2027-01-01"), "出生日期", "birth_in_future"),
    (MEMBERS, 1, set_to("birth_on", "1957-02-30"), "出生日期", "bad_date"),
    (MEMBERS, 1, set_to("disability_grade", "二级"), "残疾类别", "grade_without_category"),
    (MEMBERS, 1, set_to("ethnicity", "=B2"), "民族", "formula_cell"),
    (MEMBERS, 1, set_to("number", "nowhere"), "家庭编号*", "orphan_member"),
]


def family(at: int) -> tuple[Cells, list[Cells]]:
    """Return a household without fault: its row, and the rows of a couple; only the head has a document."""
    seventeen = f"36080319{50 + at % 40}0101{1 + 2 * (at % 400):03}"
    home = {"number": f"V{at:03}", "division": VILLAGE, "zone": "农村", "phone": "0796-8221234"}
    head = {
        "number": home["number"], "name": "彭水生", "document": seventeen + check_digit(seventeen), "relation": "户主",
    }  # fmt: skip
    return home, [head, {"number": home["number"], "name": "刘香", "relation": "妻", "birth_on": "1957-02-03"}]


def spoilt(book: Book, chance: random.Random) -> list[tuple[str, int, str, str]]:
    """Fill the workbook; return the faults that were put in, in the order of the file."""
    book.homes, book.people = [], []
    for order in book.order.values():
        chance.shuffle(order)
    families = [family(at) for at in range(60)]
    chance.shuffle(families)
    put: list[tuple[str, Cells, str, str]] = []
    kinds = iter(chance.sample(SPOILT, len(SPOILT)))
    for place, (home, people) in enumerate(families):
        if place % 2 == 0 and (kind := next(kinds, None)):
            sheet, who, spoil, column, code = kind
            row = home if sheet == HOUSEHOLDS else people[who]
            spoil(row)
            put.append((sheet, row, column, code))
        for rows, more in ((book.homes, [home]), (book.people, people)):
            rows.extend({} for _ in range(chance.choice((0, 0, 0, 1, 3))))
            rows.extend(more)
    assert len(put) == len(SPOILT)
    faults = []
    for sheet, rows in ((HOUSEHOLDS, book.homes), (MEMBERS, book.people)):
        at = {id(row): line for line, row in enumerate(rows, start=2)}
        faults += sorted((sheet, at[id(row)], column, code) for name, row, column, code in put if name == sheet)
    return faults


@pytest.mark.parametrize("seed", range(6))
def test_every_fault_is_found_where_it_was_put_and_no_other(book: Any, seed: int) -> None:
    faults = spoilt(book, random.Random(seed))
    workbook = read_workbook(book.file())
    found = check(workbook, divisions=DIVISIONS, today=TODAY)
    assert [(fault.sheet, fault.row, fault.column, fault.code) for fault in found.faults] == faults
    orphans = sum(code == "orphan_member" for _, _, _, code in faults)
    assert len(found.held_back) == len(SPOILT) - orphans
    assert len(found.households) == 60 - len(found.held_back)
    stream = io.BytesIO()
    write_faulty(stream, workbook, found, lambda reason, blanks: reason.text.format(**blanks))
    again = check(read_workbook(stream), divisions=DIVISIONS, today=TODAY)
    assert [(fault.sheet, fault.column, fault.code, fault.value) for fault in again.faults] == [
        (fault.sheet, fault.column, fault.code, fault.value) for fault in found.faults
    ]
    assert again.households == []


def test_the_kinds_of_fault_are_all_but_those_that_need_two_households() -> None:
    missing = {"unknown_column", "duplicate_id", "no_head", "duplicate_household", "number_taken"}
    assert {code for *_, code in SPOILT} == FAULTS.keys() - missing
    assert {column for *_, column, _ in SPOILT} <= {one.heading for columns in LAYOUT.values() for one in columns}
