"""`simenv teach`: options, progress bar, interrupts, and the table at the end."""

from __future__ import annotations

import argparse
import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import TaskID

from simenv import command
from simenv.config import configure, overridden, written
from simenv.documents import object_file
from simenv.errors import ConfigError
from simenv.grammar import split
from simenv.models import connect
from simenv.models.budget import Budget
from simenv.runs.sending import Ledger
from simenv.runs.spending import budget, record_spent
from simenv.runs.store import Run
from simenv.teach.author import AssignmentResult
from simenv.teach.config import Teaching
from simenv.teach.invent import Inventor
from simenv.teach.run import TeachingRun, cost

HELP = """
Lets a model write worlds and tasks. A task goes back to the model if the engine cannot load it, its gold solution fails, a
cheating answer passes, its instruction gives the answer away, or it is a duplicate. The last failure of each is in
rejected.jsonl.

  simenv teach environments=db model=openai model.model=NAME 'topics=[a zoo, a port]'
  simenv teach 'environments=[os,web]' documents=handbook.md model=anthropic model.model=NAME budget=5
  simenv teach environments=household instructions=questions.txt tasks=3 model=…
  simenv teach invent=library 'topics=[a lending library]' model=…   a new environment, without an engine
  simenv teach --resume taught/teach                continue a run
  simenv rollout environments=db db.source=taught/teach/tasks.jsonl
"""


def _parser() -> argparse.ArgumentParser:
    return command.parser("teach", HELP, Teaching, resume="a folder of tasks")


def teach(argv: list[str]) -> int:
    """Run the command; returns exit status 0, 1 (ended early, --resume continues), 2 (wrong input), 3 (bugs) or 130."""
    return command.run("teach", _teach, argv)


def _teach(argv: list[str], console: Console) -> int:
    args = _parser().parse_args(argv)
    config = _resume_config(args.resume, args.words, args.trust) if args.resume else _config(*split(args.words))
    run = Run.open(Path(args.resume)) if args.resume else None
    if config.model is None:
        raise ConfigError("model: none given; for example model=openai model.model=NAME")
    cap = budget(config.budget, cost(run) if run else 0.0)
    model = connect(config.model.name, config.model.options, budget=cap)
    work = Inventor(config, model, is_resumed=run is not None) if config.invent else TeachingRun(config, model)
    if args.dry_run:
        print(written(config), end="")
        return 0
    with (run or Run.create(Path(config.out), config.name, written(config))).locked() as run:
        return asyncio.run(_run(work, run, console, cap, args.json))


def _config(path: str | None, words: list[str]) -> Teaching:
    return configure(Teaching, path, words, "teach/default.yaml")


def _resume_config(folder: str, words: list[str], trust: list[str]) -> Teaching:
    for text in words:
        if text.partition("=")[0] not in ("concurrency", "budget"):
            raise ConfigError(f"--resume: {text!r} would change what is asked; only concurrency and budget may change")
    return overridden(Teaching, Run.open(Path(folder)).config(trust), words)


async def _run(work: TeachingRun | Inventor, run: Run, console: Console, cap: Budget | None, as_json: bool) -> int:
    ledger = Ledger(run.folder, [work.model])
    try:
        status = await command.stoppable(work, _with_progress(work, run, console), run.folder, console)
    finally:
        ledger.close()
        await work.model.close()
        record_spent(run, cap)
    report = run.folder / "report.json"
    if report.exists():
        result = object_file(report)
        if as_json:
            command.print_report(run.folder)
        else:
            show(result, run, console)
        if not status and any(r["tasks"] for r in result.values()):
            name = next(n for n, r in result.items() if r["tasks"])
            command.tell(
                console, f"next: simenv rollout environments={name} {name}.source={run.folder / 'tasks.jsonl'}"
            )
        if not status and any("bug" in r["rejected"] for r in result.values()):
            return command.BUGS
    return status


async def _with_progress(work: TeachingRun | Inventor, run: Run, console: Console) -> None:
    with command.progress(console) as bars:
        counts = {name: _Count(bars.add_task(name, total=total, seen="")) for name, total in work.totals.items()}

        def on_result(result: AssignmentResult) -> None:
            count = counts[result.environment]
            count.add(result)
            bars.update(count.bar, advance=1, seen=str(count))

        work.on_result = on_result
        await work.run(run)


@dataclass
class _Count:
    """What came of the assignments of one environment so far."""

    bar: TaskID
    tasks: int = 0
    rejections: int = 0
    dollars: float = 0.0

    def add(self, result: AssignmentResult) -> None:
        self.tasks += result.task is not None
        self.rejections += result.rejected is not None
        self.dollars += result.usage.cost

    def __str__(self) -> str:
        return f"{self.tasks} admitted · {self.rejections} rejected · ${self.dollars:.2f}"


def show(report: dict[str, Any], run: Run, console: Console) -> None:
    """Print a report as a table."""
    columns = ("environment", "assignments", "tasks", "at once", "answers", "tokens", "cost $")
    table = command.table(str(run.folder), *columns, texts=["rejected for"])
    for name, r in report.items():
        usage = r["usage"]
        counts = [r["assignments"], r["tasks"], r["at_once"], r["answers"]]
        tokens = f"{usage['input_tokens'] + usage['output_tokens']:,}"
        causes = ", ".join(f"{cause} {n}" for cause, n in r["rejected"].items())
        label = name if r["proven"] else f"{name} (no engine, nothing proven)"
        table.add_row(escape(label), *map(str, counts), tokens, f"{usage['cost']:.2f}", causes)
    command.print_table(table, command.output(console))
    if any(r["rejected"] for r in report.values()):
        console.print(f"why each was rejected: {run.folder / 'rejected.jsonl'}", markup=False, soft_wrap=True)
