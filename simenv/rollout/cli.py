"""`python -m simenv.rollout`: options, progress bar, interrupts, the table at the end."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress

from simenv import command, plugins
from simenv.agent import Agent
from simenv.config import E, EnvironmentConfig, Experiment, Ref, load, written
from simenv.errors import ConfigError
from simenv.hook import Hook
from simenv.model import Model
from simenv.models import CLIENTS, connect
from simenv.models import load as client
from simenv.models.budget import Budget
from simenv.options import Options, explain
from simenv.rollout.report import Tally, report
from simenv.rollout.run import Rollout
from simenv.runs.store import Run
from simenv.simulate import SIMULATORS
from simenv.simulate import load as simulator
from simenv.source import Rejected
from simenv.types import Task, Trajectory

HELP = """
Rolls out agents in environments and writes graded trajectories to a run folder.

  python -m simenv.rollout                                    the bundled quickstart: offline, no key
  python -m simenv.rollout episodes=100 agent.error_rate=0         the same with other options
  python -m simenv.rollout environments=db db.source=tasks.jsonl
  python -m simenv.rollout agent=react model=openai model.model=gpt-4o-mini
  python -m simenv.rollout agent=react model=openai model.model=NAME model.base_url=http://localhost:8000/v1
  python -m simenv.rollout mode=checked simulator=flawed simulator.rate=0.2    a model plays the environments, checked
  python -m simenv.rollout my.yaml --dry-run                  resolve everything, call no model, write nothing
  python -m simenv.rollout --resume runs/quickstart           go on where a run ended
"""


def _parser() -> argparse.ArgumentParser:
    return command.parser(
        "rollout", HELP, _options, default="rollout/quickstart.yaml", resume="a run folder", more=_there_are
    )


def _options() -> list[command.Row]:
    shown = explain(Experiment) + explain(EnvironmentConfig, "ENVIRONMENT.")
    for name in plugins.names("agents"):
        options = plugins.load("agents", name, Agent).Options  # type: ignore[type-abstract]
        shown += [(f"agent.{key} ({name})", default, text) for key, default, text in explain(options)]
    for name in SIMULATORS:
        shown += [(f"simulator.{k} ({name})", d, t) for k, d, t in explain(simulator(name).Options)]
    for name in CLIENTS:
        with suppress(ConfigError):  # a client whose package is not installed
            shown += [(f"model.{k} ({name})", d, t) for k, d, t in explain(client(name).Options)]  # type: ignore[attr-defined]
    for name in plugins.names("hooks"):
        options = plugins.load("hooks", name, Hook).Options  # type: ignore[type-abstract]
        shown += [(f"hooks.{key} ({name})", default, text) for key, default, text in explain(options)]
    for name in plugins.names("environments"):
        with suppress(ConfigError):  # one that cannot be loaded must not take the help along
            site = plugins.environment(name)
            shown += explain(getattr(site.world, "Options", Options), f"{name}.world.")
            shown += explain(site.procedural.Options, f"{name}.teacher.") if site.procedural else []
    return shown


def _there_are() -> str:
    listed = "\n".join(f"  {kind:28} {', '.join(plugins.names(kind))}" for kind in ("environments", "agents", "hooks"))
    return f"\n\nthere are:\n{listed}\n  {'models':28} {', '.join(CLIENTS)}"


def rollout(argv: list[str]) -> int:
    """The command; exit status 0, 1 (ended early, resume goes on), 2 (wrong input), 130 (interrupted)."""
    return command.run("rollout", _rollout, argv)


def _rollout(argv: list[str], console: Console) -> int:
    args = _parser().parse_args(argv)
    experiment = given(args, Experiment, "rollout/quickstart.yaml")
    live = Rollout(experiment)
    connect_models(live, Run(Path(args.resume)) if args.resume else None)
    if announced(live.left_out, experiment, args.dry_run, console):
        return 0
    with (Run.open(Path(args.resume)) if args.resume else create(experiment)).locked() as run:
        status = asyncio.run(drive(live, run, console))
        _show(json.loads((run.folder / "report.json").read_text()), run, console)
        return status


def given(args: argparse.Namespace, shape: type[E], default: str) -> E:
    """The experiment that was asked for, or that of the run folder to go on with; ConfigError for what would change it."""
    if not args.resume:
        file, overrides = command.split(args.words)
        if file and Path(file).is_dir():
            raise ConfigError(f"{file}: a folder, not a YAML file; --resume {file} goes on with a run")
        return load(file, overrides, shape, default)
    for text in args.words:
        if text.partition("=")[0] not in ("concurrency", "budget"):
            raise ConfigError(f"--resume: {text!r} would change the run; only concurrency and budget may change")
    return load(Run.open(Path(args.resume)).folder / "config.yaml", args.words, shape)


def announced(left_out: Mapping[str, str], experiment: Experiment, dry_run: bool, console: Console) -> bool:
    """What is left out, and why; whether that and the experiment, printed, are all there is to do."""
    for name, reason in left_out.items():
        console.print(f"left out: {name}: {reason}", markup=False, highlight=False)
    if dry_run:
        print(written(experiment), end="")
    return dry_run


def connect_models(live: Rollout, resumed: Run | None) -> None:
    """The models that act, teach, and play the environments, under one spend cap; what a resumed run has spent counts
    towards it."""
    e = live.experiment
    budget = Budget(e.budget, spent(resumed, "trajectories", "errors") if resumed else 0.0) if e.budget else None
    live.model, live.teacher = _model(e.model, budget), _model(e.teacher, budget)
    live.simulator_model = _model(live.playing.model if live.playing else None, budget)
    live.check_playing()


def _model(ref: Ref | None, budget: Budget | None) -> Model | None:
    return connect(ref.name, ref.options, budget=budget) if ref else None


def spent(run: Run, *kinds: str) -> float:
    """US dollars: what was noted when the run last ended, or what its items of these kinds cost where it was killed."""
    cost = sum(item.get("usage", {}).get("cost", 0.0) for kind in kinds for item in run.raw(kind))
    noted = run.folder / "spent.json"
    return max(cost, json.loads(noted.read_text())["usd"]) if noted.exists() else cost


def create(experiment: Experiment) -> Run:
    """A new run folder with the experiment in it."""
    return Run.create(Path(experiment.out), experiment.name, written(experiment))


async def drive(live: Rollout, run: Run, console: Console) -> int:
    """Tasks, episodes, report.json; exit status. The first interrupt lets episodes in flight end, the second drops them."""

    async def work() -> None:
        with command.progress(console) as bars:
            await _watched(live, run, bars)

    try:
        return await command.stoppable(live, work(), run.folder, console)
    finally:
        models = {"model": live.model, "teacher": live.teacher, "simulator_model": live.simulator_model}
        result = report(run)
        for name, model in models.items():
            if model is not None:
                await model.close()
                result[name] = model.counts
                if (budget := getattr(model, "budget", None)) is not None:
                    run.write("spent.json", json.dumps({"usd": budget.spent}) + "\n")
        run.write("report.json", json.dumps(result, indent=2) + "\n")


async def _watched(live: Rollout, run: Run, bars: Progress) -> None:
    counts = {"tasks": 0, "rejected": 0}
    tally = Tally()
    tasks = bars.add_task("tasks", total=None, seen="")

    def on_task(item: Task | Rejected) -> None:
        counts["rejected" if isinstance(item, Rejected) else "tasks"] += 1
        bars.update(tasks, advance=1, seen=f"{counts['rejected']} rejected")

    live.on_task = on_task
    total = await live.prepare(run)
    bars.update(tasks, total=total, completed=total, visible=bool(counts["tasks"]))
    done = sum(1 for t in run.raw("trajectories") if not t.get("branch"))
    episodes = bars.add_task("episodes", total=total * live.experiment.attempts, completed=done, seen="")

    def on_episode(trajectory: Trajectory) -> None:
        if trajectory.branch:
            return
        tally.add(
            trajectory.model_dump(mode="json", include={"stop", "usage", "timing", "steps", "grade", "interventions"})
        )
        s = tally.summary()
        seen = (
            f"{s['success']:.0%} success · {tally.errors} errors · {tally.input_tokens + tally.output_tokens:,} tokens"
        )
        bars.update(episodes, advance=1, seen=f"{seen} · ${tally.cost:.2f}")

    live.on_episode = on_episode
    await live.run(run)


def _show(result: dict[str, Any], run: Run, console: Console) -> None:
    table = command.table(
        str(run.folder), "environment", "episodes", "success", "95 %", "progress", "steps", "tokens", "cost $", "seconds",
        "errors", texts=["ended by"],
    )  # fmt: skip
    for name, s in result["environments"].items():
        low, high = s["success_interval"]
        table.add_row(
            escape(name),
            str(s["episodes"]),
            f"{s['success']:.1%}",
            f"{low:.0%}–{high:.0%}",
            f"{s['progress']:.2f}",
            f"{s['steps']:.1f}",
            f"{s['input_tokens'] + s['output_tokens']:,}",
            f"{s['cost']:.2f}",
            f"{s['seconds']:.3f}",
            str(s["errors"]),
            ", ".join(f"{stop} {n}" for stop, n in s["stops"].items()),
            end_section=name != "all" and list(result["environments"])[-2] == name,
        )
    command.output().print(table)
    if any("checks" in s for s in result["environments"].values()):
        _show_checks(result["environments"])
    for way, s in result.get("branches", {}).items():
        console.print(f"siblings, {way}: {s['episodes']}, success {s['success']:.1%}", markup=False)
    if result["rejected_tasks"]:
        console.print(
            f"{result['rejected_tasks']} tasks were rejected; reasons in {run.folder / 'rejected.jsonl'}", markup=False
        )


def _show_checks(environments: dict[str, Any]) -> None:
    """What a model that played the environments said, beside the truth."""
    table = command.table(
        "what the simulator said", "environment", "asked", "match", "drift", "unverifiable", "match rate", "95 %", "corrected",
        "caught", "cost $", texts=["drifts"],
    )  # fmt: skip
    for name, s in environments.items():
        if c := s.get("checks"):
            low, high = c["match_interval"]
            counts = (str(c[k]) for k in ("asked", "match", "drift", "unverifiable"))
            rate = (f"{c['match_rate']:.1%}", f"{low:.0%}–{high:.0%}") if c["match"] + c["drift"] else ("–", "–")
            drifts = ", ".join(f"{error} {n}" for error, n in c["errors"].items())
            cost = f"{c['usage'].get('cost', 0):.2f}"
            table.add_row(escape(name), *counts, *rate, str(c["corrected"]), str(c["caught"]), cost, drifts)
    console = command.output()
    console.print(table)
    if (c := environments["all"].get("checks")) and c["unverifiable"] == c["asked"] > 0:
        reasons = "; ".join(c["unverifiable_reasons"])
        console.print(
            f"UNVERIFIABLE throughout: {reasons}. No answer of this run was compared with a real engine.", markup=False
        )
