"""Hints: what a teacher says to an agent that went wrong, without giving the answer or the action away.

A teacher's model writes them, or the environment's expert by its next move; either way they are checked for leaks.
"""

from __future__ import annotations

from pathlib import Path

from simenv.hook import EpisodeView, Hook, Note
from simenv.hooks._plan_trace import remaining
from simenv.hooks.leaks import Secrets, leak, secrets
from simenv.prompts import render
from simenv.types import Data, Mistake, Move

_PROMPT = Path(__file__).with_name("hint_request.j2")
_PLAIN = Path(__file__).with_name("hint.j2")
TRIES = 3
"""Hints a model is asked for before the expert's words are taken."""


class Hint(Data):
    """One or two sentences for the agent."""

    hint: str


async def write_hint(
    hook: Hook, episode: EpisodeView, turn: int, mistake: Mistake | None
) -> tuple[str, tuple[Note, ...]]:
    """A hint for the state before a turn, and a note of each hint that was refused; '' where each would give something away."""
    plan = await episode.back(turn, hook.oracle.plan) or ()
    task = episode.task
    chat = episode.chat_before(turn)
    secret = secrets(hook.oracle.answers, (*plan, *task.solution), task.instruction, chat)
    rest = plan or remaining(task.solution, episode.steps[: episode.first_step(turn)])
    notes: list[Note] = []
    for _ in range(TRIES if hook.context.teacher else 0):
        refused = [note.text for note in notes]
        text = await _ask(hook, episode, turn, mistake, rest, refused)
        if not (reason := leak(text, secret)):
            return text, tuple(notes)
        notes.append(Note(f"a hint was refused: it gives away {reason}", text, "teacher"))
    return _experts_words(hook, mistake, plan, secret), tuple(notes)


def _experts_words(hook: Hook, mistake: Mistake | None, plan: tuple[Move, ...], secret: Secrets) -> str:
    """What kind of mistake it was, and whether there is more to be done before the end."""
    actions = hook.context.dialect.actions
    next_action = actions.get(plan[0].action.name) if plan else None
    text = render(_PLAIN, reason=mistake.reason if mistake else "", ends=bool(next_action and next_action.submit))
    return "" if leak(text, secret) else text


async def _ask(
    hook: Hook, episode: EpisodeView, turn: int, mistake: Mistake | None, right: tuple[Move, ...], refused: list[str]
) -> str:
    prompt = render(
        _PROMPT,
        chat=[m for m in episode.chat_before(turn) if m.role != "system"],
        reason=mistake.reason if mistake else "",
        right=[m.model_dump() for m in right],
        answers=hook.oracle.answers,
        refused=refused,
    )
    return (await hook.ask(prompt, Hint)).hint
