"""`simenv fidelity`: the command line, progress bars, and a table of the results."""

from __future__ import annotations

import argparse
import asyncio
from typing import Any

from rich.console import Console
from rich.markup import escape

from simenv import command, plugins
from simenv.fidelity.config import Fidelity
from simenv.fidelity.report_page import TITLES, interval, percent, write
from simenv.fidelity.run import Measurement
from simenv.fidelity.scoring import EpisodeAnswers
from simenv.grammar import Row
from simenv.models.budget import Budget
from simenv.options import explain
from simenv.rollout import drive
from simenv.runs.sending import Ledger
from simenv.runs.spending import budget, record_spent, spent
from simenv.runs.store import Run
from simenv.simulate.change_size import BUCKETS

HELP = """
Measures how true to its environment a simulator is. No model judges: every answer is compared with what a real engine did.

  simenv fidelity                                        the stand-in `flawed` at known rates: offline, no key
  simenv fidelity simulator=grounded model=openai model.model=gpt-4o-mini episodes=20 budget=5
  simenv fidelity simulator=grounded model=openai model.model=mine questions=fidelity/fidelity/questions.jsonl
  simenv fidelity environments=db 'policies=[expert]' 'ways=[one_step]'
  simenv fidelity --resume fidelity/fidelity             continue a measurement

Writes questions.jsonl (to ask another model the same), answers/, report.json, report.md, fidelity.png, and pairs/, the
questions with their true answers as training data for a simulator.
"""


def _parser() -> argparse.ArgumentParser:
    return command.parser(
        "fidelity", HELP, Fidelity, resume="a measurement", options=_options,
        more=lambda: "\n\nmodel clients as in `simenv rollout --help`",
    )  # fmt: skip


def _options() -> list[Row]:
    rows = explain(Fidelity)
    for name in plugins.names("simulators"):
        rows += [(f"simulator.{k} ({name})", d, t) for k, d, t in explain(plugins.load("simulators", name).Options)]
    return rows


def fidelity(argv: list[str]) -> int:
    """Run the command. Exit status: 0, 1 (ended early; --resume continues), 2 (wrong input), 3 (bugs), 130 (interrupted)."""
    return command.run("fidelity", _fidelity, argv)


def _fidelity(argv: list[str], console: Console) -> int:
    args = _parser().parse_args(argv)
    resume = command.resume(args)
    settings = drive.settings(*command.words(args), resume, Fidelity, "fidelity/default.yaml", args.trust)
    measurement = Measurement(settings)
    ref = measurement.playing.model or settings.model
    cap = budget(settings.budget, spent(Run.open(resume), "answers") if resume else 0.0)
    measurement.model = drive.connect_model(ref, cap)
    measurement.check()
    if command.announce(measurement.left_out, settings, args.dry_run, console):
        return 0
    with drive.open_run(settings, resume).locked() as run:
        return asyncio.run(_measure(measurement, run, console, cap, args.json))


async def _measure(measurement: Measurement, run: Run, console: Console, cap: Budget | None, as_json: bool) -> int:
    ledger = Ledger(run.folder, [measurement.model])
    try:
        status = await command.stoppable(measurement, _with_progress(measurement, run, console), run.folder, console)
    finally:
        ledger.close()
        if measurement.model is not None:
            await measurement.model.close()
        record_spent(run, cap)
    if (run.folder / "questions.jsonl").exists():
        report = measurement.report(run)
        write(run, report)
        if as_json:
            command.print_report(run.folder)
        else:
            _show(report, run)
        command.tell(
            console, f"next: simenv finetune {run.folder / 'pairs'} model=BASE trains a simulator, or simenv view"
        )
    for (place, error), count in measurement.bugs.most_common():
        text = f"a bug ended {count:,} episodes: {place}: {error}; its traceback is in {run.folder / 'report.json'}"
        console.print(text, style="red", markup=False, highlight=False, soft_wrap=True)
    return status or (command.BUGS if measurement.bugs else 0)


async def _with_progress(measurement: Measurement, run: Run, console: Console) -> None:
    with command.progress(console) as bars:
        recording = bars.add_task("questions", total=None, seen="")
        measurement.on_questions = lambda episode: bars.update(recording, advance=1, seen=episode.environment)
        total = await measurement.prepare(run)
        bars.update(recording, total=total, completed=total)
        bar = bars.add_task(
            "answers", total=total * len(measurement.settings.ways), completed=len(measurement.answered(run)), seen=""
        )
        counts = {"match": 0, "drift": 0, "unverifiable": 0}

        def on_answers(answers: EpisodeAnswers) -> None:
            for step in answers.steps:
                counts[step.check.label] += 1
            bars.update(bar, advance=1, seen=" · ".join(f"{n:,} {label}" for label, n in counts.items()))

        measurement.on_answers = on_answers
        await measurement.run(run)


def _show(report: dict[str, Any], run: Run) -> None:
    console = command.output()
    for mode, environments in report["ways"].items():
        size_columns = [f"|Δ| {b}" for b in BUCKETS]
        columns = ("environment", "asked", "match", "95 %", *size_columns, "unverifiable", "cost $")
        table = command.table(f"{run.folder}: {TITLES[mode]}", *columns)
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
        command.print_table(table, console)
    console.print(f"{run.folder / 'report.md'}", markup=False, highlight=False)
