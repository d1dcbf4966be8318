"""A pytest plugin that writes down which test runs which line, those of its own processes included, and how long it takes.

`python -m pytest -p tests.mutation.recorder` with SIMENV_RECORD naming an empty folder. What tests run in processes of their
own is recorded by a `sitecustomize.py` on their PYTHONPATH.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import coverage
import pytest

ROOT = Path(__file__).parents[2]
SETTINGS = """[run]
data_file = {folder}/lines
parallel = true
sigterm = true
concurrency = thread
context = ${{PYTEST_CURRENT_TEST-}}
source =
    {root}/simenv
    {root}/environments
    {root}/agents
    {root}/filters
    {root}/viewer
"""
STARTUP = "import coverage\n\ncoverage.process_startup()\n"


class Recorder:
    """Switches the context of coverage at each test; keeps the seconds of those that pass."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.seconds = folder, dict[str, float]()
        (folder / "startup").mkdir(parents=True, exist_ok=True)
        (folder / "startup" / "sitecustomize.py").write_text(STARTUP)
        settings = folder / "settings.cfg"
        settings.write_text(SETTINGS.format(folder=folder, root=ROOT))
        self.coverage = coverage.Coverage(config_file=str(settings), context="")
        self.coverage.start()
        os.environ["COVERAGE_PROCESS_START"] = str(settings)
        os.environ["PYTHONPATH"] = os.pathsep.join(
            filter(None, [str(folder / "startup"), os.environ.get("PYTHONPATH", "")])
        )

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item, nextitem):
        self.coverage.switch_context(item.nodeid)
        try:
            return (yield)
        finally:
            self.coverage.switch_context("")
            if nextitem is None or nextitem.path != item.path:
                self.save()

    def pytest_runtest_logreport(self, report):
        if report.passed:
            self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0.0) + report.duration
        if report.when != "teardown" and not report.passed:
            self.seconds.pop(report.nodeid, None)

    def save(self) -> None:
        self.coverage.save()
        (self.folder / "seconds.json").write_text(json.dumps(self.seconds))

    def pytest_sessionfinish(self):
        self.coverage.stop()
        self.save()


def pytest_configure(config):
    config.pluginmanager.register(Recorder(Path(os.environ["SIMENV_RECORD"])), "recorder")
