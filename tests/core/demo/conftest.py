"""The house of core alone, as the small county's tests have it."""

from tests.core.needs.small_county import _core_alone, built

__all__ = ["_core_alone", "built"]
