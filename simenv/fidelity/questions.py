"""The questions for a simulator: episodes of a real engine, with the true result of every step. One seed, one set."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from numpy.random import SeedSequence, default_rng
from pydantic import ValidationError

from simenv.compare import Transition
from simenv.errors import ConfigError, WorldError
from simenv.fidelity.actors import ActionKind, Actors
from simenv.fidelity.config import ActorName
from simenv.options import explain_validation
from simenv.runs.store import lines
from simenv.simulate.state_patch import Change, apply_changes, changes
from simenv.types import Action, Data, InstalledName, Observation, Stop, Task, digest
from simenv.world import Engine


class Question(Data):
    """One action and its true result. `changes` lead from the state before it to the state after it."""

    action: Action
    kind: ActionKind
    truth: Observation
    changes: tuple[Change, ...] = ()


class QuestionEpisode(Data):
    """The questions of one episode; a line of questions.jsonl.

    `policy` is the actor, `state` the true state before the first question.
    """

    id: str
    environment: InstalledName
    policy: ActorName
    task: str
    seed: int
    spec: dict[str, Any]
    opening: str = ""
    state: Any
    rounds: tuple[Question, ...]

    def transitions(self) -> Iterator[Transition]:
        """Each question with the true states before and after it."""
        before = self.state
        for r in self.rounds:
            after = apply_changes(before, list(r.changes)) if r.changes else before
            yield Transition(spec=self.spec, action=r.action, before=before, after=after, truth=r.truth)
            before = after


async def record(world: Engine, actors: Actors, task: Task, actor: ActorName, seed: int, steps: int) -> QuestionEpisode:
    """Play a task in its engine and record every step but the final answer, `steps` at most. It ends early if the engine
    fails."""
    entropy = SeedSequence([seed, zlib.crc32(f"{task.id}.{actor}".encode())])
    rng, world_seed = default_rng(entropy), int(entropy.generate_state(1)[0])
    first = await world.reset(task, world_seed)
    choices = first.choices
    before = start = await world.state()
    questions: list[Question] = []
    for _ in range(steps):
        action, kind = await actors.act(actor, world, task, choices, rng)
        try:
            truth = await world.step(action)
            if truth.stop is Stop.submitted:
                break
            after = await world.state()
        except WorldError:
            break
        result = truth.model_copy(update={"choices": ()})
        questions.append(Question(action=action, kind=kind, truth=result, changes=tuple(changes(before, after))))
        before, choices = after, truth.choices
        if truth.stop is not None:
            break
    return QuestionEpisode(
        id=f"{task.id}.{actor}",
        environment=task.environment,
        policy=actor,
        task=task.id,
        seed=world_seed,
        spec=task.spec,
        opening=first.text,
        state=start,
        rounds=tuple(questions),
    )


def read(path: Path) -> Iterator[QuestionEpisode]:
    """The episodes in a questions.jsonl; ConfigError names a line that cannot be read."""
    try:
        for number, line in enumerate(lines(path), 1):
            try:
                yield QuestionEpisode.model_validate_json(line)
            except ValidationError as e:
                raise ConfigError(explain_validation(e, f"{path}:{number}")) from e
    except OSError as e:
        raise ConfigError(f"{path}: {e.strerror}") from e


def fingerprint(path: Path) -> str:
    """A digest of worlds and actions. True answers are not in it, since they may hold the time of day."""
    return digest([[a.id, digest(a.spec), [r.action.model_dump() for r in a.rounds]] for a in read(path)])
