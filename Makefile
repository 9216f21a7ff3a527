# Everything the project does, from a fresh machine with Python 3.11 or newer and make. `make help` lists it.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
MADE := .make
PIP := $(BIN)/python -m pip install --quiet --require-hashes
BROWSER ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
# One lock for every Python from 3.11 and every platform: markers say what is needed where, and each file has its hash.
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-annotate \
  --custom-compile-command "make lock" $(if $(UPGRADE),$(if $(filter yes,$(UPGRADE)),--upgrade,--upgrade-package $(UPGRADE)))
# Twilio's command line, for the one file of it that describes their API: what it needs itself would be 147 MB.
DESCRIBES_TWILIO := @twilio/cli-core@8.3.2
DESCRIPTION_HASH := 6ae83443de5882462b5fba9eddd9080a0ba52ff9cfa579d8bac9f4cf43ee4409
# What it needs beyond what every Debian has.
DOVECOT := dovecot-core dovecot-imapd libsodium23 libunwind8 libcap-ng0
COTURN := coturn libmariadb3 libhiredis0.14 libevent-core-2.1-7 libevent-extra-2.1-7 libevent-openssl-2.1-7 libevent-pthreads-2.1-7 \
  libpq5 libldap-2.5-0 libsasl2-2
SOURCES := $(shell find telehealth/web/assets -type f 2>/dev/null)

export PATH := $(CURDIR)/$(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help run test coverage lint lock soak bench pictures format clean

help: ## List what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

run: export TELEHEALTH_ENV := development
run: $(MADE)/run $(MADE)/assets ## Set everything up and serve the demo practice on http://127.0.0.1:8000 (PORT changes it)
	@flask db upgrade
	@flask seed-demo
	@flask serve

test: $(MADE)/dev $(MADE)/assets $(MADE)/test-modules $(MADE)/browser $(MADE)/proxies $(MADE)/imap $(MADE)/turn ## Set everything up and run every test: SQLite, PostgreSQL, browser
	pytest -n 2 --database=sqlite --ignore=tests/journeys --ignore=tests/concurrency
	pytest -n 2 --database=sqlite tests/journeys tests/concurrency
	pytest -n 2 --database=postgresql -m "not browser" tests/services tests/queries tests/api tests/webhooks tests/jobs tests/cli

coverage: $(MADE)/dev $(MADE)/assets $(MADE)/test-modules $(MADE)/proxies $(MADE)/imap $(MADE)/turn ## Show what the tests do not reach; it takes them half as long again
	pytest -n 2 --database=sqlite --cov --cov-report=term:skip-covered --ignore=tests/journeys --ignore=tests/concurrency

lint: $(MADE)/dev ## Check style, types and that imports point down
	ruff check .
	ruff format --check .
	mypy
	lint-imports --no-cache

format: $(MADE)/dev ## Format the code
	ruff check --fix .
	ruff format .

soak: $(MADE)/dev $(MADE)/assets ## The pages on PostgreSQL; then races, random walks and kills, each many times more than the tests do
	pytest -n 2 --database=postgresql -m "not browser" tests/web
	for round in 1 2 3 4 5 6 7 8 9 10; do WALK_STEPS=3000 KILL_ROUNDS=10 KILL_MESSAGES=5000 pytest -q -n 2 tests/concurrency || exit 1; done

lock: $(MADE)/dev ## Pin what the requirements name anew, with hashes; UPGRADE=yes takes newer versions, UPGRADE=tzdata of this one
	$(LOCK) requirements.txt -o requirements.lock
	$(LOCK) -c requirements.lock requirements-dev.txt -o requirements-dev.lock
	$(LOCK) requirements-node.txt -o requirements-node.lock

bench: $(MADE)/dev ## Measure speed and memory into bench/results.json (QUICK=yes takes minutes, ONLY=bookings only these, ONLY=writing what writing costs)
	python -m bench

pictures: $(MADE)/dev $(MADE)/assets $(MADE)/browser ## Take the pictures of README anew, from the demo practice
	BROWSER=$(BROWSER) python -m docs.pictures

clean: ## Remove everything that was made, except what was entered (instance/)
	rm -rf $(VENV) $(MADE) node_modules telehealth/web/static/build .mypy_cache .ruff_cache .pytest_cache .hypothesis

# Steps that are done once and again when what they depend on changes.

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(MADE)/run: requirements.lock | $(BIN)/python
	@echo "Installing what the service needs …"
	@$(PIP) -r requirements.lock
	@mkdir -p $(MADE) && touch $@

$(MADE)/dev: requirements-dev.lock | $(BIN)/python
	@echo "Installing what the tests need …"
	@$(PIP) -r requirements-dev.lock
	@mkdir -p $(MADE) && touch $@

$(MADE)/node: | $(BIN)/python
	@mkdir -p $(MADE)
	@node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)' 2>/dev/null && npm --version >/dev/null 2>&1 \
	  || { echo "Installing Node.js …"; $(PIP) -r requirements-node.lock; }
	@touch $@

$(MADE)/modules: package-lock.json | $(MADE)/node
	@echo "Installing the pages' libraries …"
	@npm ci --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# Other readers of what we send: ical.js for calendars, Prism with Twilio's description for texts, axe for pages.
$(MADE)/test-modules: $(MADE)/modules
	@echo "Installing what the tests read with …"
	@npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@mkdir -p node_modules/.twilio $@.d
	@npm pack --silent --pack-destination $@.d $(DESCRIBES_TWILIO) >/dev/null
	@echo "$(DESCRIPTION_HASH)  $$(ls $@.d/*.tgz)" | sha256sum --check --quiet
	@tar -xzf $@.d/*.tgz -C node_modules/.twilio --strip-components=4 package/src/services/twilio-api/twilio_api_v2010.json
	@rm -r $@.d
	@touch $@

$(MADE)/assets: $(MADE)/modules $(SOURCES)
	@npm run --silent build
	@touch $@

$(MADE)/browser:
	@mkdir -p $(MADE)
	@if [ -z "$(BROWSER)" ]; then \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then apt-get update -qq && apt-get install -y -qq chromium; \
	  else echo "Chromium is needed for the browser tests: sudo apt install chromium"; exit 1; fi; fi
	@touch $@

# Only their programs, to check our examples with: nothing is installed or started.
$(MADE)/proxies:
	@mkdir -p $@.d
	@if ! { command -v nginx && command -v caddy; } >/dev/null; then \
	  command -v apt-get >/dev/null || { echo "nginx and caddy are needed to check docs/proxy: install them"; exit 1; }; \
	  echo "Fetching nginx and caddy …"; \
	  cd $@.d && { apt-get download -qq nginx caddy 2>/dev/null || { apt-get update -qq && apt-get download -qq nginx caddy; }; } \
	  && for package in *.deb; do dpkg -x $$package . ; done && rm *.deb; fi
	@touch $@

# Dovecot's program for one signed-in reader, to read a real mailbox in tests: nothing is installed or started.
$(MADE)/imap:
	@mkdir -p $@.d
	@command -v apt-get >/dev/null || { echo "Debian's dovecot-imapd is needed to test reading mailboxes"; exit 1; }
	@echo "Fetching dovecot …"
	@cd $@.d && { apt-get download -qq $(DOVECOT) 2>/dev/null || { apt-get update -qq && apt-get download -qq $(DOVECOT); }; } \
	  && for package in *.deb; do dpkg -x $$package . ; done && rm *.deb
	@touch $@

# A TURN server, to try calls through: nothing is installed.
$(MADE)/turn:
	@mkdir -p $@.d
	@command -v apt-get >/dev/null || { echo "Debian's coturn is needed to test calls through firewalls"; exit 1; }
	@echo "Fetching coturn …"
	@cd $@.d && { apt-get download -qq $(COTURN) 2>/dev/null || { apt-get update -qq && apt-get download -qq $(COTURN); }; } \
	  && for package in *.deb; do dpkg -x $$package . ; done && rm *.deb
	@touch $@
