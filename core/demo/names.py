"""Invented names as they sound around Ji'an, with some that software often gets wrong."""

from random import Random

LARGE_FAMILIES = "刘王李罗彭曾肖胡郭陈黄周张谢邓欧吴杨钟匡"
OTHER_FAMILIES = "梁尹龙宋朱袁廖康邱温蒋孙赖戴贺毛江邹段乐单仇解区"
SURNAMES: tuple[str, ...] = (*LARGE_FAMILIES, *OTHER_FAMILIES, "欧阳", "尉迟")
SURNAME_WEIGHTS = [8 if name in LARGE_FAMILIES else 2 for name in SURNAMES]
SHE_SURNAMES = ("蓝", "雷", "钟", "盘")
MALE = "军华明强勇平辉国建文志根生福水火金贵荣发祥德清春林斌涛鹏宇浩俊杰轩辰"
FEMALE = "英兰秀珍梅香莲凤玉桂菊花芳丽娟红燕霞招妹娣萍琴云婷静雪怡欣雨涵"
MIDDLE = "小细冬春秋金玉水火根建文志国德家永忠贤先光新友海云志子思"
RARE = ("罗㵘", "曾䶮", "王𠮷生")  # outside the usual plane or the old character sets
LONG = "古丽娜尔·阿卜杜热西提"


def surname(random: Random, ethnicity: str) -> str:
    """Pick a family name; the She people (畲族, 22) of the district have four."""
    if ethnicity == "22":
        return random.choice(SHE_SURNAMES)
    return random.choices(SURNAMES, SURNAME_WEIGHTS)[0]


def given_name(random: Random, sex: str) -> str:
    """Make up a given name of one or two characters for a sex of GB/T 2261.1 ("1" or "2")."""
    last = random.choice(MALE if sex == "1" else FEMALE)
    return last if random.random() < 0.22 else random.choice(MIDDLE) + last
