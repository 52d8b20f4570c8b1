.DEFAULT_GOAL := help
UV ?= uv
RUN := $(UV) run --frozen --all-extras

help: ## list every verb
	@grep -hE '^[a-z-]+:.*?## ' $(MAKEFILE_LIST) | awk -F ':.*?## ' '{printf "  make %-10s %s\n", $$1, $$2}'

check: ## format, lint, types, walls
	$(RUN) ruff format --check .
	$(RUN) ruff check .
	$(RUN) mypy
	$(RUN) lint-imports

.PHONY: help check
