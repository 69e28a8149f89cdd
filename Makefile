# Everything a newcomer types. Each target may be repeated; a second `make run` starts at once.
#   make run     set up, then serve a demo county at http://127.0.0.1:8000
#   make test    set up, then run every test (PostgreSQL comes up by itself, Chromium is installed if it can be)
#   make long    the same tests at their full sizes        make bench   print the benchmarks
#   make lint    style, types, borders between packages    make lock    choose versions anew (needs uv)
#   make texts   update the catalogues of words            make docs    update the generated pages

SHELL := /bin/bash
PORT ?= 8000
WORKERS ?= 2
UV ?= uv
BIN := .venv/bin
PY := $(BIN)/python
STAMP := .venv/.installed
# The first of these that is 3.11 or newer; empty when there is none.
PYTHON ?= $(shell for name in python3.11 python3 python; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$name"; break; }; done)
PIP := $(PY) -m pip --disable-pip-version-check install --quiet

help:
	@sed -n '1,/^$$/s/^# \{0,1\}//p' Makefile

setup: $(STAMP)
	@echo "Set up: $(BIN)/nuanliu"

$(STAMP): requirements.txt requirements-dev.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Nuanliu needs Python 3.11 or newer, as python3.11 or python3 on the PATH." >&2; exit 1; }
	@echo "Setting up .venv with $$($(PYTHON) --version) (one to two minutes the first time)"
	@test -x $(PY) || $(PYTHON) -m venv .venv || \
		{ echo "No virtual environment could be made; on Debian: apt install python3-venv" >&2; exit 1; }
	@echo "  installing what Nuanliu stands on (requirements.txt)"
	@$(PIP) --require-hashes -r requirements.txt
	@echo "  installing the tools of its tests (requirements-dev.txt)"
	@$(PIP) --require-hashes -r requirements-dev.txt
	@echo "  installing Nuanliu itself, as it stands in this folder"
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

run: $(STAMP)
	@echo "Preparing the demo county"
	@$(BIN)/nuanliu demo
	@$(BIN)/nuanliu serve --port $(PORT)

browser:
	@bash .ci/browser

test: $(STAMP) browser
	@echo "Running the tests, $(WORKERS) at a time, on SQLite and on PostgreSQL"
	@$(PY) -m pytest -q -n $(WORKERS) --dist loadfile

long: $(STAMP) browser
	@echo "Running the tests at their full sizes (this takes long)"
	@NUANLIU_LONG=1 $(PY) -m pytest -q -n $(WORKERS) --dist loadfile

bench: $(STAMP)
	@$(PY) -m benchmarks

lint: $(STAMP)
	@echo "ruff: faults and form" && $(BIN)/ruff check . && $(BIN)/ruff format --check .
	@echo "mypy: types" && $(BIN)/mypy
	@echo "import-linter: borders" && $(BIN)/lint-imports

texts: $(STAMP)
	@$(PY) -m core.texts

docs: $(STAMP)
	@$(BIN)/nuanliu draw
	@$(PY) -m tests.contract.public_face

# The lock names no host: whoever installs chooses where from.
LOCK = $(UV) pip compile --quiet --generate-hashes --no-emit-index-url --no-annotate --no-header --universal --python-version 3.11
wheel: $(STAMP)
	@$(PY) -m hatchling build -t wheel

lock:
	@command -v $(UV) >/dev/null || { echo "make lock needs uv (pip install uv), or say where it is: make lock UV=…" >&2; exit 1; }
	$(LOCK) requirements.in -o requirements.txt
	$(LOCK) requirements-dev.in -o requirements-dev.txt
	@! grep -nE "://|index-url|find-links" requirements.txt requirements-dev.txt

.PHONY: help setup run browser test long bench lint texts docs wheel lock
