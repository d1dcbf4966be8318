"""`simenv comparison 'sets=[…]' model=…`: styles of generation on the same records, compared in pairs."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from simenv import command
from simenv.comparison.config import Comparison
from simenv.comparison.report import ALL, shown
from simenv.comparison.run import Comparing, made_of
from simenv.comparison.votes import Example, Vote
from simenv.config import configure, overridden, written
from simenv.documents import object_file
from simenv.errors import ConfigError
from simenv.models import connect
from simenv.models.budget import Budget
from simenv.runs.spending import budget, record_spent, spent
from simenv.runs.store import Run

HELP = """
Makes training examples from the same records in several styles (the record itself, Self-Instruct, Baize, AgentInstruct,
FireAct) and asks a judge for each pair, in both orders, which one is better.

  simenv comparison 'sets=[medqa.json, pubmedqa.json]' pool=pools/ward model=openai model.model=NAME budget=5
  simenv comparison pool=pools/ward against=record model=… judge=anthropic judge.model=NAME
  simenv comparison --resume comparisons/comparison     go on with one

Writes items/, examples/, votes/, report.json and report.md. People vote without seeing the styles: docs/verify.md.
"""
_FREE = ("concurrency", "budget")


def _parser() -> argparse.ArgumentParser:
    return command.parser("comparison", HELP, Comparison, resume="a comparison")


def comparison(argv: list[str]) -> int:
    """Run the command; returns exit status 0, 1 (ended early, or nothing could be compared), 2 (wrong input) or 130."""
    return command.run("comparison", _comparison, argv)


def _comparison(argv: list[str], console: Console) -> int:
    args = _parser().parse_args(argv)
    overrides, file = command.words(args)
    settings = _resumed(args) if args.resume else configure(Comparison, file, overrides, "comparison/default.yaml")
    if settings.model is None:
        raise ConfigError("model: none given; for example model=openai model.model=NAME")
    run = Run.open(Path(args.resume)) if args.resume else None
    cap = budget(settings.budget, spent(run) if run else 0.0)
    model, ref = connect(settings.model.name, settings.model.options, budget=cap), settings.judge
    work = Comparing(settings, model, connect(ref.name, ref.options, budget=cap) if ref else model)
    if args.dry_run:
        print(written(settings), end="")
        return 0
    with (run or Run.create(Path(settings.out), settings.name, written(settings))).locked() as run:
        return asyncio.run(_run(work, run, console, cap, args.json))


def _resumed(args: argparse.Namespace) -> Comparison:
    for text in args.words:
        if text.partition("=")[0] not in _FREE:
            raise ConfigError(f"--resume: {text!r} would change what is compared; only {', '.join(_FREE)} may change")
    return overridden(Comparison, Run.open(Path(args.resume)).config(args.trust), args.words)


async def _run(work: Comparing, run: Run, console: Console, cap: Budget | None, as_json: bool) -> int:
    try:
        status = await command.stoppable(work, _with_progress(work, run, console), run.folder, console)
    finally:
        for model in {work.model, work.judge} - {None}:
            await model.close()  # type: ignore[union-attr]
        record_spent(run, cap)
    if not (run.folder / "report.json").exists():
        return status
    if as_json:
        command.print_report(run.folder)
    rows = _show(run, as_json or console.quiet)
    failed = [e for e in made_of(run) if e.error]
    if failed:
        text = f"{len(failed):,} examples could not be made, the first: {failed[0].style}: {failed[0].error}"
        console.print(text, markup=False, highlight=False, soft_wrap=True)
    console.print(f"next: read {run.folder / 'report.md'}", markup=False, highlight=False, soft_wrap=True)
    return status or (0 if rows else 1)


async def _with_progress(work: Comparing, run: Run, console: Console) -> None:
    with command.progress(console) as bars:
        pairs, items = work.settings.pairs, len(work.drawn)
        styles = {name for pair in pairs for name in pair}
        examples = bars.add_task("examples", total=items * len(styles), completed=len(made_of(run)), seen="")
        preferences = bars.add_task(
            "votes", total=items * len(pairs), completed=sum(1 for _ in run.raw("votes")), seen=""
        )

        def on_example(example: Example) -> None:
            bars.update(examples, advance=1, seen=example.style)

        def on_vote(vote: Vote) -> None:
            bars.update(preferences, advance=1, seen=vote.better)

        work.on_example, work.on_vote = on_example, on_vote
        await work.run(run)


def _show(run: Run, quiet: bool) -> int:
    """Print the figures over all sets, unless it is to be `quiet`; how many pairs there are."""
    rows = [r for r in object_file(run.folder / "report.json")["rows"] if r["set"] == ALL]
    table = command.table(str(run.folder), "style", "votes", texts=["against", "by", "win", "tie", "loss"])
    for r in rows:
        outcomes = (shown(r, k) for k in ("win", "tie", "loss"))
        table.add_row(escape(r["style"]), f"{r['votes']:,}", escape(r["against"]), escape(r["by"]), *outcomes)
    if not quiet:
        command.print_table(table, command.output())
    return len(rows)
