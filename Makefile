# Needs Python 3.11 or newer, and nothing else: `make run` and `make test` set up .venv themselves.

PORT ?= 8501
HEADLESS ?=
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TSC := node_modules/.bin/tsc
NODE_READY := node_modules/.package-lock.json
IS_NEW_ENOUGH := -c 'import sys; sys.exit(sys.version_info < (3, 11))'
PYTHON ?= $(firstword $(foreach name,python3 python3.13 python3.12 python3.11,$(shell $(name) $(IS_NEW_ENOUGH) >/dev/null 2>&1 && echo $(name))))

.PHONY: setup run test lint bench pictures lock

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or newer was found. Install one, or say where: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "$(PYTHON) cannot make a virtual environment. On Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

run: $(READY)
	$(BIN)/python -m streamlit run app.py --server.port $(PORT) $(if $(HEADLESS),--server.headless true)

test: $(READY)
	$(BIN)/python -m tests.e2e.browser
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory $(NODE_READY); \
	else echo "npm was not found: the pages are not checked by axe-core"; fi
	$(BIN)/python -m pytest --ignore=tests/e2e --numprocesses=auto --maxprocesses=4 --dist=loadfile
	$(BIN)/python -m pytest tests/e2e

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory $(NODE_READY) && echo $(TSC) && $(TSC); \
	else echo "npm was not found: the JavaScript is not type-checked"; fi

# TypeScript for the linter, axe-core for the browser tests. npm writes this file last.
$(NODE_READY): package-lock.json
	npm ci --no-audit --no-fund
	@touch $@

bench: $(READY) $(TSC)
	$(BIN)/python -m benchmarks

# The README's pictures of the app, taken by the browser tests.
pictures: $(READY)
	PICTURES=1 $(BIN)/python -m pytest tests/e2e/test_pictures.py

# Pins what the ranges of pyproject.toml give today. CUDA's packages follow from torch where it needs them.
lock:
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet --editable '.[dev,bench,huggingface]'
	{ sed -n '/^#/p' requirements.lock; build/lock/bin/python -m pip freeze --all --exclude pip --exclude-editable \
	  | sed 's/+.*//' | grep -vE '^(nvidia|cuda|triton)'; } > build/requirements.lock
	mv build/requirements.lock requirements.lock
