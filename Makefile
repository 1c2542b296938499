# One place for every command. `make run` and `make test` need nothing but Python 3.11 or newer and pip.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
PORT   ?= 3000
BLOG   ?= serving/samples/harbour.txt
export BENTOML_DO_NOT_TRACK = True
export HF_HUB_OFFLINE ?= 1

.PHONY: help install run serve test soak check gate bench bench-summaries bento clean

help:  ## say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(STAMP)  ## make .venv with everything, the command `standfirst` in it

# torch goes first and by itself, so that nothing else chooses another build of it
$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt torch
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[archive,serve,train,dev]'
	touch $@

run: install  ## start the service, post a live blog, print the result, stay up (ONCE=1: end)
	$(BIN)/python -m serving.demo $(BLOG) --port $(PORT) $(if $(ONCE),--once)

serve: install  ## start the service and nothing else
	$(BIN)/python -m serving --port $(PORT)

test: install  ## pass the tests
	$(BIN)/python -m pytest

soak: install  ## the long tests: killed archive jobs, a lost cluster node, ten minutes of load on the service
	$(BIN)/python -m pytest -m soak
	$(BIN)/python -m benchmarks.soak

check: install  ## lint, types, import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

gate: install  ## check the shipped models' figures against their floors
	$(BIN)/python -m pytest -m gate -rA tests/gate

bench: install  ## speed, start-up and memory beside other ways to do the same
	$(BIN)/python -m benchmarks.speed
	$(BIN)/python -m benchmarks.service

bench-summaries: install  ## lines and digests beside baselines, on public live blogs (the data folder)
	$(BIN)/python -m benchmarks.summaries

bento: install  ## build a Bento
	$(BIN)/bentoml build

clean:  ## remove what was made, not what was trained
	rm -rf $(VENV) build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis .import_linter_cache
