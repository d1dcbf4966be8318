"""The data that passes between the stages. All of it is frozen and serialises to JSON; none of it does any work."""

from __future__ import annotations

import hashlib
import json
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

VERSION = "1"
"""Version of the Trajectory format; a change that old readers cannot follow raises it."""

Author = Literal["agent", "teacher", "human", "engine", "model", "filter"]
ObservationSource = Literal["engine", "model", "checked"]
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


class Data(BaseModel):
    """Frozen, and closed to fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _whole(text: Any) -> Any:
    """Lone surrogates, which models produce and UTF-8 cannot hold, become question marks."""
    return text.encode("utf-8", "replace").decode() if isinstance(text, str) and not text.isascii() else text


Text = Annotated[str, BeforeValidator(_whole)]
"""Text of an agent, a model or a world: any, but always writable."""


class Action(Data):
    """One call of one action of a world."""

    name: str
    arguments: dict[str, Any] = {}


class Move(Data):
    """One step of a plan: what to think, what to do."""

    thought: str
    action: Action


class Task(Data):
    """A world with something to do in it.

    `instruction` is for the agent, `spec` (the world) also for a simulator, `goal` for the grader alone, `solution` for
    teachers and filters alone. `kind` groups tasks in reports (a DBBench type, an ALFWorld task type).
    """

    id: str
    environment: str
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
    """A reply that could not be read, where the protocol ends an episode over it."""
    context_limit = "context_limit"
    timeout = "timeout"
    error = "error"
    """Engine, model or template failed: counted beside success rates, never inside them."""

    @property
    def terminal(self) -> bool:
        """Whether the world itself ended the episode, rather than a limit put around it."""
        return self in (Stop.submitted, Stop.done)


class StepCheck(Data):
    """What a model said of a step beside what the engine says. The agent saw the text that `shown` names.

    `delta` is |Δ|, the number of facts that the action truly changed. `state` judges the next state the model wrote, None
    where it wrote none. `tries`: answers the model was asked for.
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
    """What a world answers. `invalid`: the action was the agent's mistake and changed nothing."""

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
    """What calls of a model consumed: tokens, US dollars (0 where no price is known), number of calls."""

    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0
    calls: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cost=self.cost + other.cost,
            calls=self.calls + other.calls,
        )

    def __sub__(self, other: Usage) -> Usage:
        return Usage(
            input_tokens=self.input_tokens - other.input_tokens,
            output_tokens=self.output_tokens - other.output_tokens,
            cost=self.cost - other.cost,
            calls=self.calls - other.calls,
        )


class Call(Data):
    """A tool call as the model wrote it: `arguments` is its JSON text, not yet parsed."""

    id: str
    name: str
    arguments: Text


class Reply(Data):
    """What a model answers. `finish` is the provider's reason: stop, length, tool_calls …"""

    text: Text = ""
    calls: tuple[Call, ...] = ()
    finish: str = "stop"
    usage: Usage = Usage()


class Turn(Reply):
    """A reply put into an episode: who said it, and whether loss falls on it."""

    author: Author = "agent"
    train: bool = True


class Message(Data):
    """One entry of the chat, as sent.

    `call_id` is set on tool results. `sent` (assistant messages) lists what the model saw when it wrote this one: indices
    into the trajectory's messages, or literal messages where they differed; None means all messages before it.
    """

    role: Literal["system", "user", "assistant", "tool"]
    content: Text
    calls: tuple[Call, ...] = ()
    call_id: str | None = None
    author: Author = "engine"
    train: bool = False
    sent: tuple[int | Message, ...] | None = None
    usage: Usage | None = None


class Step(Data):
    """One action and its observation. `message` is the index of the assistant message it came from.

    `action` is None where the reply held no action that could be read.
    """

    message: int
    thought: str = ""
    action: Action | None
    observation: Observation


class View(Data):
    """All that an agent may see when it is its turn."""

    instruction: str
    messages: tuple[Message, ...]
    tools: tuple[dict[str, Any], ...] = ()
    choices: tuple[str, ...] = ()
    turn: int
    max_turns: int
    retry: int = 0
    """how often this turn was asked for again"""


class Intervention(Data):
    """What a hook changed, and why.

    `step` is the first one under the change, so after a rewind the one it went back to. `author`: whose doing it is, None
    where the agent was only asked again. `text`: what was said in place of what stood there, or shown without staying in the
    chat. `discarded`: the messages that were set aside.
    """

    hook: str
    step: int
    kind: Literal["substitute", "retry", "rewind", "note"]
    reason: str = ""
    author: Author | None = None
    text: Text = ""
    discarded: tuple[Message, ...] = ()


class Mistake(Data):
    """The first step at which an episode went wrong, as a hook found it; `by` is how it was seen (engine: the dialect or the
    world refused the turn).

    `severity`: recoverable, where success was still within reach after it, or fatal.
    """

    step: int = Field(ge=0)
    by: Literal["engine", "expert", "solution", "judge"]
    reason: str = ""
    severity: Literal["recoverable", "fatal"] = "recoverable"


class Branch(Data):
    """Where an episode was split off another: before which of its turns, and who or what went on."""

    parent: str
    turn: int = Field(ge=0)
    way: str


class Timing(Data):
    """Wall clock; the only part of a trajectory that differs between two runs of one seed."""

    started: str
    seconds: float


class Trajectory(Data):
    """One episode, complete: what was sent, what was done, how it ended and what it was worth."""

    version: Literal["1"]
    id: str
    task: str
    environment: str
    kind: str = ""
    attempt: int = 0
    seed: int
    agent: str
    model: dict[str, Any] = {}
    """what shapes the model's answers: client, name, sampling; {} where no model acted"""
    simulator: dict[str, Any] = {}
    """what played the environment, and how it was checked; {} where the engine alone did"""
    dialect: str
    tools: tuple[dict[str, Any], ...] = ()
    messages: tuple[Message, ...]
    steps: tuple[Step, ...]
    stop: Stop
    grade: Grade | None
    error: str = ""
    interventions: tuple[Intervention, ...] = ()
    mistake: Mistake | None = None
    branch: Branch | None = None
    state: str = ""
    """digest of the final world state"""
    usage: Usage = Usage()
    timing: Timing


class Verdict(Data):
    """A filter's judgement of one trajectory. `mask` lists the messages that lose their loss; `edited` replaces it."""

    trajectory: str
    filter: str
    decision: Literal["keep", "edit", "mask", "drop"]
    reason: str = ""
    mask: tuple[int, ...] = ()
    edited: Trajectory | None = None


class Sample(Data):
    """One datum of a training set: a chat in which loss falls on the messages marked `train`, and where it came from.

    `id` is unique in its set. `task` groups what must not be split between training and validation; `environment` is
    `chat` for general chat. `origin` names the run, the gold file or the chat file. `extra` is what a source said of it
    beside the chat, which its own format writes back.
    """

    id: str
    task: str
    environment: str
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
