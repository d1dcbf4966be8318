"""Where a dialect finds no action in a turn, a model says which one was meant.

It is the agent's own decision, put into the format. In the dialects that serve every environment the turn is rewritten; in a
benchmark's own (agentbench, webshop …), where that would change the score, what it would have been is only noted.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from simenv import plugins
from simenv.episode import Episode
from simenv.errors import BudgetSpent, InvalidAction, ModelError
from simenv.hook import Hook, Substitute
from simenv.model import ask
from simenv.options import Options
from simenv.prompts import render
from simenv.types import Action, Data, Move, Turn, canonical

from ._turn_faults import fault

_PROMPT = Path(__file__).with_name("parser.j2")


class ParserOptions(Options):
    counts: bool | None = None
    """whether the action that was meant is taken; none: in all dialects but the benchmarks' own"""


class Meant(Data):
    """The action a text means; no name where it means none."""

    thought: str = ""
    name: str = ""
    arguments: dict[str, Any] = {}


class Parser(Hook):
    """A turn that the model cannot read either is left as it is."""

    Options: ClassVar[type[Options]] = ParserOptions
    options: ParserOptions

    @classmethod
    def needs_teacher(cls, options: ParserOptions) -> bool:
        return True

    async def after_turn(self, episode: Episode, turn: Turn) -> Substitute | None:
        why = fault(episode, turn)
        move = await self._meant(episode, turn) if why else None
        if move is None:
            return None
        written = self.seat.dialect.render(move, episode.env.turn)
        if not self._counts:
            episode.record(self, "note", f"would have been read as {_told(move.action)}", "teacher", written.text)
            return None
        said = Turn(text=written.text, calls=written.calls, usage=turn.usage, author="teacher")
        return Substitute(said, f"read as {_told(move.action)}: {why}")

    @property
    def _counts(self) -> bool:
        given = self.options.counts
        return self.seat.dialect.name in plugins.names("dialects") if given is None else given

    async def _meant(self, episode: Episode, turn: Turn) -> Move | None:
        """What was meant, if it is an action there is with arguments it takes."""
        actions = self.seat.dialect.actions
        said = "\n".join([turn.text, *(f"{c.name}({c.arguments})" for c in turn.calls)])
        prompt = render(_PROMPT, actions=[a.tool["function"] for a in actions.values()], said=said)
        if self.seat.teacher is None:
            return None
        try:
            meant = await ask(self.seat.teacher, prompt, Meant, spent=episode.spend)
            if meant.name not in actions:
                return None
            actions[meant.name].read(meant.arguments)
        except BudgetSpent:
            raise
        except (ModelError, InvalidAction):
            return None
        return Move(thought=meant.thought, action=Action(name=meant.name, arguments=meant.arguments))


def _told(action: Action) -> str:
    return f"{action.name} {canonical(action.arguments)}"
