"""The work of a comparison: records are drawn, every style makes its example of each, and a judge prefers one of each pair."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine, Iterable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from simenv.comparison.config import Comparison, StyleName
from simenv.comparison.report import report
from simenv.comparison.styles.style import Style, Workshop, told
from simenv.comparison.votes import MODEL, TIE, Example, Item, Vote, preferred, votes
from simenv.concurrency import run_workers
from simenv.errors import ConfigError, EndOfRun, ModelError, Unreadable, Unusable
from simenv.knowledge.passage import checksum
from simenv.knowledge.pool import Pool
from simenv.knowledge.records import Record, records
from simenv.model import Model
from simenv.runs.store import Run
from simenv.verify.library import Library

T = TypeVar("T")


def style(name: StyleName) -> Style:
    """The function that generates in a style."""
    return import_module(f"simenv.comparison.styles.{name}").generate


@dataclass
class Comparing:
    """One comparison. `on_example` and `on_vote` are called after each."""

    settings: Comparison
    model: Model
    judge: Model | None
    on_example: Callable[[Example], None] = lambda example: None
    on_vote: Callable[[Vote], None] = lambda vote: None
    stopping: bool = False
    spent: EndOfRun | None = None
    drawn: dict[str, tuple[str, Record]] = field(init=False)
    """the set and the record of each item"""

    def __post_init__(self) -> None:
        pool = Pool(Path(self.settings.pool)) if self.settings.pool else None
        self.drawn = {
            r.id: (name, r) for name, rs in _sets(self.settings, pool) for r in _draw(name, rs, self.settings)
        }
        if not self.drawn:
            raise ConfigError(
                "sets: no records to compare on; expected sets=[FILE, …] or pool=FOLDER with records in it"
            )
        library = Library(pool.passages if pool else ())
        self.workshop = Workshop(self.model, library, self.settings.rounds, self.settings.steps)

    async def run(self, run: Run) -> None:
        """Make what is not made yet; then write report.json and report.md. EndOfRun at the cap, after the report."""
        await self._write_items(run)
        await self._examples(run)
        if self.judge is not None and not self.stopping:
            await self._votes(run, self.judge)
        self.report(run)
        if self.spent:
            self.stopping = False
            raise self.spent

    def report(self, run: Run) -> None:
        """Write how often which style was preferred, by the judge and by people."""
        made = report(run.read("items", Item), [*_last(run), *votes(run.folder)], made_of(run))
        run.write("report.json", json.dumps(made.figures, indent=2, ensure_ascii=False) + "\n")
        run.write("report.md", made.page)

    async def _write_items(self, run: Run) -> None:
        known = {item.id for item in run.read("items", Item, "skip")}
        pairs = tuple(self.settings.pairs)
        new = [
            Item(id=id, set=name, material=told(r), pairs=pairs)
            for id, (name, r) in self.drawn.items()
            if id not in known
        ]
        if new:
            await run.writer("items").append(*new)

    async def _examples(self, run: Run) -> None:
        known = {(e.item, e.style) for e in run.read("examples", Example, "skip") if not e.error}
        names = dict.fromkeys(name for pair in self.settings.pairs for name in pair)
        waiting = [(id, name) for id in self.drawn for name in names if (id, name) not in known]
        writer = run.writer("examples")

        async def work(place: tuple[str, StyleName]) -> None:
            example = await self._example(*place)
            await writer.append(example)
            self.on_example(example)

        await self._all(waiting, work)

    async def _example(self, id: str, name: StyleName) -> Example:
        try:
            return Example(item=id, style=name, messages=await style(name)(self.drawn[id][1], self.workshop))
        except EndOfRun:
            raise
        except (ModelError, Unusable) as e:
            return Example(item=id, style=name, error=str(e)[:1000])

    async def _votes(self, run: Run, judge: Model) -> None:
        examples = {(e.item, e.style): e for e in run.read("examples", Example, "skip") if not e.error}
        known = {(v.item, v.styles) for v in _last(run)}
        waiting = [
            (item, pair)
            for item in run.read("items", Item)
            for pair in item.pairs
            if (item.id, pair) not in known and {(item.id, pair[0]), (item.id, pair[1])} <= examples.keys()
        ]
        writer = run.writer("votes")

        async def work(place: tuple[Item, tuple[str, str]]) -> None:
            item, pair = place
            try:
                made = await preferred(judge, item, *(examples[item.id, name] for name in pair))
            except EndOfRun:
                raise
            except (ModelError, Unusable) as e:
                made = Vote(item=item.id, styles=pair, better=TIE, by=MODEL, error=str(e)[:1000])
            await writer.append(made)
            self.on_vote(made)

        await self._all(waiting, work)

    async def _all(self, waiting: Iterable[T], work: Callable[[T], Coroutine[Any, Any, None]]) -> None:
        """Do the work for all that waits, so many at once; nothing new begins once the budget is spent or it is stopping."""
        queue = iter(waiting)

        async def worker() -> None:
            for place in queue:
                if self.stopping:
                    return
                try:
                    await work(place)
                except EndOfRun as e:
                    self.spent, self.stopping = e, True

        await run_workers(worker, self.settings.concurrency)


def made_of(run: Run) -> list[Example]:
    """The last example of each style of each item, failed ones included."""
    return list({(e.item, e.style): e for e in run.read("examples", Example, "skip")}.values())


def _last(run: Run) -> list[Vote]:
    """The judge's preferences."""
    return [v for v in run.read("votes", Vote, "skip") if not v.error]


def _sets(settings: Comparison, pool: Pool | None) -> Iterator[tuple[str, list[Record]]]:
    for name in settings.sets:
        path = Path(name)
        try:
            found = [r for r in records(path, path.name, checksum(path)) if isinstance(r, Record)]
        except Unreadable as e:
            raise ConfigError(f"sets: {e}") from e
        if not found:
            raise ConfigError(f"sets: {path}: no record in it has a question and an answer")
        yield path.stem, found
    if pool is not None and (found := list(pool.records)):
        yield pool.folder.name, found


def _draw(name: str, found: list[Record], settings: Comparison) -> list[Record]:
    return Random(f"{settings.seed}/{name}").sample(found, min(settings.items, len(found)))
