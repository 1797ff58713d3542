# Two commands do everything: `make demo` and `make test`. The rest is for people who work on Bascule.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

.PHONY: schema first-reading crash help setup demo test lint fix bench bench-quality docs outsiders simulate surge clean screenshots system

help:
	@echo "make demo       60 people apply in a sandbox ATS; then play a whole hire (Ctrl-C ends it)"
	@echo "make test       every test, installing or starting what it needs"
	@echo "make setup      only the environment in $(VENV)"
	@echo "make lint fix   check, or mend, style and types"
	@echo "make bench      measure what we claim about speed, into bench/RESULTS.md"
	@echo "make bench-quality   measure what we claim about quality, into bench/QUALITY.md (needs labelled data in DATA)"
	@echo "make simulate   seeded runs of the whole engine under faults and crashes (SEEDS=300)"
	@echo "make surge      10,000 people apply within a minute, in virtual time (PEOPLE=10000)"
	@echo "make first-reading   read an account of 100,000 people while the process is killed (CANDIDATES=100000)"
	@echo "make schema      call every operation of the API with made up values, each 30 times"
	@echo "make docs       write the generated parts of the docs anew"

setup: $(VENV)/.runtime

$(VENV)/.runtime: pyproject.toml constraints.txt tools/environment.sh
	@PYTHON="$(PYTHON)" sh tools/environment.sh $(VENV)
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime
	@PYTHON="$(PYTHON)" sh tools/environment.sh $(VENV) dev
	@touch $@

demo: $(VENV)/.runtime
	@$(BIN)/bascule demo $(ARGS)

system: $(VENV)/.dev
	@sh tools/system_packages.sh $(BIN)

# Tests start many processes: what is compiled is kept, also where the environment would not have it.
test: export PYTHONDONTWRITEBYTECODE =
test: $(VENV)/.dev system
	@sh tests/outsiders/setup.sh
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal $(ARGS)

outsiders: $(VENV)/.dev
	@sh tests/outsiders/setup.sh
	@$(BIN)/python -m pytest tests/outsiders $(ARGS)

lint: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/basedpyright

fix: $(VENV)/.dev
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(VENV)/.dev
	@sh tests/outsiders/setup.sh
	@$(BIN)/python -m bench $(ARGS)

DATA ?= ../shared/data
bench-quality: $(VENV)/.dev
	@$(BIN)/python -m bench.quality --data $(DATA) $(ARGS)

SEEDS ?= 300
simulate: $(VENV)/.runtime
	@$(BIN)/bascule simulate --seeds $(SEEDS) --jobs $$(nproc 2>/dev/null || echo 2) $(ARGS)

crash: $(VENV)/.dev system
	@$(BIN)/python -m pytest tests/crash -m "long or not long" --timeout 3600 $(ARGS)

PEOPLE ?= 10000
surge: $(VENV)/.dev
	@$(BIN)/python -m tests.engine.surge $(PEOPLE)

CANDIDATES ?= 100000
first-reading: $(VENV)/.dev
	@$(BIN)/python -m tests.crash.reading $(CANDIDATES) 5

docs: $(VENV)/.dev
	@$(BIN)/python tools/docs.py

screenshots: $(VENV)/.dev system
	@$(BIN)/python -m tools.screenshots $(ARGS)

clean:
	rm -rf $(VENV) .outsiders build dist .pytest_cache .ruff_cache .hypothesis

schema: $(VENV)/.dev
	@BASCULE_SCHEMA_EXAMPLES=$(or $(EXAMPLES),30) $(BIN)/python -m pytest tests/server/test_schema.py $(ARGS)
