"""The thoughts that go with an expert's moves: short, in the first person, from what was read so far."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zlib import crc32

from simenv.types import Action, Task

from ..engine.passages import Passage
from .questions import NOT_GIVEN

_SEARCH = (
    "I need a page that tells about {w}.", "First I look for pages with the words {w}.",
    "A search for {w} should lead to the page that I need.", "Which pages tell about {w}?",
)  # fmt: skip
_SEARCH_ON = (
    "Next I need to know about {w}, so I search for it.", "That leads on: I search for {w}.", "Now I look for {w}.",
)  # fmt: skip
_OPEN = (
    "{t} looks like the page that is meant. I open it.", "The page {t} should say it, so I read how it begins.",
    "Of these, {t} fits what I am looking for.",
)  # fmt: skip
_LOOKUP = (
    "What I need is not in the sentences that I see. I look up {w}.", "The page goes on, so I look for {w} in it.",
    "I look for the sentence with {w} in this page.",
)  # fmt: skip
_LEARNED = ("The page on {t} says: {s}", "I read on the page {t}: {s}", "{t}: {s} That is what I was looking for.")
_ANSWER = ("So the answer is {a}.", "That gives the answer: {a}.", "With this I can answer: {a}.")
_UNKNOWN = (
    "The page that ought to say it does not. I cannot know the answer from these pages.",
    "This is the page that is meant, and it does not tell. So the answer is unknown.",
)


class Thinker:
    """Words one plan. The same task and move give the same words."""

    def __init__(self, task: Task) -> None:
        self.task, self._news = task, ""

    def before(self, action: Action, page: Passage) -> str:
        """What one might think before a move towards a page, after what was learned last."""
        lines = {"search": _SEARCH_ON if self._news else _SEARCH, "open": _OPEN, "lookup": _LOOKUP}[action.name]
        word = str(next(iter(action.arguments.values())))
        return self._with_news(self._line(lines, word).format(w=word, t=page.title))

    def learned(self, page: Passage, support: Mapping[str, Any]) -> None:
        """Note the sentence that was shown, for the next thought."""
        if "start" in support:
            said = " ".join(page.text[support["start"] : support["end"]].split())
            self._news = f"{self._news} {self._line(_LEARNED, said).format(t=page.title, s=said)}".strip()

    def at_end(self) -> str:
        """What one might think before the answer."""
        answer = self.task.goal["answers"][0]
        lines = _UNKNOWN if answer in NOT_GIVEN else _ANSWER
        return self._with_news(self._line(lines, answer).format(a=answer))

    def _with_news(self, thought: str) -> str:
        news, self._news = self._news, ""
        return f"{news} {thought}".strip()

    def _line(self, lines: tuple[str, ...], word: str) -> str:
        return lines[crc32(f"{self.task.id} {word}".encode("utf-8", "replace")) % len(lines)]
