# Everything runs in a virtual environment of its own; the first call of any target makes it.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
DEMO   := demo

.PHONY: demo test check fixtures clean

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

clean:
	rm -rf $(VENV) $(DEMO) build dist

# pip older than 25.1 does not know dependency groups, so the environment brings its own up to date first.
$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "catamnesis needs Python 3.11 or later; call: make PYTHON=python3.11")'
	@echo "Setting up $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
	@touch $@
