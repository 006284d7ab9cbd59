# The one door. `make demo` and `make test` do everything on a fresh Debian 12 machine.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
ATHERIS := 3.0.0
ONLY ?=
JOBS ?= 2
SECONDS ?= 600
AGE ?= ../shared/vectors/age
MERKLE ?= ../shared/vectors/merkle

.PHONY: help system pjsip demo run test check bench e2e fuzz shots vectors package lock clean

help: ## what can be made
	@grep -E '^[a-z0-9]+:.*##' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 12

system: ## Debian packages that the program, its tests and the demo need
	@bash installers/linux/debian-packages.sh

$(STAMP): requirements/dev.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@if command -v uv >/dev/null 2>&1; then \
	  uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.lock; \
	else \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/dev.lock; \
	fi
	@touch $(STAMP)

pjsip: $(STAMP) ## build PJSIP with eight lines, IPv6, Opus and sound in C, and use it (4 minutes)
	@bash installers/pjsip/build.sh build/pjsip $(BIN)/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --force-reinstall build/pjsip/*.whl

demo: system $(STAMP) ## the main job, end to end, on embedded defaults; STAY=1 keeps it open
	@$(BIN)/python -m demo $(if $(STAY),--stay)

run: system $(STAMP) ## open the window
	@$(BIN)/python -m softphone run

test: system $(STAMP) ## unit, contract, vectors, window and integration tests
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -m "not e2e and not bench" -n $(JOBS) --dist loadfile --durations=20 --durations-min=8 $(ARGS)

e2e: system $(STAMP) ## the program as a subprocess against real peers, headsets in a guest
	@bash installers/linux/guest-kernel.sh build/guest
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest -m e2e $(ARGS)

check: $(STAMP) ## lint, format, types, layers
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: system $(STAMP) ## measure; ONLY=name,... for a part
	@$(BIN)/python -m tests.bench --only "$(ONLY)"

fuzz: $(STAMP) ## coverage-guided bytes through the edge; SECONDS=600
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/fuzz.lock
	@$(BIN)/python -m tests.fuzz.edge $(SECONDS)

shots: system $(STAMP) ## pictures of every page into build/shots
	@QT_QPA_PLATFORM=offscreen $(BIN)/python -m tests.ui.shots

vectors: $(STAMP) ## outside test vectors: AGE=DIR or MERKLE=DIR
	@$(BIN)/python -m tests.vectors --age "$(AGE)" --merkle "$(MERKLE)"

package: system ## the Debian package and a tree that runs anywhere, into build/package (9 minutes)
	@bash installers/linux/package.sh build/package

lock: ## re-pin requirements/*.lock from pyproject.toml
	@uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet pyproject.toml -o requirements/app.lock
	@uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet --extra server --extra dev pyproject.toml -o requirements/dev.lock
	@uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet --extra package pyproject.toml -c requirements/app.lock -o requirements/package.lock
	@echo "atheris==$(ATHERIS)" | uv pip compile --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet - -o requirements/fuzz.lock

clean: ## remove everything that was built
	@rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
