"""Makes a large run out of a small real one: `python tests/benchmarks/synthetic.py RUN OUT COUNT`.

Each trajectory is a real one under a new id, with words of its chat replaced by others of the same kind, so that neither an
index nor a duplicate filter sees the same text again and again, and padded with observations to about 20 kB.
"""

from __future__ import annotations

import json
import random
import re
import sys
from pathlib import Path

PART = 10_000
"""Trajectories a part."""
SIZE = 20_000
"""Characters of one."""
_NUMBER = re.compile(r"\d+")


def main(source: Path, out: Path, count: int) -> None:
    originals = [
        line for p in sorted((source / "trajectories").glob("part-*.jsonl")) for line in p.open(encoding="utf-8")
    ]
    vocabulary = sorted({w for line in originals for w in re.findall(r"[a-z]{4,12}", line)})
    (out / "trajectories").mkdir(parents=True)
    (out / "config.yaml").write_text((source / "config.yaml").read_text())
    rng = random.Random(0)
    for first in range(0, count, PART):
        with (out / "trajectories" / f"part-{first // PART:05d}.jsonl").open("w", encoding="utf-8") as part:
            for number in range(first, min(count, first + PART)):
                part.write(_varied(originals[number % len(originals)], number, vocabulary, rng) + "\n")


def _varied(line: str, number: int, vocabulary: list[str], rng: random.Random) -> str:
    t = json.loads(line)
    t["id"], t["task"] = f"{t['environment']}-{number:07d}.0", f"{t['environment']}-{number:07d}"
    shift = rng.randrange(1, 50)
    for message in t["messages"]:
        if message["role"] != "system":
            message["content"] = _NUMBER.sub(lambda m: str(int(m[0][:9]) + shift), message["content"])
    left = SIZE - len(line)
    while left > 0:
        said = " ".join(rng.choices(vocabulary, k=80))
        t["messages"].append({"role": "user", "content": f"Observation: {said}"})
        left -= len(said)
    return json.dumps(t, ensure_ascii=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
