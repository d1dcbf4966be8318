"""`simenv rollout`: options, progress bar, interrupts, the table at the end."""

from __future__ import annotations

import argparse
import asyncio
from contextlib import suppress
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress

from simenv import command, plugins
from simenv.config import EnvironmentConfig, Experiment
from simenv.documents import object_file
from simenv.errors import ConfigError
from simenv.grammar import Row
from simenv.options import Options, explain
from simenv.rollout import drive
from simenv.rollout.report import Tally
from simenv.rollout.run import Rollout
from simenv.runs.store import Run
from simenv.source import Rejected
from simenv.types import Task, Trajectory

_COUNTED = {"stop", "usage", "teacher_usage", "timing", "steps", "grade", "interventions"}
"""What of an episode the progress shows."""
HELP = """
Rolls out agents in environments and writes graded trajectories to a run folder.

  simenv rollout                                    the bundled quickstart: offline, no key
  simenv rollout episodes=100 agent.error_rate=0         the same with other options
  simenv rollout environments=db db.source=tasks.jsonl
  simenv rollout agent=react model=openai model.model=gpt-4o-mini
  simenv rollout agent=react model=openai model.model=NAME model.base_url=http://localhost:8000/v1
  simenv rollout mode=checked simulator=flawed simulator.rate=0.2    a model plays the environments, checked
  simenv rollout my.yaml --dry-run                  resolve everything, call no model, write nothing
  simenv rollout --resume runs/quickstart           go on where a run ended
"""


def _parser() -> argparse.ArgumentParser:
    return command.parser(
        "rollout", HELP, Experiment, resume="a run folder", default="quickstart", options=_options, more=_plugins_text
    )


def _options() -> list[Row]:
    rows = explain(Experiment) + explain(EnvironmentConfig, "ENVIRONMENT.")
    for name in plugins.names("agents"):
        options = plugins.load("agents", name).Options
        rows += [(f"agent.{key} ({name})", default, text) for key, default, text in explain(options)]
    for name in plugins.names("simulators"):
        rows += [(f"simulator.{k} ({name})", d, t) for k, d, t in explain(plugins.load("simulators", name).Options)]
    for name in plugins.names("models"):
        with suppress(ConfigError):  # a client whose package is not installed
            rows += [(f"model.{k} ({name})", d, t) for k, d, t in explain(plugins.load("models", name).Options)]
    for name in plugins.names("hooks"):
        options = plugins.load("hooks", name).Options
        rows += [(f"hooks.{key} ({name})", default, text) for key, default, text in explain(options)]
    for name in plugins.names("environments"):
        with suppress(ConfigError):  # one that cannot be loaded must not take the help along
            site = plugins.environment(name)
            rows += explain(getattr(site.world, "Options", Options), f"{name}.world.")
            rows += explain(site.procedural.Options, f"{name}.teacher.") if site.procedural else []
    return rows


def _plugins_text() -> str:
    kinds = ("environments", "agents", "hooks", "models")
    lines = "\n".join(f"  {kind:28} {', '.join(plugins.names(kind))}" for kind in kinds)
    return f"\n\nthere are:\n{lines}"


def rollout(argv: list[str]) -> int:
    """The command; exit status 0, 1 (ended early, resume goes on), 2 (wrong input), 3 (bugs ended episodes or tasks), 130."""
    return command.run("rollout", _rollout, argv)


def _rollout(argv: list[str], console: Console) -> int:
    args = _parser().parse_args(argv)
    resume = command.resume(args)
    experiment = drive.settings(*command.words(args), resume, Experiment, "rollout/quickstart.yaml", args.trust)
    live = Rollout(experiment)
    drive.connect_models(live, resume)
    if command.announce(live.left_out, experiment, args.dry_run, console):
        return 0
    with drive.open_run(experiment, resume).locked() as run:
        status = watch(live, run, console)
        result = object_file(run.folder / "report.json")
        if args.json:
            command.print_json({"folder": str(run.folder), **result})
        else:
            _show(result, run, console)
        if not status and result["environments"].get("all", {}).get("episodes"):
            command.tell(console, f"next: simenv curate {run.folder}, or simenv view")
        return status


def watch(live: Rollout, run: Run, console: Console) -> int:
    """Play a rollout with progress bars; exit status 0, 1 (the budget is spent, or no episode ended without an error, which
    is named), 3 (bugs, which are named), 130 (interrupted).

    The first interrupt lets episodes in flight end, the second drops them.
    """

    async def work() -> None:
        with command.progress(console) as bars:
            await drive.play(live, run, _Watch(live, run, bars).on_admitted)

    status = asyncio.run(command.stoppable(live, work(), run.folder, console))
    found = drive.bugs(run)
    for text in found:
        command.alarm(console, f"a bug ended {text}")
    if found:
        places = f"{run.folder / 'errors'} and {run.folder / 'rejected.jsonl'}"
        console.print(f"tracebacks are in {places}; --resume tries the episodes again", markup=False, soft_wrap=True)
    if cause := drive.fruitless(run):
        command.alarm(console, f"{cause}; --resume tries them again")
    return status or (command.BUGS if found else 1 if cause else 0)


class _Watch:
    """The progress bars of a rollout."""

    def __init__(self, live: Rollout, run: Run, bars: Progress) -> None:
        self._live, self._run, self._bars, self._tally = live, run, bars, Tally()
        self._counts = {"tasks": 0, "rejected": 0}
        self._tasks = bars.add_task("tasks", total=None, seen="")
        live.on_task = self._on_task

    def _on_task(self, item: Task | Rejected) -> None:
        self._counts["rejected" if isinstance(item, Rejected) else "tasks"] += 1
        self._bars.update(self._tasks, advance=1, seen=f"{self._counts['rejected']} rejected")

    def on_admitted(self, total: int) -> None:
        """Show that the tasks are there, and begin to count episodes; forks are not counted."""
        self._bars.update(self._tasks, total=total, completed=total, visible=bool(self._counts["tasks"]))
        finished = len({t["id"] for t in self._run.raw("trajectories") if not t.get("branch")})
        total *= self._live.experiment.attempts
        self._episodes = self._bars.add_task("episodes", total=total, completed=finished, seen="")
        self._live.on_episode = self._on_episode

    def _on_episode(self, trajectory: Trajectory) -> None:
        if trajectory.branch:
            return
        tally = self._tally
        tally.add(trajectory.model_dump(mode="json", include=_COUNTED))
        tokens = tally.input_tokens + tally.output_tokens
        success = f"{tally.summary()['success']:.0%}" if tally.episodes else "–"
        figures = f"{success} success · {tally.errors + tally.bugs} errors · {tokens:,} tokens · ${tally.cost:.2f}"
        self._bars.update(self._episodes, advance=1, seen=figures)


def _show(result: dict[str, Any], run: Run, console: Console) -> None:
    table = command.table(
        str(run.folder), "environment", "episodes", "success", "95 %", "progress", "steps", "tokens", "cost $", "seconds",
        "errors", texts=["ended by"],
    )  # fmt: skip
    for name, s in result["environments"].items():
        low, high = s["success_interval"]
        means = (f"{s['success']:.1%}", f"{low:.0%}–{high:.0%}", f"{s['progress']:.2f}", f"{s['steps']:.1f}")
        table.add_row(
            escape(name),
            str(s["episodes"]),
            *(means if s["episodes"] else ["–"] * len(means)),
            f"{s['input_tokens'] + s['output_tokens']:,}",
            f"{s['cost']:.2f}",
            f"{s['seconds']:.3f}",
            str(s["errors"]),
            ", ".join(f"{stop} {n}" for stop, n in s["stops"].items()),
            end_section=name != "all" and list(result["environments"])[-2] == name,
        )
    command.print_table(table, command.output(console), ("seconds", "cost $", "tokens", "steps", "progress"))
    if any("checks" in s for s in result["environments"].values()):
        _show_checks(result["environments"])
    for name, s in result["environments"].items():
        if name != "all" and "teacher" in s:
            console.print(f"{name}: {_of_teacher(s['teacher'])}", markup=False)
    for continuation, s in result.get("branches", {}).items():
        teacher = f"; {_of_teacher(s['teacher'])}" if "teacher" in s else ""
        console.print(f"forks, {continuation}: {s['episodes']}, success {s['success']:.1%}{teacher}", markup=False)
    if result["rejected_tasks"]:
        console.print(
            f"{result['rejected_tasks']} tasks were rejected; reasons in {run.folder / 'rejected.jsonl'}", markup=False
        )


def _of_teacher(usage: dict[str, Any]) -> str:
    """What the teacher's model consumed, which is no part of the agent's figures."""
    tokens = usage.get("input_tokens", 0) + usage.get("output_tokens", 0)
    return f"the teacher took {tokens:,} tokens and ${usage.get('cost', 0):.2f} more"


def _show_checks(environments: dict[str, Any]) -> None:
    """The answers of a model that played the environments, beside the engines'."""
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
    command.print_table(table, console, ("cost $", "caught", "corrected"))
    if (c := environments["all"].get("checks")) and c["unverifiable"] == c["asked"] > 0:
        reasons = "; ".join(c["unverifiable_reasons"])
        console.print(
            f"UNVERIFIABLE throughout: {reasons}. No answer of this run was compared with a real engine.", markup=False
        )
