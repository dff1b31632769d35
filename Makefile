# Everything one types. It brings its own uv and keeps to what uv.lock pins; nothing is installed outside this folder.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

UV_VERSION := 0.13.9
ENV ?= dev
ARCH ?= x86_64
PARAMS ?=
PARTS ?=
RATE ?= 12
SECONDS ?= 60
HISTORIES ?= 10000
CONCURRENT ?= 2000
SEED ?= 0
CONFIRM ?=

# A Python that really runs: what is on PATH may be a pyenv shim that points nowhere.
PYTHON ?= $(shell for p in python3.13 "$$(pyenv root 2>/dev/null)"/versions/3.13*/bin/python3.13 python3 \
    python3.14 python3.12 python3.11 "$$(pyenv root 2>/dev/null)"/versions/3.1[124]*/bin/python3; do \
  "$$p" -c 'import sys; assert (3, 11) <= sys.version_info < (3, 15); print(sys.executable)' 2>/dev/null && break; \
  done)
PYTHON := $(PYTHON)
ifeq ($(PYTHON),)
$(error Python 3.11 to 3.14 is needed and none was found; name one with PYTHON=/path/to/python3)
endif
MINOR := $(shell "$(PYTHON)" -c 'import sys; print("%d.%d" % sys.version_info[:2])')

UV_ON_PATH := $(shell command -v uv 2>/dev/null)
UV_BROUGHT := $(CURDIR)/.local/tools/bin/uv
UV := $(or $(UV_ON_PATH),$(UV_BROUGHT))
UV_READY := $(if $(UV_ON_PATH),,$(UV_BROUGHT))

export PYTHON UV
export UV_PYTHON_DOWNLOADS := never
export SAM_CLI_TELEMETRY := 0
unexport VIRTUAL_ENV

# The stamps carry the Python's version: another one makes the environments anew.
DEV := .venv/ready-$(MINOR)
CLOUD := .local/envs/cloud/ready-$(MINOR)
SAM := .local/envs/sam/ready-$(MINOR)
BENCH := .local/envs/bench/ready-$(MINOR)
PEERS := .local/envs/peers/ready-$(MINOR)
CHECKOV := .local/envs/checkov/ready-$(MINOR)
BIN := .venv/bin

# The kernel of the packed models, for this machine: built into the package, never committed. The Zig in .venv also compiles the layers'.
KERNEL_PLATFORM := $(patsubst arm64-%,aarch64-%,$(shell uname -m)-$(shell uname -s | tr '[:upper:]' '[:lower:]'))
KERNEL := layers/fraud/fraud/scoring/packed/kernel-$(lastword $(subst -, ,$(KERNEL_PLATFORM)))-$(firstword $(subst -, ,$(KERNEL_PLATFORM))).so
export ZIG_PYTHON := $(CURDIR)/$(BIN)/python
export ZIG_GLOBAL_CACHE_DIR := $(CURDIR)/.local/zig
export ZIG_LOCAL_CACHE_DIR := $(CURDIR)/.local/zig

# What the layers are built for in the cloud; the laptop builds for itself.
BUILD_PYTHON_VERSION ?= 3.13
PLATFORM_x86_64 := x86_64-manylinux_2_28
PLATFORM_arm64 := aarch64-manylinux_2_28
TARGET := Runtime=python$(BUILD_PYTHON_VERSION) Architecture=$(ARCH)

.PHONY: help run up down status test check lint bench load contract soak build deploy clean lock envs not-an-env

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

run: envs ## the whole system on this laptop, until Ctrl-C (PORT=4566)
	@$(BIN)/python -m local run

up: envs ## the same, but returns
	@$(BIN)/python -m local up

down: ## stop what `make up` started
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m local down; else echo "nothing was running"; fi

status: $(DEV) ## say what is running
	@$(BIN)/python -m local status

# One thread for each of two workers: numeric libraries would otherwise start as many again and wait for one another.
test: envs ## all tests
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/pytest --numprocesses 2 --cov --cov-report=term

check: lint test ## what CI runs: style, types, template, all tests

lint: $(DEV) $(SAM) $(CHECKOV) ## style, types and template
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	AWS_DEFAULT_REGION=eu-west-1 .local/envs/sam/bin/sam validate --lint
	$(BIN)/cfn-lint --append-rules cfn_lint_serverless.rules -- template.yaml
	.local/envs/checkov/bin/checkov --config-file .checkov.yaml

bench: $(BENCH) $(PEERS) $(KERNEL) ## benchmarks; writes benchmarks/results.md and its plots (PARTS="warm cold": these alone)
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 .local/envs/bench/bin/python -m benchmarks $(PARTS)

load: $(DEV) ## a minute of transactions for the running system, and the proof that none got lost (RATE=12 SECONDS=60)
	$(BIN)/python -m benchmarks.load --rate $(RATE) --seconds $(SECONDS)

contract: $(DEV) ## made-up requests of every kind for the running system, held against its own description (CASES=25)
	@$(BIN)/python -m local.contract

soak: envs ## random histories of the whole system full of faults; writes benchmarks/soak.md and races.md (HISTORIES=10000 SEED=0 CONCURRENT=2000)
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 PYTHONPATH=.:layers/fraud $(BIN)/python -m tests.faults \
	  --histories $(HISTORIES) --seed $(SEED) --concurrent $(CONCURRENT)

build: $(DEV) $(SAM) ## build for Lambda and show the sizes (ARCH=x86_64|arm64)
	@$(if $(PLATFORM_$(ARCH)),,echo "ARCH is x86_64 or arm64, not $(ARCH)"; exit 1)
	env -u MAKEFLAGS -u MAKELEVEL BUILD_PLATFORM=$(PLATFORM_$(ARCH)) BUILD_PYTHON_VERSION=$(BUILD_PYTHON_VERSION) \
	  .local/envs/sam/bin/sam build --parallel --parameter-overrides $(TARGET)
	$(BIN)/python -m local.sizes .aws-sam/build/template.yaml

deploy: $(if $(filter dev staging prod,$(ENV)),build,not-an-env) ## build and deploy to AWS (ENV=dev|staging|prod PARAMS="AlertEmail=a@b.c" CONFIRM=no)
	.local/envs/sam/bin/sam deploy --config-env $(ENV) $(if $(filter no,$(CONFIRM)),--no-confirm-changeset) \
	  --parameter-overrides Stage=$(ENV) $(TARGET) $(PARAMS)
	$(BIN)/fraudctl --stack fraud-$(ENV) register-keys

not-an-env:
	@echo "ENV is dev, staging or prod, not $(ENV)"; exit 1

clean: down ## remove everything made here
	rm -rf .venv .local .aws-sam .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache $(KERNEL)
	find . -type d -name __pycache__ -prune -exec rm -rf {} +

lock: $(UV_READY) ## resolve the dependencies anew and export those of the layers
	"$(UV)" lock --python "$(PYTHON)"
	"$(UV)" lock --project tools/checkov --python "$(PYTHON)"
	for layer in fraud numeric parquet sklearn; do \
	  "$(UV)" export --quiet --frozen --only-group "layer-$$layer" --no-hashes --no-emit-project --no-header --no-annotate \
	    --output-file "layers/$$layer/requirements.txt" >/dev/null; \
	done

envs: $(DEV) $(CLOUD) $(SAM) $(KERNEL) ## the environments alone, and the kernel for this machine

$(DEV): pyproject.toml uv.lock | $(UV_READY)
	@echo "preparing .venv"
	@UV_PROJECT_ENVIRONMENT=.venv "$(UV)" sync --quiet --frozen --python "$(PYTHON)"
	@touch $@

$(CLOUD): pyproject.toml uv.lock | $(UV_READY)
	@echo "preparing .local/envs/cloud"
	@UV_PROJECT_ENVIRONMENT=.local/envs/cloud "$(UV)" sync --quiet --frozen --only-group cloud --python "$(PYTHON)"
	@touch $@

$(SAM): pyproject.toml uv.lock | $(UV_READY)
	@echo "preparing .local/envs/sam"
	@UV_PROJECT_ENVIRONMENT=.local/envs/sam "$(UV)" sync --quiet --frozen --only-group sam --python "$(PYTHON)"
	@touch $@

$(CHECKOV): tools/checkov/pyproject.toml tools/checkov/uv.lock | $(UV_READY)
	@echo "preparing .local/envs/checkov"
	@UV_PROJECT_ENVIRONMENT="$(CURDIR)/.local/envs/checkov" "$(UV)" sync --quiet --frozen --project tools/checkov --python "$(PYTHON)"
	@touch $@

$(BENCH): pyproject.toml uv.lock | $(UV_READY)
	@echo "preparing .local/envs/bench"
	@UV_PROJECT_ENVIRONMENT=.local/envs/bench "$(UV)" sync --quiet --frozen --compile-bytecode --no-default-groups \
	  --group bench --python "$(PYTHON)"
	@touch $@

# What cannot be installed is not measured; the results say so.
$(PEERS): pyproject.toml uv.lock | $(UV_READY)
	@echo "preparing .local/envs/peers"
	@UV_PROJECT_ENVIRONMENT=.local/envs/peers "$(UV)" sync --quiet --frozen --compile-bytecode --no-default-groups \
	  --group peers --python "$(PYTHON)" && touch $@ || echo "BentoML, LitServe and MLflow cannot be installed here: skipped"

$(KERNEL): layers/fraud/kernel.c layers/fraud/Makefile | $(DEV)
	@echo "compiling the kernel"
	@$(MAKE) -C layers/fraud kernel BUILD_PLATFORM=$(KERNEL_PLATFORM)

$(UV_BROUGHT):
	@echo "preparing uv"
	@"$(PYTHON)" -m venv .local/tools
	@.local/tools/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
