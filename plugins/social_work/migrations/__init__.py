"""Steps of the tables of service orders."""
