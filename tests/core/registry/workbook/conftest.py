"""Small workbooks, made in memory: one good household, to be spoilt by each test."""

import io
from datetime import date
from uuid import UUID

import openpyxl
import pytest

from core.registry.numbers import check_digit
from core.registry.workbook import check, read_workbook
from core.registry.workbook.columns import HOUSEHOLDS, LAYOUT, MEMBERS

TODAY = date(2026, 11, 23)
VILLAGE = "360803105207"
DIVISIONS = {VILLAGE: UUID(int=1), "L36080300001": UUID(int=2)}


def number(seventeen):
    return seventeen + check_digit(seventeen)


HOME = {
    "number": "A1",
    "division": VILLAGE,
    "address": "3组1号",
    "zone": "农村",
    "cause": "因病",
    "phone": "13812341234",
}
HEAD = {
    "number": "A1",
    "name": "彭水生",
    "document_kind": "居民身份证",
    "document": number("36080319550101001"),
    "relation": "户主",
    "sex": "男",
    "birth_on": "1955-01-01",
    "phone": "13812341234",
}
WIFE = {"number": "A1", "name": "刘香", "document": number("36080319570203002"), "relation": "妻"}


class Book:
    """A workbook to be spoilt: `homes` and `people` are lists of rows by column key."""

    def __init__(self):
        self.homes = [dict(HOME)]
        self.people = [dict(HEAD), dict(WIFE)]
        self.order = {name: [column.key for column in columns] for name, columns in LAYOUT.items()}
        self.headings = {name: {column.key: column.heading for column in columns} for name, columns in LAYOUT.items()}

    def household(self, name, place="36080319600101", sequence=1):
        """Add a second household with a head of its own."""
        self.homes.append({**HOME, "number": name})
        document = number(f"{place}{sequence:03}")
        self.people.append({"number": name, "name": "曾英", "document": document, "relation": "户主"})
        return self

    def file(self):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for name, rows in ((HOUSEHOLDS, self.homes), (MEMBERS, self.people)):
            sheet = book.create_sheet(name)
            for position, key in enumerate(self.order[name], start=1):
                sheet.cell(1, position, self.headings[name].get(key, key))
                for line, row in enumerate(rows, start=2):
                    if row.get(key) is not None:
                        sheet.cell(line, position, row[key])
        stream = io.BytesIO()
        book.save(stream)
        stream.seek(0)
        return stream

    def check(self, **kwargs):
        return check(read_workbook(self.file()), divisions=DIVISIONS, today=TODAY, **kwargs)

    def faults(self, **kwargs):
        return [(f.sheet, f.row, f.column, f.code, f.value) for f in self.check(**kwargs).faults]


@pytest.fixture
def book():
    return Book()
