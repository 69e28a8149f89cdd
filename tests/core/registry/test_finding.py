"""Finding a household by a name, its sound, or a number, within what the actor may see."""

from datetime import date
from uuid import UUID

import pytest

from core.errors import Forbidden
from core.registry import NewMember, move_household
from core.registry.finding import MOST, Hit, find
from tests.core.needs.small_county import SmallCounty

from .conftest import Enter

NUMBER, OLD_NUMBER, SPACED = "362421195507198643", "362421550719864", " 362421 19550719 8643 "
WIDE = "３６２４２１１９５５０７１９８６４３"
GULINAR = "古丽娜尔·阿卜杜热西提"


def head(name: str, number: str | None = None) -> NewMember:
    return NewMember(name, "02", "resident_id" if number else None, number)


def ids(hits: list[Hit]) -> list[UUID]:
    return [hit.card.id for hit in hits]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "曾广贤",
            ["曾", "曾广", "曾广贤", "曾 广", "zeng", "ceng", "zengguangxian", "ZengGuang", "zgx", "cgx", "ｚｇｘ"],
        ),
        ("单保生", ["单保", "shan", "shanbaosheng", "dan", "sbs", "dbs"]),
        ("仇有根", ["qiu", "chou", "qyg", "cyg"]),
        ("解春香", ["xie", "jie", "xcx", "jcx"]),
        ("区四妹", ["ou", "qu", "osm", "qsm"]),
        ("乐桂英", ["le", "yue", "lgy", "ygy"]),
        ("尉迟梅", ["尉迟", "yuchi", "weichi", "ycm", "wcm", "yu chi mei"]),
        ("吕安", ["吕安", "lvan", "la"]),
        ("罗㵘", ["罗㵘", "luo", "l"]),
        ("王𠮷生", ["王𠮷", "wang", "w"]),
        (GULINAR, ["古丽", GULINAR, "古丽娜尔阿", "古丽娜尔•阿", "古丽娜尔 · 阿", "gulinaer"]),
    ],
)
async def test_a_name_is_found_by_its_signs_its_sounds_and_its_initials(
    coded: SmallCounty, enter: Enter, name: str, words: list[str]
) -> None:
    household = await enter(head(name))
    await enter(head("胡敏"))
    officer = await coded.officer()
    missed = [word for word in words if household not in ids((await find(officer, word, today=coded.today))[0])]
    assert missed == []


@pytest.mark.parametrize(
    "typed",
    [
        NUMBER,
        WIDE,
        " 362421 19550719 8643 ",
        OLD_NUMBER,
        "qy00001",
        "QY00001",
        "360803-000001",
    ],
)
async def test_a_number_is_found_as_it_is_typed(coded: SmallCounty, enter: Enter, typed: str) -> None:
    household = await enter(head("蓝建平", NUMBER), number="QY00001")
    await enter(head("蓝建平", "360803196803045512"), number="QY00002")
    hits, more = await find(await coded.officer(), typed, today=coded.today)
    assert (ids(hits), more) == ([household], False)


async def test_a_part_of_an_identity_number_finds_nobody(coded: SmallCounty, enter: Enter) -> None:
    await enter(head("蓝建平", NUMBER))
    officer = await coded.officer()
    for part in (NUMBER[:17], NUMBER[:6], NUMBER[-4:]):
        assert await find(officer, part, today=coded.today) == ([], False)


async def test_the_member_by_whom_a_household_was_found_is_named(coded: SmallCounty, enter: Enter) -> None:
    await enter(head("钟秀兰"), NewMember("蓝雨晴", "32", "resident_id", NUMBER))
    officer = await coded.officer()
    for typed in ("蓝", "lyq", NUMBER):
        ((hit,), _) = await find(officer, typed, today=coded.today)
        assert (hit.card.head_name, hit.person_name) == ("钟秀兰", "蓝雨晴")


@pytest.mark.parametrize(("born", "named"), [(date(2012, 11, 24), None), (date(2012, 11, 23), "曾小军")])
async def test_a_child_under_14_finds_its_household_and_is_not_named(
    coded: SmallCounty, enter: Enter, born: date, named: str | None
) -> None:
    household = await enter(head("曾广贤"), NewMember("曾小军", "41", birth_on=born))
    ((hit,), _) = await find(await coded.officer(), "zxj", today=date(2026, 11, 23))
    assert (hit.card.id, hit.person_name) == (household, named)


async def test_nobody_finds_households_of_another_town(coded: SmallCounty, enter: Enter) -> None:
    mine, theirs = (
        await enter(head("曾广贤", NUMBER), number="A1"),
        await enter(head("曾广贤", NUMBER), town=1, number="A2"),
    )
    here, both = await coded.officer(), await coded.officer("towns", towns=(0, 1))
    county = await coded.county_wide()
    for typed in ("曾", "zgx", NUMBER, "a"):
        assert ids((await find(here, typed, today=coded.today))[0]) == [mine]
        for wide in (both, county):
            assert set(ids((await find(wide, typed, today=coded.today))[0])) == {mine, theirs}


async def test_a_worker_finds_nobody(coded: SmallCounty, enter: Enter) -> None:
    worker = await coded.worker(await coded.organisation())
    with pytest.raises(Forbidden):
        await find(worker, "曾", today=coded.today)


async def test_what_is_found_moves_with_the_household(coded: SmallCounty, enter: Enter) -> None:
    household = await enter(head("曾广贤", NUMBER), number="QY1")
    here, there = await coded.officer(), await coded.officer("there", towns=(1,))
    await move_household(
        household, coded.villages[1], actor=await coded.county_wide(), now=coded.now, why="told by the daughter"
    )
    for typed in ("曾", "zgx", NUMBER, "QY1"):
        assert ids((await find(here, typed, today=coded.today))[0]) == []
        assert ids((await find(there, typed, today=coded.today))[0]) == [household]


async def test_more_than_fit_are_said_to_be_more(coded: SmallCounty, enter: Enter) -> None:
    for _ in range(MOST + 1):
        await enter(head("曾广贤"), NewMember("曾小军", "20"), NewMember("曾小英", "30"), NewMember("曾小华", "30"))
    officer = await coded.officer()
    hits, more = await find(officer, "曾", today=coded.today)
    assert more
    assert len(set(ids(hits))) == len(hits)
    hits, more = await find(officer, "曾广贤", today=coded.today)
    assert (len(hits), more) == (MOST, True)


@pytest.mark.parametrize(
    "typed", ["", " \u3000", "·", "\x00", "曾\x00广", "%", "_", "' OR 1 = 1 --", "\ud7ff", "\U0010ffff", "a" * 5000]
)  # fmt: skip
async def test_whatever_is_typed_is_only_looked_for(coded: SmallCounty, enter: Enter, typed: str) -> None:
    household = await enter(head("曾广贤"))
    hits, more = await find(await coded.officer(), typed, today=coded.today)
    assert (ids(hits), more) == ([household] if "曾" in typed else [], False)


async def test_a_passport_of_another_town_hides_nobody(coded: SmallCounty, enter: Enter) -> None:
    own = await enter(head("李安"))
    for _ in range(2):
        await enter(NewMember("罗安", "02", "passport", "LI"), town=1)
    officer, other = await coded.officer(), await coded.officer("other", towns=(1,))
    assert ids((await find(officer, "li", today=coded.today))[0]) == [own]
    assert own not in ids((await find(other, "li", today=coded.today))[0])
    assert len(ids((await find(other, "li", today=coded.today))[0])) == 2
