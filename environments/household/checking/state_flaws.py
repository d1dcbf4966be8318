"""Makes next states of a house that miss what an action did, or have a thing in two places."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from numpy.random import Generator

from simenv.compare import Prediction, Transition

from ..tasks.house_builder import pick


def forgotten_change(scene: Transition, rng: Generator) -> Prediction | None:
    """The state before the action, or changed only in part; None if the action changed no part of the house."""
    before, after = (_core(state) for state in (scene.before, scene.after))
    parts = [part for part in before if before[part] != after[part]]
    if not parts:
        return None
    if (double := _in_two_places(scene)) and rng.random() < 0.3:
        return Prediction(observation=scene.truth, state=double)
    state = copy.deepcopy(scene.before)
    if len(parts) > 1 and rng.random() < 0.5:
        part = pick(rng, parts)
        state[part] = copy.deepcopy(scene.after[part])
    return Prediction(observation=scene.truth, state=state)


def _in_two_places(scene: Transition) -> Any:
    """The state after, in which what left a receptacle lies there, too; None if nothing left one."""
    state = copy.deepcopy(scene.after)
    for name, before in scene.before["receptacles"].items():
        left = [thing for thing in before["contains"] if thing not in state["receptacles"][name]["contains"]]
        if left:
            state["receptacles"][name]["contains"] += left
            return state
    return None


def _core(state: Mapping[str, Any]) -> dict[str, Any]:
    return {part: state[part] for part in ("receptacles", "objects", "agent")}
