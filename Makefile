# The daily vocabulary beside `python3 manage.py up` and `python3 manage.py test`.
PMO_VENV ?= .venv
BIN := $(PMO_VENV)/bin
PY := $(BIN)/python
TEMPLATES = $(shell find templates -name '*.html')
# What a production process is started with, for `check --deploy`: no secret here, only its form.
PRODUCTION = PMO_HTTPS=1 DEBUG=0 ALLOWED_HOSTS=office.example SECRET_KEY=checked-by-form-only-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOP

.PHONY: check format-check lint types contracts dependencies templates-check migrations-check deploy-check fix lock bench faults fuzz mutation

check: format-check lint types contracts dependencies templates-check migrations-check deploy-check

format-check:
	$(BIN)/ruff format --check .
lint:
	$(BIN)/ruff check .
types:
	$(BIN)/mypy
contracts:
	$(BIN)/lint-imports
dependencies:
	$(BIN)/deptry --no-ansi .
templates-check:
	$(BIN)/djade --target-version 5.2 --check $(TEMPLATES)
migrations-check:
	$(PY) manage.py makemigrations --check --dry-run
deploy-check:
	$(PRODUCTION) $(PY) manage.py check --deploy --fail-level WARNING

fix:
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djade --target-version 5.2 $(TEMPLATES) || true

# The locks: exact versions with hashes, and no address of any package index.
COMPILE = UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile pyproject.toml --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 --group embedded
lock:
	$(COMPILE) -o requirements.txt
	$(COMPILE) --group dev -c requirements.txt -o requirements-dev.txt

# The long ones: run when their subject changed.
bench:
	$(PY) -m benchmarks.engine
	$(PY) -m benchmarks.pages
faults:
	PMO_LONG=1 PMO_KILLS=60 $(PY) manage.py test -n 0 -m fault
fuzz:
	PMO_LONG=1 $(PY) manage.py test -k "fuzz or hostile or generated or stateful"
mutation:
	$(PY) tools/mutate.py --minutes 60
