"""Queries for episodes of an index, and their SQL."""

from __future__ import annotations

import json
from typing import Any

from simenv.types import Data


class EpisodeQuery(Data):
    """A filter on episodes: every field that is set must hold. All words of `text` occur in the chat."""

    environment: str | None = None
    kind: str | None = None
    task: str | None = None
    agent: str | None = None
    stop: str | None = None
    success: bool | None = None
    error: bool | None = None
    drift: bool | None = None
    corrected: bool | None = None
    mistake: bool | None = None
    branch: bool | None = None
    author: str | None = None
    progress: tuple[float, float] | None = None
    """least and greatest value"""
    tokens: tuple[int, int] | None = None
    text: str = ""
    ids: tuple[str, ...] | None = None
    """only these, such as those that a filter dropped"""
    without: tuple[str, ...] = ()
    """all but these, such as those that were reviewed"""

    def sql(self) -> tuple[str, list[Any]]:
        """A WHERE clause ('' for all) and its values. User input goes into the values alone, never into the SQL."""
        parts: list[str] = []
        values: list[Any] = []
        for name in ("environment", "kind", "task", "agent", "stop"):
            if (value := getattr(self, name)) is not None:
                parts.append(f"{name} = ?")
                values.append(value)
        flags = {"drift": "drift > 0", "corrected": "corrected > 0", "mistake": "mistake is not null", "branch": "parent != ''",
                 "error": "stop = 'error'"}  # fmt: skip
        for name, sql in flags.items():
            if (value := getattr(self, name)) is not None:
                parts.append(sql if value else f"not ({sql})")
        if self.success is not None:
            parts.append("success = ?")
            values.append(self.success)
        for name in ("progress", "tokens"):
            if (bounds := getattr(self, name)) is not None:
                parts.append(f"{name} between ? and ?")
                values += bounds
        if self.author is not None:
            parts.append("instr(' ' || authors || ' ', ?) > 0")
            values.append(f" {self.author} ")
        if words := self.text.replace("\0", " ").replace('"', " ").split():
            parts.append("number in (select rowid from words where words match ?)")
            values.append(" ".join(f'"{word}"' for word in words))
        if self.ids is not None:
            parts.append("id in (select value from json_each(?))")
            values.append(json.dumps(self.ids))
        if self.without:
            parts.append("id not in (select value from json_each(?))")
            values.append(json.dumps(self.without))
        return (f"where {' and '.join(parts)}" if parts else ""), values
