"""Kills a run of 200 episodes with SIGKILL at 20 random moments, resuming it each time, and counts what is left.

`python tests/benchmarks/kill.py [SEED]` prints one line; it fails where an episode is lost, doubled or changed.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from simenv.runs.store import Run

WORDS = ["environments=[db, household]", "episodes=100", "agent.error_rate=0.25", "concurrency=2"]


def start(*words: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "simenv.rollout", *words]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def untimed(run: Run) -> dict[str, str]:
    items = list(run.raw("trajectories"))
    assert len({t["id"] for t in items}) == len(items), "an episode is there twice"
    return {t["id"]: json.dumps({k: v for k, v in t.items() if k != "timing"}) for t in items}


def size(folder: Path) -> int:
    return sum(p.stat().st_size for p in (folder / "trajectories").glob("*"))


def main(seed: int) -> None:
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as place:
        assert start(*WORDS, f"out={place}", "name=whole").wait() == 0
        whole = untimed(Run(Path(place, "whole")))
        torn = Run(Path(place, "torn"))
        killed, at = 0, []
        process = start(*WORDS, f"out={place}", "name=torn")
        while killed < 20:
            before = size(torn.folder)
            while (
                killed % 5 and size(torn.folder) == before and process.poll() is None
            ):  # every fifth dies before it writes
                time.sleep(0.001)
            time.sleep(chance.uniform(0, 0.02 if killed % 5 else 0.5))
            killed += process.poll() is None
            process.kill()
            process.wait()
            at.append(sum(1 for _ in torn.raw("trajectories")))
            begun = (torn.folder / "config.yaml").exists()
            process = start(*(["--resume", str(torn.folder)] if begun else [*WORDS, f"out={place}", "name=torn"]))
        assert process.wait() == 0
        assert untimed(torn) == whole, "the resumed run differs from one that was never killed"
        assert len(list(torn.trajectories())) == len(whole)
        parts = len(list((torn.folder / "trajectories").iterdir()))
        print(
            f"{killed} kills at {at} of {len(whole)} episodes, {parts} parts: every episode once, equal to an unkilled run"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
