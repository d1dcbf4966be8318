"""A pytest plugin that writes down the seconds of each test that passes, in the file that SIMENV_SECONDS names."""

from __future__ import annotations

import json
import os
from pathlib import Path


class Stopwatch:
    """Adds up what a test takes with its fixtures; forgets those that fail or are skipped."""

    def __init__(self) -> None:
        self.seconds = dict[str, float]()

    def pytest_runtest_logreport(self, report):
        if report.passed:
            self.seconds[report.nodeid] = self.seconds.get(report.nodeid, 0.0) + report.duration
        if report.when != "teardown" and not report.passed:
            self.seconds.pop(report.nodeid, None)

    def pytest_sessionfinish(self):
        Path(os.environ["SIMENV_SECONDS"]).write_text(json.dumps(self.seconds))


def pytest_configure(config):
    config.pluginmanager.register(Stopwatch(), "stopwatch")
