# Two commands do all the set-up on a fresh machine: `make rollout` runs the main job, `make test` passes the tests.
PYTHON ?= python3
VENV ?= .venv
PIP = $(VENV)/bin/python -m pip install --quiet --constraint constraints.txt

# axolotl pins what others cannot live with: an environment of its own, 4 GB, in a cache that outlives this checkout.
export SIMENV_CACHE ?= $(HOME)/.cache/simenv
AXOLOTL = $(SIMENV_CACHE)/axolotl-0.19.0

# The study with some thirty million parameters, harder tasks and twenty times the data: for a GPU.
LARGE = name=study-large jobs=1 threads=8 stages.base.width=512 stages.base.layers=cacacaca stages.base.heads=8 \
  stages.base.vocabulary=8000 stages.base.context=2048 stages.base.practice.steps=6000 stages.base.practice.tokens=16384 \
  stages.base.practice.learning_rate=0.001 stages.text.environments.db.episodes=2000 \
  stages.text.environments.household.episodes=2000 stages.curate.mix.size=16000 \
  stages.rollout.environments.db.episodes=20000 stages.rollout.environments.household.episodes=10000 \
  stages.gold.environments.db.episodes=20000 stages.gold.environments.household.episodes=10000 \
  stages.finetune.tokens=6000000 stages.finetune.batch_size=32 stages.finetune.learning_rate=0.0005 \
  stages.finetune.sequence_length=2048 stages.finetune.device=auto stages.evaluate.model.device=auto \
  stages.evaluate.model.batch_size=128 stages.evaluate.environments.db.episodes=300 \
  stages.evaluate.environments.household.episodes=300

.PHONY: rollout study study-large test random-order reliability mutants audit bench docs release-check lint system axolotl receivers drivers doors clean

rollout: $(VENV)/.core
	$(VENV)/bin/python -m simenv.rollout

study: $(VENV)/.dev
	$(VENV)/bin/python -m simenv.sweep configs/sweep/study.yaml

study-large: $(VENV)/.dev
	$(VENV)/bin/python -m simenv.sweep configs/sweep/study.yaml $(LARGE)

test: $(VENV)/.dev system axolotl
	$(VENV)/bin/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

# Three orders, each with a seed that is printed: pytest --random-order-seed=N repeats it.
random-order: $(VENV)/.dev
	for _ in 1 2 3; do $(VENV)/bin/python -m pytest -n 2 --dist loadfile --random-order-bucket=module --random-order || exit 1; done

# Which faults put into the product its tests notice; the first time it records for an hour which test runs which line.
mutants: $(VENV)/.dev
	ls $(SIMENV_CACHE)/mutation/*/seconds.json >/dev/null 2>&1 || $(VENV)/bin/python -m tests.mutation record
	$(VENV)/bin/python -m tests.mutation run --number $(or $(number),300) --seed $(or $(seed),1)

# Damaged input for every reader, hostile statements, and faults at random moments: half an hour of processor time.
reliability: $(VENV)/.dev system
	$(VENV)/bin/python -m tests.reliability.fuzz --count 1000000
	$(VENV)/bin/python -m tests.reliability.fuzz_sql 200000
	$(VENV)/bin/python -m tests.reliability.faults --times 20
	$(VENV)/bin/python -m pytest tests/reliability/os_escapes.py tests/reliability/os_hostile.py tests/reliability/os_memory.py

# Known holes in the packages that are installed; it asks a service on the network.
audit: $(VENV)/.dev
	$(PIP) pip-audit
	$(VENV)/bin/python -m pip_audit --skip-editable

bench: $(VENV)/.dev
	$(VENV)/bin/python tests/benchmarks/bench.py

# The documentation as a site in site/; a warning, such as a link that leads nowhere, is an error.
docs: $(VENV)/.dev
	NO_MKDOCS_2_WARNING=1 $(VENV)/bin/python -m mkdocs build --strict --site-dir site

# Wheel and sdist, each installed into a fresh environment, in which the quickstart, the examples and the plugins of `new` run.
release-check: $(VENV)/.dev
	$(VENV)/bin/python -m tests.release

# The programs of others drive our worlds at length: OpenEnv 200 episodes, verifiers and Inspect 50 tasks; and what a step costs them.
doors: $(VENV)/.dev drivers
	$(VENV)/bin/python -m tests.benchmarks.doors

lint: $(VENV)/.dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

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

# What drives our worlds, each with simenv's own packages beside it; verifiers wants older clients than simenv asks for.
DRIVERS = openenv-0.10.0 verifiers-0.4.0 inspect-ai-0.3.285 rl-trl-1.16.0
OVERRIDES = openai>=2.54,<3 mcp==2.0.0

drivers:
	@for name in $(DRIVERS); do folder="$(SIMENV_CACHE)/$$name"; of="$${name#rl-}"; test -e "$$folder/.done" || { \
	  echo "installing $$name into $$folder" && $(PYTHON) -m venv "$$folder" && \
	  "$$folder/bin/python" -m pip install --quiet uv && { test "$$of" != verifiers-0.4.0 || printf '%s\n' $(foreach o,$(OVERRIDES),'$(o)'); } \
	    > "$$folder/overrides.txt" && \
	  "$$folder/bin/uv" pip install --quiet --python "$$folder/bin/python" "$${of%-*}==$${of##*-}" --override "$$folder/overrides.txt" \
	    $$(test "$$of" = openenv-0.10.0 || echo "-r pyproject.toml") $$(test "$$name" = "$$of" || echo "--extra train torch==2.13.0") && \
	  touch "$$folder/.done"; } || echo "$$name cannot be installed here: the tests that need it will skip"; done

# What reads our exports, each in an environment of its own beside axolotl's: TRL, LLaMA-Factory; 3 GB, a few minutes.
# A torchvision of another build than torch breaks transformers' imports, and no chat needs it.
RECEIVERS = trl-1.16.0 llamafactory-0.9.5

receivers: axolotl
	@for name in $(RECEIVERS); do folder="$(SIMENV_CACHE)/$$name"; test -e "$$folder/.done" || { \
	  echo "installing $$name into $$folder" && $(PYTHON) -m venv "$$folder" && \
	  "$$folder/bin/python" -m pip install --quiet torch==2.13.0 uv && \
	  "$$folder/bin/uv" pip install --quiet --python "$$folder/bin/python" "$${name%-*}==$${name##*-}" torch==2.13.0 && \
	  { "$$folder/bin/python" -c "import torchvision" 2>/dev/null || \
	    "$$folder/bin/python" -m pip uninstall --quiet --yes torchvision; } && \
	  touch "$$folder/.done"; } || echo "$$name cannot be installed here: the tests that need it will skip"; done

clean:
	rm -rf $(VENV) build dist site .pytest_cache .ruff_cache .mypy_cache .benchmarks
