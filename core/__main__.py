"""`python -m core` is `nuanliu`."""

from .cli import main

main()
