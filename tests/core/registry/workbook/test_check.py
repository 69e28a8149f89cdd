"""Each fault of the workbook: where it is named, whom it holds back, and what it does not drag along."""

from datetime import date, datetime

import pytest

from core.registry.workbook import CLEAR, FAULTS
from core.registry.workbook.columns import HOUSEHOLDS, MEMBERS

from .conftest import DIVISIONS, HEAD, VILLAGE, WIFE, number

BLANK_ID = "证件号码"


def test_a_good_household_has_no_fault(book):
    found = book.check()
    assert found.faults == []
    assert [home.number for home in found.households] == ["A1"]
    assert [member.sex for member in found.households[0].members] == ["1", "2"]
    assert found.households[0].members[1].birth_on == date(1957, 2, 3)
    assert found.households[0].village == DIVISIONS[VILLAGE]


@pytest.mark.parametrize(
    ("key", "cell", "column", "code", "value"),
    [
        ("division", None, "村(居)区划代码*", "missing_required", ""),
        ("division", "360803999299", "村(居)区划代码*", "unknown_division", "360803999299"),
        ("division", 360803999299, "村(居)区划代码*", "unknown_division", "360803999299"),
        ("zone", "  ", "城乡*", "missing_required", ""),
        ("zone", "（清空）", "城乡*", "missing_required", "(清空)"),
        ("zone", "城市", "城乡*", "unknown_value", "城市"),
        ("cause", "因懒", "致贫原因", "unknown_value", "因懒"),
        ("phone", "12345", "联系电话", "bad_phone", "12345"),
        ("phone", 1381234123, "联系电话", "bad_phone", "1381234123"),
        ("address", "=1+1", "住址", "formula_cell", "=1+1"),
        (
            "note",
            '=HYPERLINK("http://example.org","x")',
            "备注",
            "formula_cell",
            '=HYPERLINK("http://example.org","x")',
        ),
        ("number", "X" * 33, "家庭编号*", "unknown_value", "X" * 33),
    ],
)
def test_a_household_cell_at_fault_holds_the_household_back(book, key, cell, column, code, value):
    book.homes[0][key] = cell
    if key == "number":
        for person in book.people:
            person["number"] = cell
    book.household("B2")
    assert book.faults() == [(HOUSEHOLDS, 2, column, code, value)]
    found = book.check()
    assert found.held_back == [book.homes[0]["number"]]
    assert [home.number for home in found.households] == ["B2"]


FUTURE = number("36080320310506001")


@pytest.mark.parametrize(
    ("changes", "column", "code", "value"),
    [
        ({"name": None}, "姓名*", "missing_required", ""),
        ({"relation": None}, "与户主关系*", "missing_required", ""),
        ({"relation": "亲戚吧"}, "与户主关系*", "unknown_value", "亲戚吧"),
        ({"relation": "=A1"}, "与户主关系*", "formula_cell", "=A1"),
        ({"document_kind": "护照"}, "证件类型", "unknown_value", "护照"),
        ({"document": "360803195501010019"}, BLANK_ID, "bad_check_digit", "360803195501010019"),
        ({"document": "３６０８０３１９５５０１０１００１"}, BLANK_ID, "bad_id_length", "36080319550101001"),
        ({"document": 360803195501010000}, BLANK_ID, "id_as_number", "360803195501010000"),
        ({"document": FUTURE, "birth_on": None, "sex": None}, BLANK_ID, "birth_in_future", FUTURE),
        ({"document": "=A2"}, BLANK_ID, "formula_cell", "=A2"),
        ({"sex": "女"}, "性别", "sex_contradicts_id", "女"),
        ({"sex": "未知"}, "性别", "unknown_value", "未知"),
        ({"birth_on": "1955-01-02"}, "出生日期", "birth_contradicts_id", "1955-01-02"),
        ({"birth_on": datetime(1999, 12, 31)}, "出生日期", "birth_contradicts_id", "1999-12-31"),
        ({"birth_on": "2031-05-06"}, "出生日期", "birth_in_future", "2031-05-06"),
        ({"birth_on": date(2031, 5, 6)}, "出生日期", "birth_in_future", "2031-05-06"),
        ({"birth_on": "1955-02-30"}, "出生日期", "bad_date", "1955-02-30"),
        ({"birth_on": "不详"}, "出生日期", "bad_date", "不详"),
        ({"birth_on": 20090}, "出生日期", "bad_date", "20090"),
        ({"birth_on": "1899-12-31"}, "出生日期", "bad_date", "1899-12-31"),
        ({"ethnicity": "火星族"}, "民族", "unknown_value", "火星族"),
        ({"health": "好"}, "健康状况", "unknown_value", "好"),
        ({"disability_grade": "二级"}, "残疾类别", "grade_without_category", ""),
        ({"disability_category": "心脏", "disability_grade": "二级"}, "残疾类别", "unknown_value", "心脏"),
        ({"disability_category": "视力", "disability_grade": "五级"}, "残疾等级", "unknown_value", "五级"),
        ({"education": "状元"}, "文化程度", "unknown_value", "状元"),
        ({"marital": "复杂"}, "婚姻状况", "unknown_value", "复杂"),
        ({"phone": "0796-8221234"}, "手机号", "bad_phone", "0796-8221234"),
    ],
)
def test_a_member_cell_at_fault_is_one_fault_and_holds_the_household_back(book, changes, column, code, value):
    book.people[0].update(changes)
    book.household("B2")
    assert book.faults() == [(MEMBERS, 2, column, code, value)]
    assert book.check().held_back == ["A1"]


def test_every_kind_of_fault_has_words_for_wrong_and_mend():
    assert len(FAULTS) == 20
    assert all(words.wrong.text and words.mend.text for words in FAULTS.values())


def test_the_blanks_of_a_fault_fill_its_words(book):
    book.people[0].update(birth_on="1955-01-02", document_kind=None)
    book.people[1].update(document="123", phone="1")
    for fault in book.check().faults:
        for reason in (fault.words.wrong, fault.words.mend):
            assert "{" not in reason.text.format(**fault.filled())


def test_a_number_given_twice_is_named_on_each_row_and_holds_both_households(book):
    book.household("B2").household("C3", sequence=3)
    book.people[2]["document"] = book.people[0]["document"]
    same = book.people[0]["document"]
    assert book.faults() == [
        (MEMBERS, 2, BLANK_ID, "duplicate_id", same),
        (MEMBERS, 4, BLANK_ID, "duplicate_id", same),
    ]
    assert book.check().held_back == ["A1", "B2"]
    assert book.check().faults[0].others == (4,)


def test_a_number_given_twice_is_found_in_its_old_form_and_raises_no_contradiction(book):
    book.household("B2")
    book.people[2].update(document="360803550101001", sex="女", birth_on="1960-01-01")
    assert [fault[3] for fault in book.faults()] == ["duplicate_id", "duplicate_id"]


def test_a_broken_number_given_twice_is_broken_not_double(book):
    for person in book.people:
        person["document"] = "360803195501010019"
    assert [fault[3] for fault in book.faults()] == ["bad_check_digit", "bad_check_digit"]


def test_a_household_register_number_may_be_shared(book):
    for person in book.people:
        person.update(document_kind="户口簿", document="3608031234", sex=None, birth_on=None)
    assert book.faults() == []


def test_a_household_without_head_is_named_on_its_row(book):
    book.people[0]["relation"] = "其他亲属"
    assert book.faults() == [(HOUSEHOLDS, 2, "家庭编号*", "no_head", "A1")]


def test_a_household_without_members_has_no_head(book):
    book.homes.append({**book.homes[0], "number": "B2"})
    assert book.faults() == [(HOUSEHOLDS, 3, "家庭编号*", "no_head", "B2")]


def test_each_head_after_the_first_is_named(book):
    book.people[1]["relation"] = "户主"
    book.people.append({**WIFE, "document": number("36080319570203004"), "relation": "本人"})
    assert book.faults() == [
        (MEMBERS, 3, "与户主关系*", "two_heads", "户主"),
        (MEMBERS, 4, "与户主关系*", "two_heads", "本人"),
    ]


def test_a_household_number_given_twice_is_named_on_each_row(book):
    book.homes.append(dict(book.homes[0]))
    book.people[1]["relation"] = "户主"  # of the second one, as far as anyone can tell
    assert book.faults() == [
        (HOUSEHOLDS, 2, "家庭编号*", "duplicate_household", "A1"),
        (HOUSEHOLDS, 3, "家庭编号*", "duplicate_household", "A1"),
    ]
    assert book.check().held_back == ["A1"]


def test_a_member_of_no_household_holds_nobody_back(book):
    book.people.append({**WIFE, "number": "Z9", "document": number("36080319570203004"), "relation": "户主"})
    assert book.faults() == [(MEMBERS, 4, "家庭编号*", "orphan_member", "Z9")]
    assert book.check().held_back == []
    assert len(book.check().households) == 1


def test_a_member_without_household_number_is_no_orphan(book):
    book.people.append({"name": "无名", "relation": "妻"})
    assert book.faults() == [(MEMBERS, 4, "家庭编号*", "missing_required", "")]


def test_an_unknown_column_is_the_only_fault_and_nothing_is_applied(book):
    book.order[HOUSEHOLDS].append("星座")
    book.homes[0].update({"星座": "白羊", "zone": "城市"})
    assert book.faults() == [(HOUSEHOLDS, 1, "星座", "unknown_column", None)]
    assert book.check().wrong_layout
    assert book.check().households == []


def test_a_column_twice_or_without_heading_is_unknown(book):
    book.order[HOUSEHOLDS] += ["second", "untitled"]
    book.headings[HOUSEHOLDS] |= {"second": "备注", "untitled": " "}
    book.homes[0]["untitled"] = "x"
    assert [(fault[2], fault[3]) for fault in book.faults()] == [("备注", "unknown_column"), ("I", "unknown_column")]


def test_a_required_column_that_lacks_is_named(book):
    book.order[MEMBERS].remove("name")
    assert book.faults() == [(MEMBERS, 1, "姓名*", "missing_required", "")]


def test_an_optional_column_may_lack(book):
    book.order[MEMBERS].remove("note")
    assert book.faults() == []


def test_columns_are_found_by_name_in_any_order_with_or_without_star(book):
    book.order[MEMBERS].reverse()
    book.headings[MEMBERS] |= {"name": " 姓 名 ", "relation": "与户主关系＊", "document": "证件号码*"}
    book.headings[HOUSEHOLDS]["division"] = "村（居）区划代码"
    book.people[0]["sex"] = "女"
    assert book.faults() == [(MEMBERS, 2, "性别", "sex_contradicts_id", "女")]


def test_the_column_of_messages_is_ignored(book):
    book.order[MEMBERS].append("问题")
    book.people[0]["问题"] = "=1"
    assert book.faults() == []


def test_typed_variants_are_normalised(book):
    book.homes[0].update(number=" Ａ1 ", division=360803105207, phone=13812341234, address=" １２号（东） ")
    book.people[0].update(name=" 彭　水生", birth_on="1955年1月1日", phone=13812341234.0, ethnicity="畲")
    book.people[1].update(
        name="古丽 ‧ 阿", birth_on=19570203, document=" ３６０８０３１９５７０２０３００２" + WIFE["document"][-1]
    )
    found = book.check()
    assert found.faults == []
    home = found.households[0]
    assert (home.number, home.division, home.phone, home.address) == ("A1", VILLAGE, "13812341234", "12号（东）")
    assert [member.name for member in home.members] == ["彭水生", "古丽·阿"]
    assert home.members[0].phone == "13812341234"
    assert home.members[0].ethnicity == "22"
    assert home.members[1].document == WIFE["document"]


def test_cleared_is_not_blank(book):
    book.homes[0].update(address="(清空)", cause=None)
    book.people[0].update(phone="（清空）", sex="（清空）")
    home = book.check().households[0]
    assert (home.address, home.cause, home.members[0].phone) == (CLEAR, None, CLEAR)
    assert home.members[0].sex == "1"  # the number tells it


def test_blank_rows_are_passed_over_and_rows_keep_their_numbers(book):
    book.people.insert(0, {})
    book.people.insert(0, {"name": "  "})
    book.people[2]["sex"] = "女"
    assert book.faults() == [(MEMBERS, 4, "性别", "sex_contradicts_id", "女")]


def test_a_place_with_a_local_code_is_known(book):
    book.homes[0]["division"] = "L36080300001"
    assert book.faults() == []


def test_rare_names_are_kept_as_typed(book):
    book.people[0]["name"] = "王𠮷㵘䶮"
    assert book.check().households[0].members[0].name == "王𠮷㵘䶮"


def test_the_known_head_stays_when_the_file_does_not_mention_that_person(book):
    del book.people[0]
    assert [fault[3] for fault in book.faults()] == ["no_head"]
    assert book.faults(known_heads={"A1": lambda member: member.document == HEAD["document"]}) == []


def test_the_known_head_who_is_listed_otherwise_leaves_the_household_without(book):
    book.people[0]["relation"] = "父"
    known = {"A1": lambda member: member.document == HEAD["document"]}
    assert [fault[3] for fault in book.faults(known_heads=known)] == ["no_head"]


def test_a_new_head_beside_a_known_one_who_is_not_mentioned_is_one_too_many(book):
    known = {"A1": lambda member: member.name == "somebody else"}
    assert book.faults(known_heads=known) == [(MEMBERS, 2, "与户主关系*", "two_heads", "户主")]


def test_both_sheets_may_be_empty(book):
    book.homes, book.people = [], []
    assert (book.faults(), book.check().households) == ([], [])
