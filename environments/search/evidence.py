"""What a solution's steps prove: the answer stands in what they showed, and so do the sentences that the goal rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simenv.evidence import Evidence, Playthrough
from simenv.types import Task
from simenv.world import Engine

from .engine.grading import Submission
from .engine.words import holds, plain
from .world import Search

_CLOSED = frozenset({"yes", "no"})
"""Answers that no page says in so many words."""


class SearchEvidence(Evidence):
    """An answer must be read. One that nothing shows, such as yes or unknown, needs all pages that the goal rests on."""

    def asks(self, goal: Mapping[str, Any], played: Playthrough) -> bool:
        return True

    def doubt(self, task: Task, played: Playthrough) -> str:
        shown = plain("\n".join(step.observation.text for step in played.looks))
        if unread := _unread(task, shown, played):
            return unread
        given = Submission.of(played.answer).answer
        if holds(shown, plain(given)) or task.goal.get("read") or plain(given) in _CLOSED:
            return ""
        return f"the solution answers {given!r:.80}, which none of its steps showed; show the sentence that says it"

    def difference(self, world: Engine, task: Task, answer: Any) -> str:
        expected = ", ".join(repr(a) for a in task.goal["answers"][:3])
        return f"the goal accepts {expected}, the solution answers {Submission.of(answer).answer!r:.80}"


def _unread(task: Task, shown: str, played: Playthrough) -> str:
    """What the steps never showed of the goal's support; '' if nothing is missing. Pages of a file are not at hand here."""
    searcher = Search.inline.searcher(task.spec["passages"]) if "passages" in task.spec else None
    opened = [str(s.action.arguments.get("page", "")) for s in played.looks if s.action.name == "open"]
    for support in task.goal.get("support", ()) if searcher else ():
        page = searcher.page(support["page"]) if searcher else None
        if page is None:
            return f"the goal rests on the page {support['page']!r:.80}, and there is no such page"
        if "start" not in support and not any(name in (page.id, page.title, f"[{page.id}]") for name in opened):
            return f"the solution never opens the page [{page.id}] {page.title}, on which the goal rests; open it by its id"
        numbers = page.sentences_in(support["start"], support["end"]) if "start" in support else ()
        for n in numbers:
            if not holds(shown, plain(page.sentences[n].text)):
                return (
                    f"the solution never shows the sentence {page.sentences[n].text!r:.200} of [{page.id}] {page.title}"
                )
    return ""
