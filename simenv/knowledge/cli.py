"""`simenv knowledge ACTION …`: pools of topics, documents and data sets."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from pydantic import Field, field_validator
from rich.console import Console
from rich.markup import escape

from simenv import command
from simenv.config import configure, overridden, written
from simenv.errors import ConfigError
from simenv.grammar import Parser, add_words, split
from simenv.knowledge.config import Additions
from simenv.knowledge.hub import entries
from simenv.knowledge.pool import Pool
from simenv.knowledge.questions import Questions, QuestionWork
from simenv.knowledge.registry import Registry
from simenv.knowledge.run import Addition
from simenv.knowledge.withdrawal import withdraw
from simenv.models import connect
from simenv.network import Reach
from simenv.options import Options, explain
from simenv.runs.sending import sending
from simenv.runs.store import Run
from simenv.trust import DataName, EndpointAddress

HELP = """
Merges topics, documents and data sets into a pool, without doubles; every item leads back to its source.

  simenv knowledge add documents=handbook/ 'topics=[sepsis, blood thinners]' out=pools/ward
  simenv knowledge add 'sets=[{path: data/medqa.jsonl, name: MedQA}]' out=pools/ward
  simenv knowledge show pools/ward                    its sources, with licences and counts
  simenv knowledge sets medicine apache               search the registry of data sets, by words or initials
  simenv knowledge refresh                            ask the Hub for more data sets; this needs the network
  simenv knowledge questions pools/ward out=questions     records as tasks of the search environment
  simenv knowledge questions pools/ward model=openai model.model=NAME    the same in a user's voice
  simenv knowledge withdraw pools/ward handbook/a.pdf 'folders=[runs, curated]' reason='licence ended'
  simenv knowledge sent runs/quickstart               what its models sent to which address, sources by SHA-256
"""


class Refresh(Reach):
    """Settings of `refresh`."""

    endpoint: EndpointAddress | None = None
    """address of the Hub; HF_ENDPOINT or the public one by default"""
    each: int = Field(default=30, ge=1, le=1000)
    """most sets for each subject and licence"""


class Withdraw(Options):
    """Settings of `withdraw`."""

    folders: tuple[DataName, ...] = ()
    """runs, curated sets, or folders of them, in which what was made from the source is found and taken out"""
    reason: str = ""
    """why, for the record"""

    @field_validator("folders", mode="before")
    @classmethod
    def _texts(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value


def _parser() -> argparse.ArgumentParser:
    parser = Parser("knowledge", HELP, lambda: explain(Additions), keys=Additions.model_fields, flags=("--dry-run",))
    parser.add_argument("action", metavar="ACTION", choices=tuple(_ACTIONS), help="what to do")
    add_words(parser, "WORD", text="what the action takes, see above")
    return parser


def knowledge(argv: list[str]) -> int:
    """Run the command; returns exit status 0, 1 (nothing could be read, or no answer), 2 (wrong input) or 130 (interrupted)."""
    return command.run("knowledge", _knowledge, argv)


def _knowledge(argv: list[str], console: Console) -> int:
    args = _parser().parse_args(argv)
    return _ACTIONS[args.action](args, console)


def _add(args: argparse.Namespace, console: Console) -> int:
    file, overrides = split(args.words)
    settings = configure(Additions, file, overrides, "knowledge/default.yaml")
    if not (settings.documents or settings.topics or settings.sets or settings.readmit):
        raise ConfigError("add: nothing to add; name documents=[…], topics=[…] or sets=[…]")
    work = Addition(Pool(Path(settings.out)), settings)
    pieces = work.pieces()
    if args.dry_run:
        print(written(settings), end="")
        return 0
    with command.progress(console) as bars:
        bar = bars.add_task("sources", total=len(pieces), seen="")
        work.on_source = lambda path: bars.update(bar, advance=1, seen=path.name)
        work.run()
    pool = work.pool
    show(pool)
    if work.faults:
        console.print(
            f"{len(work.faults)} could not be read, the first: {work.faults[0]}", markup=False, soft_wrap=True
        )
        console.print(f"all of them: {pool.folder / 'rejected.jsonl'}", markup=False, soft_wrap=True)
    if work.scrubber:
        taken = ", ".join(f"{n:,} {kind}" for kind, n in sorted(work.scrubber.counts.items())) or "none"
        console.print(f"personal data taken out: {taken}", highlight=False)
        console.print(f"what the placeholders stand for: {work.scrubber.map.path}", markup=False, soft_wrap=True)
        if not settings.scrub_model:
            console.print("names of persons and places are not told without scrub_model", highlight=False)
    console.print(f"added {work.added}, there already {work.known}", highlight=False)
    return 0 if work.added or work.known or settings.readmit else 1


def show(pool: Pool) -> None:
    """Print the sources of a pool as a table."""
    table = command.table(
        str(pool.folder), "source", "id", "items", texts=["kind", "licence", "domain", "added", "withdrawn"]
    )
    for s in pool.sources.values():
        texts = (s.kind, s.licence or "not stated", s.domain, s.added[:10], s.withdrawn[:10])
        table.add_row(escape(s.name), s.id, f"{s.items:,}", *map(escape, texts))
    command.print_table(table, command.output())


def _show(args: argparse.Namespace, console: Console) -> int:
    if len(args.words) != 1:
        raise ConfigError("show: expected one pool: `simenv knowledge show pools/knowledge`")
    show(_existing(args.words[0]))
    return 0


def _existing(folder: str) -> Pool:
    if not (Path(folder) / "sources.jsonl").is_file():
        raise ConfigError(
            f"{folder}: no pool; expected a folder with sources.jsonl in it, which `simenv knowledge add` makes"
        )
    return Pool(Path(folder))


def _sets(args: argparse.Namespace, console: Console) -> int:
    found = Registry().search(args.words)
    table = command.table(f"{len(found):,} data sets", "name", texts=["domain", "task", "licence", "split", "page"])
    for e in found:
        table.add_row(*map(escape, (e.name, e.domain, e.task, e.licence, e.split, e.home)))
    command.print_table(table, command.output())
    if not found:
        console.print(
            f"none matches {' '.join(args.words)!r}; `simenv knowledge refresh` asks the Hub for more", markup=False
        )
    return 0 if found else 1


def _refresh(args: argparse.Namespace, console: Console) -> int:
    settings = overridden(Refresh, {}, args.words)
    registry = Registry()
    with command.progress(console) as bars:
        bar = bars.add_task("subjects", total=None, seen="")
        found = list(entries(settings.endpoint, settings.each, lambda tag: bars.update(bar, advance=1, seen=tag)))
    total = registry.keep(found)
    console.print(f"{len({e.name for e in found}):,} data sets from the Hub; {total:,} in all", highlight=False)
    return 0


def _sent(args: argparse.Namespace, console: Console) -> int:
    records = {folder: sending(Path(folder)) for folder in args.words}
    if not records:
        raise ConfigError("sent: expected a run folder or a fine-tune: `simenv knowledge sent runs/quickstart`")
    table = command.table("sent", "folder", "requests", "bytes out", "bytes in", texts=["address", "model", "sources"])
    for folder, record in records.items():
        for s in record.sent if record else ():
            sources = ", ".join(f"{id} ({n:,})" for id, n in sorted(s.sources.items())) or "none"
            figures = (f"{s.tries:,}", f"{s.bytes_sent:,}", f"{s.bytes_received:,}")
            table.add_row(escape(folder), *figures, *map(escape, (s.address, s.model, sources)))
        if not record or not record.sent:
            table.add_row(escape(folder), "0", "0", "0", "nothing was sent", "", "")
    command.print_table(table, command.output())
    for folder in (f for f, record in records.items() if record and not record.is_whole):
        told = f"{folder}: the work goes on or was killed; it sent at least this"
        console.print(told, markup=False, highlight=False, soft_wrap=True)
    return 0


def _withdraw(args: argparse.Namespace, console: Console) -> int:
    names = [w for w in args.words if "=" not in w]
    if len(names) != 2:
        raise ConfigError(
            "withdraw: expected a pool and a source: `simenv knowledge withdraw pools/ward handbook/a.pdf`"
        )
    settings = overridden(Withdraw, {}, [w for w in args.words if w not in names])
    folders = [Path(f) for f in settings.folders]
    with ExitStack() as locks:
        for folder in {p.parent for f in folders for p in f.rglob("trajectories") if p.is_dir()}:
            locks.enter_context(Run(folder).locked())
        done = withdraw(_existing(names[0]), names[1], folders, settings.reason)
    for path, count in done.removed.items():
        console.print(f"{path}: {count} taken out", markup=False, highlight=False, soft_wrap=True)
    for model in done.trained:
        told = f"{model}: trained on what is gone now; nothing can be taken out of a model, so train it anew"
        console.print(told, markup=False, highlight=False, soft_wrap=True)
    console.print(
        f"{names[1]}: withdrawn; {Path(names[0]) / 'withdrawals.jsonl'} has the record", markup=False, soft_wrap=True
    )
    return 0


def _questions(args: argparse.Namespace, console: Console) -> int:
    names = [w for w in args.words if "=" not in w]
    if len(names) != 1:
        raise ConfigError("questions: expected one pool: `simenv knowledge questions pools/ward out=questions`")
    settings = overridden(Questions, {}, [w for w in args.words if w not in names])
    ref = settings.model
    model = connect(ref.name, ref.options, budget=settings.budget) if ref else None
    work = QuestionWork(_existing(names[0]), settings, model)

    async def run() -> int:
        try:
            return len(await work.run())
        finally:
            if model is not None:
                await model.close()

    with command.progress(console) as bars:
        bar = bars.add_task("questions", total=settings.most, seen="")
        work.on_question = lambda q: bars.update(bar, advance=1)
        count = asyncio.run(run())
    told = f"{count:,} questions in {work.folder / 'tasks.jsonl'}; {len(work.faults)} could not be made"
    spent = f"; {work.usage.input_tokens + work.usage.output_tokens:,} tokens" if model else ""
    console.print(told + spent, markup=False, highlight=False, soft_wrap=True)
    return 0 if count else 1


_ACTIONS: dict[str, Callable[[argparse.Namespace, Console], int]] = {
    "add": _add,
    "show": _show,
    "sets": _sets,
    "refresh": _refresh,
    "questions": _questions,
    "withdraw": _withdraw,
    "sent": _sent,
}
