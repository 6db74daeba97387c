# Everything a person runs, from a fresh clone with Python and make alone.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.PHONY: help demo test check format install screenshots bench clean

help:
	@echo "make demo     open the demo: an embedded, simulated server with live connections"
	@echo "make test     run every test"
	@echo "make check    lint, format, types, import contract"
	@echo "make install  make or refresh $(VENV)"
	@echo "make bench    measure how fast the demo opens"

# Installed again only when what it depends on changed, so the second start is fast.
$(READY): pyproject.toml constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip --upgrade >/dev/null
	@echo "Installing Syncscope into $(VENV) (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --editable ".[dev]"
	@touch $(READY)

install: $(READY)

demo: $(READY)
	@$(BIN)/syncscope demo

test: $(READY)
	@$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

check: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(READY)
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

screenshots: $(READY)
	@$(BIN)/python -m screenshots.take

bench: $(READY)
	@$(BIN)/python -m bench.startup

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache dist
