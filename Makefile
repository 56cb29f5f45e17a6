# Everything a newcomer types: `make run` and `make test` do all the set-up themselves.
PYTHON ?= python3
BIN := .venv/bin
WANTED := (3, 11) <= sys.version_info[:2] <= (3, 13)

.PHONY: run test lint bench audit sbom setup lock

run: setup
	$(BIN)/saphan serve --open

test: setup
	$(BIN)/python -m pytest -n auto $(ARGS)

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup
	$(BIN)/python -m tests.benchmarks $(if $(DATA),--data $(DATA))

audit: setup
	$(BIN)/python .ci/audit.py

sbom: setup
	@mkdir -p dist
	$(BIN)/python .ci/sbom.py dist/saphan.cdx.json

setup: .venv/ready

.venv/ready: constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if $(WANTED) else 1)' || \
	  { echo "Saphan needs Python 3.11, 3.12 or 3.13; $(PYTHON) is $$($(PYTHON) -V 2>&1). Try: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# For maintainers: needs uv on the PATH.
lock:
	uv pip compile --universal --generate-hashes --no-header --no-annotate --python-version 3.11 \
	  --group dev --extra semantic pyproject.toml -o constraints.txt
