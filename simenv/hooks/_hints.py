"""Hints: what a teacher says to somebody who went wrong, without giving the answer or the action away.

A teacher's model writes them, or the environment's expert by what it would do next; either way they are checked for leaks.
"""

from __future__ import annotations

from pathlib import Path

from simenv.episode import Episode
from simenv.hook import Hook
from simenv.hooks.leaks import Secrets, leak, secrets
from simenv.model import ask
from simenv.prompts import render
from simenv.types import Data, Mistake, Move

_PROMPT = Path(__file__).with_name("hint_request.j2")
_PLAIN = Path(__file__).with_name("hint.j2")
TRIES = 3
"""Hints a model is asked for before the expert's words are taken."""


class Hint(Data):
    """One or two sentences for the agent."""

    hint: str


async def hint(hook: Hook, episode: Episode, turn: int, mistake: Mistake | None) -> str:
    """A hint for the state before a turn; '' where every one would give something away. What is refused is recorded."""
    plan = await episode.back(turn, hook.oracle.plan) or ()
    task = episode.task
    secret = secrets(hook.oracle.answers, (*plan, *task.solution), task.instruction)
    refused: list[str] = []
    for _ in range(TRIES if hook.seat.teacher else 0):
        said = await _asked(hook, episode, turn, mistake, plan[:1] or task.solution[turn : turn + 1], refused)
        if not (given := leak(said, secret)):
            return said
        refused.append(said)
        episode.record(hook, "note", f"a hint was refused: it gives away {given}", "teacher", said)
    return _own(hook, mistake, plan, secret)


def _own(hook: Hook, mistake: Mistake | None, plan: tuple[Move, ...], secret: Secrets) -> str:
    """The expert's words: what kind of mistake it was, and whether there is more to be done before the end."""
    actions = hook.seat.dialect.actions
    next_one = actions.get(plan[0].action.name) if plan else None
    said = render(_PLAIN, reason=mistake.reason if mistake else "", ends=bool(next_one and next_one.submit))
    return "" if leak(said, secret) else said


async def _asked(
    hook: Hook, episode: Episode, turn: int, mistake: Mistake | None, right: tuple[Move, ...], refused: list[str]
) -> str:
    assert hook.seat.teacher is not None
    before = episode.checkpoints[turn].messages
    prompt = render(
        _PROMPT,
        chat=[m for m in before if m.role != "system"],
        reason=mistake.reason if mistake else "",
        right=[m.model_dump() for m in right],
        answers=hook.oracle.answers,
        refused=refused,
    )
    return (await ask(hook.seat.teacher, prompt, Hint, spent=episode.spend)).hint
