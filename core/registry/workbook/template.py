"""The empty workbook that officers download: two sheets to fill, a legend with a worked example."""

from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

import xlsxwriter

from core.registry.numbers import check_digit

from .columns import CLEARED, HOUSEHOLDS, LAYOUT, LEGEND, MEMBERS, Column, Kind

OPTIONS = "选项"  # hidden; a list of drop-down choices longer than 255 characters must stand in cells
ROWS_WITH_CHOICES = 20_000
HEADING = {"bold": True, "bg_color": "#E4EFE7", "bottom": 1, "text_wrap": True, "valign": "vcenter"}
EXAMPLE = {
    HOUSEHOLDS: [
        {"number": "例001", "address": "某某村委会3组12号", "zone": "农村", "cause": "因病", "phone": "0796-8200000"}
    ],
    MEMBERS: [
        {
            "number": "例001",
            "name": "王某某",
            "document_kind": "居民身份证",
            "document": "36080319550131001" + check_digit("36080319550131001"),
            "relation": "户主",
            "ethnicity": "汉族",
            "health": "有慢性病",
        },
        {
            "number": "例001",
            "name": "王小某",
            "relation": "孙子",
            "sex": "男",
            "birth_on": "2016-05-04",
            "health": "健康",
        },
    ],
}
NOTES = (
    "带 * 的列必须填写；列的顺序可以调整，但不要增加列或改动列名。",
    f"留空不会覆盖已有内容；要清除已有内容，请填写{CLEARED}。",
    "一户之中有一处差错，整户暂不导入，其他户不受影响；有差错的行会连同说明退回。",
    "家庭按家庭编号对应，成员按证件号码对应，没有证件号码的按姓名和出生日期对应；表中没有列出的成员保持不变。",
    "不要使用公式；证件号码和代码按文本填写。",
)


def write_template(stream: BinaryIO, divisions: Sequence[tuple[str, str]]) -> None:
    """Write the template as .xlsx into a binary stream.

    :param divisions: (12-digit code, name) of the villages and communities to choose from.
    """
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheets = {name: book.add_worksheet(name) for name in LAYOUT}
        legend = book.add_worksheet(LEGEND)
        for name, sheet in sheets.items():
            write_headings(book, sheet, LAYOUT[name])
        area = _write_legend(book, legend, divisions)
        add_choices(book, {name: (sheets[name], LAYOUT[name]) for name in LAYOUT}, divisions=area)


def write_headings(book: Any, sheet: Any, columns: Sequence[Column], headings: Sequence[str] | None = None) -> None:
    """Write row 1, frozen, and format every column as text, so that long numbers keep their digits."""
    bold, text = book.add_format(HEADING), book.add_format({"num_format": "@"})
    sheet.freeze_panes(1, 0)
    for position, column in enumerate(columns):
        sheet.set_column(position, position, column.width, text)
        sheet.write_string(0, position, headings[position] if headings else column.heading, bold)


def add_choices(
    book: Any, sheets: Mapping[str, tuple[Any, Sequence[Column | None]]], *, divisions: str | None = None
) -> None:
    """Give every column of choices its drop-down; the lists stand in a hidden sheet.

    :param sheets: each worksheet with its columns by position; None for one that is not ours.
    :param divisions: the range of division codes, absolute, if there is one to choose from.
    """
    options = book.add_worksheet(OPTIONS)
    options.hide()
    lists: dict[int, str] = {}
    for sheet, columns in sheets.values():
        for position, column in enumerate(columns):
            source = divisions if column is not None and column.kind is Kind.DIVISION else None
            if column is not None and column.codes is not None:
                if id(column.codes) not in lists:
                    place, words = len(lists), column.codes.words
                    options.write_column(0, place, words)
                    letter = xlsxwriter.utility.xl_col_to_name(place)
                    lists[id(column.codes)] = f"='{OPTIONS}'!${letter}$1:${letter}${len(words)}"
                source = lists[id(column.codes)]
            if column is None or source is None:
                continue
            sheet.data_validation(
                1,
                position,
                ROWS_WITH_CHOICES,
                position,
                {
                    "validate": "list",
                    "source": source,
                    # an optional cell may also hold （清空）, so it only warns
                    "error_type": "stop" if column.required and column.kind is Kind.CHOICE else "warning",
                    "error_title": column.name,
                    "error_message": "请从下拉列表中选取。"
                    if column.required
                    else f"请从下拉列表中选取，或填{CLEARED}。",
                },
            )


def _write_legend(book: Any, sheet: Any, divisions: Sequence[tuple[str, str]]) -> str | None:
    """Write the sheet 说明; return the range of the division codes in it."""
    bold, wrap = book.add_format(HEADING), book.add_format({"text_wrap": True, "valign": "top"})
    text = book.add_format({"num_format": "@"})
    for position, width in enumerate((10, 20, 8, 56, 60, 4, 16, 26)):
        sheet.set_column(position, position, width)
    sheet.write_row(0, 0, ("工作表", "列", "必填", "怎样填写", "可选的值"), bold)
    at = 1
    for name, columns in LAYOUT.items():
        for column in columns:
            words = "、".join(column.codes.words) if column.codes is not None else ""
            sheet.write_row(at, 0, (name, column.heading, "是" if column.required else "", column.legend, words), wrap)
            at += 1
    at += 1
    for note in NOTES:
        sheet.merge_range(at, 0, at, 4, note, wrap)
        at += 1
    for name, rows in EXAMPLE.items():
        at += 1
        sheet.write_string(at, 0, f"示例：{name}", bold)
        filled = [
            column for column in LAYOUT[name] if column.kind is Kind.DIVISION or any(column.key in row for row in rows)
        ]
        for row in rows:
            for column in filled:
                at += 1
                sheet.write_string(at, 1, column.heading)
                code = divisions[0][0] if divisions else "12位代码"
                sheet.write_string(at, 3, code if column.kind is Kind.DIVISION else row.get(column.key, ""), text)
            at += 1
    if not divisions:
        return None
    sheet.write_row(0, 6, ("村(居)区划代码", "名称"), bold)
    for number, (code, place) in enumerate(divisions, start=1):
        sheet.write_string(number, 6, code, text)
        sheet.write_string(number, 7, place)
    return f"='{LEGEND}'!$G$2:$G${len(divisions) + 1}"
