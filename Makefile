# Muniment. `make` lists what there is to make; settings stand after it: make serve PORT=9000

PORT ?= 8080
DATA ?= ./var
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
PYTEST := $(BIN)/python -m pytest
CODE := domain projections api scripts tests docs/hooks.py

.DEFAULT_GOAL := help
.PHONY: help serve test soak demo bench docs lint lock clean browser nginx postgresql

help: ## List what can be made.
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

serve: .venv/installed ## Install and run the service. PORT=8080 DATA=./var
	@exec $(BIN)/muniment serve --data "$(DATA)" --port "$(PORT)"

test: .venv/installed-dev lint browser nginx ## Check style and types, run all tests but the long forms.
	$(PYTEST) --numprocesses 2 --dist loadfile --no-loadscope-reorder -m "not soak and not alone"
	$(PYTEST) -m "alone and not soak"

soak: .venv/installed-dev postgresql ## Run the long forms of the tests.
	$(PYTEST) -m soak

demo: .venv/installed ## Load records into the running service. PORT=8080 DATA=./var
	@exec $(BIN)/muniment demo --data "$(DATA)" --port "$(PORT)"

bench: .venv/installed-dev ## Measure against the floors; prints one table.
	@exec $(BIN)/python -m scripts.bench

docs: .venv/installed-dev ## Build the guide into build/docs.
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet --config-file docs/mkdocs.yml

lint: .venv/installed-dev ## Check style and types.
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/mypy

lock: .venv/installed-dev ## Pin every dependency again, newest versions.
	$(BIN)/uv pip compile pyproject.toml -o requirements.lock $(LOCKED)
	$(BIN)/uv pip compile pyproject.toml -o requirements-dev.lock --group dev --group clients --group docs $(LOCKED)

clean: ## Remove the environment and what tools left; data stays.
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find $(CODE) -name __pycache__ -prune -exec rm -rf {} +

# One lock for Python 3.11 to 3.13 on every platform; it names no address.
LOCKED := --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-header --no-emit-index-url --no-emit-find-links

.venv/installed: requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing Muniment into .venv ..." >&2
	$(PIP) --no-deps -r requirements.lock
	$(PIP) --no-deps --editable .
	@touch $@

.venv/installed-dev: requirements-dev.lock .venv/installed
	@echo "Installing what the tests need ..." >&2
	$(PIP) --no-deps -r requirements-dev.lock
	@touch $@

# Pages are tried in Debian's Chromium. Without it their tests are skipped, and say so.
browser:
	@command -v chromium >/dev/null || { test "$$(id -u)" = 0 && \
		echo "Installing Chromium for the tests of pages ..." >&2 && apt-get update -q >/dev/null && \
		apt-get install -qy --no-install-recommends chromium >/dev/null; } || \
		echo "No Chromium can be had here: the tests of pages in a browser are skipped." >&2

# The example of a proxy is tried with Debian's nginx, so too.
nginx:
	@command -v nginx >/dev/null || { test "$$(id -u)" = 0 && \
		echo "Installing nginx for the tests of its example ..." >&2 && apt-get update -q >/dev/null && \
		apt-get install -qy --no-install-recommends nginx >/dev/null; } || \
		echo "No nginx can be had here: the tests of its example are skipped." >&2

# The move to another PostgreSQL is tried from Debian's, which is an earlier one, so too.
postgresql:
	@ls /usr/lib/postgresql/1[567]/bin/initdb >/dev/null 2>&1 || { test "$$(id -u)" = 0 && \
		echo "Installing an earlier PostgreSQL for the tests of upgrades ..." >&2 && \
		apt-get update -q >/dev/null && \
		apt-get install -qy --no-install-recommends postgresql >/dev/null; } || \
		echo "No earlier PostgreSQL can be had here: the tests of real upgrades are skipped." >&2

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Muniment needs Python 3.11 or newer." >&2; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; test "$$(id -u)" = 0 && \
		apt-get update -q >&2 && apt-get install -qy python3-venv >&2 && $(PYTHON) -m venv .venv; }
