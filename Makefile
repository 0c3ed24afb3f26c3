# Two commands matter: `make run` and `make test`. Both start from nothing; see README.md.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := run

PYTHON ?= python3
PARALLEL ?= -n 3 --dist loadfile --no-loadscope-reorder
PYTEST_ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
# byte code is kept whatever the environment says: writing all of it anew takes each worker seven seconds
PYTEST = PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest $(PARALLEL)
STAMP := $(VENV)/installed
TEST_STAMP := $(VENV)/installed-test
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard translations/*/LC_MESSAGES/*.po))

RUN_PACKAGES := libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 redis-server
TEST_PACKAGES := chromium postgresql poppler-utils

.PHONY: run test test-long setup setup-test lint lock clean packages test-packages

run: setup
	exec $(BIN)/python app.py

# Everybody waits for it: at most eight minutes on two cores, no change may add more than 30 s. What takes longer and
# repeats what is here is marked `long`. The order is shuffled; the run says by which seed, and
# `make test PYTEST_ARGS="--randomly-seed=7"` asks for one.
test: setup-test lint
	$(PYTEST) $(PYTEST_ARGS)

# The rest, and only that: all receivables of the replay, the longest race and file, English pages, the other kind of database.
test-long: setup-test
	$(PYTEST) -m long $(PYTEST_ARGS)

setup: $(STAMP) $(CATALOGUES)

setup-test: test-packages setup $(TEST_STAMP)

packages:
	@PYTHON=$(PYTHON) bin/install_packages $(RUN_PACKAGES)

test-packages:
	@PYTHON=$(PYTHON) bin/install_packages $(RUN_PACKAGES) $(TEST_PACKAGES)

# The stamp lies inside the environment: without it, or with a newer lock, everything is installed again.
$(STAMP): requirements.lock | packages
	$(PYTHON) -m venv $(VENV)
	$(PIP) -r requirements.lock
	touch $@

# What tests and lint need lies in the same environment, never in the production image.
$(TEST_STAMP): requirements-test.lock $(STAMP)
	$(PIP) -r requirements-test.lock
	touch $@

%.mo: %.po | $(STAMP)
	$(BIN)/pybabel --quiet compile -i $< -o $@

lint: $(TEST_STAMP) $(CATALOGUES)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/djlint templates letters --lint --quiet

# Only for whoever changes requirements.in or requirements-test.in: pins stay unless these files ask for others.
LOCK := $(VENV)/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header
lock:
	$(PYTHON) -m venv $(VENV)/lock
	$(VENV)/lock/bin/python -m pip install --quiet uv==0.13.9
	$(LOCK) --output-file requirements.lock requirements.in
	$(LOCK) --output-file requirements-test.lock requirements-test.in

clean:
	rm -rf $(VENV) $(CATALOGUES)
