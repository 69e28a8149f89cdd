"""The places of the demo county, from the list of divisions china-division 2.7.0 (state of 2023-06-30).

City, county, towns and villages are true. One zone without a national code (docs/scheme.md, A-27) stands beside the
towns with a local code, L and the county's six digits; its two communities and its village are invented.
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

COUNTY = "360803000000"


@dataclass(frozen=True)
class Area:
    """One place: its code (12 digits, or L and a local code), name, level, the code of the place above it.

    `level` is city, county, town or village; `parent` is None for the city.
    """

    code: str
    name: str
    level: str
    parent: str | None


@cache
def read_areas() -> tuple[Area, ...]:
    """Return every place of the demo county, each after the one it lies in."""
    text = files(__package__).joinpath("areas.csv").read_text(encoding="utf-8")
    return tuple(
        Area(row["code"], row["name"], row["level"], row["parent"] or None) for row in csv.DictReader(text.splitlines())
    )
