"""ReAct text (Yao et al., arXiv 2210.03629): Thought, Action, Action Input in the reply, Observation in the answer."""

from __future__ import annotations

import json
import re
from functools import cached_property
from pathlib import Path
from typing import ClassVar, NamedTuple

from simenv.action_input import leading_value, read_arguments, read_call, takes_text
from simenv.dialects import Dialect, Parsed, ParsedAction, PromptContext, extent
from simenv.errors import InvalidAction, unknown
from simenv.prompts import render
from simenv.reply_text import unfenced, without_quotations
from simenv.types import Action, Message, Move, Observation, Reply
from simenv.world import ActionSpec

_SYSTEM = Path(__file__).with_name("react.j2")
_LABEL = re.compile(
    r"^[ \t>]*(?:(?P<mark>[#*_]+)[ \t]*)?(?P<label>thought|action[ _]input|action|input|observation)"
    r"(?:[ \t]*[*_]*[ \t]*:[*_]*[ \t]*|(?(mark)[ \t]*[*_]*[ \t]*$|(?!)))",
    re.M | re.I,
)
"""A label with a colon, or alone on a line as a heading. Markup around it is no part of what follows."""
_CALL = re.compile(r"[\s*_`]*(?P<name>\w+)[*_`]*[ \t]*\(")
_NAME = re.compile(r"[\s*_`\"']*(?P<name>\w+)[*_`\"'.,:;]*(?P<rest>.*)", re.S)
_TOOL_CALL = re.compile(r"^\s*<tool_call>\s*", re.M)
_MARKUP = " \t\n*_`\"'.,:;!"
_PLAIN = re.compile(r"[\w#(](?:[^\n]*[^\s.])?")
"""A bare value of one line in which there is nothing to be taken away."""
_WRITTEN = re.compile(rf"(?:Thought: ([^\n<`]*)\n)?Action: (\w+)\nAction Input: ({_PLAIN.pattern})")
"""A reply as `render` writes most, which needs no closer look."""
_COMMAND = 200
"""Characters of a command that stands in the place of an action's name."""


class _Part(NamedTuple):
    """A label of a reply: in lower case, where it begins, and where what it labels begins and ends."""

    label: str
    start: int
    begin: int
    end: int


class React(Dialect):
    """`Thought: …`, `Action: name`, `Action Input: …` with a JSON object, or the bare value of an only argument.

    Markup around labels, names and values is not read, nor is what follows a made-up `Observation:`: the world, not the
    agent, says what happened. Of several actions the first is taken, and the agent is told; what stands in thinking, code
    blocks and heredocs is none.
    """

    name: ClassVar[str] = "react"
    stops: ClassVar[tuple[str, ...]] = ("\nObservation:",)

    def opening(self, brief: PromptContext) -> tuple[Message, ...]:
        system = render(_SYSTEM, overview=brief.overview, preface=brief.preface, actions=list(self.actions.values()))
        user = "\n\n".join(filter(None, [brief.instruction, brief.observation.text]))
        return Message(role="system", content=system), Message(role="user", content=user)

    def parse(self, reply: Reply) -> Parsed:
        if (match := _WRITTEN.fullmatch(reply.text)) and self._is_plain(match[2], match[3]):
            action = Action(name=match[2], arguments={self.actions[match[2]].parameters[0]: match[3]})
            return Parsed(thought=(match[1] or "").strip(), spoken=(ParsedAction(action=action),))
        text = unfenced(reply.text)
        parts = _parts(text)
        part = self._chosen(text, parts)
        thought = _thought(text[: part.start] if part else text)
        try:
            read = self._read(text, part, _following(parts, part)) if part else self._read_call(text)
        except InvalidAction as e:
            return Parsed(thought=thought, spoken=(ParsedAction(action=None, error=str(e)),))
        ends = self._surplus(text, parts, part) if part else [m.start() for m in _TOOL_CALL.finditer(text)][1:]
        acted = extent(reply.text, text[_end(parts, part) if part else ends[0] :]) if ends else None
        return Parsed(thought=thought, spoken=(ParsedAction(action=read),), acted=acted, surplus=len(ends))

    def _surplus(self, text: str, parts: list[_Part], action: _Part) -> list[int]:
        """Where the actions begin that follow the one that is acted on."""
        behind = parts[parts.index(action) + 1 :]
        return [p.start for p in behind if p.label == "action" and self._spec(text[p.begin : p.end]) is not None]

    def _is_plain(self, name: str, value: str) -> bool:
        """Whether a bare value is the text that the action takes, and not one with its name before it."""
        spec = self._textual.get(name)
        return spec is not None and not value.startswith(spec.parameters[0])

    @cached_property
    def _textual(self) -> dict[str, ActionSpec]:
        return {name: spec for name, spec in self.actions.items() if takes_text(spec)}

    def _chosen(self, text: str, parts: list[_Part]) -> _Part | None:
        """The first action that is meant: it names one that exists, or has an input; the first label if there is none such."""
        actions: list[_Part] = []
        for part in parts:
            if part.label == "observation" and actions:
                break
            if part.label == "action":
                actions.append(part)
        for part in actions:
            following = _following(parts, part)
            if following is not None or self._spec(text[part.begin : part.end]) is not None:
                return part
        return actions[0] if actions else None

    def _spec(self, header: str) -> ActionSpec | None:
        """The action that a line names, with or without its input behind it."""
        line = header.strip().partition("\n")[0]
        if spec := self.actions.get(line) or self._by_key.get(_key(line)):
            return spec
        match = _CALL.match(line) or _NAME.match(line)
        return self._by_key.get(_key(match["name"])) if match else None

    @cached_property
    def _by_key(self) -> dict[str, ActionSpec]:
        return {_key(name): spec for name, spec in self.actions.items()}

    def _read(self, text: str, action: _Part, given: _Part | None) -> Action:
        header = text[action.begin : action.end].strip()
        line, _, below = header.partition("\n")
        spec = self._spec(header)
        if spec is None:
            return self._command(line, given)
        if given is not None:
            return Action(name=spec.name, arguments=read_arguments(spec, text[given.begin : given.end]))
        if call := _CALL.match(header):
            return Action(name=spec.name, arguments=read_call(spec, header[call.end() :]))
        behind = "" if _key(line) == _key(spec.name) else _behind(line)
        below = below.strip()
        value = f"{behind}\n{below}" if behind else below if below.startswith(("```", "{", "[")) else ""
        return Action(name=spec.name, arguments=read_arguments(spec, value))

    def _read_call(self, text: str) -> Action:
        """The call of a reply that is written as a tool call: a name and arguments in an object."""
        match = _TOOL_CALL.search(text)
        call = leading_value(text[match.end() :]) if match else None
        if not isinstance(call, dict) or not isinstance(name := call.get("name"), str):
            raise InvalidAction("no action found; expected a line `Action: <name>` and a line `Action Input: <input>`")
        if (spec := self._by_key.get(_key(name))) is None:
            raise InvalidAction(unknown("action", name[:80], self.actions))
        return Action(name=spec.name, arguments=read_arguments(spec, json.dumps(call.get("arguments", {}))))

    def _command(self, line: str, given: _Part | None) -> Action:
        """A line that names no action, as the input of the only action that takes a text, if there is no other input."""
        acting = [spec for spec in self.actions.values() if not spec.submit]
        command = line.strip(" \t*_`\"'")
        if (
            given is None
            and len(acting) == 1
            and takes_text(acting[0])
            and 0 < len(command) <= _COMMAND
            and " " in command
        ):
            return Action(name=acting[0].name, arguments=read_arguments(acting[0], command))
        raise InvalidAction(unknown("action", line.strip(_MARKUP)[:80], self.actions))

    def render(self, move: Move, turn: int) -> Reply:
        arguments = move.action.arguments
        values = list(arguments.values())
        plain = values[0] if len(values) == 1 == len(self.actions[move.action.name].parameters) else None
        if isinstance(plain, str) and (reply := self._bare(move, plain)):
            return reply
        text = json.dumps(plain if isinstance(plain, list) else arguments, ensure_ascii=False)
        return Reply(text=f"Thought: {move.thought}\nAction: {move.action.name}\nAction Input: {text}")

    def _bare(self, move: Move, value: str) -> Reply | None:
        """The move with its value as it is; None if that would be read as another one."""
        text = f"Action: {move.action.name}\nAction Input: {value}"
        plain = _PLAIN.fullmatch(value) and self._is_plain(move.action.name, value)
        if not plain and self.parse(Reply(text=text)).spoken[0].action != move.action:
            return None
        return Reply(text=f"Thought: {move.thought}\n{text}")

    def observe(self, observation: Observation, spoken: ParsedAction) -> Message:
        return Message(role="user", content=f"Observation: {observation.text}")


def _key(name: str) -> str:
    """A name without markup, case, blanks and hyphens."""
    return name.strip(_MARKUP).lower().replace(" ", "_").replace("-", "_")


def _parts(text: str) -> list[_Part]:
    """The labels of a reply in order. What a lower-case word labels is a part only where all labels are in lower case."""
    matches = list(_LABEL.finditer(without_quotations(text)))
    if any(match["label"][0].isupper() for match in matches):
        matches = [match for match in matches if match["label"][0].isupper()]
    starts = [*(match.start() for match in matches), len(text)]
    return [
        _Part(match["label"].lower().replace("_", " "), match.start(), match.end(), end)
        for match, end in zip(matches, starts[1:], strict=True)
    ]


def _following(parts: list[_Part], action: _Part) -> _Part | None:
    """The input that belongs to an action: the label right after it."""
    position = parts.index(action) + 1
    return parts[position] if position < len(parts) and parts[position].label in ("action input", "input") else None


def _end(parts: list[_Part], action: _Part) -> int:
    """Where an action ends, its input included."""
    given = _following(parts, action)
    return (given or action).end


def _thought(text: str) -> str:
    """What stands before the action, without the label of the thought."""
    text = text.strip()
    match = _LABEL.match(text)
    return text[match.end() :].strip() if match and match["label"].lower() == "thought" else text


def _behind(line: str) -> str:
    """What stands behind an action's name on its line."""
    match = _NAME.match(line)
    return match["rest"].strip() if match else ""
