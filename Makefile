# `make demo` and `make test` do all their set-up. Python 3.11 to 3.13 is all that is needed.
.DEFAULT_GOAL := help
.PHONY: help setup demo serve stack test quick test-deep lint report check-domain bench lock proto reference schemas clean

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys, sqlite3, ssl, venv; sys.exit(not ((3, 11) <= sys.version_info < (3, 14) and sqlite3.sqlite_version_info >= (3, 37)))' \
	2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
READY := .venv/.ready
# A file's tests run in one process, so that what they share is started once; two files at a time: each
# starts processes of its own, and with four at a time two cores had a load of 15.
WORKERS ?= 2
SPREAD = -n $(WORKERS) --dist loadfile --no-loadscope-reorder
QUICK = tests/domain tests/runtime tests/projections/read_models
PYTHONS ?= 3.12 3.13
SEED ?= $(shell date +%s)

help: ## What can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## Make .venv and install everything from the lock

$(READY): requirements-dev.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Daybook needs Python 3.11 to 3.13 with SQLite 3.37 or newer: none was found on PATH"; exit 1; }
	@$(BIN)/python -c '' 2>/dev/null || $(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

demo: setup ## A day of a small shop, end to end (KEEP=1: stay up and print the URLs)
	$(BIN)/daybook demo $(if $(KEEP),--keep)

serve: setup ## Run the ledger on this machine
	$(BIN)/daybook serve

stack: setup ## All of production on this machine without Docker (KEEP=folder, INSTANCES=2)
	@$(BIN)/python -m tests.stack $(if $(KEEP),--keep $(KEEP)) $(if $(INSTANCES),--instances $(INSTANCES))

test: setup ## The lint and every test that a change must pass
	$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest -m "not deep" $(SPREAD) $(ARGS)

quick: setup ## Tests of the domain and the folds, for the hand: seconds
	$(BIN)/python -m pytest -q -m "not slow and not e2e and not deep" -k "not postgres" $(SPREAD) -n 2 $(QUICK) $(ARGS)

test-deep: setup ## What is too long for every change: larger counts, coverage, the other Pythons (SEED=n)
	@echo "the seed of this run: SEED=$(SEED)"
	$(BIN)/coverage erase
	DAYBOOK_TEST_DEEP=1 $(BIN)/coverage run -m pytest --hypothesis-seed=$(SEED) $(ARGS)
	@$(BIN)/coverage combine --quiet && $(BIN)/coverage report
	@for version in $(PYTHONS); do \
		python=$$($(BIN)/uv python find --no-python-downloads $$version) || exit 1; \
		echo "Python $$version: $$python"; \
		$(BIN)/uv venv --quiet --clear --python $$python .venv-$$version && \
		$(BIN)/uv pip install --quiet --python .venv-$$version --require-hashes -r requirements-dev.lock && \
		$(BIN)/uv pip install --quiet --python .venv-$$version --no-deps --no-build-isolation -e . && \
		.venv-$$version/bin/python -m pytest -m "not e2e and not deep" $(SPREAD) || exit 1; \
	done

lint: setup ## Style, types, import contracts and protocol files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m docs.protocol --check

report: setup ## The longest files and functions, as places to look at
	@$(BIN)/python -m tests.report

check-domain: setup ## The exhaustive search over small orders, longer (SECONDS_MAX=600)
	$(BIN)/python -m tests.domain.search --seconds $(or $(SECONDS_MAX),600)

bench: setup ## The figures of docs/benchmarks.md, each a ratio measured in this run
	$(BIN)/python -m benchmarks

proto: setup ## Write the protocol files of gRPC anew, from the registry, and their Python
	$(BIN)/python -m docs.protocol

reference: proto ## Write anew what is printed from the code: docs, examples, parts of deployment files
	$(BIN)/python docs/reference.py > docs/reference.md
	$(BIN)/python -m docs.settings > docs/settings.md
	$(BIN)/python -m api.graphql.schema
	$(BIN)/python -m docs.deployment
	$(BIN)/python -m docs.client
	$(BIN)/python -m tests.api.answers > answers.json.new && mv answers.json.new api/docs/answers.json
	$(BIN)/python -m tests.demo.day > day.ndjson.new && mv day.ndjson.new api/demo/day.ndjson

schemas: setup ## Write the JSON Schemas of the events, and the shapes of the read models, anew
	$(BIN)/python -m eventstore.record.schemas
	$(BIN)/python -m projections.schemas

lock: setup ## Resolve the dependencies anew, with hashes
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --upgrade -q -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --all-extras --group dev -c requirements.lock --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --upgrade -q -o requirements-dev.lock

clean: ## Remove what was made
	rm -rf .venv .venv-* .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage* *.egg-info
