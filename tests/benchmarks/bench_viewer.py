"""What the viewer takes on a large run: `python tests/benchmarks/bench_viewer.py [COUNT]` (100,000 trajectories, ~2 GB).

It makes a small run, a large one out of it, indexes that, and asks the viewer for pages as a browser does. The large run is
deleted in the end. Seconds are CPU seconds where it says so; the rest is wall time, which other work on the machine stretches.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import simenv
from simenv.runs.index import Index
from simenv.runs.query import EpisodeQuery

HERE = Path(__file__).parent
ACTS = {
    "first page": {},
    "page 1,000": {"page": 1000},
    "filter by environment": {"environment": "household"},
    "failed only": {"success": "no"},
    "with drift": {"drift": "yes"},
    "a word": {"text": "mug"},
    "two words": {"text": "select booking"},
    "order by steps": {"order": "steps", "down": "1"},
}


def small(runs: Path) -> Path:
    """A real run to make the large one of."""
    return simenv.run(
        name="seed", out=str(runs), episodes=20, environments=["db", "household", "kg"],
        agent={"name": "expert", "error_rate": 0.25},
    ).folder  # fmt: skip


def indexed(folder: Path) -> None:
    """Index a run; prints the rate by wall and by CPU time."""
    size = sum(p.stat().st_size for p in folder.glob("trajectories/*.jsonl"))
    wall, cpu = time.perf_counter(), time.process_time()
    count = Index(folder).refresh()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    again = time.perf_counter()
    assert Index(folder).refresh() == 0
    again = time.perf_counter() - again
    said = (
        f"{count:,} trajectories, {size / 1e6:,.0f} MB: {wall:.1f} s ({size / 1e6 / wall:.0f} MB/s), {cpu:.1f} s of CPU"
    )
    print(f"index: {said} ({size / 1e6 / cpu:.0f} MB/s); again {again * 1000:.0f} ms")
    print(f"index file: {(folder / 'index.sqlite').stat().st_size / 1e6:,.0f} MB")


SCREEN = """
import json, sys, time, resource
sys.argv = ["app.py", sys.argv[1], *sys.argv[2:]]
from pathlib import Path
from streamlit.testing.v1 import AppTest
import simenv.plugins as plugins
viewer = next(p for r in plugins.__path__ if (p := Path(r) / "viewer").is_dir())
acts = json.loads(sys.argv[2])
def app(**query):
    made = AppTest.from_file(str(viewer / "screens" / "trajectories.py"), default_timeout=600)
    made.query_params.update(run="large", **query)
    return made
for name, query in acts.items():
    page = query.pop("page", None)
    made = app(**query)
    if page:
        made.session_state["page"] = page
    for turn in ("cold", "warm"):
        wall, cpu = time.perf_counter(), time.process_time()
        made.run()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        assert not made.exception, made.exception
        print(f"{name:24} {turn}: {wall * 1000:6.0f} ms, {cpu * 1000:5.0f} ms of CPU")
print(f"memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB at most")
"""


def main(count: int) -> None:
    work = Path(tempfile.mkdtemp(prefix="simenv-viewer-"))
    try:
        seed = small(work / "seed")
        large = work / "runs" / "large"
        synthetic = [sys.executable, str(HERE / "synthetic.py"), str(seed), str(large), str(count)]
        subprocess.run(synthetic, check=True)
        indexed(large)
        print(f"memory while indexing: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB at most")
        print(f"rows that match 'mug': {Index(large).count(EpisodeQuery(text='mug')):,}")
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", SCREEN, str(work / "runs"), json.dumps(ACTS)],
            check=True,
            stderr=subprocess.DEVNULL,
        )
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
