"""`simenv evaluate`: the command line, the rollout with a progress bar, and a table of the results."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from shutil import rmtree
from typing import Any

from rich.console import Console
from rich.markup import escape

from simenv import command
from simenv.config import configured
from simenv.errors import ConfigError
from simenv.evaluate.config import Evaluation
from simenv.evaluate.report_page import interval, number, percent
from simenv.evaluate.run import check_held_out, leave_out
from simenv.evaluate.run import evaluate as evaluate_run
from simenv.rollout import cli, drive
from simenv.rollout.run import Rollout
from simenv.runs.store import Run

HELP = """
Runs an agent on held-out tasks and measures it: success with intervals, pass@k and pass^k, AgentBench's metrics and
outcomes, and what went wrong. Writes evaluation.json, report.md, report.html and plots beside the trajectories.

  simenv evaluate                                            the expert with slips: offline, no key
  simenv evaluate agent=react model=openai model.model=gpt-4o-mini attempts=4 'k=[1,4]'
  simenv evaluate environments=db db.source=dbbench/dev.jsonl dialect=agentbench db.world.grader=agentbench-v0.2
  simenv evaluate 'trained_on=[curated/mine]' against=runs/evaluation
  simenv evaluate --run runs/quickstart                      measure an existing run
  simenv evaluate --resume runs/evaluation                   continue an evaluation
"""


def _parser() -> argparse.ArgumentParser:
    parser = command.parser(
        "evaluate", HELP, Evaluation, resume="an evaluation", more=lambda: "\n\nsee also `simenv rollout --help`")  # fmt: skip
    parser.add_argument("--run", metavar="RUN", help="measure an existing run; KEY=VALUE changes the settings")
    return parser


def evaluate(argv: list[str]) -> int:
    """Run the command. Exit status: 0, 1 (ended early or measured nothing: --resume), 2 (wrong input), 3 (bugs), 130."""
    return command.run("evaluate", _evaluate, argv)


def _evaluate(argv: list[str], console: Console) -> int:
    args = _parser().parse_args(argv)
    if args.run:
        run = Run.open(Path(args.run))
        settings = drive.checked(configured(run.config(args.trust), args.words, Evaluation))
        _check_settings(settings)
        return _measure(run, settings, console, args.json)
    resume = command.resume(args)
    settings = drive.settings(
        *command.words(args, "--run {folder} measures a run, --resume {folder} goes on with an evaluation"),
        resume,
        Evaluation,
        "evaluate/default.yaml",
        args.trust,
    )
    _check_settings(settings)
    rollout = Rollout(settings)
    drive.connect_models(rollout, resume)
    if command.announce(rollout.left_out, settings, args.dry_run, console):
        return 0
    with drive.open_run(settings, resume).locked() as run:
        asyncio.run(rollout.prepare(run))
        _check_tasks(settings, run, fresh=resume is None)
        status = cli.watch(rollout, run, console)
        measurable = status in (0, command.BUGS) or drive.fruitless(run)
        return (_measure(run, settings, console, args.json) or status) if measurable else status


def _check_settings(settings: Evaluation) -> None:
    """ConfigError for a k greater than the number of attempts, or if the run to compare with does not exist."""
    if (largest := max(settings.ks)) > settings.attempts:
        raise ConfigError(
            f"k: pass@{largest} needs {largest} attempts at a task; expected attempts={largest} (got {settings.attempts})"
        )
    if settings.against is not None:
        try:
            Run.open(Path(settings.against))
        except ConfigError as e:
            raise ConfigError(f"against: {e}") from e


def _check_tasks(settings: Evaluation, run: Run, fresh: bool) -> None:
    """ConfigError for tasks that were trained on, before any model is called. A `fresh` run folder is then deleted."""
    try:
        if settings.held_out:
            leave_out(settings, run)
        check_held_out(settings, run)
    except ConfigError:
        if fresh:
            rmtree(run.folder)
        raise


def _measure(run: Run, settings: Evaluation, console: Console, as_json: bool) -> int:
    evaluation = evaluate_run(run, settings, check_held_out(settings, run))
    if as_json:
        command.print_report(run.folder, "evaluation.json")
    else:
        _show(evaluation, run, console)
    command.tell(console, f"{run.folder / 'report.html'}")
    command.tell(console, "next: simenv view")
    return 0 if evaluation["environments"]["all"]["episodes"] else 1


def _show(evaluation: dict[str, Any], run: Run, console: Console) -> None:
    table = command.table(
        str(run.folder), "environment", "tasks", "success", "95 %", "progress", "credited", "valid turns", "finished",
        "AgentBench", texts=["pass", "what went wrong"],
    )  # fmt: skip
    for name, f in evaluation["environments"].items():
        table.add_row(
            escape(name),
            str(f["tasks"]),
            percent(f["success"]),
            interval(f["success_interval"]),
            number(f["progress"], ".2f"),
            percent(f["credited"]),
            percent(f["instruction_following"]["valid_turns"]),
            percent(f["instruction_following"]["finished"]),
            number(f["agentbench"]["main"], ".3f") if "agentbench" in f else "",
            ", ".join(f"{k} {100 * p:.0f} %" for k, p in f["pass"].items()),
            ", ".join(f"{failure} {count}" for failure, count in f["failures"].items()),
        )
    output = command.output(console)
    command.print_table(table, output, ("pass", "AgentBench", "finished", "valid turns", "credited", "progress"))
    if evaluation["rejected_tasks"]:
        output.print(
            f"{evaluation['rejected_tasks']} tasks were rejected and not asked; reasons in {run.folder / 'rejected.jsonl'}",
            markup=False, highlight=False,
        )  # fmt: skip
    if evaluation["overall"] is not None:
        output.print(f"AgentBench's overall score: {evaluation['overall']:.2f}")
    if "versus" in evaluation:
        v = evaluation["versus"]
        p = v["p_mcnemar"] if v["p_mcnemar"] is not None else v["p_bootstrap"]
        output.print(
            f"against {escape(v['second'])}: {percent(v['success'][0])} and {percent(v['success'][1])} on {v['tasks']} "
            f"common tasks, better on {v['only_first']}, worse on {v['only_second']}, p = {p:.4f}"
        )
