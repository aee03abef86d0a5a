# khaosat: everything a person does with a checkout. `make help` lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
SEED ?= 2022

.PHONY: help demo test check format lint imports types i18n install clean bench wheel attack bench-coverage fuzz differential mutants

help: ## list what can be made
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

demo: .venv/installed ## the survey of Bình Phước 2022 from plan to index, then serve it
	$(BIN)/khaosat demo --dir demo --seed $(SEED)

install: .venv/installed ## build .venv and install khaosat into it

.venv/installed: setup.cfg constraints.txt scripts/bootstrap
	@scripts/bootstrap $(PYTHON)

.venv/installed-test: .venv/installed scripts/bootstrap-test
	@scripts/bootstrap-test

test: .venv/installed-test ## install what tests need, the browser included, and run all tests
	$(BIN)/python -m pytest -n 2 --dist loadgroup

check: .venv/installed-test format-check lint imports types i18n-check test ## everything a commit must pass

format-check:
	$(BIN)/ruff format --check .

format: .venv/installed-test ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: .venv/installed-test ## ruff and spelling
	$(BIN)/ruff check .
	$(BIN)/codespell

imports: .venv/installed-test ## the walls between the rooms
	$(BIN)/lint-imports

types: .venv/installed-test ## mypy, strict
	$(BIN)/mypy

i18n: .venv/installed-test ## extract messages, update and compile the catalogue
	$(BIN)/python scripts/catalogue update

i18n-check: .venv/installed-test
	$(BIN)/python scripts/catalogue check

wheel: .venv/installed-test ## build the wheel
	$(BIN)/python -m build --wheel

bench: .venv/installed-test ## measure, as ratios in one run
	$(BIN)/python benchmarks/run.py

bench-coverage: .venv/installed-test ## how often the index's intervals and bands are right (2 minutes)
	$(BIN)/python benchmarks/index_coverage.py

attack: .venv/installed-test ## the re-linking attack alone, on both databases
	$(BIN)/python -m pytest tests/survey/test_relinking.py -n 0

differential: .venv/installed-test ## Python's and the browser's skip logic on 1,000,000 random cases
	$(BIN)/python -m tests.questionnaires.twins

mutants: .venv/installed-test ## mutate both skip-logic evaluators and run their tests (needs Node)
	scripts/mutants

fuzz: .venv/installed-test ## corrupt 20,000 questionnaires; the suite tries 1,000
	KHAOSAT_FUZZ=20000 $(BIN)/python -m pytest tests/questionnaires/test_fuzz.py -n 2 --timeout 7200

clean: ## remove what make built; the demo's data too
	rm -rf .venv demo build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
