"""A rollout from beginning to end, as functions: settings, run folder, models, episodes, report and costs.

The commands and `simenv.run` stand on it. It knows no console: whoever wants to see progress passes callbacks.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from simenv import plugins
from simenv.concurrency import finish
from simenv.config import E, EnvironmentsConfig, Experiment, Ref, configured, load, written
from simenv.documents import object_file
from simenv.errors import ConfigError, Untrusted
from simenv.model import Model
from simenv.models import connect
from simenv.models.budget import Budget
from simenv.options import Options, read
from simenv.rollout.report import report
from simenv.rollout.run import Rollout
from simenv.runs.sending import Ledger
from simenv.runs.spending import budget, record_spent, spent
from simenv.runs.store import Run
from simenv.source import Rejected
from simenv.trust import Refusal
from simenv.types import Task, Trajectory

_log = logging.getLogger(__name__)
MAY_CHANGE = ("concurrency", "budget", "on_bug", "max_equal_bugs")
"""Options that may change where a run goes on; any other would make it another run."""


def run(
    experiment: Experiment | Mapping[str, Any] | None = None,
    *,
    resume: str | Path | None = None,
    trust: Collection[str] = (),
    on_task: Callable[[Task | Rejected], None] = lambda task: None,
    on_episode: Callable[[Trajectory], None] = lambda trajectory: None,
    **options: Any,
) -> Run:
    """Play an experiment and return its run folder, complete with report.json.

    `run(environments=["counter"], agent="expert", episodes=20)`; `experiment` is an Experiment, or a mapping of the options in
    its YAML, and `options` are put over it. `resume` names the folder of a run that ended early; only MAY_CHANGE
    may change then. That folder's config only chooses among what is installed; `trust` are values in it that may be acted on
    all the same: folders of plugins, dotted names, addresses, variables of keys. `on_task` is called with each task that is
    admitted or rejected, `on_episode` with each trajectory, forks before the episode they were split off.

    ConfigError: wrong options, or nothing to resume. BudgetSpent, StoreError: it ended early, and `resume` goes on with it.
    From async code call `run_async`.
    """
    return finish(
        lambda: run_async(experiment, resume=resume, trust=trust, on_task=on_task, on_episode=on_episode, **options)
    )


async def run_async(
    experiment: Experiment | Mapping[str, Any] | None = None,
    *,
    resume: str | Path | None = None,
    trust: Collection[str] = (),
    on_task: Callable[[Task | Rejected], None] = lambda task: None,
    on_episode: Callable[[Trajectory], None] = lambda trajectory: None,
    **options: Any,
) -> Run:
    """The same for async code. It sets the running loop's default executor, as blocking worlds need many threads."""
    folder = Path(resume) if resume is not None else None
    if folder is not None and experiment is not None:
        raise ConfigError("resume: a run goes on with its own experiment; give only one of the two")
    settings = (
        _resumed(folder, options, Experiment, trust) if folder is not None else _experiment(experiment or {}, options)
    )
    rollout = Rollout(settings, on_task=on_task, on_episode=on_episode)
    connect_models(rollout, folder)
    for name, reason in rollout.left_out.items():
        _log.warning("left out: %s: %s", name, reason)
    with open_run(settings, folder).locked() as folder_of_run:
        await play(rollout, folder_of_run)
        for text in bugs(folder_of_run):
            _log.warning("a bug ended %s", text)
        return folder_of_run


def settings(
    words: list[str], file: str | None, resume: Path | None, shape: type[E], default: str, trust: Collection[str] = ()
) -> E:
    """The settings of a command: KEY=VALUE words over a YAML file (None: the bundled `default`) or over the folder to resume.

    `trust`: values in that folder's config that may be acted on. ConfigError for words that would change a resumed run,
    Untrusted where its config does more than choose among what is installed.
    """
    if resume is None:
        return load(file, words, shape, default)
    for text in words:
        if text.partition("=")[0] not in MAY_CHANGE:
            raise ConfigError(f"--resume: {text!r} would change the run; only {', '.join(MAY_CHANGE)} may change")
    return checked(configured(Run.open(resume).config(trust), words, shape))


def _experiment(experiment: Experiment | Mapping[str, Any], options: Mapping[str, Any]) -> Experiment:
    if isinstance(experiment, Experiment) and not options:
        return experiment
    fields = experiment.model_dump() if isinstance(experiment, Experiment) else dict(experiment)
    fields |= options
    return read(Experiment, fields, "")


def _resumed(folder: Path, options: Mapping[str, Any], shape: type[E], trust: Collection[str]) -> E:
    for key in options:
        if key not in MAY_CHANGE:
            raise ConfigError(f"{key}: it would change the run; only {', '.join(MAY_CHANGE)} may change")
    return checked(configured(Run.open(folder).config(trust) | dict(options), [], shape))


def checked(settings: E) -> E:
    """The same settings. Untrusted names at once all that their options would act on, where they come from a foreign file."""
    refusals = [r for kind, ref, place in _refs(settings) for r in _refused(kind, ref.name, ref.options, place)]
    for name, environment in settings.environments.items():
        with suppress(ConfigError):
            site = plugins.environment(name)
            refusals += _refused_by(getattr(site.world, "Options", Options), environment.world, f"{name}.world")
            if site.procedural:
                refusals += _refused_by(site.procedural.Options, environment.teacher, f"{name}.teacher")
    if refusals:
        raise Untrusted("\n".join(map(str, refusals)), refusals)
    return settings


def _refs(settings: EnvironmentsConfig) -> Iterator[tuple[str, Ref, str]]:
    """Every plugin with options that settings name: its kind, itself, and where it stands."""
    kinds = {"model": "models", "teacher": "models", "agent": "agents", "simulator": "simulators"}
    for key, kind in kinds.items():
        if (ref := getattr(settings, key, None)) is not None:
            yield kind, ref, key
    for ref in getattr(settings, "hooks", ()):
        yield "hooks", ref, f"hooks.{ref.name}"


def _refused(kind: str, name: str, options: Mapping[str, Any], place: str) -> list[Refusal]:
    """What a plugin's options would act on; nothing where it cannot be loaded, which is said when it is needed."""
    try:
        shape = plugins.load(kind, name).Options
    except ConfigError:
        return []
    refusals = _refused_by(shape, options, place)
    if kind == "simulators" and isinstance(inner := options.get("model"), dict) and not refusals:
        ref = Ref.model_validate(inner)
        refusals = _refused("models", ref.name, ref.options, f"{place}.model")
    return refusals


def _refused_by(shape: type[Options], options: Mapping[str, Any], place: str) -> list[Refusal]:
    try:
        read(shape, dict(options), place)
    except Untrusted as e:
        return list(e.refusals)
    except ConfigError:
        return []
    return []


def connect_models(rollout: Rollout, resume: Path | None = None) -> None:
    """Connect the models that act, teach and play the environments, under one spend cap.

    What the resumed run has spent counts towards the cap. ConfigError: a model cannot be used here, or cannot play an
    environment.
    """
    e = rollout.experiment
    cap = budget(e.budget, spent(Run.open(resume), "trajectories", "errors") if resume and e.budget else 0.0)
    rollout.model, rollout.teacher = connect_model(e.model, cap), connect_model(e.teacher, cap)
    rollout.simulator_model = connect_model(rollout.playing.model if rollout.playing else None, cap)
    rollout.check_playing()


def connect_model(ref: Ref | None, cap: Budget | None) -> Model | None:
    """The model that a setting names, under a spend cap; None if it names none."""
    return connect(ref.name, ref.options, budget=cap) if ref else None


def open_run(settings: EnvironmentsConfig, resume: Path | None = None) -> Run:
    """The folder to go on with, or a new one with the settings in it."""
    if resume is not None:
        return Run.open(resume)
    return Run.create(Path(settings.out), settings.name, written(settings))


async def play(rollout: Rollout, run: Run, on_admitted: Callable[[int], None] = lambda tasks: None) -> None:
    """Admit the tasks and play the episodes that the folder lacks; write report and costs and close the models, however it
    ends. `on_admitted` is called with the number of tasks before the first episode."""
    ledger = Ledger(run.folder, (rollout.model, rollout.teacher, rollout.simulator_model))
    try:
        on_admitted(await rollout.prepare(run))
        await rollout.run(run)
    finally:
        ledger.close()
        await _conclude(rollout, run)


def bugs(run: Run) -> list[str]:
    """The exceptions that nobody foresaw, as the report of a run names them: how often, where, what, and an example."""
    path = run.folder / "report.json"
    rows = object_file(path).get("bugs", []) if path.is_file() else []
    return [f"{_amount(row)}: {row['place']}: {row['error']} (for example {row['examples'][0]})" for row in rows]


def fruitless(run: Run) -> str:
    """Why a run measured nothing: the commonest error and how often, where each of its episodes ended in one; else ""."""
    path = run.folder / "report.json"
    figures = (object_file(path).get("environments", {}) if path.is_file() else {}).get("all", {})
    if figures.get("episodes") or not figures.get("errors"):
        return ""
    (cause, times), *_ = Counter(str(t.get("error")) for t in run.raw("errors")).most_common(1)
    return f"no episode came to an end without an error; {times:,} × {cause}"


def _amount(row: dict[str, Any]) -> str:
    return " and ".join(f"{row[kind]:,} {kind}" for kind in ("episodes", "tasks") if row.get(kind))


async def _conclude(rollout: Rollout, run: Run) -> None:
    result = report(run)
    models = {"model": rollout.model, "teacher": rollout.teacher, "simulator_model": rollout.simulator_model}
    for name, model in models.items():
        if model is not None:
            await model.close()
            result[name] = model.counts
            record_spent(run, getattr(model, "budget", None))
    run.write("report.json", json.dumps(result, indent=2) + "\n")
