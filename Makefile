# Python 3.11 or newer, git and make are enough: every target sets up what it needs.
.PHONY: help chaos setup demo run check test test-journeys test-demo test-package test-postgres test-browser test-chaos test-faults bench bench-smoke lock

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# 3.11 first: on Python 3.12 and newer the engine does not start with a SQLite older than 3.42 (Debian 12 has 3.40).
PYTHONS := python3.11 python3.12 python3.13 python3.14 python3
PYTHON ?= $(firstword $(foreach p,$(PYTHONS),$(shell $(p) -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(p))))
PYTEST := $(BIN)/python -m pytest
ARGS ?=

help:
	@echo "make demo           the whole story in a browser, with a local Slack (ARGS='--script': in the terminal)"
	@echo "make test           the tests, under a minute"
	@echo "make check          ruff, mypy, import rules"
	@echo "make run            the bot, with slackbot.toml and .env"
	@echo "make setup          .venv/bin/slackbot, ready to run"
	@echo "make test-journeys  people and a running bot, many small stories"
	@echo "make test-demo      the whole story as a command"
	@echo "make test-package   the wheel outside the checkout    make test-postgres  on a Postgres of its own"
	@echo "make test-browser   the demo's page in Chromium       make test-chaos     the bot killed at many moments"
	@echo "make test-faults    Slack, databases and payloads at their worst, on both databases"
	@echo "make bench          how fast it is, beside its floors  make bench-smoke    the same in a tiny size"
	@echo "make chaos          1,000 random kills, about an hour (ARGS='--seed 7' to see the same ones again)"
	@echo "make lock           resolve the dependencies anew"

setup: $(READY)

$(READY): pyproject.toml requirements-dev.lock
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or newer with venv was found: install one (Debian: python3-venv), or name it: make setup PYTHON=/path/to/python3" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(READY)
	$(BIN)/slackbot demo $(ARGS)

run: $(READY)
	$(BIN)/slackbot run $(ARGS)

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: $(READY)
	$(PYTEST) -n 2 -m "not browser and not chaos and not demo and not faults and not journey and not package and not postgres" $(ARGS)

test-journeys: $(READY)
	$(PYTEST) -n 2 -m "journey and not postgres" $(ARGS)

test-demo: $(READY)
	$(PYTEST) -m demo $(ARGS)

test-package: $(READY)
	$(PYTEST) -m package $(ARGS)

test-postgres: $(READY)
	.ci/postgres $(PYTEST) -n 2 -m "postgres and not faults" $(ARGS)

# PITCREW_SCREENSHOTS=1 makes the README's pictures anew.
test-browser: $(READY)
	$(PYTEST) -m browser $(ARGS)

test-chaos: $(READY)
	.ci/postgres $(PYTEST) -n 2 -m chaos tests/chaos $(ARGS)

chaos: $(READY)
	.ci/postgres $(PYTEST) -n 2 -m chaos tests/chaos/test_random_kills.py --kills 1000 $(ARGS)

test-faults: $(READY)
	.ci/postgres $(PYTEST) -n 2 -m faults $(ARGS)

# About 20 minutes; ARGS='--write docs/performance.md' renews the page, ARGS='--only acks' measures less.
bench: $(READY)
	$(BIN)/python -m bench $(ARGS)

bench-smoke: $(READY)
	$(BIN)/python -m bench --smoke $(ARGS)

# Hashes of PyPI alone, whatever this machine's pip is told; --upgrade and the like go into ARGS.
COMPILE := PIP_CONFIG_FILE=/dev/null PIP_FIND_LINKS= PIP_EXTRA_INDEX_URL= CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile \
	--quiet --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --strip-extras --allow-unsafe

lock: $(READY)
	$(COMPILE) $(ARGS) --extra postgres -o requirements.lock pyproject.toml
	$(COMPILE) $(ARGS) --extra postgres --extra dev -c requirements.lock -o requirements-dev.lock pyproject.toml
