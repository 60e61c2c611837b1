# make run: install and run the sample batch. make test: install and run every check.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
OUT    ?= out
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help run test suite test-fast lint sample-models clean

help:
	@echo 'make run            install into $(VENV) and run the batch over fixtures/inbox; tables land in $(OUT)/'
	@echo 'make test           install with the developer tools, then lint, types, layers and the test suite'
	@echo 'make test-fast      the tests that take no time: for the one who is writing code'
	@echo 'make lint           ruff, mypy and import-linter alone'
	@echo 'make sample-models  train the models of the sample applications again'
	@echo 'make clean          remove $(VENV) and $(OUT)'

# torch goes first: resolved on its own it takes the plain CPU build where one is offered.
$(VENV)/.installed: pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing: install Python 3.11 or later, or name one: make PYTHON=/path/to/python3 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Yomitori needs Python 3.11 or later; $$($(PYTHON) --version) was found. Name another: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "This Python has no venv module: install it (Debian: apt-get install python3-venv)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt torch
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[all]'
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev,gcp]'
	@touch $@

run: $(VENV)/.installed
	$(BIN)/yomitori run fixtures/inbox $(OUT) --app fixtures/apps/call-log --app fixtures/apps/daily-report --workers $(WORKERS) --pictures || { code=$$?; test $$code -eq 10 -o $$code -eq 11; }

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: $(VENV)/.installed-dev
	$(MAKE) --jobs 2 lint suite

# What takes longest begins first, and properties are tried on the same examples each time: others come in
# test-fast. Tests that watch the clock to the second have the cores for themselves.
suite: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n 2 --dist loadgroup --no-loadscope-reorder --hypothesis-profile=ci -m 'not alone'
	$(BIN)/python -m pytest tests/pipeline/supervision -m alone

# For the one who is writing code: no processes, no training.
test-fast: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n 2 --dist loadgroup --no-loadscope-reorder -m 'not slow' --durations=0 --durations-min=2

sample-models: $(VENV)/.installed
	for app in call-log daily-report; do \
		$(BIN)/yomitori train fixtures/apps/$$app --train fixtures/apps/$$app/train.jsonl \
			--dev fixtures/apps/$$app/dev.jsonl -o fixtures/apps/$$app/model || exit 1; \
	done

clean:
	rm -rf $(VENV) $(OUT)
