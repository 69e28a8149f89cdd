"""Pages of the import (being written)."""

from typing import Any

import_handlers: list[Any] = []
