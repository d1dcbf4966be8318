"""The list of a workspace's runs: a summary of each from its config and report, its tags, and how far it is."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from simenv.documents import json_file, object_file, yaml_file
from simenv.errors import ConfigError, Unreadable
from simenv.runs.index import Index
from simenv.runs.query import EpisodeQuery
from simenv.runs.store import Run, lines

TAGS_FILE = "tags.json"
LONGEST_TAG = 40
"""Characters."""


class RunSummary(NamedTuple):
    """One run. Figures are None while there is no report; `success` and `progress` are in 0..1, costs are in $,
    the agent's and what the teacher's model cost beside it."""

    name: str
    tags: list[str]
    agent: str
    model: str
    environments: str
    mode: str
    episodes: int | None = None
    success: float | None = None
    progress: float | None = None
    errors: int | None = None
    drifts: int | None = None
    cost: float | None = None
    teacher_cost: float | None = None
    created: datetime | None = None

    def matches(self, words: str) -> bool:
        """Whether every one of these words, parted by spaces, occurs in name, tags, agent, model, mode or environments."""
        text = " ".join([self.name, *self.tags, self.agent, self.model, self.environments, self.mode]).casefold()
        return all(word in text for word in words.casefold().split())


def summaries(runs: Path, names: Iterable[str]) -> list[RunSummary]:
    """The summary of each run below the folder `runs`, in the order of the names."""
    return [summary(runs / name) for name in names]


def summary(folder: Path) -> RunSummary:
    """The summary of one run; values that cannot be read from its config or report are left empty."""
    config, report = _yaml(folder / "config.yaml"), _json(folder / "report.json")
    overall = _inner(_inner(report, "environments"), "all")
    created = datetime.fromtimestamp((folder / "config.yaml").stat().st_mtime, UTC)
    environments = config.get("environments")
    return RunSummary(
        name=folder.name,
        tags=read_tags(folder),
        agent=_name(config.get("agent")),
        model=_model(config.get("model")),
        environments=", ".join(map(str, environments)) if isinstance(environments, dict) else "",
        mode=str(config.get("mode", "engine")),
        episodes=_count(overall, "episodes"),
        success=_number(overall, "success"),
        progress=_number(overall, "progress"),
        errors=_count(overall, "errors"),
        drifts=_count(_inner(overall, "checks"), "drift"),
        cost=_number(overall, "cost"),
        teacher_cost=_number(_inner(overall, "teacher"), "cost"),
        created=created,
    )


def _inner(value: dict[str, Any], key: str) -> dict[str, Any]:
    inner = value.get(key)
    return inner if isinstance(inner, dict) else {}


def _number(value: dict[str, Any], key: str) -> float | None:
    number = value.get(key)
    return number if isinstance(number, int | float) and abs(number) < 1e300 else None


def _count(value: dict[str, Any], key: str) -> int | None:
    number = _number(value, key)
    return number if isinstance(number, int) else None


def _name(ref: Any) -> str:
    return str(ref.get("name", "")) if isinstance(ref, dict) else str(ref or "")


def _model(ref: Any) -> str:
    return str(ref.get("model") or ref.get("name", "")) if isinstance(ref, dict) else ""


def read_tags(folder: Path) -> list[str]:
    """The tags of a run; none where the file of tags is missing or broken."""
    try:
        value = json_file(folder / TAGS_FILE)
    except Unreadable:
        return []
    return [str(t) for t in value] if isinstance(value, list) else []


def write_tags(folder: Path, tags: Iterable[str]) -> None:
    """Replace the tags of a run. ConfigError for one of more than LONGEST_TAG characters; nothing is written then."""
    names = sorted({" ".join(t.split()) for t in tags} - {""})
    for one in names:
        if len(one) > LONGEST_TAG:
            raise ConfigError(f"tag {one[:60]!r}: {len(one)} characters; at most {LONGEST_TAG}")
    Run.open(folder).write(TAGS_FILE, json.dumps(names, ensure_ascii=False) + "\n")


class RunProgress(NamedTuple):
    """How far a run is, in episodes without branches. `total` is None before its tasks are written; `busy`: a process is
    writing to it."""

    busy: bool
    done: int
    errors: int
    successes: int
    total: int | None


def progress(folder: Path) -> RunProgress:
    """Bring the run's index up to date and count in it how far the run is."""
    index = Index(folder)
    index.refresh()
    config = _yaml(folder / "config.yaml")
    tasks = folder / "tasks.jsonl"
    total = sum(1 for _ in lines(tasks)) * int(config.get("attempts", 1) or 1) if tasks.is_file() else None
    episodes = EpisodeQuery(branch=False)
    return RunProgress(
        busy=Run(folder).busy(),
        done=index.count(episodes.model_copy(update={"error": False})),
        errors=index.count(episodes.model_copy(update={"error": True})),
        successes=index.count(episodes.model_copy(update={"success": True})),
        total=total,
    )


def _yaml(path: Path) -> dict[str, Any]:
    try:
        value = yaml_file(path)
    except Unreadable:
        return {}
    return value if isinstance(value, dict) else {}


def _json(path: Path) -> dict[str, Any]:
    try:
        return object_file(path)
    except Unreadable:
        return {}
