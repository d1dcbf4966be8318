"""Makes refusals of a house that give a reason which is none."""

from __future__ import annotations

from numpy.random import Generator

from simenv.compare import Transition

from ..tasks.house_builder import pick

_FALSE_REASONS = (
    "You cannot do that because it is too hot.", "The drawer is locked.", "The {thing} is locked in the {stand}.",
    "You need to find the key of the {stand} first.", "You can't do that, so I put the {thing} in the {stand} for you.",
    "Error: the {thing} is broken.", "You must be carrying the {thing} to see the {stand}.", "You are not at the {here}.",
    "You need to go to the {here} first.", "There is no {here} here.", "The {here} cannot be reached from here.",
    "Nothing happens. The {thing} is now hot.", "You are already carrying {other}.",
)  # fmt: skip
"""Refusals with a reason that is none."""


def refusal_with_false_reason(scene: Transition, rng: Generator) -> str:
    """A refusal that gives a reason which is none."""
    command, agent = str(scene.action.arguments.get("action", "")).lower(), scene.before["agent"]
    things = [name for name in scene.before["objects"] if name not in command and name != agent["holds"]] or [
        "unicorn 1"
    ]
    stands = [name for name in scene.before["receptacles"] if name not in command] or ["cave 1"]
    form = pick(rng, [f for f in _FALSE_REASONS if agent["at"] or "{here}" not in f])
    thing, other = pick(rng, things), pick(rng, things)
    return form.format(thing=thing, other=other, stand=pick(rng, stands), here=agent["at"])
