# Setroom: everything that is done from the command line. `make help` says what.

PORT ?= 8000
DATA_DIR ?= .setroom
DEMO ?= 1
PYTHON ?= python3
# Processes that run tests side by side.
WORKERS ?= auto
# Nights of a simulation, processes for them (0: one per core), and a single night to have again.
SEEDS ?= 1000
JOBS ?= 0
SEED ?=

LOCK_FLAGS := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command 'make lock'

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory --no-builtin-rules

BIN := .venv/bin
CLIENT_SOURCES := $(shell find clients -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)

## run     start Setroom and its demo show; Ctrl-C stops it   (PORT=8000 DATA_DIR=.setroom DEMO=1|0)
.PHONY: run
run: build
	@exec $(BIN)/setroom up --port '$(PORT)' --data-dir '$(DATA_DIR)' $(if $(filter 0 no false,$(DEMO)),--no-demo,--demo)

## test    run every test, with real stores, a real browser and a real proxy
.PHONY: test
test: build
	@deploy/test-tools.sh
	@cd clients && npm test --silent
	@$(BIN)/pytest -q -n '$(WORKERS)' --dist loadfile --no-loadscope-reorder $(ARGS)

## check   formatting, lint, types, who may import whom, generated files; changes nothing
.PHONY: check
check: .build/environment .build/node_modules
	@$(BIN)/ruff format --check --quiet . || { echo "run 'make format'"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m server.schemas --check
	@cd clients && npm run check --silent

## bench   measure, and print the tables of docs/benchmarks.md
.PHONY: bench
bench: build
	@$(BIN)/python -m loadtests.bench $(ARGS)

## simulate  nodes, phones, log, bus and clock in one process, by seed   (SEEDS=1000 JOBS=0 | SEED=7 ARGS=--trace)
.PHONY: simulate
simulate: .build/environment
	@$(BIN)/python -m tests.simulation $(if $(SEED),--seed '$(SEED)',--seeds '$(SEEDS)' --jobs '$(JOBS)') $(ARGS)

## load    load a server and judge it   (SCENARIO=show-night URL=… ARGS=…; without URL one of its own)
.PHONY: load
load: build
	@$(BIN)/python -m loadtests $(or $(SCENARIO),--help) $(if $(URL),--url '$(URL)') $(ARGS)

## build   only what run and test begin with: Python environment and clients
.PHONY: build
build: .build/environment .build/clients

## format  put every Python file into its shape
.PHONY: format
format: .build/environment
	@$(BIN)/ruff check --quiet --fix-only . ; $(BIN)/ruff format --quiet .

## rehearse  run the Dockerfile by hand, step by step, as an ordinary user
.PHONY: rehearse
rehearse:
	@$(PYTHON) deploy/rehearse.py

## lock    bring both lock files up to date with pyproject.toml
.PHONY: lock
lock:
	@$(BIN)/uv pip compile -q pyproject.toml --extra dev $(LOCK_FLAGS) -o requirements.lock
	@$(BIN)/uv pip compile -q pyproject.toml --extra image --constraint requirements.lock $(LOCK_FLAGS) -o deploy/requirements.lock

## clean   remove what was built; the data folder stays
.PHONY: clean
clean:
	rm -rf .venv .build artefacts .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache *.egg-info
	rm -rf clients/node_modules clients/*/node_modules clients/*/dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

## help    this list
.PHONY: help
help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

.build/prerequisites: deploy/prerequisites.sh
	@deploy/prerequisites.sh '$(PYTHON)'
	@mkdir -p .build && touch $@

# One stamp per step: what is up to date costs nothing at the next start.
.build/environment: requirements.lock pyproject.toml deploy/environment.sh | .build/prerequisites
	@echo "· making the Python environment"
	@deploy/environment.sh '$(PYTHON)'
	@touch $@

.build/node_modules: clients/package-lock.json | .build/prerequisites
	@echo "· fetching the clients' packages"
	@cd clients && npm ci --silent --no-audit --no-fund
	@mkdir -p .build && touch $@

.build/clients: .build/node_modules $(CLIENT_SOURCES)
	@echo "· building the clients"
	@cd clients && npm run build --silent
	@touch $@
