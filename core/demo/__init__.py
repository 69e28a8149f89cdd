"""The demo county: true places of Qingyuan District (青原区), invented people."""

from .areas import COUNTY, Area, read_areas
from .people import DemoHousehold, DemoMember, generate

__all__ = ["COUNTY", "Area", "DemoHousehold", "DemoMember", "generate", "read_areas"]
