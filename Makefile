# Everything a stranger needs: "make demo" shows the product, "make test" proves it. See README.md.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
UV_VERSION := 0.13.9
# Options for the underlying commands, e.g. make demo ARGS="--rate 40"
ARGS   ?=
STACKS ?= region1 region2
WORKERS ?= 3

# Each command starts several Python processes: compiled modules are kept, outside the source folders.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX := $(CURDIR)/.cache/bytecode

.DEFAULT_GOAL := help
.PHONY: help install engine demo demo-full drill test audit lint workflows format types unit test-provider record-provider bench bench-deploy preview deploy destroy lock docs clean

help: ## Show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# uv installs the pinned set in seconds where pip alone takes over a minute; both files stay installable by plain pip.
$(STAMP): requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "make: $(PYTHON) is $$($(PYTHON) --version 2>&1): Python 3.11 or newer is needed. Name one: make PYTHON=python3.12 ..." >&2; exit 2; }
	@echo "Installing into $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements-dev.txt
	@touch $@

install: $(STAMP) ## Make the virtual environment (.venv) with everything pinned

engine: $(STAMP) ## Get the real Pulumi engine for the twin and the tests: the PATH's, the official one, or built with Go
	@$(BIN)/python -m twin.deploy.engine.get

demo: $(STAMP) ## Deploy both stacks into the local twin of AWS, fail over, fail back, print what it took
	@$(BIN)/python -m ops demo $(ARGS)

demo-full: $(STAMP) ## The same with load, canaries, alarms and dashboards: some minutes
	@$(BIN)/python -m ops demo-full $(ARGS)

drill: $(STAMP) ## Measure a failover on a deployed system: make drill ARGS="--target aws"
	@$(BIN)/python -m ops drill $(ARGS)

# Types beside the tests: what these wait for leaves mypy enough of two processors.
test: lint ## Format, lint, then types and every test
	@$(MAKE) --no-print-directory -j 2 types unit

lint: $(STAMP) workflows ## Check format and style, of the GitHub workflows too
	@$(BIN)/ruff format --check --quiet . || { echo "Some files are not formatted: run make format" >&2; exit 1; }
	@$(BIN)/ruff check --quiet .

audit: $(STAMP) ## Look every pinned package up among the known vulnerabilities (needs the network)
	@PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python -m tools.audit

# actionlint has no package that works offline but its own Go module: built once, in 20 s, where there is Go.
ACTIONLINT := .cache/tools/actionlint

workflows:
	@if command -v actionlint >/dev/null; then actionlint -shellcheck= -pyflakes=; \
	elif command -v go >/dev/null; then $(MAKE) --no-print-directory $(ACTIONLINT) && $(ACTIONLINT) -shellcheck= -pyflakes=; \
	else echo "!!! The GitHub workflows were NOT linted: neither actionlint nor Go is on the PATH." >&2; fi

$(ACTIONLINT): tools/actionlint/go.mod tools/actionlint/go.sum
	@cd tools/actionlint && GOFLAGS=-mod=readonly go build -o $(CURDIR)/$@ github.com/rhysd/actionlint/cmd/actionlint

format: $(STAMP) ## Format the code and mend what the linter can
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

types: $(STAMP) ## mypy --strict
	@$(BIN)/mypy

# Three at a time, for two processors: a test often waits for its twin. Tests that share a twin are on one worker
# (tests/fakes/twin_groups.py). WORKERS=0: one process.
unit: $(STAMP)
	@PULUMI_ERROR_OUTPUT_STRING=1 $(BIN)/python -m pytest -n $(WORKERS) --no-loadscope-reorder --durations=10 $(ARGS)

test-provider: $(STAMP) ## Let the real AWS provider import, make, update and destroy both stacks in a twin (minutes; terraform)
	@PULUMI_ERROR_OUTPUT_STRING=1 $(BIN)/python -m pytest -n 0 -m provider tests/provider $(ARGS)

record-provider: $(STAMP) ## Write tests/provider/answers.json: what the real AWS provider gives for each attribute (minutes)
	@$(BIN)/python -m tests.provider.record

bench: $(STAMP) ## Time the Lambda functions against the bare boto3 calls
	@$(BIN)/python -m bench $(ARGS)

preview: $(STAMP) ## pulumi preview of every stack (real AWS): make preview STACKS="region1 region2 region3"
	@for stack in $(STACKS); do PATH="$(abspath $(BIN)):$$PATH" pulumi preview --stack $$stack || exit 1; done

deploy: $(STAMP) ## Deploy to real AWS in waves: preflight, region1, smoke, traffic on, region2, smoke, traffic on
	@PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python -m ops deploy --target aws $(ARGS)

destroy: $(STAMP) ## Take everything down on real AWS: asks, lifts protection, drains, secondaries first, then the primary
	@PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python -m ops destroy --target aws $(ARGS)

bench-deploy: $(STAMP) ## Time preview and up of both stacks under the real Pulumi engine, with 2, 3 and 5 regions
	@$(BIN)/python -m bench.deployments $(ARGS)

docs: $(STAMP) ## Write the generated pages again (configuration, CI policies, Postman, command line, ...)
	@$(BIN)/python -m tools.pages.config_docs
	@$(BIN)/python -m tools.pages.ci_policies
	@$(BIN)/python -m tools.pages.postman
	@$(BIN)/python -m tools.pages.published_api
	@$(BIN)/python -m tools.pages.cli_reference
	@$(BIN)/python -m twin coverage --write

lock: $(STAMP) ## Compile every requirements*.in into its pinned requirements*.txt
	@# The development set first: the smaller one takes its versions, so that both environments run the same.
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-annotate \
	    --custom-compile-command "make lock" requirements-dev.in -o requirements-dev.txt
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-annotate \
	    --custom-compile-command "make lock" --constraint requirements-dev.txt requirements.in -o requirements.txt
	@for folder in functions/layers/*/ canaries/*/ tools/audit/; do (cd $$folder && \
	  $(abspath $(BIN))/uv pip compile --quiet --universal --python-version 3.11 --no-annotate --generate-hashes \
	    --custom-compile-command "make lock" requirements.in -o requirements.txt) || exit 1; done

clean: ## Remove what the commands made (never anything deployed)
	@rm -rf .venv .cache .twin .mypy_cache .ruff_cache .pytest_cache results
