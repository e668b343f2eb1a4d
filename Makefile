# Two commands do all the set-up: `make demo` shows the main job, `make test` passes the tests.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help install demo run web compose-env test-servers test-browser test test-long lint bench clean

help:            ## what there is
	@grep -E '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

install: .venv/installed  ## the program in .venv, so that .venv/bin/sanctuary-watch runs

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv
	# An old pip does not see every release that is pinned.
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --upgrade pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	@touch $@

.venv/installed-test: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test]'
	@touch $@

demo: install    ## a small newsroom on loopback, watched from its feeds to the alerts; KEEP=1 leaves it running
	$(BIN)/python -m demo

run: install     ## watches config/feeds.opml until stopped
	$(BIN)/sanctuary-watch feeds import config/feeds.opml > /dev/null
	$(BIN)/sanctuary-watch run

web: install     ## search, docket and why pages
	$(BIN)/sanctuary-watch web

compose-env:     ## passwords and keys for docker-compose.yml, once, in .env
	$(PYTHON) deploy/make_env.py

lint: .venv/installed-test  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test-servers: .venv/installed-test
	$(BIN)/python -m tests.servers.elasticsearch prepare

test-browser:
	@for name in chromium chromium-browser google-chrome; do command -v $$name > /dev/null && exit 0; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
	    apt-get update -qq > /dev/null && \
	    DEBIAN_FRONTEND=noninteractive timeout 400 apt-get install -qq -y --no-install-recommends chromium fonts-liberation > /dev/null; \
	fi || echo "No Chromium could be installed: the pages are not tested in a browser." >&2

test: lint test-servers test-browser  ## installs what the tests need and runs them
	$(BIN)/python -m pytest -n 2 --dist loadfile -m 'not long'

test-long: lint test-servers test-browser  ## what takes longer than a minute
	$(BIN)/python -m pytest -m long

bench: .venv/installed-test  ## every benchmark, one after another; those on real pages need SANCTUARY_WATCH_TEST_DATA
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[bench]'
	$(BIN)/python -m benchmarks.polling
	$(BIN)/python -m benchmarks.search
	$(BIN)/python -m benchmarks.policy
	$(BIN)/python -m benchmarks.timeliness
	$(BIN)/python -m benchmarks.answers
	$(BIN)/python -m benchmarks.answers --elasticsearch
	$(BIN)/python -m benchmarks.search --elasticsearch
	$(BIN)/python -m benchmarks.claiming
	$(BIN)/python -m benchmarks.indexing
	$(BIN)/python -m benchmarks.endtoend --times 10
	test -z "$$SANCTUARY_WATCH_TEST_DATA" || $(BIN)/python -m benchmarks.extraction "$$SANCTUARY_WATCH_TEST_DATA/extraction"
	test -z "$$SANCTUARY_WATCH_TEST_DATA" || $(BIN)/python -m benchmarks.pages "$$SANCTUARY_WATCH_TEST_DATA/extraction"

clean:           ## removes what was installed and cached
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
