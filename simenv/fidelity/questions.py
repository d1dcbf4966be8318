"""What a simulator is asked: episodes that a real engine lived through, with the truth of every step. One seed, one set."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from numpy.random import SeedSequence, default_rng
from pydantic import ValidationError

from simenv.compare import Transition
from simenv.errors import ConfigError, WorldError
from simenv.fidelity.actors import Actors, Kind
from simenv.fidelity.config import ActorName
from simenv.options import explain_validation
from simenv.runs.store import lines
from simenv.simulate.state_patch import Change, apply_changes, changes
from simenv.types import Action, Data, Observation, Stop, Task, digest
from simenv.world import Engine


class Round(Data):
    """One action, and what the engine made of it. `changes` lead from the state before to the one after."""

    action: Action
    kind: Kind
    truth: Observation
    changes: tuple[Change, ...] = ()


class Asked(Data):
    """One episode of questions."""

    id: str
    environment: str
    policy: ActorName
    task: str
    seed: int
    spec: dict[str, Any]
    opening: str = ""
    state: Any
    """what is true before the first round"""
    rounds: tuple[Round, ...]

    def scenes(self) -> Iterator[Transition]:
        """The rounds with the states around them."""
        before = self.state
        for r in self.rounds:
            after = apply_changes(before, list(r.changes)) if r.changes else before
            yield Transition(spec=self.spec, action=r.action, before=before, after=after, truth=r.truth)
            before = after


async def live(world: Engine, actors: Actors, task: Task, policy: ActorName, seed: int, steps: int) -> Asked:
    """An engine's life under one policy, up to its answer. An engine that fails ends it there; the answer is no question."""
    entropy = SeedSequence([seed, zlib.crc32(f"{task.id}.{policy}".encode())])
    rng, own = default_rng(entropy), int(entropy.generate_state(1)[0])
    first = await world.reset(task, own)
    seen = first.choices
    before = start = await world.state()
    rounds: list[Round] = []
    for _ in range(steps):
        action, kind = await actors.act(policy, world, task, seen, rng)
        try:
            truth = await world.step(action)
            if truth.stop is Stop.submitted:
                break
            after = await world.state()
        except WorldError:
            break
        plain = truth.model_copy(update={"choices": ()})
        rounds.append(Round(action=action, kind=kind, truth=plain, changes=tuple(changes(before, after))))
        before, seen = after, truth.choices
        if truth.stop is not None:
            break
    return Asked(
        id=f"{task.id}.{policy}",
        environment=task.environment,
        policy=policy,
        task=task.id,
        seed=own,
        spec=task.spec,
        opening=first.text,
        state=start,
        rounds=tuple(rounds),
    )


def read(path: Path) -> Iterator[Asked]:
    """The episodes of a questions file; ConfigError names the line that is none."""
    try:
        for number, line in enumerate(lines(path), 1):
            try:
                yield Asked.model_validate_json(line)
            except ValidationError as e:
                raise ConfigError(explain_validation(e, f"{path}:{number}")) from e
    except OSError as e:
        raise ConfigError(f"{path}: {e.strerror}") from e


def fingerprint(path: Path) -> str:
    """The digest of what is asked: worlds and actions. True answers may hold a clock, so they are not in it."""
    return digest([[a.id, digest(a.spec), [r.action.model_dump() for r in a.rounds]] for a in read(path)])
