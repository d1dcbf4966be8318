"""What a visit proves: the answer stands on the page that tells it, and not in the row of something else."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from simenv.evidence import Evidence, Playthrough
from simenv.types import Task
from simenv.world import Engine

from .checking.text import tokens
from .engine.goal import GoalGrader, matches
from .world import Web

_HEADER = re.compile(r"\APage: .* \((?P<url>\S*)\)$", re.MULTILINE)
_ROW = re.compile(r"<(?P<tag>tr|li)\b[^>]*>(?P<inside>.*?)</(?P=tag)>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_NAME = 3
"""Letters of the shortest text that names a row."""


class WebEvidence(Evidence):
    """Reads the pages as the visitor saw them."""

    def asks(self, goal: Mapping[str, Any], played: Playthrough) -> bool:
        return "answer" in goal

    def doubt(self, task: Task, played: Playthrough) -> str:
        if "answer" not in task.goal:
            return ""
        url, page = _telling_page(played, task.goal.get("about", ""))
        answer = _words(str(played.answer))
        if not _holds(_words(page), answer):
            return f"the answer {str(played.answer)!r:.80} does not stand on {url}, the page that is to tell it"
        return _other_row(page, answer, task.instruction)

    def difference(self, world: Engine, task: Task, answer: Any) -> str:
        if not isinstance(world, Web):
            return ""
        parts = list(_record_differences(world.grader(), world.tab.state))
        if "answer" in task.goal:
            parts.append(f"the goal's answer is {task.goal['answer']}, the solution's {str(answer)!r:.80}")
        return "; ".join(parts)


def _telling_page(played: Playthrough, about: str) -> tuple[str, str]:
    """Address and text of the page that the goal is about, if it was visited; else of the page that was shown last."""
    shown: dict[str, str] = {}
    for observation in (played.opening, *(step.observation for step in played.looks)):
        if header := _HEADER.match(observation.text):
            text = observation.text[header.end() :]
            shown[header["url"]] = f"{shown.pop(header['url'], '')}\n{text}"
    about_url = next((url for url in shown if about and url.partition("?")[0] == about), None)
    url = about_url or next(reversed(shown), "")
    return url, shown.get(url, played.last_text)


def _words(text: str) -> tuple[str, ...]:
    """The words of a page or an answer, without its marks, numbers in normal form."""
    return tokens(html.unescape(_TAG.sub(" ", text)).casefold())


def _holds(words: tuple[str, ...], part: tuple[str, ...]) -> bool:
    """Whether words hold other words, one after the other."""
    if not part:
        return False
    return any(words[n : n + len(part)] == part for n in range(len(words) - len(part) + 1))


def _other_row(page: str, answer: tuple[str, ...], instruction: str) -> str:
    """Why the answer belongs to another row of a table or list than the one that the instruction names; '' if not so."""
    rows = [m["inside"] for m in _ROW.finditer(page) if "<td" in m["inside"] or m["tag"] == "li"]
    if _holds(_words(_ROW.sub(" ", page)), answer):
        return ""
    cells = [_cells(row) for row in rows]
    counts = Counter(text for row in cells for text in set(row))
    asked = _words(instruction)
    named = [[t for t in row if counts[t] == 1 and _holds(asked, _words(t))] for row in cells]
    holding = [n for n, row in enumerate(rows) if _holds(_words(row), answer)]
    names = [texts[0] for texts in named if texts]
    if not names or not holding or any(named[n] for n in holding):
        return ""
    return (
        f"the answer stands in the row {' | '.join(cells[holding[0]])!r:.80}, and the instruction names {names[0]!r:.80}, "
        "which has a row of its own"
    )


def _cells(row: str) -> list[str]:
    """The texts of a row that could name it."""
    texts = (" ".join(html.unescape(text).split()).casefold() for text in _TAG.split(row))
    return [text for text in texts if sum(map(str.isalpha, text)) >= _NAME]


def _record_differences(grader: GoalGrader, state: Mapping[str, Any]) -> Iterator[str]:
    """For each record that is missing, the fields in which the nearest one of its table differs."""
    records = grader.expected_records
    for number, (expected, index) in enumerate(zip(records, grader.matching_records(dict(state)), strict=True), 1):
        if index is not None:
            continue
        table, match = expected["table"], expected["match"]
        new = [r for r in state["tables"].get(table, ()) if r not in grader.initial_tables.get(table, ())]
        if not new:
            yield f"{table} {number}: the solution leaves no new record in {table!r}"
            continue
        wrong = {k: v for k, v in match.items() if k not in new[-1] or not matches(v, new[-1][k])}
        fields = ", ".join(f"{k} is {new[-1].get(k)!r:.60} and the goal says {v!r:.60}" for k, v in wrong.items())
        yield f"{table} {number}: {fields}"
