"""If a dialect finds no action in a turn, a model says which one was meant.

It is the agent's own decision, put into the format. In the dialects that serve every environment the turn is rewritten; in a
benchmark's own (agentbench, webshop …) that would change the score, so the rewritten turn is only noted.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from simenv import plugins
from simenv.errors import EndOfRun, InvalidAction, ModelError
from simenv.hook import EpisodeView, Hook, Note, Substitute
from simenv.options import Options
from simenv.prompts import render
from simenv.types import Action, Data, Move, Turn, canonical

from ._turn_faults import fault

_PROMPT = Path(__file__).with_name("parser.j2")


class ParserOptions(Options):
    """Whether the reading counts."""

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
    finds_mistakes = False

    @classmethod
    def needs_teacher(cls, options: ParserOptions) -> bool:
        return True

    async def after_turn(self, episode: EpisodeView, turn: Turn) -> Note | Substitute | None:
        reason = fault(episode, turn)
        move = await self._meant_move(turn) if reason else None
        if move is None:
            return None
        reply = self.context.dialect.render(move, episode.turn)
        if not self._counts:
            return Note(f"would have been read as {_shown(move.action)}", reply.text, "teacher")
        substitute = Turn(
            text=reply.text, reasoning=turn.reasoning, calls=reply.calls, usage=turn.usage, author="teacher"
        )
        return Substitute(substitute, f"read as {_shown(move.action)}: {reason}")

    @property
    def _counts(self) -> bool:
        option = self.options.counts
        return self.context.dialect.name in plugins.names("dialects") if option is None else option

    async def _meant_move(self, turn: Turn) -> Move | None:
        """The move that was meant, if its action exists and takes its arguments."""
        actions = self.context.dialect.actions
        text = "\n".join([turn.text, *(f"{c.name}({c.arguments})" for c in turn.calls)])
        prompt = render(_PROMPT, actions=[a.tool["function"] for a in actions.values()], said=text)
        if self.context.teacher is None:
            return None
        try:
            meant = await self.ask(prompt, Meant)
            if meant.name not in actions:
                return None
            actions[meant.name].read(meant.arguments)
        except EndOfRun:
            raise
        except (ModelError, InvalidAction):
            return None
        return Move(thought=meant.thought, action=Action(name=meant.name, arguments=meant.arguments))


def _shown(action: Action) -> str:
    return f"{action.name} {canonical(action.arguments)}"
