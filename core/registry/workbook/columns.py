"""The layout of the household workbook: two sheets, their columns, what a cell of each may hold.

Template, check and returned workbook all follow this one description. Headings and legend are Chinese at
their source, like every form that officers fill by hand.
"""

import unicodedata
from dataclasses import dataclass
from enum import Enum

from core.registry import codes
from core.registry.codes import CodeList

HOUSEHOLDS = "家庭"
MEMBERS = "成员"
LEGEND = "说明"
PROBLEMS = "问题"  # the column that a returned workbook adds; accepted and ignored when it comes back
CLEARED = "（清空）"
MAX_NUMBER = 32

SEX_GIVEN = CodeList(codes.SEX.standard, codes.SEX["1"], codes.SEX["2"])


class Kind(Enum):
    """How the cells of a column are read."""

    COLLECTOR = "collector"
    DIVISION = "division"
    TEXT = "text"
    NAME = "name"
    CHOICE = "choice"
    PHONE = "phone"
    MOBILE = "mobile"
    DOCUMENT = "document"
    BIRTH = "birth"


@dataclass(frozen=True)
class Column:
    """One column: its key, its heading without the star, whether a value must stand there, how it is read."""

    key: str
    name: str
    kind: Kind
    legend: str
    required: bool = False
    codes: CodeList | None = None
    width: int = 12

    @property
    def heading(self) -> str:
        """The heading as the template writes it, * behind a required one."""
        return self.name + "*" if self.required else self.name


_NUMBER = "采集人自编的家庭编号，最多32个字符，同一县内不重复；两张表用它对应。"
_CLEAR = f"留空表示不改动；填{CLEARED}表示清除原有内容。"

HOUSEHOLD_COLUMNS = (
    Column("number", "家庭编号", Kind.COLLECTOR, _NUMBER, required=True, width=14),
    Column("division", "村(居)区划代码", Kind.DIVISION, "12位代码，从下拉列表中选取。", required=True, width=18),
    Column("address", "住址", Kind.TEXT, "村(居)以下的详细地址。" + _CLEAR, width=32),
    Column("zone", "城乡", Kind.CHOICE, "城镇或农村。", required=True, codes=codes.URBAN_RURAL, width=8),
    Column("cause", "致贫原因", Kind.CHOICE, "主要原因，从下拉列表中选取。", codes=codes.CAUSE),
    Column("phone", "联系电话", Kind.PHONE, "手机号，或带区号的固定电话，如0796-8221234。", width=16),
    Column("note", "备注", Kind.TEXT, "其他需要说明的情况。", width=24),
)

MEMBER_COLUMNS = (
    Column("number", "家庭编号", Kind.COLLECTOR, "与“家庭”表中的编号一致。", required=True, width=14),
    Column("name", "姓名", Kind.NAME, "与证件一致；少数民族姓名中的间隔号用“·”。", required=True, width=14),
    Column("document_kind", "证件类型", Kind.CHOICE, "留空即居民身份证。", codes=codes.DOCUMENT_KIND, width=20),
    Column("document", "证件号码", Kind.DOCUMENT, "按文本填写，以免位数丢失；没有证件可留空。", width=22),
    Column(
        "relation",
        "与户主关系",
        Kind.CHOICE,
        "户主，或GB/T 4761中的称谓；每户有且只有一位户主。",
        required=True,
        codes=codes.RELATION,
        width=14,
    ),
    Column("sex", "性别", Kind.CHOICE, "男或女；留空则取自身份证号码。", codes=SEX_GIVEN, width=6),
    Column("birth_on", "出生日期", Kind.BIRTH, "如1955-01-31；留空则取自身份证号码。", width=13),
    Column("ethnicity", "民族", Kind.CHOICE, "GB/T 3304的民族名称。", codes=codes.ETHNICITY, width=10),
    Column("health", "健康状况", Kind.CHOICE, "健康、一般、有慢性病或残疾。", codes=codes.HEALTH),
    Column(
        "disability_category",
        "残疾类别",
        Kind.CHOICE,
        "残疾人证上的类别；填了等级就必须填类别。",
        codes=codes.DISABILITY_CATEGORY,
    ),
    Column("disability_grade", "残疾等级", Kind.CHOICE, "一级最重，四级最轻。", codes=codes.DISABILITY_GRADE),
    Column("education", "文化程度", Kind.CHOICE, "已达到的最高文化程度（GB/T 4658）。", codes=codes.EDUCATION),
    Column("marital", "婚姻状况", Kind.CHOICE, "GB/T 2261.2的名称。", codes=codes.MARITAL),
    Column("phone", "手机号", Kind.MOBILE, "11位手机号。", width=14),
    Column("note", "备注", Kind.TEXT, "其他需要说明的情况。" + _CLEAR, width=24),
)

LAYOUT = {HOUSEHOLDS: HOUSEHOLD_COLUMNS, MEMBERS: MEMBER_COLUMNS}


def plain_heading(text: str) -> str:
    """Return a heading as it is compared: half-width, without spaces and stars."""
    return "".join(c for c in unicodedata.normalize("NFKC", text) if not c.isspace()).strip("*")


def column_named(sheet: str, heading: str) -> Column | None:
    """Return the column of a sheet with this heading, None when the layout has none."""
    return _BY_NAME[sheet].get(plain_heading(heading))


_BY_NAME = {sheet: {plain_heading(column.name): column for column in columns} for sheet, columns in LAYOUT.items()}
