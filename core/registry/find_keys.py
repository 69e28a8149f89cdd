"""The words by which somebody is found: the name, its sound, its initials.

A family name can sound in more than one way (曾: zeng, ceng); whoever searches may know either, so
every reading of it is a key. Given names have their usual reading.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import product

from pypinyin import Style, lazy_pinyin, pinyin

LONGEST_KEY, LONGEST_SORT = 100, 200
MOST_READINGS = 12
MIDDLE_DOT = "·"
FAMILY_OF_TWO = frozenset(
    re.findall(
        r"\w\w",
        "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太叔 "
        "申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 闾丘 亓官 司寇 子车 颛孙 巫马 公西 漆雕 乐正 壤驷 公良 "
        "拓跋 夹谷 宰父 谷梁 百里 东郭 南门 呼延 羊舌 微生 左丘 东门 西门 令狐 单于 第五 轩辕 段干 完颜",
    )
)
# How these sound as family names, which is not how they sound most often; lists are sorted by it.
AS_FAMILY = {
    "曾": "zeng", "单": "shan", "仇": "qiu", "解": "xie", "区": "ou", "查": "zha", "盖": "ge", "朴": "piao",
    "任": "ren", "华": "hua", "覃": "qin", "缪": "miao", "翟": "zhai", "冼": "xian", "洗": "xian", "员": "yun",
    "种": "chong", "秘": "bi", "繁": "po", "折": "she", "召": "shao", "黑": "he", "燕": "yan", "宁": "ning",
    "句": "gou", "隗": "wei", "那": "na", "尉迟": "yu chi", "万俟": "mo qi", "长孙": "zhang sun", "澹台": "tan tai",
    "单于": "chan yu", "乐正": "yue zheng", "令狐": "ling hu", "石": "shi", "薄": "bo", "逄": "pang", "阚": "kan",
}  # fmt: skip


def find_keys(name: str) -> set[tuple[str, str]]:
    """Return the keys of a person's name as (kind, key); kinds are name, pinyin and initials.

    Keys are in lower case and without spaces, as `find` reads what is typed.
    """
    plain = plain_key(name)
    keys = {("name", plain), ("name", plain.replace(MIDDLE_DOT, ""))}
    for syllables in _readings(plain):
        keys.add(("pinyin", "".join(syllables)[:LONGEST_KEY]))
        keys.add(("initials", "".join(syllable[0] for syllable in syllables)[:LONGEST_KEY]))
    return {(kind, key) for kind, key in keys if key}


def number_key(number: str) -> tuple[str, str]:
    """Return the key of a household's number."""
    return "number", plain_key(number)


def sort_key(name: str) -> str:
    """Return what a list of names is sorted by: the sound, its family name as a family name sounds."""
    plain = plain_key(name)
    family, given = _parts(plain)
    first = AS_FAMILY.get(family) or " ".join(_usual(family))
    return " ".join(filter(None, (first, *_usual(given)))).lower()[:LONGEST_SORT] or plain[:LONGEST_SORT]


def plain_key(text: str) -> str:
    """Return a text as keys are compared: without spaces, in lower case; rare characters stay as they are."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lower()[:LONGEST_KEY]


def _readings(plain: str) -> set[tuple[str, ...]]:
    family, given = _parts(plain)
    rest = _usual(given)
    return {(*first, *rest) for first in _family_readings(family) if first or rest}


def _parts(plain: str) -> tuple[str, str]:
    if MIDDLE_DOT in plain or plain.isascii():  # names of peoples who put no family name of one sign in front
        return "", plain.replace(MIDDLE_DOT, "")
    length = 2 if plain[:2] in FAMILY_OF_TWO and len(plain) > 2 else 1
    return plain[:length], plain[length:]


@lru_cache(maxsize=2048)
def _family_readings(family: str) -> frozenset[tuple[str, ...]]:
    # Sign by sign: the dictionary of words knows one sound only for 尉迟.
    each = [pinyin(sign, style=Style.NORMAL, heteronym=True, errors="ignore", v_to_u=False) for sign in family]
    signs = [tuple(dict.fromkeys(found[0])) for found in each if found]
    made = {tuple(reading) for reading in list(product(*signs))[:MOST_READINGS]}
    if family in AS_FAMILY:
        made.add(tuple(AS_FAMILY[family].split()))
    return frozenset(made)


@lru_cache(maxsize=16384)
def _usual(text: str) -> tuple[str, ...]:
    # Signs without a known sound are passed over; Latin letters stand for themselves.
    if not text:
        return ()
    return tuple(filter(None, lazy_pinyin(text, errors=lambda signs: signs if signs.isascii() else "")))
