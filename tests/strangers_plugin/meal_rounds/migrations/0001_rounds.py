"""Meal rounds: who gets a meal, and when the next one comes.

Why    The first step of this plugin.
What   One table; an index for the list at each level of place; the references, so that open rounds move
       with their household and are found when somebody asks what is held about them.
Back   Drop the table and its rows of the catalogue.
"""

from core.database import LEVELS, Run


async def forwards(run: Run) -> None:
    """Create the table."""
    await run(
        """CREATE TABLE meal_rounds_round (
            id UUID PRIMARY KEY NOT NULL,
            household UUID NOT NULL,
            city UUID,
            county UUID,
            town UUID,
            village UUID,
            need UUID NOT NULL,
            referral UUID NOT NULL,
            eater UUID,
            diet VARCHAR(16) COLLATE C NOT NULL,
            next_on DATE,
            meals INTEGER NOT NULL DEFAULT 0,
            state VARCHAR(16) NOT NULL DEFAULT 'planned',
            created_at TIMESTAMPTZ NOT NULL,
            changed_at TIMESTAMPTZ,
            changed_by UUID,
            CONSTRAINT meal_rounds_round_known_diet CHECK (diet IN ('plain', 'soft', 'halal')),
            CONSTRAINT meal_rounds_round_meals_are_counted CHECK (meals >= 0))""",
        *(f"CREATE INDEX meal_rounds_round_{level} ON meal_rounds_round ({level}, created_at, id)" for level in LEVELS),
        "CREATE INDEX meal_rounds_round_need ON meal_rounds_round (need)",
        "CREATE INDEX meal_rounds_round_household ON meal_rounds_round (household)",
    )
    await run.refer(
        "meal_rounds_round", "household", "household", open_when="state IN ('planned', 'running')", has_place=True
    )
    await run.refer("meal_rounds_round", "eater", "person", data_class="C3")
