"""A small package of the tests' own: shifts with places, bookings and stays that never overlap, scoped notes."""
