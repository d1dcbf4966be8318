"""The log of a fine-tune: log.jsonl with the rows that its trainer reports, and the plot of its loss."""

from __future__ import annotations

import json
from typing import Any

from simenv import plots
from simenv.finetune.trainers import Log, Row
from simenv.runs.store import Run, objects


class TrainingLog:
    """Writes the rows of a trainer to log.jsonl and passes them to `on_log`. After a resume, the row of a repeated step
    replaces the earlier one."""

    def __init__(self, run: Run, on_log: Log) -> None:
        self.run, self.on_log = run, on_log
        self.path = run.folder / "log.jsonl"
        self.rows: list[dict[str, Any]] = list(objects(self.path))
        self._resumed = bool(self.rows)

    def __enter__(self) -> TrainingLog:
        self._file = self.path.open("a", encoding="utf-8")
        return self

    def __exit__(self, *exception: object) -> None:
        self._file.close()

    def __call__(self, row: Row) -> None:
        self.on_log(row)
        if "line" in row or row.keys() <= {"step", "steps"}:
            return
        if self._resumed and "step" in row:
            self._drop_from(int(row["step"]))
        self.rows.append(row)
        self._file.write(json.dumps(row) + "\n")
        self._file.flush()

    def _drop_from(self, step: int) -> None:
        """Drop the rows from this step on, which is being repeated."""
        self._resumed = False
        self.rows = [r for r in self.rows if r.get("step", 0) < step]
        self._file.close()
        self.run.write(self.path.name, "".join(json.dumps(r) + "\n" for r in self.rows))
        self._file = self.path.open("a", encoding="utf-8")

    def plot(self) -> None:
        """Write loss.png if a loss was logged."""
        if any("loss" in row for row in self.rows):
            plots.save(plots.loss(self.rows, self.run.folder.name), self.run.folder / "loss.png")
