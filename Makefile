# The one interface: the same commands for a person, for pre-commit and for CI. `make` lists them.

ifeq ($(filter oneshell,$(.FEATURES)),)
$(error This Makefile needs GNU Make 4 or newer, and this is $(MAKE_VERSION); on macOS install it and call gmake)
endif

# A recipe is one script that stops at its first error.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help
.PHONY: help setup prepare-airflow prepare-sample run catalogue test test-long lint types format lock airflow doctor clean

PYTHON ?= python3.11
BIN := .venv/bin
UV ?= uv

# A setting comes from the environment, else from .env (as the package itself reads it), else from here.
dotenv = $(shell sed -n 's/^$(1)=//p' .env 2>/dev/null | tail -n 1)
KPI_HOME ?= $(or $(call dotenv,KPI_HOME),var)
KPI_EXPORTS ?= $(or $(call dotenv,KPI_EXPORTS),$(SAMPLE))
# Where there are no exports, those of a made-up company: a quarter of what `kpi sample` writes, because a night costs by
# the row. Its last day, and the words by which people search for it. Your own exports end yesterday, as every night's do.
SAMPLE := $(KPI_HOME)/sample_exports
SAMPLE_ROWS ?= 50000
SAMPLE_BRAND := sarvcafe,sarv cafe,سرو کافه,سروکافه
ifeq ($(KPI_EXPORTS),$(SAMPLE))
AS_OF ?= 2026-10-31
KPI_BRAND_TERMS ?= $(or $(call dotenv,KPI_BRAND_TERMS),$(SAMPLE_BRAND))
exports := prepare-sample
$(exports) run airflow doctor: export KPI_BRAND_TERMS := $(KPI_BRAND_TERMS)
endif

export PATH := $(CURDIR)/$(BIN):$(PATH)

# For the commands that work on an installation. The others, tests above all, see the environment as it is.
night = prepare-airflow prepare-sample run catalogue airflow doctor
$(night): export KPI_HOME := $(KPI_HOME)
$(night): export KPI_EXPORTS := $(KPI_EXPORTS)
# Airflow takes absolute paths only.
$(night): export AIRFLOW_HOME := $(if $(filter /%,$(firstword $(KPI_HOME))),,$(CURDIR)/)$(KPI_HOME)/airflow
$(night): export AIRFLOW__CORE__DAGS_FOLDER := $(CURDIR)/dags
$(night): export AIRFLOW__CORE__LOAD_EXAMPLES := False
# Its web interface is for this machine only.
$(night): export AIRFLOW__API__HOST := 127.0.0.1

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/.installed ## Create .venv with exactly the locked packages (about a minute, once)

.venv/.installed: requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is not installed: install Python 3.11, or name it: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	[ -x $(BIN)/python ] || $(PYTHON) -m venv .venv
	echo "Installing the locked packages into .venv; this takes about a minute."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

# What `run` and `airflow` need of Airflow: its own database, and the pool that lets one task at a time write the warehouse.
# Once per AIRFLOW_HOME, and again when the lock may have brought another Airflow.
prepare-airflow: setup
	@mkdir -p "$$AIRFLOW_HOME"
	[ "$$AIRFLOW_HOME/.prepared" -nt requirements.lock ] && exit
	echo "Preparing Airflow's own database in $$AIRFLOW_HOME"
	{ airflow db migrate && airflow pools set warehouse 1 "Whoever writes the warehouse"; } >"$$AIRFLOW_HOME/prepare.log" 2>&1 \
	    || { tail -n 20 "$$AIRFLOW_HOME/prepare.log" >&2; exit 1; }
	touch "$$AIRFLOW_HOME/.prepared"

# Once per KPI_HOME; a sample whose writing was interrupted has no mark yet and is written again.
prepare-sample: setup
	@[ -f "$(SAMPLE)/.written" ] && exit
	kpi sample --to "$(SAMPLE)" --rows $(SAMPLE_ROWS)
	touch "$(SAMPLE)/.written"

# Airflow's log goes to a file; the terminal shows which task starts, and what our own verbs say.
#
# The DAG's last task, verdict, fails when something is held. Here `kpi status` says so instead, so that a failed DAG means
# one thing: the night could not be carried out. (make itself ends with 2 whenever a command fails, and prints the command's
# own code: 3 for "published, but something is held".) Nobody waits for retries in front of a terminal: KPI_RETRIES=0.
run: prepare-airflow $(exports) ## Run the whole night (the real Airflow DAG) on a sample company, or on KPI_EXPORTS=... AS_OF=...
	@log="$$AIRFLOW_HOME/last_run.log"
	if ! KPI_RETRIES=0 airflow dags test kpi_nightly --mark-success-pattern verdict \
	        -c '$(if $(AS_OF),{"as_of": "$(AS_OF)"},{})' 2>&1 | tee "$$log" | awk '
	            /\[DAG TEST\] starting task_id=/ { sub(/.*task_id=/, ""); sub(/ .*/, ""); print "* " $$0; fflush() }
	            / \[kpi_pipeline[^]]*\]/ { sub(/^[^[]*\[[a-z ]*\] /, ""); sub(/ *\[kpi_pipeline.*/, ""); print "  " $$0; fflush() }'
	then
	    # What the exceptions said, without their tracebacks; the end of the log where there is none.
	    reason="$$(awk '/^20[0-9][0-9]-/ { inside = /\[error/; next }
	        inside && !/^Traceback|^  File|^    / && !seen[$$0]++' "$$log")"
	    printf 'The night could not be carried out.\n%s\nAll of it: %s\n' "$${reason:-$$(tail -n 20 "$$log")}" "$$log" >&2
	    exit 1
	fi
	kpi status

catalogue: setup ## Write a page with what every KPI means, with the numbers of the current release
	@kpi catalogue

airflow: prepare-airflow $(exports) ## Start Airflow with its scheduler and web interface, with our DAGs in it
	@exec airflow standalone

# A file of tests stays with one worker, because its tests share what they built.
WORKERS ?= 2

test: setup ## Run every test that belongs to a change (minutes)
	@pytest -m "not long" --numprocesses $(WORKERS) --dist loadfile $(PYTEST_ARGS)

test-long: setup ## Run the kill, mutation and fuzz matrices
	@pytest -m long --numprocesses $(WORKERS) $(PYTEST_ARGS)

# The SQL is compiled as dbt does, against an empty database in memory.
SQLFLUFF := KPI_WAREHOUSE=:memory: sqlfluff

lint: setup ## Check the style of Python and SQL, and the direction of imports
	@ruff check .
	ruff format --check .
	lint-imports --no-cache
	$(SQLFLUFF) lint --processes 0 dbt_project/models kpi_models

types: setup ## Check the types
	@mypy

format: setup ## Mend what the linters can mend
	@ruff check --fix .
	ruff format .
	$(SQLFLUFF) fix --processes 0 dbt_project/models kpi_models

lock: ## Resolve requirements.lock again; UPGRADE=1 takes newer versions (needs uv)
	@command -v $(UV) >/dev/null || { echo "uv is not installed: pip install uv, or name it: make lock UV=/path/to/uv" >&2; exit 1; }
	# No index host and no path of this machine may reach the file: it must install from any index.
	$(UV) pip compile pyproject.toml --extra dev --generate-hashes --python-version 3.11 $(if $(UPGRADE),--upgrade) \
	    --no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' --quiet -o requirements.lock

doctor: setup $(exports) ## Say what on this machine or in this configuration will not work
	@kpi doctor

clean: ## Remove .venv and every cache; KPI_HOME, where the releases are, stays
	@rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist dbt_project/target dbt_project/logs
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
