"""`python -m tests.mutation record [tests]`, once; then `python -m tests.mutation run [--number 300] [--seed 1]`.

Without a recording: `run --rooms [--path 'simenv/knowledge/*' …]`, by the tests of each file's own folder.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
from collections import defaultdict
from fnmatch import fnmatch
from multiprocessing import get_context
from pathlib import Path

from simenv.statistics import wilson
from tests.mutation.areas import AREAS, files_of
from tests.mutation.changes import Change, changes_of
from tests.mutation.coverage_map import ROOT, Coverage, copy_tree, record
from tests.mutation.rooms import Rooms
from tests.mutation.trial import Bench, preload

CACHE = Path(os.environ.get("SIMENV_CACHE", Path.home() / ".cache" / "simenv")) / "mutation"
VERDICTS = Path(__file__).parent / "equivalent.jsonl"
"""Changes that nothing can observe: a line each with `change` (its `identity`) and `why`."""


def sample(number: int, seed: int, files: dict[str, list[str]]) -> list[tuple[str, Change]]:
    """Changes in turn from each area, of a kind that is drawn first, so that rare kinds are seen."""
    rng = random.Random(seed)
    areas, by_area = list(files), {}
    for area in areas:
        kinds = defaultdict(list)
        for path in files[area]:
            for change in changes_of(ROOT, path):
                kinds[change.kind].append(change)
        by_area[area] = kinds
    chosen: dict[Change, str] = {}
    while len(chosen) < number:
        area = areas[len(chosen) % len(areas)]
        kinds = by_area[area]
        change = rng.choice(kinds[rng.choice(sorted(kinds))])
        if change not in chosen and change.is_valid((ROOT / change.path).read_bytes()):
            chosen[change] = area
    return [(area, change) for change, area in chosen.items()]


def drawn_from(options: argparse.Namespace) -> dict[str, list[str]]:
    """Files by area; those of a pattern are an area of their own."""
    if not options.path:
        return {area: list(files_of(area)) for area in options.area or AREAS}
    every = [path for area in AREAS for path in files_of(area)]
    return {pattern: [p for p in every if fnmatch(p, pattern)] for pattern in options.path}


def shown(change: Change) -> str:
    return change.shown((ROOT / change.path).read_bytes())


def identity(change: Change) -> str:
    """A change with the text of its line in the place of the line's number, which moves."""
    line = (ROOT / change.path).read_text().splitlines()[change.line - 1].strip()
    return f"{shown(change).replace(f':{change.line} ', ' ', 1)} in {line}"


def _work(*given) -> None:
    """A worker; None in the results says that it has ended, in whatever way."""
    try:
        _try_all(*given)
    finally:
        given[1].put(None)


def _try_all(queue, results, folder: Path, options: argparse.Namespace) -> None:
    """Take changes off the queue until it ends."""
    preload()
    coverage = Rooms(options.cache, folder / "healthy") if options.rooms else Coverage(options.cache)
    bench = Bench(copy_tree(folder / f"tree-{os.getpid()}"), folder / "healthy")
    while (item := queue.get()) is not None:
        number, change = item
        tests = coverage.tests(change, options.budget)
        limit = max(60.0, 3 * sum(coverage.seconds[t] for t in tests))
        outcome = bench.tried(change, tests, limit) if tests else None
        results.put((number, outcome, len(tests)))


def run(options: argparse.Namespace) -> None:
    """Try a sample of changes and say which the tests notice."""
    files = drawn_from(options)
    chosen = sample(options.number, options.seed, files)
    equivalent = {v["change"]: v["why"] for v in map(json.loads, VERDICTS.read_text().splitlines())}
    tallies = {area: [0, 0] for area in files}
    survivors, log = [], options.log.open("a") if options.log else sys.stdout
    with tempfile.TemporaryDirectory() as temporary:
        if (ROOT.parent / "shared").exists():  # some tests read what lies beside the repository
            (Path(temporary) / "shared").symlink_to((ROOT.parent / "shared").resolve())
        copy_tree(Path(temporary) / "healthy")
        context = get_context("fork")
        queue, results = context.Queue(), context.Queue()
        workers = [
            context.Process(target=_work, args=(queue, results, Path(temporary), options)) for _ in range(options.jobs)
        ]
        for worker in workers:
            worker.start()
        for number, (_, change) in enumerate(chosen):
            if identity(change) not in equivalent:
                queue.put((number, change))
        for _ in workers:
            queue.put(None)
        running = len(workers)
        while running:
            if (result := results.get()) is None:
                running -= 1
                continue
            number, outcome, tests = result
            area, change = chosen[number]
            status = outcome.status if outcome else "no test"
            line = f"{status:8} {area:10} {shown(change)} · {tests} tests · {outcome.test if outcome else ''}"
            print(line, file=log, flush=True)
            if status == "error":
                continue
            tallies[area][1] += 1
            tallies[area][0] += status in ("failed", "timeout")
            if status in ("passed", "no test"):
                survivors.append(line)
        for worker in workers:
            worker.join()
    report(tallies, survivors)


def report(tallies: dict[str, list[int]], survivors: list[str]) -> None:
    """Survivors, then the score of each area with its 95 % Wilson interval."""
    print(*sorted(survivors), sep="\n")
    rows = [*tallies.items(), ("all", [sum(t[n] for t in tallies.values()) for n in (0, 1)])]
    for area, (detected, tried) in rows:
        if tried:
            low, high = wilson(detected, tried)
            print(f"{area:10} {detected:4} of {tried:4}  {detected / tried:4.0%} [{low:.0%}, {high:.0%}]")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("command", choices=["record", "run", "list"])
    parser.add_argument("tests", nargs="*", help="record: only these")
    parser.add_argument("--number", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--area", action="append", choices=list(AREAS))
    parser.add_argument("--path", action="append", help="a pattern of files, instead of areas")
    parser.add_argument("--rooms", action="store_true", help="choose tests by folder, not by a recording")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--budget", type=float, default=60.0, help="seconds of tests for one change")
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--log", type=Path)
    options = parser.parse_intermixed_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    if options.command == "record":
        return record(options.cache, options.tests)
    if options.command == "list":
        print(*(shown(c) for _, c in sample(options.number, options.seed, drawn_from(options))), sep="\n")
        return 0
    run(options)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
