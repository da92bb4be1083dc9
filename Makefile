# People with an account use pulumi; this file adds the sandbox and the checks.
INSTANCE ?= default
UI_PORT ?= 0
AWS_PORT ?= 0
JOB ?= heavy_computation_job
PROJECT ?=

SANDBOX_BINARY := .sandbox/bin/sandbox
# Without STACK the sandbox decides.
SANDBOX = $(SANDBOX_BINARY) -repo . $(if $(filter-out undefined,$(origin STACK)),-stack "$(STACK)") -instance "$(INSTANCE)" -ui-port "$(UI_PORT)" -aws-port "$(AWS_PORT)" -project "$(PROJECT)"
PYTHON ?= python3
VENVS := .sandbox/venv
GATES := .sandbox/gates
E2E_LOG := .sandbox/e2e.log
# A test of the program is mostly linked, and half of that is for a debugger.
export GOFLAGS := $(strip $(shell go env GOFLAGS 2>/dev/null) -ldflags=-w)
# Python that runs beside the example's Dagster
DAGSTER_SCRIPTS := ../../internal/dagsterconf/testdata ../../components/configuration ../../components/migration \
	../../components/daemon ../../components/internal/imagecheck ../../components/runlauncher ../../components/webserver \
	../../sandbox/reach ../../components/alarms ../../components/maintenance
# Python that tests of the monitor hand to the example's Dagster
MONITOR_SCRIPTS := ../../functions/monitor/testdata

.PHONY: help up preview preview-comment status env shell demo logs doctor destroy down plan deploy drift image pin-image release named check test test-end-to-end test-twice test-scaling test-retention doctor-drill reliability \
	mutants alarms reach dashboard gates lint-go lint-python lint-workflows test-tools test-program test-sandbox test-cloud test-example docs python

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/; s/\$$\$$/$$/g' | expand -t 18
	@echo 'STACK=prod names the stack where a sandbox has several, INSTANCE=mine another sandbox'

up: $(SANDBOX_BINARY) ## deploy STACK=dev onto an emulated AWS on this machine, beside others of INSTANCE=default
	@$(SANDBOX) up

preview: $(SANDBOX_BINARY) ## print a summary of what `make up` would change; FULL=1 prints every property
	@$(SANDBOX) $(if $(FULL),-full="$(FULL)") preview

preview-comment: $(SANDBOX_BINARY) ## the same as the comment that a pull request gets
	@$(SANDBOX) preview-comment

status: $(SANDBOX_BINARY) ## which containers run (podman ps does not show them), whether each stack answers
	@$(SANDBOX) status

env: $(SANDBOX_BINARY) ## print export lines for aws, psql and pulumi: eval "$$(make -s env)"
	@$(SANDBOX) env

shell: $(SANDBOX_BINARY) ## open a shell in which aws, psql, pulumi and make work on the sandbox
	@$(SANDBOX) shell

demo: $(SANDBOX_BINARY) ## launch a run (JOB=heavy_computation_job) and follow it to its end
	@$(SANDBOX) -job "$(JOB)" demo

logs: $(SANDBOX_BINARY) ## follow the logs of webserver, daemon and runs
	@$(SANDBOX) logs

doctor: $(SANDBOX_BINARY) ## look at the stack and name what is wrong; on one in an account: go run ./doctor -stack prod
	@environment="$$($(SANDBOX) env)" && eval "$$environment" && go run ./doctor -database "$$PGHOST:$$PGPORT"

destroy: $(SANDBOX_BINARY) ## delete the stack's resources, keep the sandbox and its other stacks
	@$(SANDBOX) destroy

down: $(SANDBOX_BINARY) ## remove the sandbox with all stacks: containers, volumes, networks, state
	@$(SANDBOX) down

# A folder is newer when a file came or went.
$(SANDBOX_BINARY): sandbox sandbox/go.mod sandbox/go.sum $(wildcard sandbox/*.go) $(shell find internal sandbox/internal -not -name '*_test.go')
	@command -v go >/dev/null || { echo "error: Go 1.26 or later is not on PATH: install it from https://go.dev/dl" >&2; exit 1; }
	@mkdir -p $(dir $@)
	@go -C sandbox build -o ../$@ . && touch $@

# What a pipeline does to a stack in an account: by the credentials and the state of whoever calls, in `make shell` by the sandbox's.
DELIVERY := .delivery
EVENTS = $(abspath $(DELIVERY))/$(STACK).json
REVIEWED ?=
SMOKE ?=

named:
	@test -n "$(STACK)" || { echo "error: STACK is needed: the name of a stack" >&2; exit 1; }
	@mkdir -p $(DELIVERY)

# A preview saves no state, and without checkpoints the engine does not write one after each resource either.
plan: named ## preview STACK in your account: the comment of a pull request, and the plan's digest, in .delivery
	@rm -f "$(EVENTS)"; PULUMI_SKIP_CHECKPOINTS=true PULUMI_DEBUG_COMMANDS=true pulumi preview --stack "$(STACK)" --non-interactive --event-log "$(EVENTS)" || failed=$$?; \
		go run ./preview -stack "$(STACK)" -events "$(EVENTS)" > $(DELIVERY)/$(STACK).md && \
		go run ./preview -stack "$(STACK)" -events "$(EVENTS)" -digest > $(DELIVERY)/$(STACK).digest && exit $${failed:-0}

deploy: plan ## deploy STACK to your account, if its plan is still REVIEWED=digest; then run the job SMOKE=name
	@$(if $(REVIEWED),go run ./preview -stack "$(STACK)" -events "$(EVENTS)" -reviewed "$(REVIEWED)")
	pulumi up --stack "$(STACK)" --yes --skip-preview --non-interactive \
		--message "$$(git rev-parse HEAD), plan $$(cat $(DELIVERY)/$(STACK).digest)"
	$(if $(SMOKE),go run ./tunnel -stack "$(STACK)" run "$(SMOKE)")

# What is inside of the database is left out: it takes a way in.
drift: named ## compare STACK in your account with its state; a difference is an error
	@pulumi refresh --stack "$(STACK)" --preview-only --expect-no-changes --diff --non-interactive \
		--exclude '**dagster-ecs:roles:Roles**' > $(DELIVERY)/$(STACK).drift 2>&1; ended=$$?; \
		cat $(DELIVERY)/$(STACK).drift; exit $$ended

image: ## build and push examples/asset-manager as REPOSITORY:TAG, and wait for the scan; what is critical is an error
	@tools/push-image.sh "$(REPOSITORY)" "$(TAG)" examples/asset-manager $(DELIVERY)/image

pin-image: ## write IMAGE into the stacks' files
	@test -n "$(IMAGE)" || { echo "error: IMAGE is needed: repository:tag@digest" >&2; exit 1; }
	@sed -i -E 's#^(  dagster:image: ).*#\1$(IMAGE)#' $(wildcard Pulumi.*.yaml)

release: ## write the archive of TAG, its checksum and its part of the changelog into .delivery
	@tools/release.sh "$(TAG)" $(DELIVERY)

.DEFAULT:
	@echo "error: target $@ is unknown: \`make help\` lists them" >&2; exit 1

check: lint-go gates lint-workflows test-tools test-program test-sandbox lint-python test-cloud test-example ## the quick part of the tests

test: check test-end-to-end ## everything

lint-go:
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "not formatted by gofmt:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	go vet ./...
	cd sandbox && go vet ./... && go vet -tags e2e,twice,scaling,retention,alarms,drill,reliability ./e2e
	cd sandbox/bridge && go vet ./...
	cd tools && go vet ./...
	cd functions/monitor && go vet -tags dagster ./...
	cd functions/hours && go vet ./...
	cd examples/embedded && go vet ./...

# The programs of the gates, pinned in tools/go.mod
$(GATES)/done: tools/go.mod tools/go.sum $(wildcard tools/*/*.go)
	@echo "gates: building their programs"
	@mkdir -p $(GATES)
	@go -C tools build -o ../$(GATES)/ tool && touch $@

gates: $(GATES)/done ## hold to sizes, names, spelling and exports that have a user
	@echo "gates: sizes and names in Go (tools/revive.toml)"
	@$(GATES)/revive -config tools/revive.toml ./... $$(git grep -l '^//go:build' -- '*.go')
	@echo "gates: exports that lead nowhere (tools/unused)"
	@$(GATES)/unused -except tools/unused-allowed -tags e2e,engine,twice,scaling,retention,alarms,drill,reliability . sandbox sandbox/bridge tools functions/monitor functions/hours
	@echo "gates: types that other modules cannot name (tools/nameable)"
	@$(GATES)/nameable ./components/... ./outputs
	@echo "gates: sizes of Python files"
	@awk 'FNR == 401 { print FILENAME ": has more than 400 lines"; long = 1 } END { exit long }' $$(git ls-files '*.py')
	@# AWS itself writes specifed and Prohibitted.
	@echo "gates: spelling, as in the United States"
	@awk -f tools/words.awk $$(git ls-files '*.go' '*.py' '*.md' '*.yaml' Makefile) \
		| $(GATES)/misspell -error -locale US -i analyse,specifed,prohibitted -f '{{ .FullLine }}	"{{ .Original }}" should be "{{ .Corrected }}"'

test-tools:
	cd tools && go test ./...

test-program:
	go test ./...
	cd functions/monitor && go test ./...
	cd functions/hours && go test ./...

test-sandbox:
	cd sandbox && go test ./...
	cd sandbox/bridge && go test ./...

python:
	@command -v $(PYTHON) >/dev/null || { echo "error: Python 3.11 or later is not on PATH: install it, or name it by PYTHON" >&2; exit 1; }

$(VENVS)/cloud/done: sandbox/cloud/requirements.lock sandbox/cloud/requirements-dev.lock | python
	$(PYTHON) -m venv $(VENVS)/cloud
	$(VENVS)/cloud/bin/pip install -q --disable-pip-version-check --require-hashes --no-deps \
		-r sandbox/cloud/requirements-dev.lock
	touch $@

$(VENVS)/example/done: examples/asset-manager/requirements-dev.lock | python
	$(PYTHON) -m venv $(VENVS)/example
	$(VENVS)/example/bin/pip install -q --disable-pip-version-check --require-hashes --no-deps \
		-r examples/asset-manager/requirements-dev.lock
	touch $@

$(VENVS)/tools/done: tools/requirements.lock | python
	$(PYTHON) -m venv $(VENVS)/tools
	$(VENVS)/tools/bin/pip install -q --disable-pip-version-check --require-hashes --no-deps -r tools/requirements.lock
	touch $@

lint-workflows: $(GATES)/done $(VENVS)/tools/done
	@echo "gates: workflows (actionlint, zizmor)"
	@$(GATES)/actionlint
	@$(VENVS)/tools/bin/zizmor --offline --quiet .github

lint-python: $(VENVS)/cloud/done $(VENVS)/example/done
	cd sandbox/cloud && ../../$(VENVS)/cloud/bin/ruff check . && ../../$(VENVS)/cloud/bin/ruff format --check .
	cd examples/asset-manager && ../../$(VENVS)/example/bin/ruff check . ../policy-pack $(DAGSTER_SCRIPTS) $(MONITOR_SCRIPTS) \
		&& ../../$(VENVS)/example/bin/ruff format --check . ../policy-pack $(DAGSTER_SCRIPTS) $(MONITOR_SCRIPTS)

test-cloud: $(VENVS)/cloud/done
	cd sandbox/cloud && ../../$(VENVS)/cloud/bin/python -m pytest -q -p no:cacheprovider -m "not engine"

test-example: $(VENVS)/example/done
	cd examples/asset-manager && ../../$(VENVS)/example/bin/python -m pytest -q -p no:cacheprovider
	cd examples/asset-manager && ../../$(VENVS)/example/bin/python -m pytest -q -p no:cacheprovider $(DAGSTER_SCRIPTS)
	cd functions/monitor && DAGSTER_PYTHON=../../$(VENVS)/example/bin/python go test -tags dagster -count 1 ./...

test-end-to-end: $(VENVS)/cloud/done
	cd sandbox && go test -tags engine -count 1 ./internal/engine ./internal/images
	@# Three at a time: each waits for its provider most of the time, also on two cores.
	@# What failed is said once more at the end: before it is the progress of half an hour.
	cd sandbox && bash -o pipefail -c 'go test -tags e2e -count 1 -parallel 3 -timeout 75m -v ./e2e 2>&1 | tee ../$(E2E_LOG)' \
		|| { grep -E '^ *--- FAIL|_test\.go:[0-9]+: |^ +(E  |FAILED)' ../$(E2E_LOG) | grep -v ': run '; exit 1; }

test-twice: ## destroy prod and build it again, twice, under the same names (half an hour)
	cd sandbox && go test -tags e2e,twice -count 1 -timeout 90m -v -run TestProductionStackIsDestroyedAndBuiltAgainTwice ./e2e

test-scaling: ## scale a stack by load, let it sleep and wake by a moved clock (a quarter of an hour)
	cd sandbox && go test -tags e2e,scaling -count 1 -timeout 60m -v -run TestAStackScalesWithItsLoadAndSleepsOutsideOfItsHours ./e2e

test-retention: ## clean a history of 100,000 runs while the UI answers (half an hour)
	cd sandbox && go test -tags e2e,retention -count 1 -timeout 120m -v -run TestALongHistoryIsCleanedWhileTheUIAnswers ./e2e

doctor-drill: ## break a stack of the sandbox in the ways that the doctor knows, which it must name (a quarter of an hour)
	cd sandbox && go test -tags e2e,drill -count 1 -timeout 60m -v -run TestTheDoctorNamesEachFaultAndNothingElse ./e2e

reliability: $(VENVS)/example/done ## put load and faults on a stack, and write what was seen into docs/reliability.md (an hour and a half); ONLY=queue for one row
	cd sandbox && go test -tags e2e,reliability -count 1 -timeout 180m -v -run 'TestStackStaysUpUnderLoad/$(if $(ONLY),^$(ONLY)$$)' ./e2e

mutants: $(VENVS)/cloud/done ## make the mistakes of sandbox/mutants, which must be noticed (a quarter of an hour); ONLY=words of their names
	cd sandbox/cloud && ONLY="$(ONLY)" ../../$(VENVS)/cloud/bin/python -m pytest -v -p no:cacheprovider tests/mutants
	cd sandbox && go run ./mutants/cmd -only "$(ONLY)"

alarms: ## fire each alarm on a dev stack of its own by a fault, and clear it by a cure (most of an hour)
	cd sandbox && go test -tags e2e,alarms -count 1 -timeout 120m -v -run TestEachAlarmFiresByAFaultAndClearsByItsCure ./e2e

reach: ## take each rule, route and endpoint of a stack that is up away, and look what fails (ten minutes); ONLY=words of their names
	cd sandbox && go run ./reach/cmd -repo .. -instance "$(INSTANCE)" -stack "$(STACK)" -only "$(ONLY)"

dashboard: ## draw the dashboard of a stack that is up into docs/images/dashboard.svg
	cd sandbox && go run ./dashboard/cmd -repo .. -instance "$(INSTANCE)" -stack "$(STACK)" -out ../docs/images/dashboard.svg

docs: ## write the generated documents
	go generate ./internal/config/...
	cd sandbox && go generate ./mutants ./reach
