"""The small county of `tests.core.needs.small_county`."""

from tests.core.needs.small_county import _core_alone, built, counted, county, plugin

__all__ = ["_core_alone", "built", "counted", "county", "plugin"]
