# Two commands matter: `make run` and `make test`. Both start from nothing; see README.md.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := run

PYTHON ?= python3
PYTEST_ARGS ?= -n 3 --dist loadfile --no-loadscope-reorder
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/installed
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard translations/*/LC_MESSAGES/*.po))

RUN_PACKAGES := libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 redis-server
TEST_PACKAGES := chromium postgresql poppler-utils

.PHONY: run test setup setup-test lint lock clean packages test-packages

run: setup
	exec $(BIN)/python app.py

# One worker is busy with the replay of two years for half of the time, the others share all other tests.
test: setup-test lint
	$(BIN)/python -m pytest $(PYTEST_ARGS)

setup: $(STAMP) $(CATALOGUES)

setup-test: test-packages setup

packages:
	@PYTHON=$(PYTHON) bin/install_packages $(RUN_PACKAGES)

test-packages:
	@PYTHON=$(PYTHON) bin/install_packages $(RUN_PACKAGES) $(TEST_PACKAGES)

# The stamp lies inside the environment: without it, or with a newer lock, everything is installed again.
$(STAMP): requirements.lock | packages
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	touch $@

%.mo: %.po | $(STAMP)
	$(BIN)/pybabel --quiet compile -i $< -o $@

lint: $(STAMP) $(CATALOGUES)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/djlint templates letters --lint --quiet
	$(BIN)/python tools/htmx_upgrade_check.py templates

# Only for whoever changes requirements.in: pins stay unless that file asks for others.
lock:
	$(PYTHON) -m venv $(VENV)/lock
	$(VENV)/lock/bin/python -m pip install --quiet uv==0.13.9
	$(VENV)/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	    --output-file requirements.lock requirements.in

clean:
	rm -rf $(VENV) $(CATALOGUES)
