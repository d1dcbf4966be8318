"""Continues a stored episode from one of its turns, by a person, its own agent or a teacher, and saves it beside that."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from pathlib import Path
from threading import Condition, Thread
from uuid import uuid4

from simenv.agent import Agent, AgentContext
from simenv.dialects import Dialect
from simenv.episode import Episode
from simenv.errors import ConfigError, SimenvError
from simenv.hook import STUDENT, TEACHER
from simenv.hooks.leaks import leak, secrets
from simenv.options import Options
from simenv.plugins.viewer.episodes import episode_engine
from simenv.rollout.branch import branch
from simenv.runs.store import Run
from simenv.types import Intervention, Message, Stop, Task, Trajectory, Turn, View

IDLE = 1800.0
"""Seconds without a turn after which a person has left: the world is released and nothing is saved."""
HOURS = 24.0
"""Wall time of an episode that a person plays; a rollout's limit is made for programs."""
HUMAN = "human"


class Play:
    """One live fork in a thread and an event loop of its own. `close` it; a person who only leaves closes it in the end.

    `trust` are values of the run's config that may be acted on. `saved` is the finished trajectory once it lies in the run
    folder; `error` why there is none.
    """

    def __init__(
        self, folder: Path, t: Trajectory, turn: int, who: str = HUMAN, hint: str = "", *, trust: Collection[str] = ()
    ) -> None:
        self.trust = trust
        self.folder, self.parent, self.turn, self.who, self.hint = folder, t, turn, who, hint
        self.view: View | None = None
        self.saved: Trajectory | None = None
        self.error = ""
        self.over = False
        self._changed = Condition()
        self._episode: Episode | None = None
        self._answer: asyncio.Future[Turn] | None = None
        self._loop = asyncio.new_event_loop()
        self._work: asyncio.Task[None] | None = None
        self._thread = Thread(target=self._run, name="simenv-play", daemon=True)
        self._thread.start()

    # What a screen asks. It runs in another thread.

    @property
    def messages(self) -> tuple[Message, ...]:
        """The chat as it is now."""
        return tuple(self._episode.env.messages) if self._episode else ()

    @property
    def start(self) -> int:
        """How many messages of the chat are the parent's."""
        return self.parent.turns[self.turn].message_index

    @property
    def dialect(self) -> Dialect:
        """How actions are written here."""
        if self._episode is None:
            raise ConfigError("the episode has not begun")
        return self._episode.env.dialect

    def say(self, turn: Turn) -> None:
        """The person's turn; nothing happens where none is wanted."""
        with self._changed:
            answer, self._answer, self.view = self._answer, None, None
        if answer is not None:
            self._loop.call_soon_threadsafe(_set_answer, answer, turn.model_copy(update={"author": "human"}))

    def wait(self, seconds: float) -> bool:
        """Wait until a turn is wanted or the episode is over; whether one of them holds."""
        with self._changed:
            return self._changed.wait_for(lambda: self.over or self.view is not None, seconds)

    def close(self) -> None:
        """End it, unsaved where it is not over. Idempotent."""
        if not self.over:
            try:
                self._loop.call_soon_threadsafe(self._cancel)
            except RuntimeError:  # it ended by itself meanwhile
                return

    # What runs in the thread.

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._main())
        finally:
            try:
                self._loop.run_until_complete(self._loop.shutdown_default_executor())
            finally:
                self._loop.close()
                with self._changed:
                    self.over, self.view = True, None
                    self._changed.notify_all()

    def _cancel(self) -> None:
        if self._work is not None:
            self._work.cancel()

    async def _main(self) -> None:
        self._work = asyncio.current_task()
        try:
            await self._play()
        except asyncio.CancelledError:
            self.error = self.error or "it was ended before its end; nothing was saved"
        except SimenvError as e:
            self.error = str(e)

    async def _play(self) -> None:
        t = self.parent
        live = episode_engine.rollout(self.folder, t, self.who, HOURS if self.who == HUMAN else 0, self.trust)
        task = episode_engine.task(self.folder, t.task)
        steps = sum(s.message < self.start for s in t.steps)
        episode = await branch(
            live, task, t, self.turn, self.who,
            make_agent=self._person if self.who == HUMAN else None,
            note=self.hint,
            interventions=(_hint_note(self.hint, steps),) if self.hint else (),
        )  # fmt: skip
        try:
            self._episode = episode
            trajectory = await episode.run(f"{t.id}~{uuid4().hex[:8]}", t.seed, t.attempt, 0)
        finally:
            for connection in filter(None, (live.model, live.teacher)):
                await connection.close()
            await episode.env.close()
        if trajectory.stop is Stop.error:
            self.error = trajectory.error
            return
        actor = live.model if self.who == STUDENT else live.teacher
        name = HUMAN if self.who == HUMAN else live.roles.ref(self.who).name
        trajectory = trajectory.model_copy(update={"agent": name, "model": actor.identity if actor else {}})
        await _save(self.folder, trajectory)
        self.saved = trajectory

    def _person(self, context: AgentContext) -> Agent:
        return _Person(context, self._ask)

    async def _ask(self, view: View) -> Turn:
        """The person's turn, once the screen has shown the view and the person has answered."""
        answer: asyncio.Future[Turn] = self._loop.create_future()
        with self._changed:
            self.view, self._answer = view, answer
            self._changed.notify_all()
        try:
            async with asyncio.timeout(IDLE):
                return await answer
        except TimeoutError:
            raise SimenvError(f"nobody acted for {IDLE / 60:.0f} minutes; nothing was saved") from None


class _Person(Agent):
    """Whoever sits before the screen."""

    def __init__(self, context: AgentContext, ask: Callable[[View], Awaitable[Turn]]) -> None:
        super().__init__(Options(), context)
        self._ask = ask

    async def act(self, view: View) -> Turn:
        return await self._ask(view)


def _set_answer(answer: asyncio.Future[Turn], turn: Turn) -> None:
    if not answer.done():
        answer.set_result(turn)


def _hint_note(hint: str, step: int) -> Intervention:
    return Intervention(hook="viewer", step=step, kind="note", reason="a person gave a hint", author="human", text=hint)


async def _save(folder: Path, t: Trajectory) -> None:
    """Into a part of its own, whole, whoever else writes to this run."""
    writer = Run.open(folder).writer("trajectories")
    try:
        await writer.append(t)
    finally:
        await writer.close()


def given_away(task: Task, t: Trajectory, turn: int, hint: str) -> str:
    """What a hint before a turn gives away of the task's answer or solution; '' for nothing."""
    expert = episode_engine.environment(t.environment).expert
    answers = expert().answers(task) if expert else ()
    chat = t.messages[: t.turns[turn].message_index]
    return leak(hint, secrets(answers, task.solution, task.instruction, chat))


def turns(t: Trajectory) -> int:
    """The number of turns from which an episode can be continued."""
    return len(t.turns)


ROLES = {HUMAN: "I act", STUDENT: "The agent again", TEACHER: "The teacher"}
