"""The code sets of the registry: a code, its Chinese word as the standard has it, an English msgid.

What is stored is the code; what officers write in workbooks is the word (`by_word`), also in the longer
forms that the standard or older forms use (`also`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from core.texts import N_


@dataclass(frozen=True)
class Code:
    """One entry: `code` as stored, `zh` as officers know it, `en` the msgid, other accepted words."""

    code: str
    zh: str
    en: str
    also: tuple[str, ...] = ()


class CodeList(Mapping[str, Code]):
    """An ordered code list, found by code (as a mapping) or by word."""

    def __init__(self, standard: str, *entries: Code) -> None:
        self.standard = standard
        self._codes = {entry.code: entry for entry in entries}
        self._words = {word: entry for entry in reversed(entries) for word in (*entry.also, entry.zh)}

    def __getitem__(self, code: str) -> Code:
        return self._codes[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._codes)

    def __len__(self) -> int:
        return len(self._codes)

    def by_word(self, zh: str) -> Code | None:
        """Return the entry with this Chinese word, None when the list has no such word."""
        return self._words.get(zh)

    @property
    def words(self) -> list[str]:
        """The Chinese words in the order of the standard."""
        return [entry.zh for entry in self._codes.values()]


SEX = CodeList(
    "GB/T 2261.1",
    Code("0", "未知", N_("unknown sex")),
    Code("1", "男", N_("male")),
    Code("2", "女", N_("female")),
    Code("9", "未说明", N_("sex not stated")),
)

URBAN_RURAL = CodeList("household register", Code("urban", "城镇", N_("urban")), Code("rural", "农村", N_("rural")))

CAUSE = CodeList(
    "the county's coarse list (docs/scheme.md, A-37)",
    Code("illness", "因病", N_("illness")),
    Code("disability", "因残", N_("disability")),
    Code("education", "因学", N_("cost of education")),
    Code("disaster", "因灾", N_("disaster")),
    Code("labour", "缺劳力", N_("lack of labour")),
    Code("accident", "因意外", N_("accident")),
    Code("other", "其他", N_("other cause")),
)

DOCUMENT_KIND = CodeList(
    "document kinds",
    Code("resident_id", "居民身份证", N_("resident identity card")),
    Code("household_register", "户口簿", N_("household register")),
    Code("hmt_residence_permit", "港澳台居民居住证", N_("residence permit for Hong Kong, Macao and Taiwan residents")),
    Code("foreign_permanent_residence", "外国人永久居留身份证", N_("foreign permanent resident identity card")),
)

HEALTH = CodeList(
    "GB/T 2261.3",
    Code("10", "健康", N_("healthy")),
    Code("20", "一般", N_("fair health")),
    Code("30", "有慢性病", N_("chronic illness")),
    Code("60", "残疾", N_("disabled")),
)

DISABILITY_CATEGORY = CodeList(
    "GB/T 26341-2010",
    Code("1", "视力", N_("visual")),
    Code("2", "听力", N_("hearing")),
    Code("3", "言语", N_("speech")),
    Code("4", "肢体", N_("physical")),
    Code("5", "智力", N_("intellectual")),
    Code("6", "精神", N_("mental")),
    Code("7", "多重", N_("multiple")),
)

DISABILITY_GRADE = CodeList(
    "GB/T 26341-2010",
    Code("1", "一级", N_("grade 1 (most severe)")),
    Code("2", "二级", N_("grade 2")),
    Code("3", "三级", N_("grade 3")),
    Code("4", "四级", N_("grade 4")),
)

EDUCATION = CodeList(
    "GB/T 4658-2006",
    Code("10", "研究生", N_("postgraduate"), ("研究生教育",)),
    Code("20", "大学本科", N_("bachelor"), ("大学本科教育",)),
    Code("30", "大学专科", N_("junior college"), ("大学专科教育",)),
    Code("40", "中等职业", N_("secondary vocational school"), ("中等职业教育",)),
    Code("60", "普通高中", N_("senior high school"), ("普通高级中学教育",)),
    Code("70", "初中", N_("junior high school"), ("初级中学教育",)),
    Code("80", "小学", N_("primary school"), ("小学教育",)),
    Code("90", "其他", N_("other education")),
)

MARITAL = CodeList(
    "GB/T 2261.2",
    Code("10", "未婚", N_("never married")),
    Code("20", "已婚", N_("married")),
    Code("21", "初婚", N_("first marriage")),
    Code("22", "再婚", N_("remarried")),
    Code("23", "复婚", N_("remarried to the former spouse")),
    Code("30", "丧偶", N_("widowed")),
    Code("40", "离婚", N_("divorced")),
    Code("90", "未说明", N_("marital status not stated"), ("未说明的婚姻状况",)),
)

HEAD = "02"

RELATION = CodeList(
    "GB/T 4761-2008",
    Code(HEAD, "户主", N_("head of household"), ("本人",)),
    Code("10", "配偶", N_("spouse")),
    Code("11", "夫", N_("husband"), ("丈夫",)),
    Code("12", "妻", N_("wife"), ("妻子",)),
    Code("20", "子", N_("son"), ("儿子",)),
    Code("21", "独生子", N_("only son")),
    Code("22", "长子", N_("eldest son")),
    Code("23", "次子", N_("second son"), ("二子",)),
    Code("24", "三子", N_("third son")),
    Code("25", "四子", N_("fourth son")),
    Code("26", "五子", N_("fifth son")),
    Code("27", "养子或继子", N_("adopted son or stepson"), ("养子", "继子")),
    Code("28", "女婿", N_("son-in-law")),
    Code("29", "其他儿子", N_("other son")),
    Code("30", "女", N_("daughter"), ("女儿",)),
    Code("31", "独生女", N_("only daughter")),
    Code("32", "长女", N_("eldest daughter")),
    Code("33", "次女", N_("second daughter"), ("二女",)),
    Code("34", "三女", N_("third daughter")),
    Code("35", "四女", N_("fourth daughter")),
    Code("36", "五女", N_("fifth daughter")),
    Code("37", "养女或继女", N_("adopted daughter or stepdaughter"), ("养女", "继女")),
    Code("38", "儿媳", N_("daughter-in-law"), ("儿媳妇",)),
    Code("39", "其他女儿", N_("other daughter")),
    Code("40", "孙子、孙女或外孙子、外孙女", N_("grandchild"), ("孙子女", "外孙子女")),
    Code("41", "孙子", N_("son's son")),
    Code("42", "孙女", N_("son's daughter")),
    Code("43", "外孙子", N_("daughter's son"), ("外孙",)),
    Code("44", "外孙女", N_("daughter's daughter")),
    Code("45", "孙媳", N_("grandson's wife"), ("孙媳妇或外孙媳妇", "孙媳妇", "外孙媳妇", "外孙媳")),
    Code("46", "孙女婿", N_("granddaughter's husband"), ("孙女婿或外孙女婿", "外孙女婿")),
    Code("47", "曾孙子或外曾孙子", N_("great-grandson"), ("曾孙子", "外曾孙子", "曾孙")),
    Code("48", "曾孙女或外曾孙女", N_("great-granddaughter"), ("曾孙女", "外曾孙女")),
    Code("49", "其他孙子、孙女或外孙子、外孙女", N_("other grandchild"), ("其他孙子女",)),
    Code("50", "父母", N_("parent")),
    Code("51", "父", N_("father"), ("父亲",)),
    Code("52", "母", N_("mother"), ("母亲",)),
    Code("53", "公公", N_("husband's father")),
    Code("54", "婆婆", N_("husband's mother")),
    Code("55", "岳父", N_("wife's father")),
    Code("56", "岳母", N_("wife's mother")),
    Code("57", "继父或养父", N_("stepfather or adoptive father"), ("继父", "养父")),
    Code("58", "继母或养母", N_("stepmother or adoptive mother"), ("继母", "养母")),
    Code("59", "其他父母关系", N_("other parent"), ("其他父母",)),
    Code("60", "祖父母或外祖父母", N_("grandparent"), ("祖父母", "外祖父母")),
    Code("61", "祖父", N_("father's father")),
    Code("62", "祖母", N_("father's mother")),
    Code("63", "外祖父", N_("mother's father")),
    Code("64", "外祖母", N_("mother's mother")),
    Code("65", "配偶的祖父母或外祖父母", N_("spouse's grandparent")),
    Code("66", "曾祖父", N_("great-grandfather")),
    Code("67", "曾祖母", N_("great-grandmother")),
    Code("68", "配偶的曾祖父母或外曾祖父母", N_("spouse's great-grandparent"), ("配偶的曾祖父母",)),
    Code("69", "其他祖父母或外祖父母关系", N_("other grandparent"), ("其他祖父母",)),
    Code("70", "兄弟姐妹", N_("sibling")),
    Code("71", "兄", N_("elder brother"), ("哥哥", "哥")),
    Code("72", "嫂", N_("elder brother's wife"), ("嫂子",)),
    Code("73", "弟", N_("younger brother"), ("弟弟",)),
    Code("74", "弟媳", N_("younger brother's wife")),
    Code("75", "姐", N_("elder sister"), ("姐姐",)),
    Code("76", "姐夫", N_("elder sister's husband")),
    Code("77", "妹", N_("younger sister"), ("妹妹",)),
    Code("78", "妹夫", N_("younger sister's husband")),
    Code("79", "其他兄弟姐妹", N_("other sibling")),
    Code("80", "其他", N_("other relation")),
    Code("81", "伯父", N_("father's elder brother")),
    Code("82", "伯母", N_("wife of father's elder brother")),
    Code("83", "叔父", N_("father's younger brother")),
    Code("84", "婶母", N_("wife of father's younger brother")),
    Code("85", "舅父", N_("mother's brother")),
    Code("86", "舅母", N_("wife of mother's brother")),
    Code("87", "姨父", N_("husband of mother's sister")),
    Code("88", "姨母", N_("mother's sister")),
    Code("89", "姑父", N_("husband of father's sister")),
    Code("90", "姑母", N_("father's sister")),
    Code("91", "堂兄弟、堂姐妹", N_("cousin on the father's side"), ("堂兄弟", "堂姐妹")),
    Code("92", "表兄弟、表姐妹", N_("other cousin"), ("表兄弟", "表姐妹")),
    Code("93", "侄子", N_("brother's son")),
    Code("94", "侄女", N_("brother's daughter")),
    Code("95", "外甥", N_("sister's son")),
    Code("96", "外甥女", N_("sister's daughter")),
    Code("97", "其他亲属", N_("other relative")),
    Code("98", "保姆", N_("domestic helper")),
    Code("99", "非亲属", N_("not related")),
)

_PEOPLES = (
    "汉 Han,蒙古 Mongol,回 Hui,藏 Tibetan,维吾尔 Uygur,苗 Miao,彝 Yi,壮 Zhuang,布依 Buyei,朝鲜 Korean,满 Manchu,"
    "侗 Dong,瑶 Yao,白 Bai,土家 Tujia,哈尼 Hani,哈萨克 Kazakh,傣 Dai,黎 Li,傈僳 Lisu,佤 Va,畲 She,高山 Gaoshan,"
    "拉祜 Lahu,水 Sui,东乡 Dongxiang,纳西 Naxi,景颇 Jingpo,柯尔克孜 Kirgiz,土 Tu,达斡尔 Daur,仫佬 Mulao,羌 Qiang,"
    "布朗 Blang,撒拉 Salar,毛南 Maonan,仡佬 Gelao,锡伯 Xibe,阿昌 Achang,普米 Pumi,塔吉克 Tajik,怒 Nu,乌孜别克 Uzbek,"
    "俄罗斯 Russian,鄂温克 Ewenki,德昂 Deang,保安 Bonan,裕固 Yugur,京 Gin,塔塔尔 Tatar,独龙 Derung,鄂伦春 Oroqen,"
    "赫哲 Hezhen,门巴 Monba,珞巴 Lhoba,基诺 Jino"
)

ETHNICITY = CodeList(  # the English names are the standard's own romanisation: names, not words to translate
    "GB/T 3304",
    *(
        Code(f"{number:02}", zh + "族", en, (zh,))
        for number, (zh, en) in enumerate((people.split(" ") for people in _PEOPLES.split(",")), start=1)
    ),
    Code("97", "其他", N_("other ethnicity")),
    Code("98", "外国血统中国籍人士", N_("Chinese citizen of foreign descent"), ("外国血统",)),
)
