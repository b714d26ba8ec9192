# `make run` and `make test` do all set-up themselves; `make help` lists the rest.
PYTHON ?= python3
PORT ?= 7860
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet install --require-hashes

.DEFAULT_GOAL := help
.PHONY: help install run test check drill train fuzz audit sbom bench gate serverless layers rehearsal image image-check

help: ## show this list
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

install: $(VENV)/.space ## set up .venv with what the server needs

run: install ## start the server on PORT (7860)
	$(BIN)/python local_server.py --port $(PORT)

test: $(VENV)/.dev ## run all tests, two at a time
	$(BIN)/python -m pytest -n 2 --dist loadscope

check: $(VENV)/.dev ## format, lint, types, layers, generated files
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m rehearsal.families --check

drill: $(VENV)/.dev ## break everything around the server, under load (needs Redis, PostgreSQL; 10 minutes)
	$(BIN)/python -m drill

train: ## train the embedded models again, in an environment of its own (about 15 minutes)
	$(PYTHON) -m venv build/train
	build/train/bin/pip --disable-pip-version-check --quiet install --require-hashes -r requirements/train.txt
	build/train/bin/python -m train

fuzz: $(VENV)/.dev ## hostile input for every parser and every operation (about an hour)
	$(BIN)/python -m fuzz

audit: $(VENV)/.dev ## what is known against the packages that the locks pin (asks the network)
	$(BIN)/python -m supply.audit

sbom: $(VENV)/.dev ## what is inside, as CycloneDX, into build/sbom
	$(BIN)/python -m supply.sbom

bench: $(VENV)/.dev ## measure every goal beside its yardstick, in one run (needs wrk, redis-server, make layers)
	$(BIN)/python -m bench
	$(BIN)/python -m bench.plot

gate: $(VENV)/.dev ## fail where a cached answer has become much dearer than its yardsticks (needs wrk)
	$(BIN)/python -m bench.gate

serverless: $(VENV)/.dev ## write serverless.yml from the endpoints' declarations
	$(BIN)/python -m rehearsal.families

layers: $(VENV)/.space ## fill the layer folders that serverless.yml names
	$(BIN)/python -m adapters.deploy.layers

rehearsal: $(VENV)/.dev node_modules ## package, deploy to moto and run every function, all on this machine
	$(BIN)/python -m rehearsal

image: $(VENV)/.dev ## build the Space's image, with docker or buildah
	$(BIN)/python -m rehearsal.image build

image-check: $(VENV)/.dev ## run the image in the sandbox and ask every endpoint
	$(BIN)/python -m rehearsal.image check

node_modules: package.json package-lock.json
	npm ci --ignore-scripts --no-fund --no-audit
	@touch $@

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; say which with: make PYTHON=/path/to/python3"; exit 1; }
	@echo "Making $(VENV) …"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.space: requirements/space.txt requirements/page.txt | $(VENV)/bin/python
	@echo "Installing what the server needs (a minute or two, once) …"
	@$(PIP) -r requirements/space.txt
	@$(PIP) --no-deps -r requirements/page.txt
	@touch $@

$(VENV)/.dev: requirements/dev.txt requirements/page.txt | $(VENV)/bin/python
	@echo "Installing what tests and checks need (a minute or two, once) …"
	@$(PIP) -r requirements/dev.txt
	@$(PIP) --no-deps -r requirements/page.txt
	@touch $@ $(VENV)/.space
