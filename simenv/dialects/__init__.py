"""Dialects: a dialect opens the chat, parses actions out of replies, and renders moves as replies."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, ClassVar

from simenv.reasoning import Reasoning, words
from simenv.reply_text import reasoning_apart
from simenv.types import Action, Data, Extent, Message, Move, Observation, Reply, Stop
from simenv.world import ActionSpec


class PromptContext(Data):
    """The contents of a chat's opening. `preface` is the agent's own way of working, in words."""

    overview: str
    instruction: str
    kind: str = ""
    observation: Observation
    preface: str = ""


class ParsedAction(Data):
    """One attempt at an action in a reply: the action, or why it could not be read. `call_id` where it was a tool call.

    `stop` where the protocol ends the episode over it instead of telling the agent.
    """

    action: Action | None
    error: str = ""
    stop: Stop | None = None
    call_id: str | None = None


class Parsed(Data):
    """A reply, read. At least one `spoken`: a reply without an action holds the error that says so.

    `acted` is set where a reply goes on with `surplus` more actions, which nobody acts on: how far the first one reaches.
    """

    thought: str
    spoken: tuple[ParsedAction, ...]
    acted: Extent | None = None
    surplus: int = 0


def extent(text: str, rest: str) -> Extent:
    """How far a reply's first action reaches, behind which `rest` stands; nothing of it where that cannot be told."""
    return Extent(characters=len(text[: max(text.rfind(rest), 0)].rstrip()))


class Dialect(ABC):
    """One way of writing actions, for one world. Stateless: one instance serves all episodes."""

    name: ClassVar[str]
    stops: ClassVar[tuple[str, ...]] = ()
    """Strings at which a model should end its turn."""
    max_turns: ClassVar[int | None] = None
    """Turns that the protocol gives; None leaves it to the world."""
    max_invalid: ClassVar[int | None] = 5
    """Turns in a row without a valid action that end an episode; None: any number, as in AgentBench."""

    def __init__(self, actions: dict[str, ActionSpec]) -> None:
        self.actions = actions

    def __init_subclass__(cls, **options: Any) -> None:
        """What a model writes between tags of thinking is an action in no dialect: `parse` and `parse_last` never see it."""
        super().__init_subclass__(**options)
        for name in {"parse", "parse_last"} & cls.__dict__.keys():
            setattr(cls, name, _without_thinking(cls.__dict__[name]))

    @property
    def tools(self) -> tuple[dict[str, Any], ...]:
        """The schemas that go to the model beside the messages; () where actions are plain text."""
        return ()

    @abstractmethod
    def opening(self, brief: PromptContext) -> tuple[Message, ...]:
        """The messages before the agent's first turn."""

    @abstractmethod
    def parse(self, reply: Reply) -> Parsed:
        """Read a reply; never raises. Thinking in its text is taken out before, and put into the thought."""

    def parse_last(self, reply: Reply) -> Parsed:
        """Read the reply of the last turn there is; a protocol may take nothing but an answer then."""
        return self.parse(reply)

    @abstractmethod
    def render(self, move: Move, turn: int) -> Reply:
        """The inverse of `parse`: a move as the agent's reply in turn number `turn`."""

    @abstractmethod
    def observe(self, observation: Observation, spoken: ParsedAction) -> Message:
        """An observation as a message to the agent."""

    def tell(self, reply: Reply, parsed: Parsed, observed: Message) -> tuple[Message, ...]:
        """The observation of the first action, with the news that the others of the reply were not acted on."""
        unrun = reply.calls[parsed.acted.calls :] if parsed.acted else ()
        if unrun:
            return observed, *(Message(role="tool", content=NOT_RUN, call_id=call.id) for call in unrun)
        told = f"{observed.content}\n\n({ONLY_FIRST.format(count=parsed.surplus + 1)})"
        return (observed.model_copy(update={"content": told}),)

    def context(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        """The messages of a chat that are sent; a benchmark's protocol may drop or shorten earlier ones."""
        return tuple(messages)


def _without_thinking(parse: Callable[[Any, Reply], Parsed]) -> Callable[[Any, Reply], Parsed]:
    """A reading of replies that is given them without their thinking."""

    @wraps(parse)
    def parsed(self: Dialect, reply: Reply) -> Parsed:
        text, thinking = reasoning_apart(reply.text)
        if not thinking:
            return parse(self, reply)
        read = parse(self, reply.model_copy(update={"text": text}))
        thought = "\n".join(filter(None, (words(thinking), read.thought)))
        return read.model_copy(update={"thought": thought, "acted": _shifted(read.acted, thinking)})

    return parsed


def _shifted(acted: Extent | None, thinking: Sequence[Reasoning]) -> Extent | None:
    """How far an action reaches in a text that holds its thinking."""
    if acted is None or not acted.characters:
        return acted
    more = sum(len(part.tagged) for part in thinking if part.characters < acted.characters)
    return acted.model_copy(update={"characters": acted.characters + more})


ONLY_FIRST = (
    "Your turn held {count} actions. Only the first was run; write one action a turn and wait for its observation."
)
NOT_RUN = "This call was not run: only the first call of a turn is. Make one call a turn and wait for its result."

TRIM_LIMIT = 3500
"""Segments that a trimmed chat may have."""
_LETTERS = 7
"""Letters of a word that make one segment."""


def segments(text: str) -> int:
    """AgentBench's measure of length: a word counts one for every 7 letters begun, anything but space and newline one."""
    count = letters = 0
    for char in text:
        if char.isalpha():
            letters += 1
            if letters == _LETTERS:
                count, letters = count + 1, 0
            continue
        count, letters = count + (letters > 0), 0
        count += char not in " \n"
    return count + (letters > 0)


def trimmed(messages: Sequence[Message], limit: int = TRIM_LIMIT) -> tuple[Message, ...]:
    """AgentBench's way to keep a chat short (v0.2, `src/server/task.py`): the oldest messages but the first go.

    Returns the first message and as many of the newest as stay below the limit; the first one says how many are
    left out. What follows the first message never begins with a user's, so that the two sides keep taking turns.
    """
    first, *rest = messages
    total, start = segments(first.content), len(rest)
    while start:
        total += segments(rest[start - 1].content)
        if total >= limit:
            break
        start -= 1
    if start < len(rest) and rest[start].role == "user":
        start += 1
    if not start:
        return tuple(messages)
    notice = f"{first.content}\n\n[NOTICE] {start} messages are omitted."
    return first.model_copy(update={"content": notice}), *rest[start:]
