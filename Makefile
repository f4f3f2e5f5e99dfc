# Two commands do everything: `make demo` and `make test`. Both need only Python 3.11 or later and a package index.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOWEST := tests/config tests/model tests/notify tests/telemetry tests/web tests/wire tests/cli/test_main.py \
	--ignore=tests/config/test_json_schema.py --ignore=tests/web/test_openapi.py --ignore=tests/web/test_accessibility.py --ignore=tests/web/test_real_browser.py
# Two for each core and two: four of six begin with tests that wait for most of their time, and two compute meanwhile.
WORKERS = $(shell expr 2 + 2 '*' $$(getconf _NPROCESSORS_ONLN))
QUICK := tests/judge tests/model tests/docs tests/test_structure.py tests/test_docstrings.py
# Some hundred tests start the program: without byte code each start compiles all of it anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test busy quick quick-lint quick-test lint format bench bench-detection scenarios schema rules wording dashboards picture sample lock lowest wheel dist clean
.DEFAULT_GOAL := help

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

$(VENV)/.runtime: .requirements/runtime.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r $<
	touch $@

$(VENV)/.dev: .requirements/dev.txt $(VENV)/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r $<
	touch $@

demo: $(VENV)/.runtime  ## a simulated migration on loopback, watched: the page's address is printed (Ctrl-C ends it)
	$(BIN)/python -m probe demo $(DEMO_ARGS)

# Workers take work from each other when they run dry: files stay together as long as there is something else to do.
# In a fresh copy each of them would compile every module; what is no test is compiled before (pytest compiles tests its own way).
test: $(VENV)/.dev  ## all tests, on all cores (PYTEST_ARGS=... to choose); real servers that are not installed are skipped
	$(BIN)/python -m compileall -q -j 0 -x '/(test_[^/]*|conftest)\.py' probe tests
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(PYTEST_ARGS)

busy: $(VENV)/.dev  ## all tests beside two processes that take all the CPU they get: nothing may depend on the machine's speed
	@( while :; do :; done ) & first=$$!; ( while :; do :; done ) & second=$$!; trap "kill $$first $$second" EXIT; \
		$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(PYTEST_ARGS)

quick: $(VENV)/.dev  ## what most changes break, in under a minute: lint, and the tests of judge, model, docs and structure
	$(MAKE) --no-print-directory -j 2 --output-sync=target quick-lint quick-test

quick-lint:
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy

quick-test:
	$(BIN)/python -m pytest -q -n auto --dist worksteal -m "not long" $(QUICK)

lint: $(VENV)/.dev  ## ruff, mypy --strict, import-linter
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev  ## put the code into the one format
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

bench-detection: $(VENV)/.dev  ## how soon fights are found, and what is taken for one (DETECTION_ARGS=... for more runs)
	$(BIN)/python -m tests.detection $(DETECTION_ARGS)

bench: $(VENV)/.dev  ## speed and memory as ratios within one run
	$(BIN)/python -m tests.bench

scenarios: $(VENV)/.dev  ## every recorded fight, look-alike and remedy, at every interval and loss, weights, and the whole table (make test plays a sample)
	SCENARIOS=full $(BIN)/python -m pytest tests/scenarios tests/remedies tests/judge/record/test_weighted.py tests/judge/findings/test_whole_table.py tests/cli/test_story.py $(PYTEST_ARGS)

schema: $(VENV)/.dev  ## write the JSON Schemas of the plan and of the chart anew, and the reference in docs/plan-file.md
	$(BIN)/python -m probe config schema > config/plan.schema.json
	PYTHONPATH=. $(BIN)/python .tools/values_schema.py > deploy/helm/cutover-probe/values.schema.json
	PYTHONPATH=. $(BIN)/python .tools/plan_reference.py

rules: $(VENV)/.runtime  ## write the alerting rules of chart and mixin anew, the table of docs/alerts.md and the count in docs/metrics.md
	$(BIN)/python -m probe config rules | tee deploy/mixin/rules.yaml > deploy/helm/cutover-probe/files/rules.yaml
	PYTHONPATH=. $(BIN)/python .tools/catalogue_pages.py

wording: $(VENV)/.dev  ## write the approved wording of findings, effects and checks anew
	$(BIN)/python -m tests.wording

dashboards: $(VENV)/.dev  ## write the Grafana dashboards of chart, package and mixin anew
	PYTHONPATH=.:.tools $(BIN)/python -m dashboards

picture: $(VENV)/.dev  ## take the picture of the status page in the README anew (needs Chromium)
	PYTHONPATH=.:.tools $(BIN)/python -m picture

sample: $(VENV)/.dev  ## take the sample of the terminal in the README anew
	$(BIN)/python -m tests.docs.terminal_sample

wheel: $(VENV)/.dev  ## dist/*.whl
	$(BIN)/python -m build --wheel --no-isolation

dist: $(VENV)/.dev  ## dist/*.tar.gz, and dist/*.whl made of it
	$(BIN)/python -m build --no-isolation

# What parses, serves and exports touches every dependency; what is judged touches none.
lowest: .requirements/lowest.txt  ## the tests of the edges with the oldest dependencies that pyproject.toml allows
	$(PYTHON) -m venv .lowest
	.lowest/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r $<
	.lowest/bin/python -m pytest -q -n auto --dist worksteal $(LOWEST)

lock: $(VENV)/.dev  ## resolve .requirements/*.txt anew, for every supported Python
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --upgrade -q --all-extras pyproject.toml -o .requirements/runtime.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --upgrade -q --all-extras pyproject.toml .requirements/dev.in -c .requirements/runtime.txt -o .requirements/dev.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --upgrade -q .requirements/build.in -c .requirements/dev.txt -o .requirements/build.txt
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --upgrade -q --all-extras --resolution lowest-direct pyproject.toml .requirements/lowest.in -o .requirements/lowest.txt

clean:  ## remove what the targets above made
	rm -rf $(VENV) .lowest dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
