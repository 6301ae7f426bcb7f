# The two commands of the README: `make run` and `make test`. Both build .venv from the hashed locks first.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

.PHONY: run test check format docs lock clean
.DEFAULT_GOAL := test

# The pip call and the editable install stay apart: hashes and editable installs don't mix in one call.
.venv/.run: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "omwatch needs Python 3.11 or newer; name one with make PYTHON=python3.12" >&2; exit 1; }
	@echo "building .venv from $< (once)" >&2
	$(PYTHON) -m venv .venv
	$(PIP) install --require-hashes --no-deps -r requirements.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: .venv/.run requirements-dev.txt
	@echo "adding the test and lint tools of requirements-dev.txt (once)" >&2
	$(PIP) install --require-hashes --no-deps -r requirements-dev.txt
	@touch $@

run: .venv/.run ## the dashboard over the sandbox, with three demonstration subscribers the first time
	@[ -e data/omwatch.db ] || $(BIN)/omwatch subscriber add ada@example.com grace@example.com linus@example.com
	@$(BIN)/omwatch

test: .venv/.dev ## every test
	$(BIN)/python -m pytest --numprocesses 2 --dist loadgroup

check: .venv/.dev ## lint, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: .venv/.dev ## the configuration reference, from the settings models
	$(BIN)/python -m omwatch.cli.reference > docs/configuration.md

# Needs uv on the PATH; the locks hold hashes and no index address.
lock:
	uv pip compile pyproject.toml --group build $(LOCK) --output-file requirements.txt
	uv pip compile pyproject.toml --group dev $(LOCK) --output-file requirements-dev.txt
LOCK := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet

clean:
	rm -rf .venv data .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
