# People with an account use pulumi; this file adds the sandbox and the checks.
STACK ?= dev
INSTANCE ?= $(STACK)
UI_PORT ?= 0
AWS_PORT ?= 0
JOB ?= heavy_computation_job

SANDBOX_BINARY := .sandbox/bin/sandbox
SANDBOX = $(SANDBOX_BINARY) -repo . -stack $(STACK) -instance $(INSTANCE) -ui-port $(UI_PORT) -aws-port $(AWS_PORT)
PYTHON ?= python3
VENVS := .sandbox/venv

.PHONY: help up preview status env demo logs destroy down check test test-end-to-end driver \
	lint-go lint-python test-program test-sandbox test-cloud test-example docs

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 18

up: driver ## deploy the stack onto an emulated AWS on this machine (STACK=dev, INSTANCE=STACK)
	@$(SANDBOX) up

preview: driver ## show what `make up` would change
	@$(SANDBOX) preview

status: driver ## which containers run, whether Dagster answers
	@$(SANDBOX) status

env: driver ## print export lines for AWS's tools and psql: eval "$$(make -s env)"
	@$(SANDBOX) env

demo: driver ## launch a run (JOB=...) and follow it to its end
	@$(SANDBOX) -job $(JOB) demo

logs: driver ## follow the logs of webserver, daemon and runs
	@$(SANDBOX) logs

destroy: driver ## delete the stack's resources, keep the sandbox
	@$(SANDBOX) destroy

down: driver ## remove the sandbox: containers, volumes, networks, state
	@$(SANDBOX) down

driver:
	@command -v go >/dev/null || { echo "error: Go 1.26 or later is not on PATH: install it from https://go.dev/dl" >&2; exit 1; }
	@mkdir -p $(dir $(SANDBOX_BINARY))
	@go -C sandbox build -o ../$(SANDBOX_BINARY) .

check: lint-go test-program test-sandbox lint-python test-cloud test-example ## the quick part of the tests

test: check test-end-to-end ## everything

lint-go:
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "not formatted by gofmt:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	go vet ./...
	cd sandbox && go vet ./... && go vet -tags e2e ./e2e
	cd sandbox/bridge && go vet ./...

test-program:
	go test ./...

test-sandbox:
	cd sandbox && go test ./...
	cd sandbox/bridge && go test ./...

$(VENVS)/cloud/done: sandbox/cloud/requirements.lock sandbox/cloud/requirements-dev.lock
	$(PYTHON) -m venv $(VENVS)/cloud
	$(VENVS)/cloud/bin/pip install -q --disable-pip-version-check --require-hashes --no-deps \
		-r sandbox/cloud/requirements-dev.lock
	touch $@

$(VENVS)/example/done: examples/asset-manager/requirements-dev.lock
	$(PYTHON) -m venv $(VENVS)/example
	$(VENVS)/example/bin/pip install -q --disable-pip-version-check --require-hashes --no-deps \
		-r examples/asset-manager/requirements-dev.lock
	touch $@

lint-python: $(VENVS)/cloud/done $(VENVS)/example/done
	cd sandbox/cloud && ../../$(VENVS)/cloud/bin/ruff check . && ../../$(VENVS)/cloud/bin/ruff format --check .
	cd examples/asset-manager && ../../$(VENVS)/example/bin/ruff check . ../../internal/dagsterconf/testdata \
		&& ../../$(VENVS)/example/bin/ruff format --check . ../../internal/dagsterconf/testdata

test-cloud: $(VENVS)/cloud/done
	cd sandbox/cloud && ../../$(VENVS)/cloud/bin/python -m pytest -q -p no:cacheprovider -m "not engine"

test-example: $(VENVS)/example/done
	cd examples/asset-manager && ../../$(VENVS)/example/bin/python -m pytest -q -p no:cacheprovider
	cd examples/asset-manager && ../../$(VENVS)/example/bin/python -m pytest -q -p no:cacheprovider \
		../../internal/dagsterconf/testdata

test-end-to-end: $(VENVS)/cloud/done
	cd sandbox && go test -tags e2e -count 1 -timeout 60m -v ./e2e

docs: ## write the generated documents
	go generate ./internal/config/...
