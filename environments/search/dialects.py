"""ReAct's form of question answering: `Search[…]`, `Lookup[…]`, `Finish[…]` as text, in our own wording."""

from __future__ import annotations

import re
from pathlib import Path
from typing import ClassVar

from simenv.dialects import Dialect, Parsed, ParsedAction, PromptContext, extent
from simenv.english import listed
from simenv.prompts import render
from simenv.types import Action, Message, Move, Observation, Reply

_HERE = Path(__file__).parent
_ARGUMENTS = {"search": "query", "open": "page", "lookup": "keyword", "finish": "answer"}
_ACTION = re.compile(r"^[ \t*_]*Action(?: \d+)?[ \t]*:[ \t*_]*(?P<name>\w+)[ \t]*\[", re.M | re.I)
_SOURCE = re.compile(r"[ \t]*\n[ \t]*Source(?: \d+)?[ \t]*:[ \t]*(?P<source>[^\n]+)")
_THOUGHT = re.compile(r"^\s*Thought(?: \d+)?[ \t]*:[ \t]*", re.I)
_NO_ACTION = "No action was found. Write a line `Action: ` with {names}."
_UNCLOSED = "The action has no closing bracket; write it on one line, as Search[words]."
_UNKNOWN = "There is no action {name}; there {names}."


class Brackets(Dialect):
    """Thought and action as text (Yao et al., arXiv 2210.03629; FireAct writes the same in small letters).

    The numbers of ReAct's `Thought 1:` are read and not written. A source goes on a line of its own after the answer.
    """

    name: ClassVar[str] = "brackets"
    stops: ClassVar[tuple[str, ...]] = ("\nObservation",)

    def opening(self, brief: PromptContext) -> tuple[Message, ...]:
        system = render(_HERE / "brackets.j2", preface=brief.preface, names=list(self.actions))
        return Message(role="system", content=system), Message(role="user", content=f"Question: {brief.instruction}")

    def parse(self, reply: Reply) -> Parsed:
        text = re.split(r"^[ \t]*Observation(?: \d+)?[ \t]*:", reply.text, maxsplit=1, flags=re.M | re.I)[0]
        actions = list(_ACTION.finditer(text))
        if not actions:
            names = [f"{name.capitalize()}[…]" for name in self.actions]
            error = _NO_ACTION.format(names=listed(names, "or"))
            return Parsed(thought=_thought(text), spoken=(ParsedAction(action=None, error=error),))
        first, *others = actions
        thought = _thought(text[: first.start()])
        spoken = self._read(first["name"], text[first.end() : others[0].start() if others else len(text)])
        if not others:
            return Parsed(thought=thought, spoken=(spoken,))
        acted = extent(reply.text, text[others[0].start() :])
        return Parsed(thought=thought, spoken=(spoken,), acted=acted, surplus=len(others))

    def render(self, move: Move, turn: int) -> Reply:
        """A move as text. `parse` does not recover arguments with line breaks or thoughts that begin with a label."""
        action = move.action
        argument = action.arguments.get(_ARGUMENTS.get(action.name, ""), "")
        source = f"\nSource: {action.arguments['source']}" if action.arguments.get("source") else ""
        return Reply(text=f"Thought: {move.thought}\nAction: {action.name.capitalize()}[{argument}]{source}")

    def observe(self, observation: Observation, spoken: ParsedAction) -> Message:
        return Message(role="user", content=f"Observation: {observation.text}")

    def _read(self, name: str, rest: str) -> ParsedAction:
        """The action of a name and what stands behind its opening bracket: as far as the last one that closes in its line."""
        key = _ARGUMENTS.get(name.lower())
        if key is None or name.lower() not in self.actions:
            names = [name.capitalize() for name in self.actions]
            verb = "are" if len(names) > 1 else "is"
            error = _UNKNOWN.format(name=f"{name:.80}", names=f"{verb} {listed(names)}")
            return ParsedAction(action=None, error=error)
        line = rest.partition("\n")[0]
        end = line.rfind("]")
        if end < 0:
            return ParsedAction(action=None, error=_UNCLOSED)
        arguments = {key: line[:end].strip()}
        source = _SOURCE.search(rest[len(line) :]) if key == "answer" else None
        return ParsedAction(
            action=Action(
                name=name.lower(), arguments=arguments | ({"source": source["source"].strip()} if source else {})
            )
        )


def _thought(text: str) -> str:
    return _THOUGHT.sub("", text).strip()
