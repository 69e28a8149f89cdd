"""The demo county: true places of Qingyuan District (青原区), invented people."""

from .areas import COUNTY, Area, read_areas
from .build import NotEmpty, build
from .county import DemoCounty
from .people import DemoHousehold, DemoMember, generate

__all__ = ["COUNTY", "Area", "DemoCounty", "DemoHousehold", "DemoMember", "NotEmpty", "build", "generate", "read_areas"]
