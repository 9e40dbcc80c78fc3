# Everything runs in a virtual environment of its own; the first call of any target makes it.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
DEMO   := demo

# What `make bench` measures; DATA keeps the histories, which take about 2 GB for each million patients.
PATIENTS  ?= 50000
WORKLOADS ?=
AGAINST   ?=
PAIRS     ?= 5
DATA      ?= benchmarks/data
ACES      := $(VENV)-aces

.PHONY: demo test check fixtures bench clean

demo: $(STAMP)
	@rm -rf $(DEMO)/m1
	@mkdir -p $(DEMO)
	@$(BIN)/timeline create $(DEMO)/m1
	@$(BIN)/timeline import $(DEMO)/m1 fixtures/m1/events.csv
	@$(BIN)/timeline run queries/m1.tql --store $(DEMO)/m1

test: $(STAMP)
	$(BIN)/pytest -n auto --dist worksteal tests

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fixtures: $(STAMP)
	$(BIN)/python fixtures/m1/reconstruct.py

bench: $(STAMP) $(VENV)/.bench $(ACES)/.installed
	@$(BIN)/python -m benchmarks.suite --patients $(PATIENTS) --workloads "$(WORKLOADS)" --against "$(AGAINST)" \
		--pairs $(PAIRS) --data $(DATA) --aces $(ACES)/bin/python

clean:
	rm -rf $(VENV) $(ACES) $(DEMO) build dist

# pip older than 25.1 does not know dependency groups, so the environment brings its own up to date first.
$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "catamnesis needs Python 3.11 or later; call: make PYTHON=python3.11")'
	@echo "Setting up $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
	@touch $@

$(VENV)/.bench: pyproject.toml
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group bench
	@touch $@

# es-aces asks for other versions of what the others use too, so it lives by itself; without it the rest still runs.
$(ACES)/.installed: pyproject.toml
	@$(PYTHON) -m venv $(ACES)
	@$(ACES)/bin/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	@$(ACES)/bin/python -m pip install --quiet --disable-pip-version-check --group aces || rm -rf $(ACES)/bin/python
	@touch $@
