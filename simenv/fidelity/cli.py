"""`python -m simenv.fidelity`: options, progress, interrupts, the table at the end."""

from __future__ import annotations

import argparse
import asyncio
from typing import Any

from rich.console import Console
from rich.markup import escape

from simenv import command
from simenv.fidelity.config import Fidelity
from simenv.fidelity.report_page import TITLES, interval, percent, write
from simenv.fidelity.run import Measurement
from simenv.fidelity.scoring import Answers
from simenv.models.budget import Budget
from simenv.options import explain
from simenv.rollout import drive
from simenv.runs.spending import budget, record_spent, spent
from simenv.runs.store import Run
from simenv.simulate import SIMULATORS
from simenv.simulate import load as simulator
from simenv.simulate.change_size import BUCKETS

HELP = """
Measures how true to its environment a simulator is. No model judges: every answer is compared with what a real engine did.

  python -m simenv.fidelity                                        the stand-in `flawed` at known rates: offline, no key
  python -m simenv.fidelity simulator=grounded model=openai model.model=gpt-4o-mini episodes=20 budget=5
  python -m simenv.fidelity simulator=grounded model=openai model.model=mine questions=fidelity/fidelity/questions.jsonl
  python -m simenv.fidelity environments=db 'policies=[expert]' 'ways=[one_step]'
  python -m simenv.fidelity --resume fidelity/fidelity             go on where a measurement ended

Writes questions.jsonl (what was asked, for another model), answers/, report.json, report.md, fidelity.png, and pairs/, the
same questions with the true answers as training data for a simulator.
"""


def _parser() -> argparse.ArgumentParser:
    return command.parser(
        "fidelity", HELP, _options, default="fidelity/default.yaml", resume="a measurement",
        more=lambda: "\n\nmodel clients as in `simenv rollout --help`",
    )  # fmt: skip


def _options() -> list[command.Row]:
    shown = explain(Fidelity)
    for name in SIMULATORS:
        shown += [(f"simulator.{k} ({name})", d, t) for k, d, t in explain(simulator(name).Options)]
    return shown


def fidelity(argv: list[str]) -> int:
    """The command; exit status 0, 1 (ended early, --resume goes on), 2 (wrong input), 130 (interrupted)."""
    return command.run("fidelity", _fidelity, argv)


def _fidelity(argv: list[str], console: Console) -> int:
    args = _parser().parse_args(argv)
    resume = command.resume(args)
    settings = drive.settings(*command.words(args), resume, Fidelity, "fidelity/default.yaml")
    live = Measurement(settings)
    ref = live.playing.model or settings.model
    cap = budget(settings.budget, spent(Run.open(resume), "answers") if resume else 0.0)
    live.model = drive.connect_model(ref, cap)
    live.check()
    if command.announce(live.left_out, settings, args.dry_run, console):
        return 0
    with drive.open_run(settings, resume).locked() as run:
        return asyncio.run(_live(live, run, console, cap))


async def _live(live: Measurement, run: Run, console: Console, cap: Budget | None) -> int:
    try:
        status = await command.stoppable(live, _watched(live, run, console), run.folder, console)
    finally:
        if live.model is not None:
            await live.model.close()
        record_spent(run, cap)
    if (run.folder / "questions.jsonl").exists():
        report = live.report(run)
        write(run, report)
        _show(report, run)
    return status


async def _watched(live: Measurement, run: Run, console: Console) -> None:
    with command.progress(console) as bars:
        made = bars.add_task("questions", total=None, seen="")
        live.on_asked = lambda asked: bars.update(made, advance=1, seen=asked.environment)
        total = await live.prepare(run)
        bars.update(made, total=total, completed=total)
        bar = bars.add_task("answers", total=total * len(live.settings.ways), completed=len(live.done(run)), seen="")
        counts = {"match": 0, "drift": 0, "unverifiable": 0}

        def on_answers(answers: Answers) -> None:
            for step in answers.steps:
                counts[step.check.label] += 1
            bars.update(bar, advance=1, seen=" · ".join(f"{n:,} {label}" for label, n in counts.items()))

        live.on_answers = on_answers
        await live.run(run)


def _show(report: dict[str, Any], run: Run) -> None:
    console = command.output()
    for way, environments in report["ways"].items():
        sized = [f"|Δ| {b}" for b in BUCKETS]
        columns = ("environment", "asked", "match", "95 %", *sized, "unverifiable", "cost $")
        table = command.table(f"{run.folder}: {TITLES[way]}", *columns)
        for name, e in environments.items():
            sizes = [percent(e["by_delta"][b]["match_rate"]) if b in e["by_delta"] else "–" for b in BUCKETS]
            table.add_row(
                escape(name),
                str(e["all"]["asked"]),
                percent(e["all"]["match_rate"]),
                interval(e["all"]),
                *sizes,
                percent(e["all"]["unverifiable_share"]),
                f"{e['usage']['cost']:.2f}",
            )
        console.print(table)
    console.print(f"{run.folder / 'report.md'}", markup=False, highlight=False)
