# Two commands do all the set-up on a fresh machine: `make rollout` runs the main job, `make test` passes the tests.
PYTHON ?= python3
VENV ?= .venv
PIP = $(VENV)/bin/python -m pip install --quiet --constraint constraints.txt

# axolotl pins what others cannot live with: an environment of its own, 4 GB, in a cache that outlives this checkout.
export SIMENV_CACHE ?= $(HOME)/.cache/simenv
AXOLOTL = $(SIMENV_CACHE)/axolotl-0.19.0

.PHONY: rollout test bench lint system axolotl clean

rollout: $(VENV)/.core
	$(VENV)/bin/python -m simenv.rollout

test: $(VENV)/.dev system axolotl
	$(VENV)/bin/python -m pytest -n 2 --dist loadfile

bench: $(VENV)/.dev
	$(VENV)/bin/python tests/benchmarks/bench.py

lint: $(VENV)/.dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "simenv needs Python 3.11 or newer; set PYTHON=…")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.core: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) --editable .
	touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) --editable '.[dev,train]'
	touch $@ $(VENV)/.core

# Programs and their Debian packages; a test that needs one of them skips without it and names the package.
SYSTEM = mariadbd:mariadb-server bwrap:bubblewrap chromium:chromium

system:
	@missing=""; for pair in $(SYSTEM); do \
	  PATH="$$PATH:/usr/sbin" command -v "$${pair%%:*}" >/dev/null || missing="$$missing $${pair#*:}"; done; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	else echo "tests that need these packages will skip:$$missing"; fi

axolotl:
	@test -e $(AXOLOTL)/.done || { \
	  echo "installing axolotl into $(AXOLOTL)" && $(PYTHON) -m venv $(AXOLOTL) && \
	  $(AXOLOTL)/bin/python -m pip install --quiet torch==2.13.0 uv && { \
	    $(AXOLOTL)/bin/uv pip install --quiet --python $(AXOLOTL)/bin/python axolotl==0.19.0 torch==2.13.0 || \
	    $(AXOLOTL)/bin/python -m pip install --quiet axolotl==0.19.0 torch==2.13.0; \
	  } && touch $(AXOLOTL)/.done; } || echo "axolotl cannot be installed here: the tests that need it will skip"

clean:
	rm -rf $(VENV) build dist .pytest_cache .ruff_cache .benchmarks
