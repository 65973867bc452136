# `make run` and `make test` do all their set-up themselves; `make help` lists the rest.

PY      := .venv/bin/python
RUNLIST := packaging/requirements.txt
DEVLIST := packaging/requirements-dev.txt
CODE    := core actors gui main.py
KERNELS := $(wildcard core/kernel/*.py core/risk/*.py core/strategies/*.py)
PIP     := $(PY) -m pip install --quiet --disable-pip-version-check --no-input --require-hashes --only-binary :all:
DISPLAYED := $(if $(filter Darwin,$(shell uname -s)),QT_QPA_PLATFORM=offscreen,env -u WAYLAND_DISPLAY QT_QPA_PLATFORM=xcb xvfb-run -a -s "-screen 0 1440x900x24 -nolisten tcp")
TESTS   := -m pytest
NOT_NOW := not bench and not real

# Without .pyc files the start is seconds slower.
unexport PYTHONDONTWRITEBYTECODE
.DEFAULT_GOAL := help
.PHONY: help deps deps-run run test test-long lint types bench package smoke pins clean warm libs-run libs-test venv
.NOTPARALLEL:

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1|\2/p' Makefile | awk -F'|' '{printf "  make %-10s %s\n", $$1, $$2}'

deps: libs-test .venv/.deps-dev warm ## everything run and test need: .venv, pinned packages, system libraries

run: deps-run ## open Belay; without a display, trade the simulated market in this terminal
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || [ "$$(uname -s)" = Darwin ]; then exec $(PY) main.py; \
	else echo "No display here: Belay runs headless on the simulated market (Ctrl-C stops it)."; \
	  exec $(PY) main.py run --headless --venue sim; fi

test: deps ## all tests but the long ones, under a virtual display, with branch coverage
	$(DISPLAYED) $(PY) $(TESTS) -m "not long and $(NOT_NOW)" --cov --cov-branch --cov-report=term

test-long: deps ## the long tests
	$(DISPLAYED) $(PY) $(TESTS) -m "long and $(NOT_NOW)" --timeout=1800

lint: .venv/.deps-dev ## ruff: rules and format
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

types: .venv/.deps-dev ## mypy, strict
	$(PY) -m mypy --strict $(CODE)

bench: deps ## measure: kernels, messages, painting, start and memory
	@[ -d tests/bench ] || { echo "make bench: tests/bench does not exist" >&2; exit 1; }
	$(DISPLAYED) $(PY) $(TESTS) tests/bench -m bench -s --timeout=1800

package: libs-run .venv/.deps-dev ## build the installable app into dist/belay/
	@[ -f packaging/belay.spec ] || { echo "make package: packaging/belay.spec does not exist" >&2; exit 1; }
	$(PY) -m PyInstaller --noconfirm --distpath dist --workpath build packaging/belay.spec

smoke: libs-test .venv/.deps-dev ## try the packaged app on a virtual screen: paint, trade, kill, end (Linux)
	$(PY) packaging/smoke.py

# Write the pinned lists anew from pyproject.toml; UPGRADE=--upgrade takes the newest versions.
# uv is installed for the moment into build/pins, and no address of an index goes into the lists.
UV_COMPILE = build/pins/bin/uv pip compile pyproject.toml --universal --generate-hashes --python-version 3.11 \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make pins" --quiet $(UPGRADE)
pins: .venv/bin/python ## write the pinned lists anew (UPGRADE=--upgrade for the newest versions)
	$(PY) -m venv build/pins && build/pins/bin/python -m pip install --quiet uv
	$(UV_COMPILE) -o $(RUNLIST)
	$(UV_COMPILE) --group dev -c $(RUNLIST) -o $(DEVLIST)

clean: ## remove the environment, the caches and what was built
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.* htmlcov
	find core actors gui tests -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -rf __pycache__

# ---- set-up -------------------------------------------------------------------------------------

deps-run: libs-run .venv/.deps-run warm

libs-run:
	@packaging/system-libraries.sh run

libs-test:
	@packaging/system-libraries.sh test

# The first Python from 3.11 to 3.13 that starts (a pyenv shim may exist and not start). Set PYTHON to choose.
.venv/bin/python:
	@set -e; for name in $(PYTHON) python3 python3.13 python3.12 python3.11 python; do \
	  if "$$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' >/dev/null 2>&1; then \
	    found=$$name; break; fi; done; \
	if [ -z "$$found" ]; then echo "Belay needs Python 3.11, 3.12 or 3.13, and found none (PYTHON=/path/to/python names one)." >&2; exit 1; fi; \
	"$$found" -c 'import ensurepip, venv' 2>/dev/null || packaging/system-libraries.sh venv; \
	echo "Belay: making .venv with $$("$$found" --version)"; \
	rm -rf .venv; "$$found" -m venv .venv || { rm -rf .venv; exit 1; }

.venv/.deps-run: $(RUNLIST) | .venv/bin/python
	@echo "Belay: installing the pinned packages (one to three minutes the first time)"
	@$(PIP) -r $(RUNLIST)
	@touch $@

.venv/.deps-dev: $(DEVLIST) | .venv/bin/python
	@echo "Belay: installing the pinned packages and the developer's tools (one to three minutes the first time)"
	@$(PIP) -r $(DEVLIST)
	@touch $@ .venv/.deps-run

# Compile the kernels into Numba's disk cache, so that the first window does not wait. Only a comfort:
# where it fails the kernels compile when first used, so it is said and the work goes on.
warm:
	@if [ -f main.py ]; then $(MAKE) -s --no-print-directory .venv/.warm; fi

.venv/.warm: $(KERNELS) .venv/.deps-run
	@echo "Belay: compiling the kernels (once)"
	@if $(PY) main.py warm; then touch $@; else echo "Belay: the kernels will compile when first used" >&2; fi
