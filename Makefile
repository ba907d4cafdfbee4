# Orderbell's few commands. Each does its own set-up; Python >= 3.11 and make are all it needs.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup demo test check bench soak soak-kafka

setup: .venv/.ready  ## makes .venv with the locked dependencies and the orderbell command

.venv/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("orderbell needs Python 3.11 or newer; try make PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: setup  ## the whole service on this machine: events in, text messages out (about a minute)
	$(BIN)/orderbell demo

test: setup  ## all tests, on a real Kafka of their own; those that need a browser or Prometheus are skipped where there is none
	$(BIN)/pytest -n 4 --dist loadfile --no-loadscope-reorder $(PYTEST_OPTIONS)

SEEDS ?= 1000
soak: setup  ## SEEDS simulations of three days each, on all cores; a seed that fails is shrunk and kept
	$(BIN)/python -m tests.simulation --seeds $(SEEDS)

check: setup  ## types, lint, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup  ## speed beside a bare loop, in the same run
	$(BIN)/python -m benchmarks

MINUTES ?= 10
soak-kafka: setup  ## whole workers on a real Kafka under kills, freezes and a cruel vendor; MINUTES=.. of it
	$(BIN)/python -m tests.soak --minutes $(MINUTES)
