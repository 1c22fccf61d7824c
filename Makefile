# Every act of the project by one word; `make help` lists them.
# torch comes first and alone, from the index of its CPU builds: asked of PyPI it would bring
# gigabytes of CUDA libraries that nothing here uses.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
TORCH  := torch==2.13.0
TORCH_INDEX := https://download.pytorch.org/whl/cpu

.DEFAULT_GOAL := help
.PHONY: help setup app index test test-all test-long lint format evaluate gate bench figures audit sbom licences clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/torch:
	@$(PYTHON) -m venv $(VENV) || { echo "No virtual environment could be made: on Debian, apt-get install python3-venv"; exit 1; }
	@$(BIN)/pip install --quiet --no-deps --retries 0 --index-url $(TORCH_INDEX) $(TORCH) || { \
	  echo "torch's CPU build could not be installed. Check the network, or fetch the wheel of $(TORCH)"; \
	  echo "for your machine from $(TORCH_INDEX) and run: $(BIN)/pip install --no-deps FILE; touch $(VENV)/torch"; \
	  exit 1; }
	@touch $@

$(VENV)/installed: $(VENV)/torch pyproject.toml constraints.txt
	@echo "Installing (2 GB the first time)…"
	@$(BIN)/pip install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/installed-dev: $(VENV)/torch pyproject.toml constraints.txt
	@echo "Installing, with the tools (2 GB the first time)…"
	@$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $(VENV)/installed $@

setup: $(VENV)/installed-dev ## install the project and its tools into .venv

index: $(VENV)/installed ## build the index, or bring it up to date
	@$(BIN)/python -m index build

app: index ## install, build the index, and serve the page on http://localhost:8501
	@$(BIN)/streamlit run app.py

test: setup ## the fast tests (under a minute)
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal

test-all: setup ## the fast and the slow tests, browser included (what CI runs)
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "not long and not browser"
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "browser and not long"

# Shared out test by test: by file, ten minutes of browsers would start when all else is done.
test-long: setup ## the long campaigns of faults and load (under 20 minutes)
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m long

lint: setup ## ruff and mypy
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

format: setup ## let ruff format and mend what it can
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

evaluate: index ## measure answers and retrieval on the gold set, beside the baselines
	@$(BIN)/python -m evaluation run --split test --baselines

gate: index ## fail if the development figures fell below the committed ones
	@$(BIN)/python -m evaluation gate

bench: index ## cost against size, beside peers
	@$(BIN)/python -m evaluation bench

figures: index ## write the tables of README and docs from the committed results
	@$(BIN)/python -m evaluation report

audit: setup ## known vulnerabilities of what is installed (says so when its database is out of reach)
	@$(BIN)/python deploy/supply_chain.py audit

sbom: setup ## write the bill of materials (CycloneDX) to sbom.json
	@$(BIN)/python deploy/supply_chain.py sbom sbom.json

licences: setup ## write docs/licences.md
	@$(BIN)/python deploy/supply_chain.py licences

clean: ## forget what was built (the installed environment too)
	@rm -rf $(VENV) index/store build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
