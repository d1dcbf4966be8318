"""The gymnasium face: text in, text out, reward and the 5-tuple. A thin sync skin over the async Env.

`import gymnasium, simenv.gym; gymnasium.make("simenv/Household-v0")`: importing this module registers an id for every
environment folder, as gymnasium expects of the packages that bring environments. Nothing of an episode is decided here.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import threading
from collections.abc import Coroutine, Sequence
from ctypes import c_char
from functools import lru_cache
from multiprocessing.sharedctypes import SynchronizedArray
from typing import Any, Literal, TypeVar

import gymnasium
from gymnasium.envs.registration import register as gym_register
from gymnasium.spaces import Space
from gymnasium.vector.utils.shared_memory import create_shared_memory, read_from_shared_memory, write_to_shared_memory
from numpy.random import SeedSequence, default_rng

from simenv import plugins
from simenv.config import EnvironmentConfig, Ref
from simenv.env import Checkpoint, Deadline, Env, Limits, OutOfTime
from simenv.errors import ConfigError, unknown
from simenv.models import connect
from simenv.options import read
from simenv.runtime import EnvironmentRuntime
from simenv.simulate.checked import DriftPolicy
from simenv.simulate.setup import SimulationSetup
from simenv.source import as_task
from simenv.types import Grade, Stop, Task, Turn
from simenv.world import Engine, World

T = TypeVar("T")

SHARED_BYTES = 1 << 16
"""Room for one observation (UTF-8) in the shared memory of an AsyncVectorEnv; longer ones need shared_memory=False."""


def env_id(name: str) -> str:
    """The gymnasium id of an environment: simenv/DB-v0 for db, simenv/Household-v0 for household."""
    return f"simenv/{name.upper() if len(name) <= 2 else name.title().replace('_', '')}-v0"


def register() -> None:
    """Register every environment there is; called on import, and again by whoever adds plugin folders later."""
    for name in plugins.names("environments"):
        if env_id(name) not in gymnasium.registry:
            gym_register(
                env_id(name), entry_point="simenv.gym:SimEnv", kwargs={"environment": name}, nondeterministic=False
            )


class AnyText(Space[str]):
    """Any string of up to `max_length` characters. gymnasium's Text has a fixed alphabet, without spaces by default."""

    def __init__(self, max_length: int = 1_000_000, seed: int | None = None) -> None:
        self.max_length = max_length
        super().__init__((), None, seed)

    def sample(self, mask: Any = None, probability: Any = None) -> str:
        """A short random string of printable ASCII."""
        return "".join(map(chr, self.np_random.integers(32, 127, size=int(self.np_random.integers(1, 33)))))

    def contains(self, x: Any) -> bool:
        return isinstance(x, str) and len(x) <= self.max_length

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AnyText) and other.max_length == self.max_length

    def __repr__(self) -> str:
        return f"AnyText({self.max_length})"


class _SharedTexts(Sequence[str]):
    """The texts of n environments in shared memory. AsyncVectorEnv asks for them once and copies them at every step."""

    def __init__(self, shared: SynchronizedArray[Any], n: int) -> None:
        self._view = memoryview(shared.get_obj()).cast("B")
        self._n = n

    def __len__(self) -> int:
        return self._n

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return tuple(self[i] for i in range(*index.indices(self._n)))
        start = range(self._n)[index] * (4 + SHARED_BYTES)
        size = int.from_bytes(self._view[start : start + 4], "little")
        return bytes(self._view[start + 4 : start + 4 + size]).decode()

    def __deepcopy__(self, memo: Any) -> tuple[str, ...]:
        return tuple(self)


@create_shared_memory.register(AnyText)
def _create(space: AnyText, n: int = 1, ctx: Any = multiprocessing) -> SynchronizedArray[Any]:
    return ctx.Array(c_char, n * (4 + SHARED_BYTES))  # type: ignore[no-any-return]


@read_from_shared_memory.register(AnyText)
def _read(space: AnyText, shared: SynchronizedArray[Any], n: int = 1) -> Sequence[str]:
    return _SharedTexts(shared, n)


@write_to_shared_memory.register(AnyText)
def _write(space: AnyText, index: int, value: str, shared: SynchronizedArray[Any]) -> None:
    data = value.encode("utf-8", "replace")
    if len(data) > SHARED_BYTES:
        raise ValueError(
            f"an observation of {len(data)} bytes; over {SHARED_BYTES} use AsyncVectorEnv(shared_memory=False)"
        )
    start = index * (4 + SHARED_BYTES)
    view = memoryview(shared.get_obj()).cast("B")
    view[start : start + 4 + len(data)] = len(data).to_bytes(4, "little") + data


@lru_cache(maxsize=1)
def _loop(process: int) -> asyncio.AbstractEventLoop:
    """The event loop of a process (a forked child needs one of its own), in a daemon thread that lets Python exit."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="simenv", daemon=True).start()
    return loop


def _wait(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run_coroutine_threadsafe(work, _loop(os.getpid())).result()


class SimEnv(gymnasium.Env[str, str]):
    """One environment of simenv for gymnasium.

    An action is a reply in the dialect (ReAct text by default); an observation is the text of all messages since the last
    action. `reward`: "success" gives 1 at a successful end, "progress" gives the gain in progress at each step.
    `terminated`: the answer was given or the goal reached; `truncated`: a limit was hit. `info` holds task, stop, grade
    (None until the end), source of the observation (engine, model, checked), whether the action was invalid, and the
    choices if the world lists them; `messages` is the chat.

    `simulator` plays the environment instead of its engine, as in a rollout: "flawed", or {"name": "grounded", "model":
    {"name": "openai", "model": "gpt-4o-mini"}}. `policy` says how its drifts are treated; None: it plays unchecked.

    `reset(options={"task": …})` takes a Task or its JSON; without one the task generator makes a task from the seed.
    WorldError if the task's spec breaks the environment's schema.
    """

    metadata = {"render_modes": ["ansi"], "render_fps": 1}

    def __init__(
        self,
        environment: str,
        *,
        dialect: str = "react",
        reward: Literal["success", "progress"] = "success",
        world: dict[str, Any] | None = None,
        teacher: dict[str, Any] | None = None,
        limits: dict[str, Any] | None = None,
        simulator: str | dict[str, Any] | None = None,
        policy: DriftPolicy | None = "correct",
        render_mode: str | None = None,
    ) -> None:
        self._made_with = {
            "environment": environment, "dialect": dialect, "reward": reward, "world": world, "teacher": teacher,
            "limits": limits, "simulator": simulator, "policy": policy, "render_mode": render_mode,
        }  # fmt: skip
        self._begun: tuple[Task, int] | None = None
        self.render_mode = render_mode
        self.observation_space, self.action_space = AnyText(), AnyText()
        if reward not in ("success", "progress"):
            raise ConfigError(f"reward: expected 'success' or 'progress', got {reward!r}")
        self._reward = reward
        config = EnvironmentConfig(world=world or {}, teacher=teacher or {})
        runtime = EnvironmentRuntime.of(environment, config, dialect=dialect, world_key="world", teacher_key="teacher")
        self._environment, self._teacher = runtime.environment, runtime.generator()
        runtime.require_host()
        engine = runtime.world()
        if runtime.dialect.tools:
            raise ConfigError(f"dialect {dialect!r} needs function calls; an action in gymnasium is text")
        world_in_play = engine if simulator is None else self._played(Ref.model_validate(simulator), engine, policy)
        self._env = Env(world_in_play, runtime.dialect, read(Limits, limits or {}, "limits"))

    def _played(self, ref: Ref, engine: Engine, policy: DriftPolicy | None) -> World:
        """The engine behind a simulator, whose answers it checks; with no policy it is there for the grade alone."""
        playing = SimulationSetup.named(ref, checked=policy is not None, policy=policy or "trust")
        model = connect(playing.model.name, playing.model.options) if playing.model else None
        return playing.world(playing.actor(self._environment, engine.options, model), engine)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[str, dict[str, Any]]:
        super().reset(seed=seed)
        world_seed = int(self.np_random.integers(2**31))
        if wrong := next((key for key in options or {} if key != "task"), None):
            raise ConfigError(f"reset(options=…): {unknown('option', str(wrong), ['task'])}")
        task = self._task((options or {}).get("task"), world_seed)
        self._environment.world.check(task.spec)
        self._environment.world.check_goal(task.goal)
        self._progress, self._shown = 0.0, 0
        _wait(self._env.reset(task, world_seed))
        self._begun = (task, world_seed)
        self._deadline = Deadline(self._env.limits.seconds)
        if self._reward == "progress":
            self._progress = _wait(self._env.grade()).progress
        return self._news(), self._info(None)

    def _task(self, task: Task | dict[str, Any] | None, seed: int) -> Task:
        if task is not None:
            return as_task(task, "reset(options={'task': …})")
        if self._teacher is None:
            raise ConfigError(f"{self._environment.name} has no procedural teacher: pass reset(options={{'task': …}})")
        return self._teacher.make(f"{self._environment.name}-gym-{seed}", default_rng(SeedSequence(seed)))

    def step(self, action: str) -> tuple[str, float, bool, bool, dict[str, Any]]:
        if self._env.stop is not None:
            raise gymnasium.error.ResetNeeded("the episode is over; call reset()")
        grade = _wait(self._act(str(action)))
        stop = self._env.stop
        reward = 0.0
        if self._reward == "progress" and grade is not None:
            reward, self._progress = grade.progress - self._progress, grade.progress
        elif stop is not None and grade is not None:
            reward = float(grade.success)
        terminated = stop is not None and stop.terminal
        return self._news(), reward, terminated, stop is not None and not terminated, self._info(grade)

    async def _act(self, text: str) -> Grade | None:
        try:
            await self._deadline.bound(self._env.step(Turn(text=text), self._env.view()))
        except OutOfTime:
            self._env.stop = Stop.timeout
        if self._env.stop is not None or self._reward == "progress":
            return await self._env.grade()
        return None

    def _news(self) -> str:
        """The text of the messages since the agent's last turn; of the last observation where no message follows."""
        messages = self._env.messages[self._shown :]
        self._shown = len(self._env.messages)
        texts = [m.content for m in messages if m.role != "assistant"]
        if texts or not self._env.steps:
            return "\n\n".join(texts)
        return self._env.steps[-1].observation.text

    def _info(self, grade: Grade | None) -> dict[str, Any]:
        env, steps = self._env, self._env.steps
        return {
            "task": env.task.id,
            "stop": env.stop.value if env.stop else None,
            "grade": grade.model_dump() if grade and env.stop else None,
            "source": steps[-1].observation.source if steps else "engine",
            "invalid": steps[-1].observation.invalid if steps else False,
            "choices": env.view().choices,
        }

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The chat so far, as JSON."""
        return [m.model_dump(mode="json", exclude_defaults=True) for m in self._env.messages]

    def snapshot(self) -> Checkpoint:
        """The episode as it is now: world and chat."""
        return _wait(self._env.checkpoint())

    def restore(self, checkpoint: Checkpoint) -> None:
        """Back to a snapshot of the same task; also after the episode has ended."""
        _wait(self._env.rewind(checkpoint))
        if self._reward == "progress":
            self._progress = _wait(self._env.grade()).progress
        self._shown = len(self._env.messages)

    def render(self) -> str | None:
        """The chat as text, in render mode "ansi"."""
        if self.render_mode != "ansi":
            return None
        return "\n\n".join(f"[{m.role}] {m.content}" for m in self._env.messages)

    def close(self) -> None:
        self._begun = None
        _wait(self._env.close())

    def __getstate__(self) -> dict[str, Any]:
        """How it was made and, in an episode, task, world and chat; `copy.deepcopy` and pickle go on from there."""
        episode = (*self._begun, self.snapshot(), self._progress, self._shown) if self._begun else None
        return {
            "made_with": self._made_with,
            "episode": episode,
            "kept": {k: v for k, v in vars(self).items() if k in ("spec", "_np_random", "_np_random_seed")},
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Make it anew; an episode goes on where it was, with all of its wall time."""
        self.__init__(**state["made_with"])  # type: ignore[misc]
        vars(self).update(state["kept"])
        if state["episode"] is None:
            return
        task, world_seed, checkpoint, self._progress, self._shown = state["episode"]
        _wait(self._env.reset(task, world_seed))
        _wait(self._env.rewind(checkpoint))
        self._begun, self._deadline = (task, world_seed), Deadline(self._env.limits.seconds)


register()
