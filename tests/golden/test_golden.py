"""From fixed seeds every stage writes what it wrote before: tasks, episodes, judgements, sets, exports, pages."""

from importlib.metadata import version

import pytest

from tests import ROOT
from tests.golden.stages import HERE, STAGES, lines

PINNED = ("faker", "numpy", "sqlglot", "pyoxigraph", "rapidfuzz")


def pinned():
    """The versions that the lines were made with."""
    rows = (line.partition("==") for line in (ROOT / "constraints.txt").read_text().splitlines())
    return {name.lower(): wanted for name, _, wanted in rows}


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_writes_what_it_wrote(stage, tmp_path, monkeypatch):
    if other := [name for name in PINNED if version(name) != pinned()[name]]:
        pytest.skip(f"made with other versions of {', '.join(other)}: pip install -c constraints.txt")
    monkeypatch.setenv("COLUMNS", "200")
    now, then = lines(stage, tmp_path), (HERE / "lines" / f"{stage}.txt").read_text().splitlines()
    wrong = [f"line {n}: {a!r} was {b!r}" for n, (a, b) in enumerate(zip(now, then, strict=False), 1) if a != b]
    assert not wrong and len(now) == len(then), (
        f"{len(wrong)} lines differ, {len(now)} for {len(then)}: {wrong[:3]}; if the change is meant, "
        f"python -m tests.golden.stages {stage}"
    )
