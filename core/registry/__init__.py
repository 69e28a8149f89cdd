"""The registry (登记): areas, people, organisations, households and who belongs to whom."""

from collections.abc import Iterable
from typing import Any

from core.access import shareable
from core.declarations import MenuItem, Permission, Term
from core.hookspecs import hookimpl
from core.texts import N_

from .codes import (
    CAUSE,
    DISABILITY_CATEGORY,
    DISABILITY_GRADE,
    ETHNICITY,
    HEALTH,
    RELATION,
    SEX,
    URBAN_RURAL,
)
from .holdings import held_about
from .importing import (
    Uploads,
    forget_uploads,
    import_file,
    orphan_uploads,
    unreadable_sentence,
    write_household_template,
)
from .organisations import BAD_CREDIT_CODE, add_organisation, organisation_names, organisations_of
from .places import NewArea, add_areas, read_area_list
from .queries import (
    Card,
    Member,
    area_by_code,
    area_names,
    areas_below,
    cards,
    household_list,
    members_of,
    place_of_village,
    places_of_towns,
)
from .routes import handlers
from .service import MOVES, PURPOSES, add_person, locked_household, move_household, reveal_number, reveal_phone, saw
from .tables import Area, Household, Organisation, Person
from .workbook import Unreadable
from .writing import NewHousehold, NewMember, add_households

__all__ = [
    "BAD_CREDIT_CODE",
    "CAUSE",
    "DISABILITY_CATEGORY",
    "DISABILITY_GRADE",
    "ETHNICITY",
    "HEALTH",
    "MOVES",
    "PURPOSES",
    "RELATION",
    "SEX",
    "URBAN_RURAL",
    "Area",
    "Card",
    "Household",
    "Member",
    "NewArea",
    "NewHousehold",
    "NewMember",
    "Organisation",
    "Person",
    "Unreadable",
    "Uploads",
    "add_areas",
    "add_households",
    "add_organisation",
    "add_person",
    "area_by_code",
    "area_names",
    "areas_below",
    "cards",
    "forget_uploads",
    "held_about",
    "household_list",
    "import_file",
    "locked_household",
    "members_of",
    "move_household",
    "organisation_names",
    "organisations_of",
    "orphan_uploads",
    "place_of_village",
    "places_of_towns",
    "read_area_list",
    "reveal_number",
    "reveal_phone",
    "saw",
    "unreadable_sentence",
    "write_household_template",
]

shareable("registry.see", "registry.reveal")
OFFICERS = ("county", "town")


@hookimpl
def provide_permissions() -> Iterable[Permission]:
    """Officers see, find, import, move; workers see what is shared with them."""
    return [
        Permission("registry.see", N_("see households"), (*OFFICERS, "worker", "supervisor", "auditor"), reads=True),
        Permission("registry.list", N_("see the list of households"), (*OFFICERS, "worker", "supervisor"), reads=True),
        Permission("registry.find", N_("find households by name or number"), OFFICERS, reads=True),
        Permission("registry.reveal", N_("see numbers in full, with a purpose"), (*OFFICERS, "worker"), reads=False),
        Permission("registry.add_organisation", N_("enter organisations"), ("county",)),
        Permission("registry.import", N_("import households from a workbook"), OFFICERS),
        Permission("registry.move", N_("write down that a household lives elsewhere"), OFFICERS),
    ]


@hookimpl
def provide_terms() -> Iterable[Term]:
    """Actions of the journal."""
    return [
        Term("registry.area_added", "action", N_("entered a place")),
        Term("registry.household_added", "action", N_("added the household")),
        Term("registry.household_changed", "action", N_("changed facts of the household")),
        Term("registry.household_moved", "action", N_("wrote down that the household moved")),
        Term("registry.household_left", "action", N_("wrote down that the household moved away")),
        Term("registry.organisation_added", "action", N_("entered an organisation")),
        Term("registry.imported", "action", N_("applied an import")),
        Term("registry.import_handed_in", "action", N_("handed in a workbook")),
        Term("registry.import_looked_again", "action", N_("had a workbook looked at again")),
        Term("registry.import_left", "action", N_("left an import")),
        Term("registry.workbook_removed", "action", N_("removed a workbook that nobody decided on or mended")),
        Term("registry_identity.number", "field", N_("document number")),
        Term("registry_household.phone", "field", N_("telephone number")),
        Term("registry_import.workbook", "field", N_("workbook with what is to be mended")),
        Term("mending", "purpose", N_("mending a workbook")),
        Term("application", "purpose", N_("an application")),
        Term("visit", "purpose", N_("a visit")),
        Term("referral", "purpose", N_("a referral")),
        Term("correction", "purpose", N_("correcting the record")),
        Term("complaint", "purpose", N_("a complaint")),
    ]


@hookimpl
def provide_menu() -> Iterable[MenuItem]:
    """Households, and the import."""
    return [
        MenuItem(N_("Households"), "/households", "household", "registry.list", order=10),
        MenuItem(N_("Import"), "/imports", "import", "registry.import", order=40),
    ]


@hookimpl
def provide_routes() -> Iterable[Any]:
    """List, page, find, reveal, move, import."""
    return handlers
