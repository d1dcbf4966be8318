"""`simenv instruct`: options, progress, interrupts, what came of it."""

from __future__ import annotations

import argparse
import asyncio
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

from rich.console import Console

from simenv import command, files, plugins
from simenv.config import configure, overridden, written
from simenv.documents import object_file
from simenv.errors import ConfigError
from simenv.grammar import Row
from simenv.instruct import roles
from simenv.instruct.config import Dialogues
from simenv.instruct.plan import Plan
from simenv.instruct.run import Conversations
from simenv.options import explain
from simenv.rollout import drive
from simenv.rollout.admission_journal import TASKS
from simenv.runs.spending import budget, spent
from simenv.runs.store import Run
from simenv.types import Stop, Trajectory

MAY_CHANGE = ("concurrency", "budget")
"""Options that may change where a run goes on."""
HELP = """
Makes dialogues about the topics and passages of a pool, in a run folder from which curate, export and finetune go on.

  simenv instruct pool=pools/ward                            the scripted speaker: offline, no key
  simenv instruct pool=pools/ward roles=law dialogues=200
  simenv instruct pool=pools/ward model=openai model.model=gpt-4o-mini
  simenv instruct pool=pools/ward kind=room people=4 model=openai model.model=NAME
  simenv instruct 'topics=[sepsis]' model=openai model.model=NAME      topics alone
  simenv instruct --resume runs/dialogues                    go on where a run ended
"""


def _parser() -> argparse.ArgumentParser:
    sets = f"\n\nbundled sets of roles: {', '.join(roles.names())}"
    return command.parser("instruct", HELP, Dialogues, resume="a run folder", options=_options, more=lambda: sets)


def _options() -> list[Row]:
    rows = explain(Dialogues)
    for name in plugins.names("models"):
        with suppress(ConfigError):  # a client whose package is not installed
            rows += [(f"model.{k} ({name})", d, t) for k, d, t in explain(plugins.load("models", name).Options)]
    return rows


def instruct(argv: list[str]) -> int:
    """The command; exit status 0, 1 (nothing worked, or it ended early), 2 (wrong input), 3 (bugs), 130 (interrupted)."""
    return command.run("instruct", _instruct, argv)


def _instruct(argv: list[str], console: Console) -> int:
    args = _parser().parse_args(argv)
    resume = command.resume(args)
    words, file = command.words(args)
    settings = (
        _resumed(resume, words, args.trust) if resume else configure(Dialogues, file, words, "instruct/default.yaml")
    )
    is_planned = resume is not None and files.has_content(resume / TASKS)
    plan = None if is_planned else Plan(settings)
    live = _connected(settings, resume)
    if args.dry_run:
        print(written(settings), end="")
        return 0
    with _opened(settings, resume).locked() as run:
        status = asyncio.run(_watched(live, run, plan, console))
        if args.json:
            command.print_report(run.folder)
        return _told(run, status, console)


def _resumed(folder: Path, words: list[str], trust: list[str]) -> Dialogues:
    """The settings of a run that goes on; what its tasks hold already is not read again."""
    for text in words:
        if text.partition("=")[0] not in MAY_CHANGE:
            raise ConfigError(f"--resume: {text!r} would change the run; only {', '.join(MAY_CHANGE)} may change")
    config: dict[str, Any] = Run.open(folder).config(trust)
    if files.has_content(folder / TASKS):
        config = {k: v for k, v in config.items() if k not in ("pool", "topics", "roles", "experts")}
    return overridden(Dialogues, config, words)


def _connected(settings: Dialogues, resume: Path | None) -> Conversations:
    before = spent(Run.open(resume), "trajectories", "errors") if resume and settings.budget else 0.0
    cap = budget(settings.budget, before)
    return Conversations(settings, drive.connect_model(settings.model, cap), drive.connect_model(settings.user, cap))


def _opened(settings: Dialogues, resume: Path | None) -> Run:
    return Run.open(resume) if resume else Run.create(Path(settings.out), settings.name, written(settings))


async def _watched(live: Conversations, run: Run, plan: Plan | None, console: Console) -> int:
    """Hold the dialogues with a progress bar; the first interrupt lets those in progress end, the second drops them."""
    total = live.prepare(run, plan)
    with command.progress(console) as bars:
        done = sum(1 for _ in run.raw("trajectories"))
        bar = bars.add_task("dialogues", total=total, completed=done, seen="")
        counts: Counter[str] = Counter()

        def seen(trajectory: Trajectory) -> None:
            usage = trajectory.usage
            counts.update(
                errors=trajectory.stop is Stop.error, tokens=usage.input_tokens + usage.output_tokens, calls=usage.calls
            )
            figures = f"{counts['errors']} errors · {counts['calls']:,} calls · {counts['tokens']:,} tokens"
            bars.update(bar, advance=1, seen=figures)

        live.on_dialogue = seen
        return await command.stoppable(live, live.run(run), run.folder, console)


def _told(run: Run, status: int, console: Console) -> int:
    """Say what came of a run, and what goes on with it."""

    def say(text: str, style: str = "") -> None:
        console.print(text, markup=False, highlight=False, soft_wrap=True, style=style)

    result = object_file(run.folder / "report.json")
    figures = result["environments"].get("all", {"episodes": 0, "errors": 0, "cost": 0.0})
    say(f"{run.folder}: {figures['episodes']:,} dialogues, {figures['errors']:,} errors, ${figures['cost']:.2f}")
    if result["rejected_tasks"]:
        say(f"{result['rejected_tasks']} topics are in no passage; they are in {run.folder / 'rejected.jsonl'}")
    found = drive.bugs(run)
    for text in found:
        say(f"a bug ended {text}", "red")
    if cause := drive.fruitless(run):
        say(f"{cause}; --resume tries them again", "red")
    elif figures["episodes"]:
        say(f"next: simenv curate {run.folder}")
    return status or (command.BUGS if found else 1 if cause else 0)
