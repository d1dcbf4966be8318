"""The runs of a workspace, as a table of them shows them: pure functions of the folders."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from simenv.errors import ConfigError
from simenv.runs.index import Index
from simenv.runs.query import EpisodeQuery
from simenv.runs.store import Run, lines

TAGS = "tags.json"
LONGEST_TAG = 40
"""Characters."""


class Line(NamedTuple):
    """One run. `success` and what follows are None while there is no report; rates in 0..1, `cost` in $."""

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
    made: datetime | None = None

    def matches(self, words: str) -> bool:
        """Whether all words occur in its name, tags, agent, model, mode or environments."""
        said = " ".join([self.name, *self.tags, self.agent, self.model, self.environments, self.mode]).casefold()
        return all(word in said for word in words.casefold().split())


def listed(runs: Path, names: Iterable[str]) -> list[Line]:
    """A line for each name."""
    return [line(runs / name) for name in names]


def line(folder: Path) -> Line:
    """The line of one run, from its config and its report; what cannot be read of them is left empty."""
    config, report = _yaml(folder / "config.yaml"), _json(folder / "report.json")
    figures = (report.get("environments") or {}).get("all") or {}
    made = datetime.fromtimestamp((folder / "config.yaml").stat().st_mtime, UTC)
    environments = config.get("environments")
    return Line(
        name=folder.name,
        tags=tags(folder),
        agent=_name(config.get("agent")),
        model=_model(config.get("model")),
        environments=", ".join(map(str, environments)) if isinstance(environments, dict) else "",
        mode=str(config.get("mode", "engine")),
        episodes=figures.get("episodes"),
        success=figures.get("success"),
        progress=figures.get("progress"),
        errors=figures.get("errors"),
        drifts=(figures.get("checks") or {}).get("drift"),
        cost=figures.get("cost"),
        made=made,
    )


def _name(ref: Any) -> str:
    return str(ref.get("name", "")) if isinstance(ref, dict) else str(ref or "")


def _model(ref: Any) -> str:
    return str(ref.get("model") or ref.get("name", "")) if isinstance(ref, dict) else ""


def tags(folder: Path) -> list[str]:
    """The tags somebody gave a run."""
    found = _read(folder / TAGS)
    try:
        value = json.loads(found)
    except ValueError:
        return []
    return [str(t) for t in value] if isinstance(value, list) else []


def tag(folder: Path, given: Iterable[str]) -> None:
    """Give a run these tags, in place of those it has. ConfigError for one that is too long."""
    kept = sorted({" ".join(t.split()) for t in given} - {""})
    for one in kept:
        if len(one) > LONGEST_TAG:
            raise ConfigError(f"tag {one[:60]!r}: {len(one)} characters; at most {LONGEST_TAG}")
    Run.open(folder).write(TAGS, json.dumps(kept, ensure_ascii=False) + "\n")


class Live(NamedTuple):
    """How far a run is. `total` is None while tasks are being made; `busy`: a process is writing to it."""

    busy: bool
    done: int
    errors: int
    successes: int
    total: int | None


def live(folder: Path) -> Live:
    """How far a run is, from its index."""
    index = Index(folder)
    index.refresh()
    config = _yaml(folder / "config.yaml")
    made = folder / "tasks.jsonl"
    total = sum(1 for _ in lines(made)) * int(config.get("attempts", 1) or 1) if made.is_file() else None
    main = EpisodeQuery(branch=False)
    return Live(
        busy=Run(folder).busy(),
        done=index.count(main.model_copy(update={"error": False})),
        errors=index.count(main.model_copy(update={"error": True})),
        successes=index.count(main.model_copy(update={"success": True})),
        total=total,
    )


def _yaml(path: Path) -> dict[str, Any]:
    try:
        found = yaml.safe_load(_read(path))
    except yaml.YAMLError:
        return {}
    return found if isinstance(found, dict) else {}


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(_read(path))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
