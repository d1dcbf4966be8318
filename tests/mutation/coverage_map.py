"""Which tests run a line, from what `recorder` wrote down; lines that moved since are found again by their text."""

from __future__ import annotations

import difflib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections import defaultdict
from functools import cached_property
from pathlib import Path

from coverage.numbits import numbits_to_nums

from tests.mutation.changes import Change

ROOT = Path(__file__).parents[2]
SOURCES = ("simenv", "environments", "agents", "filters", "viewer")
LEFT_OUT = (
    "tests/benchmarks", "tests/export/test_axolotl.py", "tests/environments/web/test_chromium.py", "tests/test_wheel.py",
    "tests/viewer/test_browser.py", "tests/viewer/test_hostile.py",
)  # fmt: skip
"""Tests with a browser, or an installation, that take minutes."""
OF_ALL_OPTIONS = ("tests/test_options.py", "tests/test_option_table.py")
"""Tests that read what is declared at import, which no line shows."""

LINES = """
select context, numbits from line_bits
join file on file.id = file_id join context on context.id = context_id
where path like ?
"""


def copy_tree(target: Path) -> Path:
    """The files of the repository without its history, at `target`."""
    ignored = shutil.ignore_patterns(".git", ".venv", "*_cache", "__pycache__")
    return Path(shutil.copytree(ROOT, target, symlinks=True, ignore=ignored))


def record(folder: Path, tests: list[str]) -> int:
    """Run tests on a copy of the tree and write down their lines; one more part of what `folder` holds."""
    part = folder / f"part-{sum(1 for _ in folder.glob('*')) + 1}"
    tree = copy_tree(part / "tree")
    environment = {**os.environ, "PYTHONPATH": str(tree), "SIMENV_RECORD": str(part)}
    left_out = [f"--ignore={name}" for name in LEFT_OUT]
    words = ["-p", "tests.mutation.recorder", "-p", "no:cacheprovider", *left_out, *(tests or ["tests"])]
    return subprocess.run([sys.executable, "-m", "pytest", *words], cwd=tree, env=environment).returncode


class Part:
    """One recording: its data files, the seconds of its tests, the tree that it was made on."""

    def __init__(self, folder: Path) -> None:
        self.tree = folder / "tree"
        self.seconds: dict[str, float] = json.loads((folder / "seconds.json").read_text())
        self.data = [sqlite3.connect(f"file:{f}?mode=ro", uri=True) for f in folder.glob("lines.*")]

    def lines(self, path: str) -> dict[str, set[int]]:
        """The lines of a file that each test runs, as the file was."""
        found: dict[str, set[int]] = defaultdict(set)
        for data in self.data:
            try:
                rows = data.execute(LINES, (f"%/{path}",)).fetchall()
            except sqlite3.DatabaseError:  # half a file, of a process that was killed
                continue
            for context, bits in rows:
                if test := re.sub(r" \((setup|call|teardown)\)$", "", context):
                    found[test] |= set(numbits_to_nums(bits))
        return found


class Coverage:
    """All recordings of a folder."""

    def __init__(self, folder: Path) -> None:
        self.parts = [Part(p) for p in sorted(folder.iterdir()) if (p / "seconds.json").exists()]
        self._lines: dict[str, dict[str, set[int]]] = {}

    @cached_property
    def seconds(self) -> dict[str, float]:
        return {test: seconds for part in self.parts for test, seconds in part.seconds.items()}

    def lines(self, path: str) -> dict[str, set[int]]:
        """The lines of a file that each test runs, as the file is now."""
        if path not in self._lines:
            now: dict[str, set[int]] = defaultdict(set)
            for part in self.parts:
                moved = _moves(part.tree / path, ROOT / path)
                for test, lines in part.lines(path).items():
                    now[test] |= {moved[line] for line in lines if line in moved}
            self._lines[path] = now
        return self._lines[path]

    def tests(self, change: Change, budget: float) -> list[str]:
        """Tests that may notice a change, the nearest and quickest first, for about `budget` seconds."""
        wanted = set(range(change.line, change.end + 1)) if change.scope else self._mentions(change)
        lines = self.lines(change.path)
        runs = {test for test, covered in lines.items() if covered & wanted}
        if not runs:  # it runs where nothing can be recorded, such as in a sandbox
            runs = {t for t in self.seconds if t.startswith(f"{mirror(change.path)}/")}
        if not change.scope:
            runs |= {t for t in self.seconds if t.startswith(OF_ALL_OPTIONS)}
        return nearest(change.path, runs & self.seconds.keys(), self.seconds, budget)

    def _mentions(self, change: Change) -> set[int]:
        """Lines of the file that use what a statement at import defines; all if none does."""
        text = (ROOT / change.path).read_text().splitlines()
        if change.name:
            used = {n for n, line in enumerate(text, 1) if re.search(rf"\b{change.name}\b", line) and n != change.line}
            if used and any(used & covered for covered in self.lines(change.path).values()):
                return used
        return set(range(1, len(text) + 1))


def nearest(path: str, tests: set[str], seconds: dict[str, float], budget: float) -> list[str]:
    """Whole files of tests in turn, each with its quickest first, so that none takes all of the budget."""
    by_file: dict[str, list[str]] = defaultdict(list)
    for test in sorted(tests, key=lambda t: (seconds[t], t)):
        by_file[test.partition("::")[0]].append(test)
    words = set(re.findall(r"[a-z]+", path))
    files = sorted(by_file, key=lambda f: (-len(words & set(re.findall(r"[a-z]+", f))), f))
    chosen, spent = [], 0.0
    for turn in range(max(map(len, by_file.values()), default=0)):
        for file in files:
            if turn < len(by_file[file]) and spent < budget:
                chosen.append(by_file[file][turn])
                spent += seconds[chosen[-1]] + 0.02
    return chosen


def mirror(path: str) -> str:
    """The folder of tests that stands for the folder of a file."""
    parts = path.removeprefix("simenv/").split("/")[:-1]
    places = ["/".join(("tests", *parts[:n])) for n in range(len(parts), -1, -1)]
    return next(p for p in places if (ROOT / p).is_dir())


def _moves(old: Path, new: Path) -> dict[int, int]:
    """Where each line that is still there has gone."""
    if not old.exists():
        return {}
    before, after = old.read_text().splitlines(), new.read_text().splitlines()
    blocks = difflib.SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
    return {b.a + n + 1: b.b + n + 1 for b in blocks for n in range(b.size)}
