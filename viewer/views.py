"""What the viewer shows, as pure functions of a run folder: no Streamlit here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from simenv.store import Run
from simenv.types import Message, Trajectory


class Line(NamedTuple):
    """One run in the list of runs; the report's figures over all environments, None while there is no report."""

    name: str
    episodes: int | None
    success: float | None
    errors: int | None


def runs(folder: Path) -> list[Line]:
    """The runs below a folder, newest first."""
    found = sorted(folder.glob("*/config.yaml"), key=lambda p: p.stat().st_mtime, reverse=True)
    return [_line(config.parent) for config in found]


def _line(folder: Path) -> Line:
    try:
        figures = json.loads((folder / "report.json").read_text(encoding="utf-8"))["environments"]["all"]
    except (OSError, ValueError, KeyError):
        return Line(folder.name, None, None, None)
    return Line(folder.name, figures["episodes"], figures["success"], figures["errors"])


def page(run: Run, start: int, count: int) -> list[dict[str, Any]]:
    """Rows of the table of trajectories, from number `start`; nothing beyond them is kept in memory."""
    return [
        {
            "id": t["id"],
            "environment": t["environment"],
            "kind": t.get("kind", ""),
            "success": bool((t.get("grade") or {}).get("success")),
            "progress": (t.get("grade") or {}).get("progress"),
            "stop": t["stop"],
            "steps": len(t["steps"]),
        }
        for t in islice(run.raw("trajectories"), start, start + count)
    ]


def trajectory(run: Run, id: str) -> Trajectory | None:
    """One trajectory by id; None where the run has no such one."""
    found: Iterator[dict[str, Any]] = (t for t in run.raw("trajectories") if t["id"] == id)
    return next((Trajectory.model_validate(t) for t in found), None)


def speaker(message: Message) -> str:
    """Who said a message, as the chat shows it; whether loss falls on it."""
    return f"{message.role} · {message.author}" + (" · trained" if message.train else "")


def body(message: Message) -> str:
    """A message's text with its tool calls below it."""
    return "\n".join([message.content, *(f"{c.name}({c.arguments})" for c in message.calls)]).strip()
