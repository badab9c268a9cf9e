# make app: set up, then open the app.   make test: set up, then lint, types and all tests.   make check: lint and types.
# make fast: the tests that need no browser and no patience, in a minute.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
RUN := $(VENV)/bin

# The suite starts a hundred processes, and each would compile every module again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: app env test suite fast check clean
.DEFAULT_GOAL := app

app: env
	$(RUN)/streamlit run streamlit_app.py

# Three at a time, on two cores too: a third of the time a browser is waited for.
PYTEST = $(RUN)/python -m pytest -n 3 --dist worksteal

test: env
	@$(MAKE) --no-print-directory --jobs=2 check suite

suite: env
	$(PYTEST)

fast: env
	$(PYTEST) -m "not browser and not long" tests/core tests/pages tests/test_architecture.py

check: env
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy

env: $(VENV)/ready

$(VENV)/ready: requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; found $$($(PYTHON) --version). Name another: make PYTHON=/path/to/python"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(RUN)/python -m pip install --disable-pip-version-check --quiet --requirement requirements-dev.txt
	@touch $@

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache
