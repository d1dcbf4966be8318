"""One task of a benchmark as AgentBench sees it: samples with an index, each played in a session of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from pathlib import Path
from time import monotonic
from typing import Any, Literal

from simenv.containment import boundary, bug
from simenv.env import Deadline, Env, OutOfTime
from simenv.errors import Bug, ConfigError, SimenvError
from simenv.metrics import STATUS, Metrics, Sample
from simenv.runtime import EnvironmentRuntime
from simenv.serve.config import TaskConfig
from simenv.serve.samples import samples
from simenv.source import Rejected
from simenv.types import Data, Message, Stop, Task, Text, Turn

log = logging.getLogger(__name__)

EPISODES = 20
"""Samples of a task whose config names neither a file nor a number."""
RUNNING = "running"
UNKNOWN = "unknown"
"""The status of a sample that its agent gave up."""


class Said(Data):
    """What an agent answers: a reply, or why there is none."""

    status: Literal["normal", "cancelled", "agent context limit"] = "normal"
    content: Text | None = None


class Output(Data):
    """A sample as it stands: `history` is what the agent is sent while it runs, and the whole chat at the end."""

    index: int
    status: str
    result: dict[str, Any] | None = None
    history: list[dict[str, str]] = []


class Bench:
    """The samples of one task and how they are played and measured."""

    def __init__(self, name: str, config: TaskConfig, data: Path) -> None:
        self.name, self.config = name, config
        self.made_instead_of = ""
        if config.source is not None:
            source = str(data / config.source)
            if config.without_source == "teacher" and not Path(source).exists():
                self.made_instead_of, source = source, ""
            config = config.model_copy(update={"source": source or None})
        self.site = EnvironmentRuntime.of(
            config.environment,
            config,
            dialect=config.dialect,
            episodes=EPISODES,
            world_key=f"tasks.{name}.world",
            teacher_key=f"tasks.{name}.teacher",
        )
        if self.site.dialect.tools:
            raise ConfigError(f"tasks.{name}.dialect: {config.dialect} needs function calls, which this protocol lacks")
        _ = self.site.task_source  # whose errors come before the server listens
        self.site.require_host(f"tasks.{name}")
        self.metrics: Metrics = self.site.environment.metrics
        self.samples: list[Task | Rejected] = []
        self.unplayable = ""

    @property
    def indices(self) -> range:
        """What clients call the samples."""
        return range(self.config.first, self.config.first + len(self.samples))

    def sample(self, index: int) -> Task | Rejected:
        """A sample by its index."""
        return self.samples[index - self.config.first]

    @property
    def told(self) -> str:
        """How many samples there are, and what is wrong with them, in a line."""
        lost = sum(isinstance(s, Rejected) for s in self.samples)
        parts = [f"{len(self.samples)} samples"]
        if self.made_instead_of:
            parts.append(f"made by the procedural teacher, as there is no {self.made_instead_of}")
        if lost:
            parts.append(f"{lost} of them cannot be used")
        if self.unplayable:
            parts.append(f"none of them can be played: {self.unplayable}")
        return ", ".join(parts)

    async def load(self) -> None:
        """Read the samples. One that cannot be used keeps its index, so that indices are places in the file."""
        self.samples = await samples(self.site, self.config.seed, self.config.first)
        if all(isinstance(s, Rejected) for s in self.samples):
            first = next((f": {s.where}: {s.reason}" for s in self.samples if isinstance(s, Rejected)), "")
            raise ConfigError(f"tasks.{self.name}: no sample can be used{first}")
        self.unplayable = await self._fault()

    async def _fault(self) -> str:
        """Why neither the first nor the last sample can be begun; '' if one of them can."""
        usable = [s for s in self.samples if isinstance(s, Task)]
        world, fault = self.site.world(), ""
        try:
            for task in dict.fromkeys((usable[0].id, usable[-1].id)):
                try:
                    await world.reset(next(s for s in usable if s.id == task), self.config.seed)
                    return ""
                except SimenvError as e:
                    fault = str(e)
            return fault
        finally:
            await world.close()

    def overall(self, results: Sequence[Any]) -> dict[str, Any]:
        """The task's metrics over the results of its samples."""
        return self.metrics.overall([r if isinstance(r, dict) else {} for r in results])


class Session:
    """One sample in play.

    `busy` while a reply is acted on, `touched` when the agent was last heard (monotonic seconds), `cancelled` when it was
    given up in between.
    """

    def __init__(self, id: int, bench: Bench, index: int) -> None:
        self.id, self.bench, self.index = id, bench, index
        self.env = Env(bench.site.world(), bench.site.dialect, bench.config.limits)
        self.busy = self.cancelled = False
        self.touched = monotonic()
        self.deadline = Deadline(self.env.limits.seconds)

    async def start(self, task: Task) -> Output:
        """Build the world and open the chat."""
        return await self._play(self.env.reset(task, self.bench.config.seed))

    async def hear(self, said: Said) -> Output:
        """Act on a reply; `status` says whether the sample goes on."""
        text = said.content or said.status
        if said.status == "normal":
            return await self._play(self.env.step(Turn(text=text), self.env.view()))
        self.env.messages.append(Message(role="assistant", content=text, author="agent"))
        if said.status == "agent context limit":
            self.env.stop = Stop.context_limit
            return await self._play(asyncio.sleep(0))
        return self._output(UNKNOWN)

    async def _play(self, work: Coroutine[Any, Any, Any]) -> Output:
        """Do the work in the time that is left of the sample's."""
        try:
            await self.deadline.bound(work)
        except SimenvError as e:
            return self._failed(e)
        except OutOfTime:
            self.env.stop = Stop.timeout
            if not self.env.messages:  # the world never came to be
                return self._output(STATUS[Stop.timeout])
        except Exception as e:  # noqa: BLE001  what no boundary stood around
            return self._failed(bug(f"{self.bench.name}.session", e))
        if self.env.stop is None:
            return self._output(RUNNING)
        return await self._graded(self.env.stop)

    async def _graded(self, stop: Stop) -> Output:
        env = self.env
        try:
            with boundary(self.bench.name, "result"):
                grade = await env.grade()
                result = self.bench.metrics.result(env.task, grade, env.answer)
                result |= self.bench.metrics.record(
                    Sample(env.task, tuple(env.messages), tuple(env.steps), env.answer, grade)
                )
        except SimenvError as e:
            return self._failed(e)
        return self._output(STATUS[stop], result)

    def _failed(self, error: SimenvError) -> Output:
        """The outcome of a failure. Of a bug the client is told the place and the class alone; the log has all of it."""
        text = told = f"{type(error).__name__}: {error}"
        if isinstance(error, Bug):
            text, told = f"{text}\n{error.trace}", f"Bug: {error.place}: {error.kind}"
        if self.bench.unplayable not in text or not self.bench.unplayable:
            log.warning("%s[%s]: %s", self.bench.name, self.index, text)
        return self._output(STATUS[Stop.error], {"error": told})

    def _output(self, status: str, result: dict[str, Any] | None = None) -> Output:
        messages = self.env.view().messages if status == RUNNING else self.env.messages
        return Output(index=self.index, status=status, result=result, history=[*map(_item, messages)])


def _item(message: Message) -> dict[str, str]:
    return {"role": "agent" if message.role == "assistant" else "user", "content": message.content}
