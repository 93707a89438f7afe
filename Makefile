# The commands a person needs. `make` alone explains them.
.DEFAULT_GOAL := help
SHELL := /bin/bash

UV_VERSION := 0.13.9
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
RUN := $(UV) run --no-sync
GET_UV := install --quiet --disable-pip-version-check uv==$(UV_VERSION)
# $(1): which part of it; `make run` needs no tools of ours, and removes none
sync = test -d .venv || echo "getting what the project needs into .venv (about 1 GB, once)"; \
  $(UV) sync --locked --all-packages $(1) $(if $(wildcard .venv),--quiet)
# one process more than there are cores, as a test waits now and then
processes := $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
parallel := --numprocesses=$(processes) --maxprocesses=5 --no-loadscope-reorder
interval ?= 20
host ?= http://127.0.0.1:8000
shape ?= users10

.PHONY: help setup check generate test test-fast test-faults test-notebooks test-tutorial test-browser browser \
	pictures docs run bench load clean \
	notebook streamlit gradio cluster-env cluster-up cluster-down cluster-logs cluster-console test-cluster docker \
	kubernetes-env kubernetes-up kubernetes-down kubernetes-status test-kubernetes

help: ## explain the commands
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.tools/bin/uv:
	@echo "uv is not on this machine: getting uv $(UV_VERSION) into .tools/ (nothing else changes)"
	@python3 -m venv --without-pip .tools && python3 -m pip --python .tools/bin/python $(GET_UV) 2>/dev/null \
	  || { python3 -m venv .tools && .tools/bin/python -m pip $(GET_UV); } \
	  || { echo "python3 cannot make a virtual environment: install python3-venv, or uv"; exit 1; }

setup: $(filter .tools/%,$(UV)) ## install what the project needs into .venv
	@$(call sync,)

run: $(filter .tools/%,$(UV)) ## the whole platform on this machine (datasets=NAME,NAME interval=SECONDS)
	@$(call sync,--no-dev --inexact)
	@$(RUN) relevo up --interval $(interval) $(if $(datasets),--dataset $(datasets))

notebook: $(filter .tools/%,$(UV)) ## JupyterLab on notebooks/, beside make run (state=FOLDER)
	@$(call sync,--inexact --no-dev --group notebooks)
	@RELEVO_STATE=$(abspath $(or $(state),.relevo)) $(RUN) jupyter lab --ip 127.0.0.1 \
	  $(if $(filter 0,$(shell id -u)),--allow-root) notebooks

streamlit: $(filter .tools/%,$(UV)) ## examples/streamlit_app.py on a pod (host=URL)
	@$(call sync,--inexact --no-dev --group examples)
	@$(RUN) streamlit run --server.address 127.0.0.1 --browser.gatherUsageStats false \
	  --client.toolbarMode minimal examples/streamlit_app.py -- $(host)

gradio: $(filter .tools/%,$(UV)) ## examples/gradio_app.py on a pod (host=URL)
	@$(call sync,--inexact --no-dev --group examples)
	@$(RUN) python examples/gradio_app.py $(host)

check: setup ## style, types, import rules, lock file, whatever is generated
	$(UV) lock --check
	$(RUN) ruff format --check .
	$(RUN) ruff check .
	$(RUN) mypy packages/*/src services/*/src aws/src cli/src local/src observability/src
	@set -e; for tests in packages/*/tests services/*/tests aws/tests cli/tests local/tests; do $(RUN) mypy $$tests; done
	$(RUN) mypy --explicit-package-bases tests benchmarks compose examples handbook load conftest.py
	$(RUN) lint-imports
	@set -e; for member in packages/* services/* aws cli local observability; do \
	  $(RUN) deptry --no-ansi --config $$member/pyproject.toml $$member/src; done
	$(RUN) python -m relevo_contracts.schemas --check
	$(RUN) python -m relevo_contracts.documentation --check
	$(RUN) python -m relevo_observability --check
	$(RUN) python -m handbook --check
	$(RUN) python -m handbook.links
	$(RUN) python -m load.rows --check
	$(RUN) cfn-lint aws/src/relevo_aws/template.yaml

generate: setup ## write schemas, dashboards and the generated documents anew
	$(RUN) python -m relevo_contracts.schemas
	$(RUN) python -m relevo_contracts.documentation
	$(RUN) python -m relevo_observability
	$(RUN) python -m handbook
	$(RUN) python -m load.rows

test: setup .tools/prometheus ## every test, with real servers and the whole platform
	$(RUN) pytest $(parallel) -m "not servers and not platform and not faults"
	$(RUN) pytest -m "servers or platform"

test-fast: setup ## the tests that need no server and take no seconds (under a minute)
	$(RUN) pytest $(parallel) -m "not servers and not platform and not slow and not faults"

test-faults: setup ## kills, outages, losses and repeats on a platform of small batches (25 minutes)
	$(RUN) pytest --numprocesses=2 -m faults tests

test-notebooks: $(filter .tools/%,$(UV)) ## notebooks/ and examples/ against the whole platform (three minutes)
	@$(call sync,--inexact --group notebooks --group examples)
	$(RUN) pytest tests/notebooks

test-tutorial: setup ## docs/tutorial.md, typed as written into a clone of the last commit
	$(RUN) pytest tests/tutorial

docs: $(filter .tools/%,$(UV)) ## docs/ as a site in .site/
	@$(call sync,--group docs)
	@$(RUN) zensical build --strict --clean
	@$(RUN) python -m handbook.built .site
	@echo "open file://$(CURDIR)/.site/index.html, or with search: python3 -m http.server --directory .site --bind 127.0.0.1 8088"

test-browser: browser ## the console's pages in a browser, against the whole platform (three minutes)
	$(RUN) pytest tests/browser

pictures: browser ## pictures of every page into docs/pictures/, beside make run (state=FOLDER)
	$(RUN) python -m tests.browser.pictures $(or $(state),.relevo)

browser: $(filter .tools/%,$(UV))
	@$(call sync,--inexact --group browser)
	@test -x /usr/bin/chromium || { test "$$(id -u)" = 0 && test -e /etc/debian_version \
	  && apt-get update -qq && apt-get install -qq --no-install-recommends chromium; } \
	  || { echo "no /usr/bin/chromium here: install Chromium (Debian: sudo apt-get install chromium)"; exit 1; }

.tools/prometheus:
	@observability/get-prometheus.sh

bench: setup browser ## measure what docs/performance.md claims
	$(RUN) python -m benchmarks

load: setup ## callers of /predict (host=URL shape=users10|users50|steps|spike model=NAME)
	@mkdir -p .load
	$(RUN) locust --locustfile load/locustfile.py --headless --only-summary --host $(host) \
	  --shape $(shape) $(if $(model),--model $(model)) --html .load/$(shape).html --csv .load/$(shape)

docker:
	@docker compose version >/dev/null 2>&1 && docker info >/dev/null 2>&1 || { \
		echo "no Docker engine with compose answers: install or start one (without Docker: make run)"; exit 1; }

cluster-env: ## write .secrets/ and .env: random secrets for the cluster, and production's checks
	@test ! -e .env -a ! -e .secrets || { echo ".env or .secrets is there already, and volumes may hold its secrets:"; \
		echo "remove all of them first (docker compose down --volumes)"; exit 1; }
	@! docker volume ls --quiet 2>/dev/null | grep -qx relevo_postgres || { \
		echo "the volumes of an earlier start hold its secrets, and would refuse new ones: either stay with those, or begin"; \
		echo "anew by 'docker compose down --volumes' (all batches and models are gone), and call this again"; exit 1; }
	@mkdir -m 700 .secrets && cd .secrets && random() { head -c $$1 /dev/urandom | base64 | tr '+/' '-_'; } && umask 022 && { \
		for name in postgres_password s3_secret_key registry_watcher_webhook_secret grafana_password; do random 24 > $$name; done; \
		random 32 > webhook_encryption_key; \
		echo "postgresql://relevo:$$(cat postgres_password)@postgres/catalog?sslmode=disable" > catalog_url; \
		printf 'relevo_%s' "$$(random 32 | tr -d =)" > relevo_api_key; mkdir keys; \
		printf '{"keys": [{"name": "platform", "scopes": ["predict", "read"], "sha256": "%s"}]}\n' \
			"$$(sha256sum < relevo_api_key | cut -c -64)" > keys/keys.json; \
		printf 'RELEVO_ENVIRONMENT=production\nRELEVO_SECRETS=./.secrets\n' > ../.env; \
		printf 'RELEVO_KEYS=./.secrets/keys\nAPI_KEYS_FILE=/keys/keys.json\n' >> ../.env; }
	@echo "wrote .secrets/ and .env; docker compose reads them by itself. Who else may ask the services gets a key by"
	@echo "  ./relevo keys new NAME --scope predict --file .secrets/keys/keys.json"

cluster-up: docker ## start or update the cluster on Docker (pods=5 profiles=console,observability,load)
	@$(if $(profiles),COMPOSE_PROFILES=$(profiles)) python3 -m compose $(if $(pods),--pods $(pods))

cluster-down: docker ## stop the cluster; its volumes stay
	@docker compose --profile '*' down

cluster-logs: docker ## what a service of the cluster logs (s=trainer)
	@docker compose logs --follow --tail 100 $(s)

cluster-console: docker ## Kafka's own console on a topic of the cluster (t=batch.raw)
	@docker compose exec kafka /opt/kafka/bin/kafka-console-consumer.sh \
		--bootstrap-server kafka:9092 --topic $(or $(t),batch.raw) --from-beginning \
		--formatter-property print.headers=true --formatter-property print.key=true

test-cluster: docker setup ## the scenarios of tests/cluster on Docker, then everything down
	$(RUN) pytest tests/cluster

kubernetes-env: ## keys and addresses of an overlay, into its platform.env (overlay=local)
	@kubernetes/deploy.sh env '$(overlay)'

kubernetes-up: setup ## an overlay into the cluster of kubectl, until it is ready (overlay=local)
	@$(RUN) kubernetes/deploy.sh up '$(overlay)'

kubernetes-down: setup ## an overlay out of the cluster again; its volumes stay (overlay=local)
	@$(RUN) kubernetes/deploy.sh down '$(overlay)'

kubernetes-status: setup ## what runs there, and what is not ready and why
	@$(RUN) kubernetes/deploy.sh status

test-kubernetes: setup ## the platform in a whole Kubernetes that runs on this machine (25 minutes)
	$(RUN) pytest tests/kubernetes

clean: ## remove what make setup and make run have made
	rm -rf .venv .tools .relevo .load .site .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
