# Everything that people and CI do with Wenming. `make help` lists it.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup demo test lint up down status bench chaos lock compose-check

BIN := .venv/bin

help:            ## this list
	@awk -F ':[^#]*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

setup:           ## virtual environment, locked dependencies, RabbitMQ, MongoDB: whatever is missing
	@infra/local/setup.sh

demo: setup      ## the whole loop on one screen; FEED=file.csv another feed, ONCE=1 ends after printing
	@$(BIN)/wenming demo $(if $(FEED),--feed "$(FEED)") $(if $(filter-out 0,$(ONCE)),--once)

test: setup      ## all tests, against a real broker and a real database; ARGS= goes to pytest
	@$(BIN)/python -m pytest $(ARGS)

lint: setup      ## style, formatting, types, import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -q tests/architecture

up: setup        ## start everything on this machine and return
	@$(BIN)/wenming up

down:            ## stop it; nothing accepted is lost
	@if [ -x $(BIN)/wenming ]; then $(BIN)/wenming down; else echo "nothing is set up here"; fi

status: setup    ## what runs, where, and how deep the queues are
	@$(BIN)/wenming status

bench: setup     ## measure what we claim about speed; JSON=file writes it, ONLY=name,name selects
	@$(BIN)/python -m bench $(if $(JSON),--json "$(JSON)") $(if $(ONLY),--only "$(ONLY)")

chaos: setup     ## break everything under load, reconcile after each fault; JSON=file writes it, ONLY=word selects
	@$(BIN)/python -m tests.chaos $(if $(JSON),--json "$(JSON)") $(if $(ONLY),--only "$(ONLY)")

lock: setup      ## write the lock files anew from requirements*.in (UPGRADE=1 takes newer versions)
	@infra/local/lock.sh $(if $(filter-out 0,$(UPGRADE)),--upgrade)

compose-check:   ## check docker-compose.yml with Debian's docker-compose (installs it if missing)
	@infra/local/compose_check.sh
