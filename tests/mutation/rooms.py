"""Which tests may notice a change, without a recording: those of its file's room, or those that import it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

from tests.mutation.changes import Change
from tests.mutation.coverage_map import LEFT_OUT, OF_ALL_OPTIONS, mirror, nearest


class Rooms:
    """Tests by the folder that they stand in. Each file of tests is timed once, on a tree without a change."""

    def __init__(self, folder: Path, healthy: Path) -> None:
        self.folder, self.healthy = folder / "rooms", healthy
        self.folder.mkdir(parents=True, exist_ok=True)
        self.seconds = dict[str, float]()

    def tests(self, change: Change, budget: float) -> list[str]:
        """Tests of the room, the nearest and quickest first, for about `budget` seconds."""
        found = set[str]()
        options = () if change.scope else OF_ALL_OPTIONS
        for file in (*files_of_tests(self.healthy, change.path), *options):
            seconds = self._timed(file)
            self.seconds |= seconds
            found |= seconds.keys()
        return nearest(change.path, found, self.seconds, budget)

    def _timed(self, file: str) -> dict[str, float]:
        """The seconds of the tests of one file that pass."""
        known = self.folder / f"{sha256((self.healthy / file).read_bytes()).hexdigest()[:16]}.json"
        if not known.exists():
            environment = {**os.environ, "PYTHONPATH": str(self.healthy), "SIMENV_SECONDS": str(known)}
            words = ["-q", "-p", "tests.mutation.stopwatch", "-p", "no:cacheprovider", file]
            subprocess.run(
                [sys.executable, "-m", "pytest", *words], cwd=self.healthy, env=environment, capture_output=True
            )
        return json.loads(known.read_text()) if known.exists() else {}


def files_of_tests(root: Path, path: str) -> list[str]:
    """Files of tests, of the tree at `root`, for a file of the product."""
    module = re.escape(path.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
    package, _, name = module.rpartition(r"\.")
    imports = re.compile(rf"\b{module}\b|from (simenv\.plugins\.)?{package} import .*\b{name}\b")
    room = mirror(path)
    found = []
    for file in sorted((root / "tests").rglob("test_*.py")):
        test = str(file.relative_to(root))
        near = imports.search(file.read_text()) if room == "tests" else test.startswith(f"{room}/")
        if near and not test.startswith(LEFT_OUT):
            found.append(test)
    return found
