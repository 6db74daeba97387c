# Everything a person runs, from a fresh clone with Python and make alone.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.PHONY: help everything demo test coverage check format install docs screenshots cell bench clean

help:
	@echo "make demo     open the demo: an embedded, simulated server with live connections"
	@echo "make test     run every test"
	@echo "make check    lint, format, types, import contract"
	@echo "make install  make or refresh $(VENV)"
	@echo "make everything  install what the tests in a browser and those of data frames need, too"
	@echo "make bench    measure every claim about speed, and write bench/results.json"
	@echo "make coverage measure how much of it the tests run, branches included"
	@echo "make docs     write docs/keys.md from the table of actions"
	@echo "make cell     build what a notebook's page runs from js/ (needs Node)"
	@echo "make screenshots  take the README's pictures, the same bytes each time"

# Installed again only when what it depends on changed, so the second start is fast.
$(READY): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip --upgrade >/dev/null
	@echo "Installing Syncscope into $(VENV) (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --editable ".[dev]"
	@touch $(READY)

install: $(READY)

# What some tests need and are skipped without: JupyterLab, what drives a browser, and both kinds of data frames.
everything: $(READY)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --editable ".[dev,browser-tests]"

demo: $(READY)
	@$(BIN)/syncscope demo

test: $(READY)
	@$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

# Those that look at the program from outside, through a terminal, say nothing of its lines: they are left out.
coverage: $(READY)
	@$(BIN)/python -m pytest -n auto --dist worksteal --ignore tests/e2e --cov --cov-report=term:skip-covered $(ARGS)

check: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(READY)
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

docs: $(READY)
	@$(BIN)/python -m docs.keys

screenshots: $(READY)
	@$(BIN)/python -m screenshots.take

# The built files are kept with the sources, so that nobody needs Node who does not change them.
cell:
	@cd js && npm install --no-package-lock --no-audit --no-fund && npm run build

bench: $(READY)
	@$(BIN)/python -m bench

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage dist
