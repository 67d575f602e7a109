# Plumbline. `make help` lists what can be done; every target installs what it needs first.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# The newest Python that runs here and is at least 3.11; `make PYTHON=/path/to/python ...` overrides.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; break; }; done)
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
SOURCE := models quality connectors pipelines sandbox
CODE   := $(wildcard $(SOURCE) tests benchmarks examples)
WORKERS ?= 2
PORT   ?= 8700
SEED   ?= 1

# Nobody is told what runs here: dagster, dg, dlt and great_expectations report home unless told not to.
export DAGSTER_DISABLE_TELEMETRY := yes
export RUNTIME__DLTHUB_TELEMETRY := false
export GX_ANALYTICS_ENABLED := false
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONUNBUFFERED := 1

.PHONY: help install demo test test-fast check format ui sandbox exports generated revision lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  \033[1m%-10s\033[0m %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(STAMP) ## make the virtual environment from the lock (once; again when the lock changes)

# uv is five times faster where it is there; pip does the same from the same hashes where it is not, or
# where uv cannot reach the index that pip is set up with.
$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Plumbline needs Python 3.11 or newer on the PATH, or make PYTHON=..." >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@{ command -v uv >/dev/null && uv --version >/dev/null 2>&1 && \
	   UV_HTTP_RETRIES=1 uv pip install --quiet --compile-bytecode --python $(BIN)/python --no-deps --require-hashes -r requirements.lock; } || \
	 $(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo ui check: export DAGSTER_HOME := $(CURDIR)/dagster_home

demo: $(STAMP) ## run the main job on the demo company, sandbox included
	@$(BIN)/plumbline demo

test: $(STAMP) ## run all tests (WORKERS=2 processes)
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

test-fast: $(STAMP) ## run the tests that take less than five seconds each
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m "not slow"

check: $(STAMP) ## lint, types, architecture, definitions
	@$(BIN)/ruff format --check $(CODE)
	@$(BIN)/ruff check $(CODE)
	@$(BIN)/mypy
	@PYTHONPATH=. $(BIN)/lint-imports
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/dg check defs --no-check-yaml

format: $(STAMP) ## rewrite the code in the house's layout
	@$(BIN)/ruff format $(CODE)
	@$(BIN)/ruff check --fix $(CODE)

ui: $(STAMP) ## open Dagster on the demo company, with the sandbox beside it
	@$(BIN)/plumbline ui

sandbox: $(STAMP) ## serve the twins of all systems on loopback (PORT=8700 SEED=1)
	@$(BIN)/plumbline sandbox --port $(PORT) --seed $(SEED)

generated: $(STAMP) ## write the generated parts: what the contract found, the README table, the JSON Schema of stack.yml
	@$(BIN)/python -m tests.connectors.certify
	@$(BIN)/plumbline generate

exports: $(STAMP) ## run the example over real exports (needs the data folder, see examples/exports/stack.yml)
	@$(BIN)/python examples/exports/run.py

revision: $(STAMP) ## write the ledger's next revision from what its tables say (NAME=what_it_adds)
	@$(BIN)/python -m pipelines.ledger.migrations $(NAME)

lock: ## resolve the dependencies again and pin them with their hashes (needs uv)
	@uv pip compile --quiet --upgrade --universal --python-version 3.11 --all-extras --generate-hashes \
	  --no-strip-extras --no-emit-index-url --no-emit-find-links --no-header --output-file requirements.lock pyproject.toml

clean: ## remove what was built or run, the virtual environment included
	@rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find dagster_home -mindepth 1 ! -name dagster.yaml ! -name .gitignore -delete
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
