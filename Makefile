# The commands people use. Each sets up what it needs; all are quick when nothing has changed.
SHELL := /bin/bash
.DEFAULT_GOAL := help
VENV := .venv
PY := $(VENV)/bin/python

.PHONY: help setup run test bench fuzz lint peers clean

help:  ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

setup:  ## what everything else needs: .venv, web pages, demo data
	@scripts/setup

run: setup  ## start the demo centre and print its address
	@$(VENV)/bin/tenfour run

test: setup peers  ## run every test
	@scripts/test

bench: setup  ## every benchmark, or one: make bench ONLY=journal
	@$(VENV)/bin/tenfour bench $(or $(ONLY),all)

fuzz: setup  ## break the wire's readers for ten minutes (FUZZ_SECONDS=60: for one)
	@scripts/fuzz

lint: setup  ## format, lint, types and import layers
	@scripts/lint

peers:
	@scripts/peers

clean:  ## remove what was built (not var/, where centres live)
	rm -rf $(VENV) build web/dist web/node_modules
