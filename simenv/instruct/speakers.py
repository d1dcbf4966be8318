"""Who speaks in a dialogue: one speaker for each role of each dialogue, so that it may remember."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import NamedTuple

from simenv.instruct.scene import HERE, Scene, Talk, Utterance
from simenv.knowledge.passage import Passage, Source
from simenv.model import Model
from simenv.prompts import render
from simenv.types import Message

_SENTENCE = re.compile(r"\S.*?(?:[.!?](?=\s)|\n\s*\n|\Z)", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]{4,}")
SHORTEST = 20
"""Characters of a sentence that is worth a question."""
_QUESTIONS = (
    "What do you know about {words}?",
    "Could you tell me more about {words}?",
    "What holds for {words}?",
    "I am not sure about {words}. How is it?",
    "And what should one know about {words}?",
)
_ANSWERS = (
    "“{quote}”\n[{place}]",
    "This is what is written:\n“{quote}”\n[{place}]",
    "I can quote what I know of it:\n“{quote}”\n[{place}]",
)


class Speaker(ABC):
    """Speaks for one role; `seat` is its place among the roles."""

    def __init__(self, seat: int) -> None:
        self.seat = seat

    @abstractmethod
    async def say(self, talk: Talk) -> Utterance:
        """Its next remark. ModelError where its model fails."""


class Asked(Speaker):
    """A model that plays a user or an expert: it sees the whole dialogue as its own chat."""

    def __init__(self, seat: int, model: Model, template: str) -> None:
        super().__init__(seat)
        self._model, self._template = model, template

    async def say(self, talk: Talk) -> Utterance:
        scene = talk.scene
        system = render(
            HERE / self._template,
            role=scene.roles[self.seat],
            other=scene.roles[1 - self.seat],
            topic=scene.topic,
            ground=scene.ground,
        )
        sent = (Message(role="system", content=system), *(_plain(m) for m in talk.chat(self.seat)))
        reply = await talk.ask(self._model, sent)
        return Utterance(seat=self.seat, text=spoken(reply.text, scene.roles[self.seat].name), reply=reply, sent=sent)


class Scripted(Speaker):
    """Speaks without a model: a user asks about a sentence of the passages, anybody else quotes it and says where it stands."""

    async def say(self, talk: Talk) -> Utterance:
        quotes = list(_quotes(talk.scene))
        turn, asks = len(talk.said), talk.scene.kind == "human_ai" and self.seat == 0
        number = turn // 2 if talk.scene.kind == "human_ai" else turn
        text = (_question if asks else _answer)(quotes[number % len(quotes)], number)
        return Utterance(seat=self.seat, text=text)


class _Quote(NamedTuple):
    """A sentence of a passage, and where in its document it stands."""

    text: str
    title: str
    source: Source
    start: int
    end: int


def _quotes(scene: Scene) -> Iterator[_Quote]:
    for passage in scene.passages:
        yield from _sentences(passage)


def _sentences(passage: Passage) -> list[_Quote]:
    """The sentences of a passage that are long enough; the whole where there is none."""
    found = [(m.start(), m.start() + len(m[0].rstrip())) for m in _SENTENCE.finditer(passage.text)]
    spans = [(a, b) for a, b in found if b - a >= SHORTEST] or [(0, len(passage.text))]
    first = passage.source.start
    return [_Quote(passage.text[a:b], passage.title, passage.source, first + a, first + b) for a, b in spans]


def _question(quote: _Quote, number: int) -> str:
    """A question about the two longest words of a sentence."""
    words = list(dict.fromkeys(_WORD.findall(quote.text)))
    longest = sorted(words, key=lambda w: -len(w))[:2]
    about = " and ".join(w for w in words if w in longest) or quote.title
    return _QUESTIONS[number % len(_QUESTIONS)].format(words=about)


def _answer(quote: _Quote, number: int) -> str:
    """The sentence, and on a line of its own the file and the characters where it stands."""
    place = f"{quote.source.file}:{quote.start}–{quote.end}"
    return _ANSWERS[number % len(_ANSWERS)].format(quote=quote.text, place=place)


def spoken(text: str, name: str) -> str:
    """What a model wrote as its turn, without its own name in front."""
    return re.sub(rf"\A[\s*]*{re.escape(name)}[*]*:[\s*]*", "", text).strip() or text.strip()


def _plain(message: Message) -> Message:
    return Message(role=message.role, content=message.content, reasoning=message.reasoning)
