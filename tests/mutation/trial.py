"""One change on trial: a copy of the tree with the fault in it, the tests that may notice, a verdict."""

from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryFile

from tests.mutation.changes import Change

PRELOADED = (
    "pytest", "pytest_asyncio", "hypothesis", "numpy", "pydantic", "yaml", "jinja2", "jsonschema", "sqlglot", "faker", "httpx2",
    "openai", "anthropic", "rich", "regex", "gymnasium", "rapidfuzz", "selectolax", "pyoxigraph", "tenacity",
)  # fmt: skip
"""Packages that are imported once; each trial is a fork of the process that holds them."""
GRACE = 40.0
"""Seconds for collecting tests, added to the limit of a trial."""


@dataclass(frozen=True)
class Outcome:
    """What the tests said."""

    status: str
    """passed, failed, timeout, error"""
    test: str = ""
    """the first that failed"""
    seconds: float = 0.0


def preload() -> None:
    for package in PRELOADED:
        try:
            import_module(package)
        except ImportError:
            continue


def run_tests(tree: Path, tests: list[str], limit: float) -> Outcome:
    """Tests on a tree until the first failure, in a process that is killed with all its children at its limit."""
    started = time.monotonic()
    with TemporaryFile() as output:
        child = os.fork()
        if child == 0:
            _in_child(tree, tests, output.fileno(), limit)
        status = _waited(child, limit + GRACE)
        output.seek(0)
        text = output.read().decode(errors="replace")
    seconds = time.monotonic() - started
    if status is None:
        return Outcome("timeout", seconds=seconds)
    if status == 0:
        return Outcome("passed", seconds=seconds)
    names = [
        line.split(" - ")[0].split(" ", 1)[1] for line in text.splitlines() if line.startswith(("FAILED ", "ERROR "))
    ]
    if status == 4 and not names and "conftest" not in text:
        return Outcome("error", " ".join(text[-300:].split()), seconds)
    return Outcome("failed", names[0] if names else f"status {status}", seconds)


def _in_child(tree: Path, tests: list[str], output: int, limit: float) -> None:
    """Never returns."""
    status = 3
    try:
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.chdir(tree)
        os.environ["PYTHONPATH"] = str(tree)
        own = ("tests", "simenv")
        for name in [n for n in sys.modules if n.partition(".")[0] in own]:
            del sys.modules[name]
        here = str(Path(__file__).parents[2])
        sys.path[:] = [str(tree), *(p for p in sys.path if p not in ("", here))]
        import pytest

        words = ["-x", "-q", "-p", "no:cacheprovider", "--tb=line", "-rfE", f"--timeout={int(limit)}"]
        status = int(pytest.main([*words, *tests]))
    finally:
        sys.stdout.flush()
        os._exit(status)


def _waited(child: int, limit: float) -> int | None:
    """The exit status of a process; None if it had to be killed. Its group ends with it."""
    end = time.monotonic() + limit
    status = None
    while time.monotonic() < end:
        done, raw = os.waitpid(child, os.WNOHANG)
        if done:
            status = os.waitstatus_to_exitcode(raw)
            break
        time.sleep(0.05)
    try:
        os.killpg(child, signal.SIGKILL)
    except ProcessLookupError:
        pass
    if status is None:
        os.waitpid(child, 0)
    return status


class Bench:
    """A copy of the tree, on which changes are tried one after the other."""

    def __init__(self, tree: Path, healthy: Path) -> None:
        self.tree, self.healthy = tree, healthy
        self.proven: set[str] = set()

    def tried(self, change: Change, tests: list[str], limit: float) -> Outcome:
        """What tests say of a change. The first failure of a file of tests counts if it and those before it pass without."""
        file = self.tree / change.path
        text = file.read_bytes()
        file.write_bytes(change.applied(text))
        try:
            outcome = run_tests(self.tree, tests, limit)
        finally:
            file.write_bytes(text)
        test, file_of_tests = outcome.test, outcome.test.partition("::")[0]
        if outcome.status == "failed" and test.startswith("tests/") and file_of_tests not in self.proven:
            again = run_tests(self.healthy, tests[: tests.index(test) + 1] if test in tests else [test], limit)
            if again.status != "passed":
                return Outcome("error", f"{test} fails without the change too", outcome.seconds)
            self.proven.add(file_of_tests)
        return outcome
