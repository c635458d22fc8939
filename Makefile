# pdfkit: every task of a developer. `make help` lists them.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
PIP    := $(BIN)/pip install --quiet --disable-pip-version-check
UV     := $(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python
APT    := libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0
TESTS_APT := chromium poppler-utils cups cups-client cups-filters cups-ipp-utils dbus-daemon

# A command of which no library has kept bytecode takes three times as long.
export PYTHONDONTWRITEBYTECODE =

.DEFAULT_GOAL := help
# Install packages, or say the command that would.
apt = { command -v apt-get > /dev/null && \
	  if [ "$$(id -u)" = 0 ]; then sudo=; elif sudo -n true 2> /dev/null; then sudo=sudo; \
	  else echo "please run: sudo apt-get install -y $(1)"; exit 1; fi && \
	  $$sudo apt-get update -qq && $$sudo apt-get install -y -qq --no-install-recommends $(1) > /dev/null; }

.PHONY: help setup system browser leaflets check format test soak bench pictures sheets specimens lock clean

help:  ## Say what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

leaflets: setup  ## Render the whole library into dist/
	$(BIN)/pdfkit build

test: setup browser  ## Run every test
	$(BIN)/pytest

soak: setup browser  ## Run the long proofs whole: crashes, power cuts, injected errors, random edits, fuzzing (an hour or more)
	PDFKIT_SOAK=1 $(BIN)/pytest -m soak

check: setup  ## Format, lint, types, import directions, the library
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/pdfkit check

format: setup  ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup  ## Measure speed, beside its goals (SIZE=everyday, formats, small, usual, full, region-small, region or fresh)
	$(BIN)/python -m tests.bench $(SIZE)

setup: $(READY) system  ## Make the virtual environment with the locked dependencies

# uv takes 5 to 15 s of CPU on all cores for what takes pip 37 on one.
# pip does it where it has been told of an index, or uv fails.
# Both compile what they install, and we our own: a shell may forbid Python to keep bytecode, and then each command would.
$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "pdfkit needs Python 3.11 or newer: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	sed -n '/^uv==/,/[^\\]$$/p' requirements.lock | $(PIP) --require-hashes -r /dev/stdin
	! $(BIN)/pip config list | grep -q '[.]index-url=' && $(UV) --require-hashes -r requirements.lock || $(PIP) --require-hashes -r requirements.lock
	$(UV) --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q pdfkit_cli
	@touch $(READY)

system: $(READY)  ## Install the system libraries where they are missing and that is allowed
	@$(BIN)/pdfkit doctor > /dev/null 2>&1 || { $(call apt,$(APT)) && $(BIN)/pdfkit doctor > /dev/null; } || { $(BIN)/pdfkit doctor; exit 1; }

browser:  ## Install what the tests drive where it is missing: a browser, the second reader of PDF, printers and a print server
	@PATH="$$PATH:/usr/sbin"; (for one in chromium pdftoppm ippeveprinter cupsd lpadmin dbus-daemon; do command -v $$one > /dev/null || exit 1; done) || { $(call apt,$(TESTS_APT)); }
	@command -v chromium-headless-shell > /dev/null || ($(call apt,chromium chromium-headless-shell)) || echo "without chromium-headless-shell the tests take longer"

pictures: leaflets browser  ## Draw the pictures of README and docs anew
	$(BIN)/python docs/pictures/draw.py
	$(BIN)/python docs/pictures/desk.py
	$(BIN)/python docs/pictures/catalogue.py

sheets: leaflets  ## Count the sheets of each leaflet for docs/sheets.md
	$(BIN)/python docs/sheets.py

specimens: setup  ## Print the specimen of every language in every format, into build/specimens
	$(BIN)/pdfkit build --library tests/specimens --out build/specimens

lock: setup  ## Write requirements.lock anew from pyproject.toml
	$(BIN)/uv pip compile --quiet --all-extras --generate-hashes --python-version 3.11 --no-header --upgrade pyproject.toml -o requirements.lock

clean:  ## Remove what was made
	rm -rf dist build *.egg-info $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
