"""The data that passes between the stages: frozen, and serialised as JSON. Properties derive from fields and are not stored."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, NamedTuple

from pydantic import AfterValidator, Field

from simenv.reasoning import Reasoning as Reasoning
from simenv.reasoning import before, words
from simenv.record import Data as Data
from simenv.record import Text as Text
from simenv.record import Values, absent

VERSION: Final = "2"
"""Version of the Trajectory format. A change that old readers cannot follow raises it; simenv/runs/migrate.py reads the old."""
CHAT = "chat"
"""The environment of general chat in training data."""

ENDED: Final = ("stop", "tool_calls")
"""Finish reasons of a turn that ended of itself."""

Author = Literal["agent", "teacher", "human", "engine", "model", "filter"]
ObservationSource = Literal["engine", "model", "checked"]
Decision = Literal["keep", "edit", "mask", "drop"]
"""What a filter does with a trajectory."""
Label = Literal["match", "drift", "unverifiable"]
Flaw = Literal[
    "wrong_result",
    "accepted_malformed",
    "refused_valid",
    "invented",
    "forgot_change",
    "format",
    "out_of_character",
]
"""How a model that plays an environment can be wrong.

wrong_result: an answer that the state does not give; accepted_malformed: it answered what no engine would run;
refused_valid: an error, or `not found`, where the action works; invented: it names what does not exist; forgot_change:
the next state, or the status of a change, misses what the action did; format: no observation of this environment;
out_of_character: it chats, explains, or grants what the environment cannot do.
"""


def _plain_name(name: str) -> str:
    if "." in name and all(map(str.isidentifier, name.split("."))):
        raise ValueError(f"expected the name of an installed plugin, got the dotted path of a module: {name!r:.80}")
    return name


InstalledName = Annotated[str, AfterValidator(_plain_name)]
"""A plugin's name in a record, which may come from anybody: one that is installed, never the dotted path of a module."""


class Action(Data):
    """A call of one action of a world, with its arguments."""

    name: Text
    arguments: Values = {}


class Move(Data):
    """One step of a plan: what to think, what to do."""

    thought: str
    action: Action


class Task(Data):
    """A world and what to do in it.

    The agent sees `instruction`, a simulator `spec` (the world) too. `goal` is for the grader alone, `solution` for teachers
    and filters alone. `kind` groups tasks in reports (a DBBench type, an ALFWorld task type).
    """

    id: str
    environment: InstalledName
    instruction: str
    spec: dict[str, Any]
    goal: dict[str, Any]
    solution: tuple[Move, ...] = ()
    kind: str = ""
    source: str = ""


class Stop(StrEnum):
    """Why an episode ended."""

    submitted = "submitted"
    """The agent gave its answer."""
    done = "done"
    """The world saw the goal reached."""
    max_steps = "max_steps"
    too_many_invalid = "too_many_invalid"
    invalid_format = "invalid_format"
    """A reply could not be read, in a protocol that ends the episode then."""
    context_limit = "context_limit"
    timeout = "timeout"
    error = "error"
    """Engine, model or template failed. Reports count it beside success rates, never inside them."""

    @property
    def terminal(self) -> bool:
        """Whether the world ended the episode, not a limit put around it."""
        return self in (Stop.submitted, Stop.done)


class StepCheck(Data):
    """A model's answer to a step, compared with the engine's. The agent saw the text that `shown` names.

    `delta` is |Δ|, the number of facts that the action truly changed. `state` judges the next state that the model wrote, None
    where it wrote none. `tries`: how many answers the model was asked for.
    """

    label: Label
    delta: int = Field(default=0, ge=0)
    error: Flaw | None = None
    reason: str = ""
    engine: Text = ""
    model: Text = ""
    shown: Literal["engine", "model"] = "engine"
    state: Label | None = None
    tries: int = Field(default=1, ge=0)


class Observation(Data):
    """A world's answer to an action. `invalid`: the action was the agent's mistake and changed nothing."""

    text: Text
    invalid: bool = False
    stop: Stop | None = None
    answer: Any = None
    truncated: bool = False
    choices: tuple[str, ...] = ()
    source: ObservationSource = "engine"
    check: StepCheck | None = None


class Grade(Data):
    """A judgement of the state and the answer. `progress` in 0..1 is 1 exactly when `success`."""

    success: bool
    progress: float = Field(ge=0, le=1)
    subgoals: dict[str, bool] = {}
    reasons: tuple[str, ...] = ()
    metrics: dict[str, float] = {}


class Usage(Data):
    """What calls of a model cost: tokens, US dollars (0 where no price is known), number of calls.

    `reasoning_tokens` are the part of `output_tokens` that went into reasoning, as far as the provider says.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = Field(default=0, exclude_if=absent)
    cost: float = 0.0
    calls: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            reasoning_tokens=self.reasoning_tokens + other.reasoning_tokens,
            cost=self.cost + other.cost,
            calls=self.calls + other.calls,
        )

    def __sub__(self, other: Usage) -> Usage:
        return Usage(
            input_tokens=self.input_tokens - other.input_tokens,
            output_tokens=self.output_tokens - other.output_tokens,
            reasoning_tokens=self.reasoning_tokens - other.reasoning_tokens,
            cost=self.cost - other.cost,
            calls=self.calls - other.calls,
        )


class Call(Data):
    """A tool call as the model wrote it: `arguments` is its JSON text, not yet parsed."""

    id: Text
    name: Text
    arguments: Text


class Reply(Data):
    """What a model answers. `finish` is the provider's reason: stop, length, tool_calls … `text` holds no reasoning."""

    text: Text = ""
    reasoning: tuple[Reasoning, ...] = Field(default=(), exclude_if=absent)
    calls: tuple[Call, ...] = ()
    finish: Text = "stop"
    usage: Usage = Usage()


class Extent(Data):
    """How much of a reply was acted on: so many characters of its text, so many of its calls."""

    characters: int = Field(ge=0)
    calls: int = Field(default=0, ge=0)


class Message(Data):
    """One entry of the chat, as it was sent.

    `call_id` is set on tool results. `acted` is set where a turn went on after its first action: loss falls on nothing behind
    it. `sent`, of assistant messages, lists the messages that the model saw when it wrote this
    one: indices into the trajectory's messages, or literal messages where they differed; None means all messages before it.
    `reasoning` stands beside the content, never in it. `finish` is the provider's reason where a turn did not end of itself
    (length, refusal …); "" where it did.
    """

    role: Literal["system", "user", "assistant", "tool"]
    content: Text
    reasoning: tuple[Reasoning, ...] = Field(default=(), exclude_if=absent)
    calls: tuple[Call, ...] = ()
    call_id: str | None = None
    author: Author = "engine"
    train: bool = False
    acted: Extent | None = None
    sent: tuple[int | Message, ...] | None = None
    usage: Usage | None = None
    finish: Text = Field(default="", exclude_if=absent)

    @property
    def thought(self) -> str:
        """The words of its reasoning; "" where there are none."""
        return words(self.reasoning)

    @property
    def carries_loss(self) -> bool:
        """Whether loss falls on it: on an assistant's message that is marked `train`, and on nothing else."""
        return self.train and self.role == "assistant"

    @property
    def carries_loss_throughout(self) -> bool:
        """Whether loss falls on all of it."""
        return self.carries_loss and self.acted is None

    @property
    def acted_part(self) -> Message:
        """It without what stands behind its first action, where a turn went on after that."""
        if self.acted is None:
            return self
        text, calls = self.content[: self.acted.characters], self.calls[: self.acted.calls]
        reasoning = before(self.reasoning, self.acted.characters, self.acted.calls)
        return self.model_copy(update={"content": text, "calls": calls, "reasoning": reasoning, "acted": None})


class Turn(Reply):
    """A reply as an episode takes it: with its author, and whether loss falls on it."""

    author: Author = "agent"
    train: bool = True

    @property
    def message(self) -> Message:
        """It as an entry of the chat, on which no loss falls yet."""
        return Message(
            role="assistant",
            content=self.text,
            reasoning=self.reasoning,
            calls=self.calls,
            author=self.author,
            usage=self.usage,
            finish="" if self.finish in ENDED else self.finish,
        )


class Step(Data):
    """One action and its observation. `message` is the index of the assistant message it came from.

    `action` is None where the reply held no action that could be read.
    """

    message: int
    thought: str = ""
    action: Action | None
    observation: Observation


class TurnRecord(NamedTuple):
    """A finished turn of an episode: an assistant message and the steps that came from it, at least one.

    `message_index` is the place of the message in the chat, `first_step` that of its first step among all steps.
    """

    message_index: int
    message: Message
    first_step: int
    steps: tuple[Step, ...]

    @property
    def acted(self) -> bool:
        """Whether it held an action that could be read."""
        return any(s.action is not None for s in self.steps)

    @property
    def invalid(self) -> bool:
        """Whether every action in it was the agent's mistake and changed nothing."""
        return all(s.observation.invalid for s in self.steps)


def turn_records(messages: Sequence[Message], steps: Sequence[Step]) -> tuple[TurnRecord, ...]:
    """The turns of an episode that may still be going on, in the order of the chat. Steps must be in that order too."""
    records, start, steps = [], 0, tuple(steps)
    for end, step in enumerate(steps[1:], 1):
        if step.message != steps[start].message:
            records.append(_record(messages, steps, start, end))
            start = end
    if steps:
        records.append(_record(messages, steps, start, len(steps)))
    return tuple(records)


def _record(messages: Sequence[Message], steps: tuple[Step, ...], start: int, end: int) -> TurnRecord:
    index = steps[start].message
    return TurnRecord(index, messages[index], start, steps[start:end])


class View(Data):
    """All that an agent sees when it is its turn."""

    instruction: str
    messages: tuple[Message, ...]
    tools: tuple[dict[str, Any], ...] = ()
    choices: tuple[str, ...] = ()
    turn: int
    max_turns: int
    retry: int = 0
    """how often it was asked for this turn again"""


class Intervention(Data):
    """A change that a hook made to an episode, and why.

    `step`: index of the first step affected (after a rewind: the step rewound to). `author`: who made the change, None where
    the agent was only asked again. `text`: the replacement turn, or the note shown once that does not stay in the chat.
    `discarded`: the messages that were taken out.
    """

    hook: str
    step: int
    kind: Literal["substitute", "retry", "rewind", "note"]
    reason: str = ""
    author: Author | None = None
    text: Text = ""
    discarded: tuple[Message, ...] = ()


class Mistake(Data):
    """The first step at which an episode went wrong, as a hook found it.

    `by`: who noticed it (engine: the dialect or the world refused the turn). `severity`: recoverable if success was still
    within reach after it, else fatal.
    """

    step: int = Field(ge=0)
    by: Literal["engine", "expert", "solution", "judge"]
    reason: str = ""
    severity: Literal["recoverable", "fatal"] = "recoverable"


class Branch(Data):
    """The point at which an episode was split off another: before turn `turn` (from 0) of episode `parent`.

    `continuation`: who went on from there (student, teacher, human, an agent's name), or with what (hint).
    """

    parent: str
    turn: int = Field(ge=0)
    continuation: str


class Timing(Data):
    """Wall-clock time: start as ISO 8601, length in seconds. Nothing else differs between two runs of one seed."""

    started: str
    seconds: float


class BugRecord(Data):
    """The exception that nobody foresaw, which ended an episode."""

    place: str
    """whose code it was: `counter.add`, `hooks.judge.after_turn`"""
    error: Text
    """class and text of the exception"""
    traceback: Text


class Trajectory(Data):
    """One complete episode: the chat as sent, the steps, how it ended and its grade."""

    version: Literal["2"]
    id: str
    task: str
    environment: InstalledName
    kind: str = ""
    attempt: int = 0
    seed: int
    agent: str
    model: dict[str, Any] = {}
    """client, name and sampling of the model that acted; {} where none did"""
    simulator: dict[str, Any] = {}
    """the model that played the environment, and how it was checked; {} where the engine did"""
    dialect: InstalledName
    tools: tuple[dict[str, Any], ...] = ()
    messages: tuple[Message, ...]
    steps: tuple[Step, ...]
    stop: Stop
    grade: Grade | None
    error: str = ""
    bug: BugRecord | None = None
    """where the error is an exception that nobody foresaw"""
    interventions: tuple[Intervention, ...] = ()
    mistake: Mistake | None = None
    branch: Branch | None = None
    state: str = ""
    """digest of the final world state"""
    usage: Usage = Usage()
    """of all models"""
    teacher_usage: Usage = Usage()
    """the teacher's part of it: hints, judgements, readings, and the turns it took"""
    timing: Timing

    @property
    def turns(self) -> tuple[TurnRecord, ...]:
        """The agent's turns with their steps, in the order of the chat; made anew at each call."""
        return turn_records(self.messages, self.steps)


class Verdict(Data):
    """A filter's judgement of one trajectory. `mask`: indices of messages that lose their loss; `edited` replaces it."""

    trajectory: str
    filter: str
    decision: Decision
    reason: str = ""
    mask: tuple[int, ...] = ()
    edited: Trajectory | None = None
    traceback: Text = ""
    """where the filter failed; the trajectory is dropped then"""


class Sample(Data):
    """One datum of a training set: a chat, in which loss falls on the messages that carry it, and its origin.

    `id` is unique in its set. Samples of one `task` are never split between training and validation. `environment` is CHAT
    for general chat. `origin` names the run, the gold file or the chat file. `extra` keeps the other keys of its source's
    record.
    """

    id: str
    task: str
    environment: InstalledName
    kind: str = ""
    source: Literal["run", "gold", "chat"]
    origin: str = ""
    messages: tuple[Message, ...]
    tools: tuple[dict[str, Any], ...] = ()
    extra: dict[str, Any] = {}


def canonical(value: Any) -> str:
    """JSON text that is equal for equal values: sorted keys, no spaces."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def digest(value: Any) -> str:
    """SHA-256 (hex) of a JSON value; how states, tasks and prompts are compared."""
    return hashlib.sha256(canonical(value).encode("utf-8", "surrogatepass")).hexdigest()
