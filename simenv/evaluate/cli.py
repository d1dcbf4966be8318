"""`python -m simenv.evaluate`: options, the rollout with its bar, the table at the end."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from shutil import rmtree
from typing import Any

from rich.console import Console
from rich.markup import escape

from simenv import command
from simenv.config import load
from simenv.errors import ConfigError
from simenv.evaluate.report_page import percent
from simenv.evaluate.run import Evaluation, check
from simenv.evaluate.run import evaluate as measured
from simenv.options import explain
from simenv.rollout import cli
from simenv.rollout.run import Rollout
from simenv.runs.store import Run

HELP = """
Rolls an agent out on held-out tasks and measures it: success with intervals, pass@k and pass^k, AgentBench's metrics and
outcomes, and what went wrong. Writes evaluation.json, report.md, report.html and plots beside the trajectories.

  python -m simenv.evaluate                                            the expert with slips: offline, no key
  python -m simenv.evaluate agent=react model=openai model.model=gpt-4o-mini attempts=4 'k=[1,4]'
  python -m simenv.evaluate environments=db db.source=dbbench/dev.jsonl dialect=agentbench db.world.grader=agentbench-v0.2
  python -m simenv.evaluate 'trained_on=[curated/mine]' against=runs/evaluation
  python -m simenv.evaluate --run runs/quickstart                      measure a run that is there
  python -m simenv.evaluate --resume runs/evaluation                   go on where an evaluation ended
"""


def _parser() -> argparse.ArgumentParser:
    parser = command.parser(
        "evaluate", HELP, lambda: explain(Evaluation), default="evaluate/default.yaml", resume="an evaluation",
        more=lambda: "\n\nsee also `simenv rollout --help`",
    )  # fmt: skip
    parser.add_argument("--run", metavar="RUN", help="measure a run that is there; KEY=VALUE may change how")
    return parser


def evaluate(argv: list[str]) -> int:
    """The command; exit status 0, 1 (ended early, --resume goes on), 2 (wrong input), 130 (interrupted)."""
    return command.run("evaluate", _evaluate, argv)


def _evaluate(argv: list[str], console: Console) -> int:
    args = _parser().parse_args(argv)
    if args.run:
        run = Run.open(Path(args.run))
        settings = load(run.config(), args.words, Evaluation)
        _measurable(settings)
        return _done(run, settings, console)
    settings = cli.given(args, Evaluation, "evaluate/default.yaml")
    _measurable(settings)
    live = Rollout(settings)
    cli.connect_models(live, Run(Path(args.resume)) if args.resume else None)
    if cli.announced(live.left_out, settings, args.dry_run, console):
        return 0
    with (Run.open(Path(args.resume)) if args.resume else cli.create(settings)).locked() as run:
        asyncio.run(live.prepare(run))
        _held_out(settings, run, fresh=not args.resume)
        status = asyncio.run(cli.drive(live, run, console))
        return status or _done(run, settings, console)


def _measurable(settings: Evaluation) -> None:
    """Refuse, before an episode is played for it, a k beyond the attempts and a comparison with a run that is not there."""
    if (most := max(settings.ks)) > settings.attempts:
        raise ConfigError(
            f"k: pass@{most} needs {most} attempts at a task; expected attempts={most} (got {settings.attempts})"
        )
    if settings.against is not None:
        try:
            Run.open(Path(settings.against))
        except ConfigError as e:
            raise ConfigError(f"against: {e}") from e


def _held_out(settings: Evaluation, run: Run, fresh: bool) -> None:
    """Refuse, before anything is asked of a model, tasks that were trained on; a folder made for nothing goes again."""
    try:
        check(settings, run)
    except ConfigError:
        if fresh:
            rmtree(run.folder)
        raise


def _done(run: Run, settings: Evaluation, console: Console) -> int:
    found = measured(run, settings, check(settings, run))
    _show(found, run)
    console.print(f"{run.folder / 'report.html'}", markup=False, highlight=False)
    return 0


def _show(found: dict[str, Any], run: Run) -> None:
    table = command.table(
        str(run.folder), "environment", "tasks", "success", "95 %", "progress", "credited", "valid turns", "finished",
        "AgentBench", texts=["pass", "what went wrong"],
    )  # fmt: skip
    for name, f in found["environments"].items():
        low, high = f["success_interval"]
        table.add_row(
            escape(name),
            str(f["tasks"]),
            percent(f["success"]),
            f"{100 * low:.0f}–{100 * high:.0f} %",
            f"{f['progress']:.2f}",
            percent(f["credited"]),
            percent(f["instruction_following"]["valid_turns"]),
            percent(f["instruction_following"]["finished"]),
            f"{f['agentbench']['main']:.3f}" if "agentbench" in f else "",
            ", ".join(f"{k} {100 * p:.0f} %" for k, p in f["pass"].items()),
            ", ".join(f"{failure} {count}" for failure, count in f["failures"].items()),
        )
    output = command.output()
    output.print(table)
    if found["rejected_tasks"]:
        output.print(
            f"{found['rejected_tasks']} tasks were rejected and not asked; reasons in {run.folder / 'rejected.jsonl'}",
            markup=False, highlight=False,
        )  # fmt: skip
    if found["overall"] is not None:
        output.print(f"AgentBench's overall score: {found['overall']:.2f}")
    if "versus" in found:
        v = found["versus"]
        p = v["p_mcnemar"] if v["p_mcnemar"] is not None else v["p_bootstrap"]
        output.print(
            f"against {escape(v['second'])}: {percent(v['success'][0])} and {percent(v['success'][1])} on {v['tasks']} "
            f"common tasks, better on {v['only_first']}, worse on {v['only_second']}, p = {p:.4f}"
        )
