"""shelf: shifts, bookings and stays that never overlap, notes of a place."""

from core.database import Run, no_overlap


async def forwards(run: Run) -> None:
    await run(
        """CREATE TABLE shelf_shift (
            id UUID PRIMARY KEY NOT NULL, code VARCHAR(16) COLLATE C, name VARCHAR(64) NOT NULL,
            capacity INTEGER NOT NULL, taken INTEGER NOT NULL DEFAULT 0,
            CONSTRAINT shelf_shift_never_overfull CHECK (taken BETWEEN 0 AND capacity))""",
        """CREATE TABLE shelf_booking (
            id UUID PRIMARY KEY NOT NULL, person VARCHAR(32) NOT NULL,
            shift UUID REFERENCES shelf_shift (id) ON DELETE RESTRICT,
            starts TIMESTAMPTZ NOT NULL, ends TIMESTAMPTZ,
            cancelled BOOLEAN NOT NULL DEFAULT FALSE, CHECK (ends > starts))""",
        """CREATE TABLE shelf_stay (
            id UUID PRIMARY KEY NOT NULL, bed VARCHAR(32) NOT NULL, from_on DATE NOT NULL, until_on DATE)""",
        """CREATE TABLE shelf_note (
            id UUID PRIMARY KEY NOT NULL, household UUID NOT NULL, city UUID, county UUID, town UUID, village UUID,
            words VARCHAR(64) NOT NULL, picture BYTES, done BOOLEAN NOT NULL DEFAULT FALSE)""",
        *no_overlap(run.engine_type, "shelf_booking", ["person"], "starts", "ends", live="NOT {row}cancelled"),
        *no_overlap(run.engine_type, "shelf_stay", ["bed"], "from_on", "until_on", of="days"),
    )
    await run.refer("shelf_note", "household", "household", data_class="C3", open_when="NOT done", has_place=True)
