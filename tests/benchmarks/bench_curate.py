"""Curates synthetic runs of 10,000 and 100,000 trajectories, each in a process of its own: seconds of CPU, peak memory.

The runs repeat the trajectories of a real one, every copy with an id and a task of its own and the words of its task and of the
agent's turns varied, so that near duplicates are rare. `python tests/benchmarks/bench_curate.py [RUN] [COUNT …]`
"""

import json
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CURATE = """
import resource, sys
from simenv.curate.cli import curate
status = curate(sys.argv[1:])
used = resource.getrusage(resource.RUSAGE_SELF)
print(used.ru_utime + used.ru_stime, used.ru_maxrss // 1024)
sys.exit(status)
"""
ROLLOUT = ["environments=[db,household,kg,web]", "episodes=125", "agent.error_rate=0.25"]


def varied(line: bytes, copy: int, rng: random.Random) -> str:
    """A trajectory with an id and words of its own; what is JSON in it stays JSON, since only plain words are changed."""
    t = json.loads(line)
    t["id"], t["task"] = f"{t['task']}-{copy}.0", f"{t['task']}-{copy}"
    words = {}
    for m in t["messages"]:
        if m["role"] != "system":
            for word in re.findall(r"\b[a-z]{5,}\b", m["content"]):
                words.setdefault(word, word if rng.random() < 0.6 else f"{word}{rng.randrange(1000)}")
            m["content"] = re.sub(r"\b[a-z]{5,}\b", lambda found: words.get(found[0], found[0]), m["content"])
    return json.dumps(t) + "\n"


def make(real: Path, count: int, folder: Path) -> None:
    (folder / "trajectories").mkdir(parents=True)
    (folder / "config.yaml").write_bytes((real / "config.yaml").read_bytes())
    lines = [line for part in sorted((real / "trajectories").glob("*.jsonl")) for line in part.open("rb")]
    rng = random.Random(0)
    with (folder / "trajectories" / "part-00000.jsonl").open("w") as file:
        for number in range(count):
            file.write(varied(lines[number % len(lines)], number // len(lines), rng))


def main(words: list[str]) -> None:
    counts = [int(w) for w in words if w.isdigit()] or [10_000, 100_000]
    with tempfile.TemporaryDirectory() as temporary:
        real = next((Path(w) for w in words if not w.isdigit()), None)
        if real is None:
            rollout = [sys.executable, "-m", "simenv.rollout", *ROLLOUT, f"out={temporary}", "name=real"]
            subprocess.run(rollout, check=True, capture_output=True)
            real = Path(temporary, "real")
        for count in counts:
            run, out = Path(temporary, f"run-{count}"), Path(temporary, f"set-{count}")
            make(real, count, run)
            size = sum(p.stat().st_size for p in (run / "trajectories").iterdir())
            start = time.perf_counter()
            done = subprocess.run(
                [sys.executable, "-c", CURATE, str(run), f"out={out.parent}", f"name={out.name}"],
                check=True,
                capture_output=True,
                text=True,
            )
            seconds = time.perf_counter() - start
            cpu, peak = map(float, done.stdout.split()[-2:])
            funnel = json.loads((out / "funnel.json").read_text())
            print(
                f"{count:>9,} trajectories ({size / 2**30:.2f} GiB): {cpu:.1f} s of CPU, {count / cpu:,.0f} a second "
                f"({seconds:.1f} s by the clock); peak {peak:.0f} MiB; {funnel['gold']['dropped']:,} dropped, "
                f"{funnel['train'] + funnel['validation']:,} samples",
                flush=True,
            )


if __name__ == "__main__":
    main(sys.argv[1:])
