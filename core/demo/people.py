"""Invented households for the demo county: the same seed and day give the same people.

The mix follows what a county's list of low-income households looks like: many old people alone, disabled and
ill people, children with their grandparents, single parents. No name, number or address belongs to anybody:
telephone numbers are in the range 154, which no operator has.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from core.registry.numbers import check_digit

from .areas import COUNTY, Area, read_areas
from .names import LONG, RARE, given_name, surname

MALE, FEMALE = "1", "2"
GENERATION = 20  # years
HAN, UYGUR, SHE = "01", "05", "22"
OLD_PREFIXES = ("362421", "362401", "362425", "362426")  # Ji'an prefecture before 2000
PREFIXES = ("360803", "360803", "360803", "360802", "360821", "360822")
ODD_NAMES = {index * 17 + 5: name for index, name in enumerate((*RARE, LONG))}


@dataclass
class DemoMember:
    """One member; codes are those of `core.registry.codes`, None is unknown or does not apply."""

    name: str
    sex: str
    birth_on: date
    id_number: str
    relation: str
    ethnicity: str = HAN
    health: str = "10"
    disability_category: str | None = None
    disability_grade: str | None = None
    education: str | None = None
    marital: str | None = None
    phone: str | None = None


@dataclass
class DemoHousehold:
    """One household as a collector would list it; `village` is the code of an area of the demo county."""

    number: str
    village: str
    address: str
    zone: str
    cause: str
    phone: str | None
    note: str | None
    kind: str
    members: list[DemoMember] = field(default_factory=list)


def generate(count: int = 2000, *, seed: int = 360803, today: date) -> Iterator[DemoHousehold]:
    """Yield households one by one.

    :param today: the local date from which ages are counted.
    """
    random = Random(seed)
    towns = {area.code: area for area in read_areas() if area.level == "town"}
    villages = [area for area in read_areas() if area.level == "village" and "虚拟" not in area.name]
    maker = _Maker(random, today)
    kinds, weights = list(KINDS), [weight for weight, _ in KINDS.values()]
    for index in range(count):
        village = random.choice(villages)
        kind = random.choices(kinds, weights)[0]
        yield maker.household(index, village, towns[village.parent or COUNTY], kind)


class _Maker:
    """Makes one household after another; no ID number is given twice."""

    def __init__(self, random: Random, today: date) -> None:
        self.random, self.today = random, today
        self.given: set[str] = set()
        self.calls = 0
        self.ethnicity, self.family = HAN, ""

    def household(self, index: int, village: Area, town: Area, kind: str) -> DemoHousehold:
        random = self.random
        she = 0.45 if "畲族" in town.name else 0.02
        self.ethnicity = SHE if random.random() < she else HAN
        self.family = surname(random, self.ethnicity)
        members = KINDS[kind][1](self)
        if index in ODD_NAMES:
            self._rename(members[0], ODD_NAMES[index])
        urban = village.name.endswith("社区居委会") or "街道" in town.name
        home = DemoHousehold(
            number=f"QD{index + 1:06}",
            village=village.code,
            address=f"{village.name}{random.randint(1, 18)}{'栋' if urban else '组'}{random.randint(1, 99)}号",
            zone="urban" if urban else "rural",
            cause=self._cause(kind, members),
            phone=self._phone() if random.random() < 0.85 else None,
            note="电话由邻居代接" if random.random() < 0.04 else None,
            kind=kind,
            members=members,
        )
        return home

    def person(self, relation: str, sex: str, youngest: int, oldest: int, *, in_law: bool = False) -> DemoMember:
        """Make one member of an age in years; those who married in bring their own family name."""
        random = self.random
        days = random.randint(youngest * 365 + youngest // 4 + 2, oldest * 365 + oldest // 4 + 364)
        birth_on = self.today - timedelta(days=days)
        age = days // 365
        ethnicity = HAN if in_law and random.random() < 0.5 else self.ethnicity
        family = surname(random, ethnicity) if in_law else self.family
        name = family + given_name(random, sex)
        member = DemoMember(name, sex, birth_on, self._id_number(birth_on, sex), relation, ethnicity)
        member.health = random.choices(("10", "20", "30"), (2, 3, 5) if age >= 60 else (12, 4, 2))[0]
        member.education = self._education(age)
        member.marital = "10" if age < 22 else "20"
        if age >= 18 and random.random() < (0.25 if age >= 75 else 0.6):
            member.phone = self._phone()
        return member

    def sex(self) -> str:
        """Pick a sex."""
        return self.random.choice((MALE, FEMALE))

    def disable(self, member: DemoMember, grades: str = "1234") -> DemoMember:
        """Give a member a disability certificate's category and grade."""
        member.health = "60"
        member.disability_category = self.random.choices("1234567", (14, 12, 4, 40, 12, 14, 4))[0]
        member.disability_grade = self.random.choice(grades)
        return member

    def children(
        self, most: int, *, relations: Mapping[str, tuple[str, ...]], youngest: int, oldest: int
    ) -> list[DemoMember]:
        """Make one to `most` children, eldest first, named by their order among sons or daughters."""
        made = [self.person("", self.sex(), youngest, oldest) for _ in range(self.random.randint(1, most))]
        made.sort(key=lambda child: child.birth_on)
        counted = {MALE: 0, FEMALE: 0}
        for child in made:
            names = relations[child.sex]
            child.relation = names[min(counted[child.sex], len(names) - 1)]
            counted[child.sex] += 1
        return made

    def age(self, member: DemoMember) -> int:
        """Return a member's age in full years, give or take a day."""
        return (self.today - member.birth_on).days // 366

    def child_age(self, parents: list[DemoMember], oldest: int) -> int:
        """Return how old a child of these parents can be."""
        return min([oldest, *(self.age(parent) - GENERATION for parent in parents)])

    def elder(self, relation: str, sex: str, child: DemoMember) -> DemoMember:
        """Make the father or mother of a grown-up member."""
        youngest = max(62, self.age(child) + GENERATION + 1)
        return self.person(relation, sex, youngest, max(youngest + 4, 84), in_law=sex == FEMALE)

    def _id_number(self, birth_on: date, sex: str) -> str:
        random = self.random
        while True:
            prefix = random.choice(OLD_PREFIXES if birth_on.year < 1999 and random.random() < 0.6 else PREFIXES)
            sequence = random.randrange(1 if sex == MALE else 2, 1000, 2)
            seventeen = f"{prefix}{birth_on:%Y%m%d}{sequence:03}"
            if seventeen not in self.given:
                self.given.add(seventeen)
                return seventeen + check_digit(seventeen)

    def _education(self, age: int) -> str | None:
        if age < 7:
            return None
        if age < 18:
            return "80" if age < 13 else "70"
        levels, weights = ("90", "80", "70", "60", "40", "30", "20"), (4, 10, 14, 5, 3, 2, 1)
        if age >= 60:
            weights = (12, 16, 5, 1, 0, 0, 0)
        return self.random.choices(levels, weights)[0]

    def _phone(self) -> str:
        self.calls += 1
        return f"154{(self.calls * 7919 + 36080300) % 10**8:08}"

    def _cause(self, kind: str, members: list[DemoMember]) -> str:
        if self.random.random() < 0.12:
            return self.random.choice(("disaster", "accident", "other"))
        if any(member.disability_grade in ("1", "2") for member in members):
            return "disability"
        if kind in ("old_alone", "old_couple", "left_behind", "daughters_only"):
            return "labour" if self.random.random() < 0.6 else "illness"
        if kind in ("single_parent", "family") and self.random.random() < 0.35:
            return "education"
        return "illness"

    def _rename(self, member: DemoMember, name: str) -> None:
        member.name = name
        if name == LONG:
            member.sex, member.ethnicity = FEMALE, UYGUR
            member.id_number = self._id_number(member.birth_on, FEMALE)


CHILDREN = {MALE: ("22", "23", "24"), FEMALE: ("32", "33", "34")}
SONS_CHILDREN = {MALE: ("41",), FEMALE: ("42",)}
DAUGHTERS_CHILDREN = {MALE: ("43",), FEMALE: ("44",)}


def _old_alone(maker: _Maker) -> list[DemoMember]:
    old = maker.person("02", maker.random.choices((MALE, FEMALE), (11, 9))[0], 65, 92)
    old.marital = maker.random.choices(("30", "10", "40"), (12, 6, 1))[0]
    return [maker.disable(old) if maker.random.random() < 0.25 else old]


def _old_couple(maker: _Maker) -> list[DemoMember]:
    couple = [maker.person("02", MALE, 62, 86), maker.person("12", FEMALE, 60, 84, in_law=True)]
    if maker.random.random() < 0.3:
        maker.disable(maker.random.choice(couple))
    return couple


def _daughters_only(maker: _Maker) -> list[DemoMember]:
    """Old people whose daughters have married away; sometimes one is still in the register."""
    home = _old_couple(maker) if maker.random.random() < 0.5 else _old_alone(maker)
    if maker.random.random() < 0.3:
        home.append(maker.person("31", FEMALE, 28, maker.child_age(home, 45)))
    return home


def _disabled(maker: _Maker) -> list[DemoMember]:
    """A grown child with a severe disability and the parents who look after it."""
    home = [maker.person("02", MALE, 55, 78), maker.person("12", FEMALE, 53, 76, in_law=True)]
    if maker.random.random() < 0.4:
        home.pop()
        home[0].marital = "30"
    relation, sex = ("21", MALE) if maker.random.random() < 0.6 else ("31", FEMALE)
    child = maker.disable(maker.person(relation, sex, 20, maker.child_age(home, 48)), "112")
    child.marital = "10"
    return [*home, child]


def _ill(maker: _Maker) -> list[DemoMember]:
    head = maker.person("02", MALE, 38, 62)
    wife = maker.person("12", FEMALE, 36, 60, in_law=True)
    maker.random.choice((head, wife)).health = "30"
    children = maker.children(2, relations=CHILDREN, youngest=8, oldest=maker.child_age([head, wife], 22))
    parent = [maker.elder("52", FEMALE, head)] if maker.random.random() < 0.4 else []
    return [head, wife, *children, *parent]


def _left_behind(maker: _Maker) -> list[DemoMember]:
    """Children with grandparents; the parents work far away or are gone."""
    home = [maker.person("02", MALE, 56, 76), maker.person("12", FEMALE, 54, 74, in_law=True)]
    if maker.random.random() < 0.35:
        gone = maker.random.randrange(2)
        del home[gone]
        home[0].relation, home[0].marital = "02", "30"
    relations = DAUGHTERS_CHILDREN if maker.random.random() < 0.15 else SONS_CHILDREN
    return [*home, *maker.children(3, relations=relations, youngest=1, oldest=15)]


def _single_parent(maker: _Maker) -> list[DemoMember]:
    parent = maker.person("02", maker.random.choices((FEMALE, MALE), (6, 4))[0], 30, 52)
    parent.marital = maker.random.choices(("40", "30"), (3, 2))[0]
    return [parent, *maker.children(3, relations=CHILDREN, youngest=1, oldest=maker.child_age([parent], 17))]


def _family(maker: _Maker) -> list[DemoMember]:
    home = [maker.person("02", MALE, 34, 58), maker.person("12", FEMALE, 32, 56, in_law=True)]
    home += maker.children(3, relations=CHILDREN, youngest=2, oldest=maker.child_age(home, 21))
    if maker.random.random() < 0.5:
        home += [maker.elder("51", MALE, home[0]), maker.elder("52", FEMALE, home[0])]
    if maker.random.random() < 0.15:
        maker.disable(maker.random.choice(home))
    return home


KINDS: dict[str, tuple[int, Callable[[_Maker], list[DemoMember]]]] = {
    "old_alone": (30, _old_alone),
    "old_couple": (12, _old_couple),
    "daughters_only": (6, _daughters_only),
    "disabled": (14, _disabled),
    "ill": (12, _ill),
    "left_behind": (12, _left_behind),
    "single_parent": (8, _single_parent),
    "family": (6, _family),
}
