"""The boundary around the code of plugins, where it stands, and the breaker."""

import asyncio
import threading

import pytest

from simenv import plugins
from simenv.compare import Blind, Prediction, Transition
from simenv.config import EnvironmentConfig
from simenv.containment import TEXT, TRACE, Breaker, boundary
from simenv.env import Env
from simenv.errors import BudgetSpent, Bug, BugLimit, InvalidAction, WorldError
from simenv.runtime import EnvironmentRuntime
from simenv.simulate import SimulatorReply
from simenv.simulate.step_check import judge
from simenv.source import Rejected, TaskReader
from simenv.types import Action, Observation, Task, Turn
from tests.helpers.counter import TASK, react

COUNTER = plugins.environment("counter")


def crossed(error):
    with boundary("a", COUNTER.world.score):
        raise error


@pytest.mark.parametrize(
    "error", [KeyError(3), InvalidAction("no"), SystemExit(2), MemoryError(), ValueError("\ud800"), StopIteration()]
)
def test_what_nobody_foresaw_becomes_a_bug_with_its_place(error):
    with pytest.raises(Bug) as caught:
        crossed(error)
    found = caught.value
    assert found.place == "a.Counter.score" and found.original is error and found.kind == type(error).__name__
    assert "in crossed" in found.trace
    found.trace.encode(), str(found).encode()


@pytest.mark.parametrize("error", [WorldError("mine"), BudgetSpent("enough"), KeyboardInterrupt()])
def test_what_is_foreseen_and_what_ends_the_process_passes(error):
    with pytest.raises(type(error)) as caught:
        crossed(error)
    assert caught.value is error


def test_a_spent_budget_passes_in_a_group_too():
    with pytest.raises(BudgetSpent):
        crossed(ExceptionGroup("several", [KeyError(1), ExceptionGroup("more", [BudgetSpent("enough")])]))


def test_texts_are_cut_and_a_text_that_fails_is_told():
    class Odd(Exception):
        def __str__(self):
            raise RuntimeError

    with pytest.raises(Bug) as caught:
        crossed(ValueError("x" * 1_000_000))
    assert len(str(caught.value)) < TEXT + 50 and len(caught.value.trace) <= TRACE + 1
    with pytest.raises(Bug, match="Odd: its text cannot be made"):
        crossed(Odd())


async def test_a_cancellation_from_outside_passes_and_one_from_inside_is_a_bug():
    async def waits():
        with boundary("waiting"):
            await asyncio.sleep(60)

    task = asyncio.create_task(waits())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await waits()
    with pytest.raises(Bug, match="CancelledError"):
        crossed(asyncio.CancelledError())


def test_a_breaker_counts_equal_bugs_in_a_row():
    breaker = Breaker(3)
    for place, error in (
        ("a", "KeyError: 1"),
        ("a", "KeyError: 2"),
        ("", ""),
        ("a", "KeyError: 3"),
        ("b", "KeyError"),
        ("a", "KeyError: 3"),
    ):
        breaker.count(place, error)
    breaker.count("a", "KeyError: 4")
    with pytest.raises(BugLimit, match=r"a: KeyError: 5: the same bug ended 3 episodes in a row \(max_equal_bugs=3\)"):
        breaker.count("a", "KeyError: 5")


async def test_score_and_choices_of_a_blocking_world_run_in_a_thread_like_its_actions():
    threads = {}

    class Watched(COUNTER.world):
        ends_at_goal = True

        def begin(self, spec, rng):
            self.note("begin")
            return super().begin(spec, rng)

        def choices(self):
            self.note("choices")
            return ("add 1",)

        def score(self, goal, answer):
            self.note("score")
            return super().score(goal, answer)

        def note(self, name):
            threads.setdefault(name, set()).add(threading.current_thread() is threading.main_thread())

    world = Watched(COUNTER.world.Options(delay=0.001))
    await world.reset(TASK)
    seen = await world.step(Action(name="add", arguments={"amount": 1}))
    wrong = await world.step(Action(name="add", arguments={"amount": 99}))
    assert seen.choices == wrong.choices == ("add 1",) and wrong.invalid
    assert threads == {"begin": {False}, "choices": {False}, "score": {False}}


def test_a_comparison_with_a_bug_is_named():
    class Torn(Blind):
        def observation(self, transition, claim):
            raise KeyError("claim")

    transition = Transition(
        spec={}, action=Action(name="add", arguments={}), before={}, after={}, truth=Observation(text="1")
    )
    reply = SimulatorReply(claim=Prediction(observation=Observation(text="2")))
    with pytest.raises(Bug, match=r"^Torn.observation: KeyError: 'claim'$"):
        judge(Torn(), transition, reply)


@pytest.mark.parametrize("where", ["opening", "parse", "observe", "context"])
async def test_a_dialect_with_a_bug_is_named(where):
    dialect = COUNTER.dialect("react")

    class Torn(type(dialect)):
        name = "torn"

        def __getattribute__(self, name):
            if name == where:
                raise KeyError(name)
            return super().__getattribute__(name)

    env = Env(COUNTER.world(), Torn(dialect.actions))
    with pytest.raises(Bug, match=rf"^dialects.torn.{where}: KeyError"):
        view = await env.reset(TASK)
        await env.step(Turn(text=react("add", 1)), view)


def test_a_reader_with_a_bug_ends_its_file_and_keeps_what_it_read(tmp_path):
    class Torn(TaskReader):
        name = "torn"

        @classmethod
        def accepts(cls, path):
            return True

        def tasks(self, path):
            yield TASK
            raise UnicodeError("half a letter")

    runtime = EnvironmentRuntime.of("counter", EnvironmentConfig(source=str(tmp_path)))
    runtime.__dict__["task_source"] = Torn()
    task, rejected = runtime.propose(0)
    assert isinstance(task, Task) and isinstance(rejected, Rejected)
    assert rejected.cause == "bug" and rejected.reason == "torn.tasks: UnicodeError: half a letter"
    assert rejected.where.endswith("after record 1") and "half a letter" in rejected.detail
