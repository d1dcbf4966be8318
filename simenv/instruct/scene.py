"""A scene: who speaks about what, on the ground of which passages. It is the world of a dialogue's task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from simenv.errors import ModelError
from simenv.instruct.roles import Role
from simenv.knowledge.passage import Passage
from simenv.model import Model, Request, failure
from simenv.prompts import fenced, render
from simenv.types import ENDED, Author, Data, Message, Reply, Text, Usage

HERE = Path(__file__).parent
Kind = Literal["human_ai", "room"]


class Scene(Data):
    """What a dialogue is planned to be. In each round every role speaks once, in their order; `learner` is the place of the
    role whose turns carry loss."""

    kind: Kind
    topic: Text
    rounds: int = Field(ge=1)
    roles: tuple[Role, ...] = Field(min_length=2)
    learner: int = Field(ge=0)
    passages: tuple[Passage, ...] = ()

    @model_validator(mode="after")
    def _seated(self) -> Scene:
        if self.learner >= len(self.roles):
            raise ValueError(
                f"learner: {self.learner}, but there are {len(self.roles)} roles; expected the place of one"
            )
        return self

    @property
    def ground(self) -> str:
        """The passages as a prompt shows them: each between lines that it cannot contain."""
        return "\n\n".join(f"{p.title}\n{fenced(p.text)}" for p in self.passages)


class Utterance(Data):
    """What a role said. `sent`: the messages its model saw, none where no model spoke."""

    seat: int
    text: Text
    reply: Reply = Reply()
    sent: tuple[Message, ...] = ()


@dataclass
class Talk:
    """A dialogue in progress: what was said, and what it cost so far."""

    scene: Scene
    said: list[Utterance] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    ratings: dict[str, float] = field(default_factory=dict)

    def count(self, name: str) -> None:
        """Count something that happened, for the metrics of the dialogue."""
        self.ratings[name] = self.ratings.get(name, 0) + 1

    async def ask(self, model: Model, messages: Sequence[Message]) -> Reply:
        """A model's reply; ModelError for one that is cut off, taken away or empty."""
        reply = await model.complete(Request(messages=tuple(messages)))
        self.usage += reply.usage
        if fault := failure(reply):
            raise ModelError(fault)
        if reply.finish not in ENDED:
            raise ModelError(
                f"a turn did not end of itself: finish reason {reply.finish!r}; raise max_tokens if it is length"
            )
        if not reply.text.strip():
            raise ModelError("a turn is empty")
        return reply

    def chat(self, seat: int) -> tuple[Message, ...]:
        """The dialogue as one role sees it: its own turns are the assistant's, and the others' between two of them one message
        of the user. What opens it is there where nobody spoke before."""
        opening = render(HERE / "opening.j2", topic=self.scene.topic)
        messages: list[Message] = []
        for said in self.said:
            if said.seat == seat:
                messages += [] if messages else [Message(role="user", content=opening)]
                messages.append(self._turn(said))
            elif messages and messages[-1].role == "user":
                more = f"{messages[-1].content}\n\n{self.spoken(said)}"
                messages[-1] = messages[-1].model_copy(update={"content": more})
            else:
                messages.append(Message(role="user", content=self.spoken(said), author=_author(said)))
        return tuple(messages) or (Message(role="user", content=opening),)

    def spoken(self, said: Utterance) -> str:
        """A remark as the others hear it, with the speaker's name where more than two speak."""
        return said.text if len(self.scene.roles) == 2 else f"{self.scene.roles[said.seat].name}: {said.text}"

    def _turn(self, said: Utterance) -> Message:
        return Message(
            role="assistant",
            content=said.text,
            reasoning=said.reply.reasoning,
            author=_author(said),
            usage=said.reply.usage if said.sent else None,
        )

    def learnt(self) -> tuple[Message, ...]:
        """The chat of the role that carries loss, whose turns tell what its model saw."""
        role = self.scene.roles[self.scene.learner]
        system = Message(role="system", content=render(HERE / "learner.j2", role=role))
        own = iter([said for said in self.said if said.seat == self.scene.learner])
        messages = [system]
        for message in self.chat(self.scene.learner):
            if message.role == "assistant":
                message = message.model_copy(update={"train": True, "sent": _sent(next(own), messages)})
            messages.append(message)
        while messages[-1].role == "user":  # nobody answered it
            messages.pop()
        return tuple(messages)


def _author(said: Utterance) -> Author:
    return "agent" if said.sent else "engine"


def _sent(said: Utterance, messages: Sequence[Message]) -> tuple[int | Message, ...] | None:
    """What a model saw, by the place in the chat where it is the same as there."""
    if not said.sent:
        return None
    seen: list[int | Message] = []
    after = 0
    for message in said.sent:
        rest = range(after, len(messages))
        place = next(
            (i for i in rest if (messages[i].role, messages[i].content) == (message.role, message.content)), None
        )
        seen.append(message if place is None else place)
        after = after if place is None else place + 1
    return tuple(seen)
