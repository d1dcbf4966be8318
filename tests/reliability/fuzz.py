"""Damaged files, replies, pages and requests against all that reads them: each ends in an answer or a named refusal, soon.

`python -m tests.reliability.fuzz --count 1000000 --seed 1` prints a table, and exits with 1 if anything else came of an input.
`--only NAME` takes the targets whose name holds NAME.
"""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import tempfile
import time
import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import FrameType

from simenv.errors import Bug, SimenvError

from .mutation import damaged
from .targets import TARGETS, Target, Wrong

SECONDS = 5.0
"""Processor time of one input."""
EXAMPLES = 5


class Hang(BaseException):
    """An input took longer than it may."""


@dataclass(slots=True)
class Row:
    """What came of the inputs of a target. `wrong`: kinds of what should not have come, each with how often and an input."""

    name: str
    outcomes: Counter[str] = field(default_factory=Counter)
    wrong: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    seconds: float = 0.0
    longest: float = 0.0

    def add_wrong(self, kind: str, data: bytes) -> None:
        """Count something wrong."""
        count, first = self.wrong.get(kind, (0, data))
        self.wrong[kind] = (count + 1, min(first, data, key=len))


def fuzz(target: Target, count: int, seed: int, folder: Path, seconds: float = SECONDS) -> Row:
    """Feed a target so many inputs."""
    row, random = Row(target.name), Random(f"{target.name} {seed}")
    samples, run = target.prepare(folder)
    start = time.process_time()
    for _ in range(count):
        data = damaged(random.choice(samples), random)
        before = time.process_time()
        signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
        try:
            row.outcomes[run(data) or "read"] += 1
        except Bug as e:
            row.add_wrong(_where(e.original), data)
        except Wrong as e:
            row.add_wrong(str(e), data)
        except SimenvError as e:
            row.outcomes["refused"] += 1
            if ": " not in str(e) or len(str(e)) > 20_000:
                row.add_wrong(f"a refusal without place or reason: {str(e)[:80]!r}", data)
        except Hang as e:
            row.add_wrong(f"longer than {seconds} s: {_where(e)}", data)
        except Exception as e:  # noqa: BLE001 - whatever else comes is what is looked for
            row.add_wrong(_where(e), data)
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        row.longest = max(row.longest, time.process_time() - before)
    row.seconds = time.process_time() - start
    return row


def _where(error: BaseException) -> str:
    """Kind of an exception, and the last place of ours that it came through."""
    place, trace = "", error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if "site-packages" not in name and "/lib/python" not in name and "reliability" not in name:
            place = f"{'/'.join(Path(name).parts[-3:])}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__} at {place}: {str(error)[:80]!r}" if not isinstance(error, Hang) else place


def _hang(number: int, frame: FrameType | None) -> None:
    raise Hang


def run(count: int, seed: int, only: str = "", seconds: float = SECONDS) -> list[Row]:
    """Feed all targets, each its share of the inputs."""
    signal.signal(signal.SIGVTALRM, _hang)
    chosen = [t for t in TARGETS if only in t.name and t.is_here()]
    shares = sum(t.share for t in chosen)
    place = "/dev/shm" if Path("/dev/shm").is_dir() else None
    rows = []
    for target in chosen:
        with tempfile.TemporaryDirectory(dir=place) as folder:
            rows.append(fuzz(target, max(1, round(count * target.share / shares)), seed, Path(folder), seconds))
            print(line(rows[-1]), flush=True) if __name__ == "__main__" else None
    return rows


def line(row: Row) -> str:
    """A line of the table."""
    total = row.outcomes.total() + sum(n for n, _ in row.wrong.values())
    outcomes = " ".join(f"{row.outcomes[k]:>9,}" for k in ("read", "refused"))
    wrong = sum(n for n, _ in row.wrong.values())
    return f"{row.name:26} {total:>9,} {outcomes} {wrong:>6} {row.longest * 1000:>8.0f} {row.seconds:>8.1f}"


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    print(
        f"{'target':26} {'inputs':>9} {'read':>9} {'refused':>9} {'wrong':>6} {'worst ms':>8} {'CPU s':>8}", flush=True
    )
    rows = run(args.count, args.seed, args.only)
    for row in rows:
        for kind, (count, data) in row.wrong.items():
            print(f"\n{row.name}: {count} times: {kind}\n  {data[:600]!r}")
    inputs = sum(r.outcomes.total() + sum(n for n, _ in r.wrong.values()) for r in rows)
    wrong = sum(n for r in rows for n, _ in r.wrong.values())
    print(f"\n{inputs:,} inputs, {wrong} wrong, {sum(r.seconds for r in rows):.0f} s of processor time")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
