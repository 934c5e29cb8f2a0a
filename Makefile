# Every target runs in .venv, which is made once and again when pyproject.toml
# changes. After that nothing here needs the network.

PYTHON ?= python3
HYPOTHESIS_PROFILE ?= dev
PYTEST_ARGS ?=
# How many processes share the tests; `make test WORKERS=0` runs them in one, in order.
WORKERS ?= auto
# The release that tests and benchmarks are compared with.
TORCH ?= torch==2.13.0

VENV := .venv
RUN := $(VENV)/bin/python
INSTALL := $(RUN) -m pip install -qq --disable-pip-version-check

export HYPOTHESIS_PROFILE

# An environment whose checkout was moved, or whose Python has gone, is stale.
$(shell test ! -e $(VENV)/checkout \
	|| { test -x $(RUN) && test "$$(cat $(VENV)/checkout)" = "$$(pwd -P)"; } \
	|| rm -rf $(VENV))

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: demo test lint types bench docs lessons gallery conventions peers clean help

demo: $(VENV)/installed-all ## train a network on Iris; pictures and tables go to out/
	@$(RUN) examples/iris.py

test: $(VENV)/installed-test ## run the whole suite (PYTEST_ARGS=... to narrow it)
	@$(RUN) -m pytest -n $(WORKERS) --dist loadgroup $(PYTEST_ARGS)

lint: $(VENV)/installed-test ## check style and formatting
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .

types: $(VENV)/installed-test ## check types
	@$(RUN) -m mypy

bench: $(VENV)/installed-peers ## measure against other libraries
	@$(RUN) -m benchmarks

docs: $(VENV)/installed-docs ## build the documentation as a site in out/docs
	@$(RUN) -m sphinx -q -W --keep-going -E -c docs -b html . out/docs
	@echo "wrote out/docs/docs/index.html"

lessons: $(VENV)/installed-test ## make the notebooks of the lessons from their scripts
	@$(RUN) -m examples.lessons.build

gallery: $(VENV)/installed-all $(VENV)/installed-test ## draw the pictures of docs/gallery.md anew
	@MPLBACKEND=Agg $(RUN) -m tests.gallery

conventions: $(VENV)/installed-test ## write docs/conventions.md anew
	@$(RUN) -m tests.conventions

peers: $(VENV)/installed-peers ## install the libraries that tests compare with

clean: ## remove what was built or cached, but not .venv
	@rm -rf out dist build htmlcov *.egg-info .coverage .coverage.* \
		.hypothesis .mypy_cache .pytest_cache .ruff_cache
	@find . -name $(VENV) -prune -o -name __pycache__ -type d -prune \
		-exec rm -rf {} +

help: ## list these targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 14

$(VENV)/checkout:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
		|| { echo "wengert needs Python 3.11 or newer, but $(PYTHON) is" \
			"$$(command -v $(PYTHON) >/dev/null && $(PYTHON) --version 2>&1 || echo missing)." \
			"Name another one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "wengert needs the venv module, and $(PYTHON) has none." \
			"On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "Making $(VENV) (once)"
	@$(PYTHON) -m venv $(VENV)
	@pwd -P > $@

$(VENV)/installed-all: pyproject.toml | $(VENV)/checkout
	@echo "Installing wengert and all it can use into $(VENV) (once; takes a minute)"
	@$(INSTALL) --editable '.[all]'
	@touch $@

$(VENV)/installed-test: pyproject.toml | $(VENV)/checkout
	@echo "Installing wengert and its tests' tools into $(VENV) (once; takes a minute)"
	@$(INSTALL) --editable '.[all,test]'
	@touch $@ $(VENV)/installed-all

$(VENV)/installed-docs: pyproject.toml | $(VENV)/installed-test
	@echo "Installing what builds the documentation into $(VENV) (once)"
	@$(INSTALL) --editable '.[all,test,docs]'
	@touch $@

$(VENV)/installed-peers: pyproject.toml | $(VENV)/checkout
	@echo "Installing the libraries to compare with into $(VENV) (once; large)"
	@$(INSTALL) --editable '.[all,test,bench]' '$(TORCH)'
	@touch $@ $(VENV)/installed-all $(VENV)/installed-test
