"""simenv's environments for Inspect: `simenv_task` is an inspect_ai task whose solver plays the world's part.

Samples are tasks, known by their number; scores are success, progress and format, of which Inspect makes means. A world that
fails is an error of the sample, as Inspect counts them.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from inspect_ai import Task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ChatMessage, ChatMessageSystem, ChatMessageUser
from inspect_ai.scorer import Score, Scorer, Target, mean, scorer, stderr
from inspect_ai.solver import Generate, Solver, TaskState, solver

from simenv.package.tasks import Shelf
from simenv.types import Message

_JUDGED = "simenv"
"""The name of the judgement in a sample's store."""


def simenv_task(
    environment: str, *, source: str | Path | None = None, dialect: str = "react", episodes: int = 50, seed: int = 0
) -> Task:
    """An Inspect task from the tasks of a file, or the first `episodes` of the procedural teacher's.

    ConfigError for an unknown environment or dialect, or a file that cannot be read.
    """
    shelf = Shelf(environment, dialect, source, seed)
    samples = _apart(_samples(shelf, shelf.count(episodes)))
    return Task(
        dataset=MemoryDataset(samples, name=environment),
        solver=world(shelf),
        scorer=[success(), progress(), format()],
        metadata={"environment": environment, "dialect": dialect, "seed": seed},
    )


async def _samples(shelf: Shelf, count: int) -> list[Sample]:
    found = []
    for number in range(count):
        opening = [_message(m) for m in await shelf.opening(number)]
        task = shelf.task(number)
        found.append(Sample(input=opening, id=task.id, metadata={"number": number, "kind": task.kind}))
    return found


def _apart(work: Any) -> list[Sample]:
    """The result of a coroutine, in a loop of its own, since a task may be made where one runs."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def _message(m: Message) -> ChatMessage:
    return ChatMessageSystem(content=m.content) if m.role == "system" else ChatMessageUser(content=m.content)


@solver
def world(shelf: Shelf) -> Solver:
    """Plays one episode: each reply of the model is a turn, what the world says is the user's answer."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        episode = await shelf.begin(state.metadata["number"])
        try:
            while not episode.over:
                state = await generate(state)
                said = await episode.hear(state.output.completion)
                if said:
                    state.messages.append(ChatMessageUser(content=said))
            judged = await episode.judge()
        finally:
            await episode.close()
        told = judged.grade.model_dump(include={"success", "progress", "subgoals", "reasons"})
        state.store.set(_JUDGED, told | {"format": judged.format, "stop": str(judged.stop)})
        state.completed = True
        return state

    return solve


def _scored(name: str) -> Scorer:
    async def score(state: TaskState, target: Target) -> Score:
        judged = state.store.get(_JUDGED)
        if judged is None:
            return Score.unscored(explanation="the episode did not come to its end")
        reasons = "; ".join(judged["reasons"])
        return Score(value=float(judged[name]), explanation=reasons, metadata={"stop": judged["stop"]})

    return score


@scorer(metrics=[mean(), stderr()])
def success() -> Scorer:
    """1 where the task is solved."""
    return _scored("success")


@scorer(metrics=[mean(), stderr()])
def progress() -> Scorer:
    """How much of the task is done."""
    return _scored("progress")


@scorer(metrics=[mean(), stderr()])
def format() -> Scorer:
    """The share of the actions that could be carried out."""
    return _scored("format")
