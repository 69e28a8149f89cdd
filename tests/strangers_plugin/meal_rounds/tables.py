"""The rounds."""

from piccolo.columns import UUID, Date, Integer, Varchar
from piccolo.constraints import Check

from core.database import DataClass, HouseholdRef, Id, Instant, Key, PersonRef, ScopedTable

STILL_OPEN = "state IN ('planned', 'running')"


class Round(ScopedTable, tablename="meal_rounds_round"):
    """Meals for one household, until it can cook again (送餐服务)."""

    id = Id()
    household = HouseholdRef(open_when=STILL_OPEN)
    city = UUID(default=None, null=True)
    county = UUID(default=None, null=True)
    town = UUID(default=None, null=True)
    village = UUID(default=None, null=True)
    need = UUID(default=None)
    referral = UUID(default=None)
    eater = PersonRef(null=True, data_class=DataClass.C3)
    diet = Key(length=16, help_text="plain | soft | halal")
    next_on = Date(default=None, null=True, help_text="local day of the next meal; NULL when none is planned")
    meals = Integer(default=0, help_text="brought so far")
    state = Varchar(length=16, default="planned")
    created_at = Instant()
    changed_at = Instant(null=True)
    changed_by = UUID(default=None, null=True)

    known_diet = Check("diet IN ('plain', 'soft', 'halal')")
    meals_are_counted = Check("meals >= 0")
