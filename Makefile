.DEFAULT_GOAL := help
RUN := .venv/bin/
READY := .venv/.ready
export PATH := $(CURDIR)/.venv/bin:$(PATH)
# Empty is off: where an image turns it on, every process of Airflow, the partners and the tests compiles everything anew.
export PYTHONDONTWRITEBYTECODE :=
ARGS ?=

help: ## list every verb
	@grep -hE '^[a-z-]+:.*?## ' $(MAKEFILE_LIST) | awk -F ':.*?## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: $(READY) ## uv, .venv and the system packages that no wheel carries (RabbitMQ, OpenSSH, Chromium), once
	@$(RUN)python -m gateway.local.install

$(READY): pyproject.toml uv.lock
	@bin/bootstrap >/dev/null
	@touch $@

demo: $(READY) ## one business day through real DAGs, left running; ARGS=--once plays it, checks it and stops
	@$(RUN)gateway demo $(ARGS)

check: $(READY) ## format, lint, types, walls, documents
	$(RUN)ruff format --check .
	$(RUN)ruff check .
	$(RUN)mypy
	$(RUN)lint-imports
	$(RUN)pytest tests/docs -q

unit: $(READY) ## the tests of kind unit: no service, no other program; for the inner loop
	$(RUN)pytest -m "unit and not golden and not property and not scenario and not services" -n 2 -q $(ARGS) $$(grep -rl mark.unit tests)

test: setup ## the whole suite; services are started by the tests and end with them
	$(RUN)pytest -n 2 --dist loadfile -q $(ARGS)

bench: setup ## the table of speed and memory; also var/bench.json
	@$(RUN)python -m bench $(ARGS)

clean: ## remove what was made here, except .venv
	rm -rf var .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

.PHONY: help setup demo check unit test bench clean
