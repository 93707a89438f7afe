# The commands a person needs. `make` alone explains them.
.DEFAULT_GOAL := help
SHELL := /bin/bash

UV_VERSION := 0.13.9
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
RUN := $(UV) run --no-sync
interval ?= 20
host ?= http://127.0.0.1:8000
shape ?= users10

.PHONY: help setup check generate test test-fast run bench load clean

help: ## explain the commands
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.tools/bin/uv:
	@echo "uv is not on this machine: getting uv $(UV_VERSION) into .tools/ (nothing else changes)"
	@python3 -m venv .tools || { echo "python3 cannot make a virtual environment: install python3-venv, or uv"; exit 1; }
	@.tools/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

setup: $(filter .tools/%,$(UV)) ## install what the project needs into .venv
	@test -d .venv || echo "getting what the project needs into .venv (about 1.2 GB, once)"
	@$(UV) sync --locked --all-packages $(if $(wildcard .venv),--quiet)

run: setup ## the whole platform on this machine (interval=SECONDS between batches)
	@$(RUN) relevo up --interval $(interval)

check: setup ## style, types, import rules, lock file, whatever is generated
	$(UV) lock --check
	$(RUN) ruff format --check .
	$(RUN) ruff check .
	$(RUN) mypy packages/*/src services/*/src cli/src local/src observability/src
	@set -e; for tests in packages/*/tests services/*/tests cli/tests local/tests; do $(RUN) mypy $$tests; done
	$(RUN) mypy --explicit-package-bases tests benchmarks load conftest.py
	$(RUN) lint-imports
	$(RUN) python -m relevo_contracts.schemas --check
	$(RUN) python -m relevo_contracts.documentation --check
	$(RUN) python -m relevo_observability --check
	$(RUN) python -m load.rows --check

generate: setup ## write schemas, dashboards and the generated documents anew
	$(RUN) python -m relevo_contracts.schemas
	$(RUN) python -m relevo_contracts.documentation
	$(RUN) python -m relevo_observability
	$(RUN) python -m load.rows

test: setup .tools/prometheus ## every test, with real servers and the whole platform
	$(RUN) pytest

test-fast: setup ## the tests that need no server (under a minute)
	$(RUN) pytest -m "not servers and not platform"

.tools/prometheus:
	@observability/get-prometheus.sh

bench: setup ## measure what docs/performance.md claims
	$(RUN) python -m benchmarks

load: setup ## callers of /predict (host=URL shape=users10|users50|steps|spike)
	@mkdir -p .load
	$(RUN) locust --locustfile load/locustfile.py --headless --only-summary --host $(host) \
	  --shape $(shape) --html .load/$(shape).html --csv .load/$(shape)

clean: ## remove what make setup and make run have made
	rm -rf .venv .tools .relevo .load .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
