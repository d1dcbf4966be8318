"""log.jsonl of a fine-tune: what its trainer reports, on the disk line by line, and the plot of its loss."""

from __future__ import annotations

import json
from typing import Any

from simenv import plots
from simenv.finetune.trainers import Log, Row
from simenv.runs.store import Run, lines


class Rows:
    """log.jsonl while it grows, and whoever else wants to know. A row that repeats a step, after a resume, replaces it."""

    def __init__(self, run: Run, tell: Log) -> None:
        self.run, self.tell = run, tell
        self.path = run.folder / "log.jsonl"
        self.kept: list[dict[str, Any]] = [json.loads(line) for line in lines(self.path)] if self.path.exists() else []
        self._resumed = bool(self.kept)

    def __enter__(self) -> Rows:
        self._file = self.path.open("a", encoding="utf-8")
        return self

    def __exit__(self, *raised: object) -> None:
        self._file.close()

    def __call__(self, row: Row) -> None:
        self.tell(row)
        if "line" in row or row.keys() <= {"step", "steps"}:
            return
        if self._resumed and "step" in row:
            self._forget(int(row["step"]))
        self.kept.append(row)
        self._file.write(json.dumps(row) + "\n")
        self._file.flush()

    def _forget(self, step: int) -> None:
        """Drop what was logged at or after a step that is being done again."""
        self._resumed = False
        self.kept = [r for r in self.kept if r.get("step", 0) < step]
        self._file.close()
        self.run.write(self.path.name, "".join(json.dumps(r) + "\n" for r in self.kept))
        self._file = self.path.open("a", encoding="utf-8")

    def plot(self) -> None:
        """loss.png, where there is a loss to show."""
        if any("loss" in row for row in self.kept):
            plots.save(plots.loss(self.kept, self.run.folder.name), self.run.folder / "loss.png")
