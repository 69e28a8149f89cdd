"""Run every benchmark of this folder, one after another: `make bench` or `python -m benchmarks [name …]`."""

import runpy
import sys
from pathlib import Path

here = Path(__file__).parent
wanted = sys.argv[1:]
for file in sorted(here.glob("*.py")):
    if file.name.startswith("__") or (wanted and file.stem not in wanted):
        continue
    print(f"── {file.stem} ──", flush=True)
    sys.argv = [str(file)]
    runpy.run_path(str(file), run_name="__main__")
