"""`python -m simenv.teach`: options, progress bar, interrupts, the table at the end."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from simenv import command, plugins
from simenv.config import configure
from simenv.errors import BudgetSpent, ConfigError
from simenv.models import connect
from simenv.models.budget import Budget
from simenv.options import explain
from simenv.store import Run
from simenv.teach.author import Written
from simenv.teach.config import Teaching
from simenv.teach.invent import Inventor
from simenv.teach.workshop import Workshop, cost

HELP = """
Lets a model write worlds and tasks. What the engine cannot load, the gold solution does not solve, a cheat passes, the
instruction gives away or is there already goes back to the model, and in the end to rejected.jsonl.

  python -m simenv.teach environments=db model=openai model.model=NAME topics=[a zoo, a port]
  python -m simenv.teach environments=[os,web] documents=handbook.md model=anthropic model.model=NAME budget=5
  python -m simenv.teach environments=household instructions=questions.txt tasks=3 model=…
  python -m simenv.teach invent=library topics=[a lending library] model=…   a new environment, without an engine
  python -m simenv.teach --resume taught/teach                go on where it ended
  python -m simenv.rollout environments=[db] db.source=taught/teach/tasks.jsonl
"""


def _parser() -> argparse.ArgumentParser:
    fields = "\n".join(f"  {key:16} {default:12.12} {text}" for key, default, text in explain(Teaching))
    parser = argparse.ArgumentParser(
        prog="simenv teach",
        description=HELP,
        epilog=f"KEY=VALUE (values in YAML), defaults and meaning:\n{fields}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("words", nargs="*", metavar="CONFIG.yaml | KEY=VALUE", help="a YAML file and options over it")
    parser.add_argument("--dry-run", action="store_true", help="resolve everything and print it")
    parser.add_argument(
        "--resume", metavar="FOLDER", help="go on with a folder; only concurrency and budget may change"
    )
    return parser


def teach(argv: list[str]) -> int:
    """The command; exit status 0, 1 (ended early, resume goes on), 2 (wrong input), 130 (interrupted)."""
    return command.run("teach", _teach, argv)


def _teach(argv: list[str], console: Console) -> int:
    args = _parser().parse_args(argv)
    config = _resumed(args.resume, args.words) if args.resume else _config(*command.split(args.words))
    run = Run.open(Path(args.resume)) if args.resume else None
    for folder in config.plugins:
        plugins.add(folder)
    if config.model is None:
        raise ConfigError("model: none given; for example model=openai model.model=NAME")
    budget = Budget(config.budget, cost(run) if run else 0.0) if config.budget else None
    model = connect(config.model.name, config.model.options, budget=budget)
    work = Inventor(config, model, resumed=run is not None) if config.invent else Workshop(config, model)
    told = yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
    if args.dry_run:
        print(told, end="")
        return 0
    run = run or Run.create(Path(config.out), config.name, told)
    run.lock()
    try:
        return asyncio.run(_live(work, run, console, budget))
    finally:
        run.unlock()


def _config(path: str | None, words: list[str]) -> Teaching:
    return configure(Teaching, path, words, "teach/default.yaml")


def _resumed(folder: str, words: list[str]) -> Teaching:
    for text in words:
        if text.partition("=")[0] not in ("concurrency", "budget"):
            raise ConfigError(f"--resume: {text!r} would change what is asked; only concurrency and budget may change")
    return _config(str(Run.open(Path(folder)).folder / "config.yaml"), words)


async def _live(work: Workshop | Inventor, run: Run, console: Console, budget: Budget | None) -> int:
    """The first interrupt lets what is in flight end, the second drops it."""
    task = asyncio.current_task()

    def interrupt() -> None:
        if work.stopping and task:
            task.cancel()
        work.stopping = True
        console.print("ending what is in flight; interrupt again to drop it")

    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, interrupt)
    status = 0
    try:
        await _watched(work, run, console)
    except BudgetSpent as e:
        console.print(f"{e}; `--resume {run.folder} budget=…` goes on", markup=False, soft_wrap=True)
        status = 1
    except asyncio.CancelledError:
        status = 130
    finally:
        await work.model.close()
        if budget is not None:
            run.write("spent.json", json.dumps({"usd": budget.spent}) + "\n")
    report = run.folder / "report.json"
    if report.exists():
        show(json.loads(report.read_text()), run, console)
    return 130 if work.stopping else status


async def _watched(work: Workshop | Inventor, run: Run, console: Console) -> None:
    tasks = rejected = 0
    spent = 0.0
    with command.progress(console) as bars:
        bar = bars.add_task("tasks", total=work.total, seen="")

        def on_written(written: Written) -> None:
            nonlocal tasks, rejected, spent
            tasks, rejected = tasks + (written.task is not None), rejected + (written.rejected is not None)
            spent += written.usage.cost
            bars.update(bar, advance=1, seen=f"{tasks} admitted · {rejected} rejected · ${spent:.2f}")

        work.on_written = on_written
        await work.run(run)


def show(report: dict[str, Any], run: Run, console: Console) -> None:
    """The report as a table."""
    table = Table(title=escape(str(run.folder)), title_justify="left")
    for name in ("environment", "assignments", "tasks", "at once", "answers", "tokens", "cost $"):
        table.add_column(name, justify="left" if name == "environment" else "right")
    table.add_column("rejected for")
    for name, r in report.items():
        used = r["usage"]
        counts = [r["assignments"], r["tasks"], r["at_once"], r["answers"]]
        tokens = f"{used['input_tokens'] + used['output_tokens']:,}"
        causes = ", ".join(f"{cause} {n}" for cause, n in r["rejected"].items())
        label = name if r["proven"] else f"{name} (no engine, nothing proven)"
        table.add_row(escape(label), *map(str, counts), tokens, f"{used['cost']:.2f}", causes)
    Console(width=None if console.is_terminal else 140).print(table)
    if any(r["rejected"] for r in report.values()):
        console.print(f"why each was rejected: {run.folder / 'rejected.jsonl'}", markup=False, soft_wrap=True)
