"""The formats that chats are published in. Each reads a record as a chat with tools and other keys, and writes it again.

Loss flags are kept; where a record has none, loss falls on all assistant messages. A record that is read and written again by
its own format is the same JSON, with two exceptions: synonyms of roles (`user` for `human`) become the format's usual names,
and a turn's keys other than role, text, flag and calls are lost.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, NamedTuple

from simenv.documents import parse
from simenv.errors import ConfigError, Unreadable
from simenv.types import Call, Message, Sample

_FLAGS = ("loss", "train", "training", "weight")
"""Names that sources give to the loss flag of a message."""

_SPELLING = ("_flag", "_tools")
"""Keys of `extra` that record how flags and tools were spelled."""


class Chat(NamedTuple):
    """A record as a chat. `extra` holds the record's other keys, and the spelling that writing it back needs."""

    messages: tuple[Message, ...]
    tools: tuple[dict[str, Any], ...]
    extra: dict[str, Any]


class Malformed(ValueError):
    """A record breaks its format; the message names the key and what was expected."""


class Format(ABC):
    """A format of chats in JSON. It is stateless."""

    name: ClassVar[str]
    shape: ClassVar[str]
    """An example, for error messages."""

    @abstractmethod
    def fits(self, record: dict[str, Any]) -> bool:
        """Whether a record is of this format by its keys; it may still be malformed."""

    @abstractmethod
    def read(self, record: dict[str, Any]) -> Chat:
        """The chat of a record. Malformed where a key is missing or wrong."""

    @abstractmethod
    def write(self, sample: Sample) -> dict[str, Any]:
        """A sample as a record: the one that it was read from, if it was. Malformed where this format cannot hold it."""


class Turns(Format):
    """A list of turns under one key, each with a role and a text under the same two keys."""

    key: ClassVar[str]
    role: ClassVar[str]
    text: ClassVar[str]
    roles: ClassVar[dict[str, str]]
    """The format's names by ours."""
    synonyms: ClassVar[dict[str, str]] = {}
    flag: ClassVar[str] = "loss"
    """The name of the loss flag, which is written if loss does not fall on every assistant turn."""

    def fits(self, record: dict[str, Any]) -> bool:
        turns = _turn_list(record.get(self.key))
        return isinstance(turns, list) and all(isinstance(t, dict) and self.role in t for t in turns[:1])

    def read(self, record: dict[str, Any]) -> Chat:
        flags: list[str] = []
        messages: list[Message] = []
        turns = _turn_list(record[self.key])
        for number, turn in enumerate(turns):
            messages.append(self._turn(turn, f"{self.key}[{number}]", messages))
            flags += [f for f in _FLAGS if f in turn and f not in flags]
        extra = {k: v for k, v in record.items() if k not in (self.key, "tools")}
        if flags:
            other_flags = [
                t[flags[0]] for t, m in zip(turns, messages, strict=True) if m.role != "assistant" and flags[0] in t
            ]
            extra["_flag"] = {"name": flags[0], "others": other_flags[:1]}
        return Chat(tuple(messages), self._tools(record, extra), extra)

    def _turn(self, turn: Any, place: str, before: Sequence[Message]) -> Message:
        if not isinstance(turn, dict) or not isinstance(turn.get(self.role), str):
            raise Malformed(f"{place}: expected an object with {self.role} and {self.text}, got {turn!r:.80}")
        ours = {theirs: mine for mine, theirs in self.roles.items()} | self.synonyms
        if turn[self.role] not in ours:
            raise Malformed(f"{place}.{self.role}: expected one of {', '.join(sorted(ours))}, got {turn[self.role]!r}")
        content = turn.get(self.text)
        if content is None and turn.get("tool_calls"):
            content = ""
        if not isinstance(content, str):
            raise Malformed(f"{place}.{self.text}: expected a text, got {content!r:.80}")
        role = ours[turn[self.role]]
        flag = next((turn[f] for f in _FLAGS if turn.get(f) is not None), None)
        if flag is not None and flag not in (True, False):
            raise Malformed(f"{place}: expected true or false for the loss, got {flag!r:.80}")
        assistant = role in ("assistant", "call")
        author = "agent" if assistant else "engine"
        train = assistant if flag is None else bool(flag)
        return self._message(role, content, turn, place, before).model_copy(update={"author": author, "train": train})

    def _message(self, role: str, content: str, turn: dict[str, Any], place: str, before: Sequence[Message]) -> Message:
        return Message(role=role, content=content)  # type: ignore[arg-type]

    def _tools(self, record: dict[str, Any], extra: dict[str, Any]) -> tuple[dict[str, Any], ...]:
        """Schemas, as a list or as its JSON text."""
        value = record.get("tools")
        if value is None:
            if "tools" in record:
                extra["_tools"] = None
            return ()
        try:
            tools = parse(value or "[]", "tools") if isinstance(value, str) else value
        except Unreadable as e:
            raise Malformed(f"tools: expected a list or its JSON text: {e.reason}") from e
        if not isinstance(tools, list) or not all(isinstance(t, dict) for t in tools):
            raise Malformed(f"tools: expected a list of objects, got {tools!r:.80}")
        if isinstance(value, str) or not value:
            extra["_tools"] = value
        return tuple(tools)

    def write(self, sample: Sample) -> dict[str, Any]:
        extra = {k: v for k, v in sample.extra.items() if k not in _SPELLING}
        flag_spelling = sample.extra.get("_flag", {})
        partial = any(m.role == "assistant" and not m.train for m in sample.messages)
        flag = flag_spelling.get("name") or (self.flag if partial else None)
        turns = [self._turn_json(m, flag, flag_spelling.get("others", [])) for m in sample.messages]
        tools: dict[str, Any] = {}
        if "_tools" in sample.extra:
            tools["tools"] = sample.extra["_tools"]
        elif sample.tools:
            tools["tools"] = list(sample.tools)
        return {**extra, self.key: turns, **tools}

    def _turn_json(self, m: Message, flag: str | None, other_flags: list[bool | None]) -> dict[str, Any]:
        turn: dict[str, Any] = {self.role: self.roles[m.role], self.text: m.content}
        if flag is not None and m.role == "assistant":
            turn[flag] = int(m.train) if flag == "weight" else m.train
        elif flag is not None and other_flags:
            turn[flag] = other_flags[0]
        return turn


class OpenAI(Turns):
    """`messages` of role and content, with tool_calls; TRL's and axolotl's chat_template take the same."""

    name, key, role, text = "openai", "messages", "role", "content"
    shape = '{"messages": [{"role": "user", "content": "…"}, …], "tools": […]}'
    roles = {"system": "system", "user": "user", "assistant": "assistant", "tool": "tool"}
    synonyms = {"developer": "system", "function": "tool"}
    flag = "train"

    def _message(self, role: str, content: str, turn: dict[str, Any], place: str, before: Sequence[Message]) -> Message:
        listed, id = turn.get("tool_calls") or (), turn.get("tool_call_id")
        if not isinstance(listed, list | tuple):
            raise Malformed(f"{place}.tool_calls: expected a list of calls, got {listed!r:.80}")
        if not isinstance(id, str | None):
            raise Malformed(f"{place}.tool_call_id: expected a text, got {id!r:.80}")
        calls = tuple(_call(c, f"{place}.tool_calls[{i}]") for i, c in enumerate(listed))
        return Message(role=role, content=content, calls=calls, call_id=id)  # type: ignore[arg-type]

    def _turn_json(self, m: Message, flag: str | None, other_flags: list[bool | None]) -> dict[str, Any]:
        turn = super()._turn_json(m, flag, other_flags)
        if m.calls:
            turn["tool_calls"] = [
                {"id": c.id, "type": "function", "function": {"name": c.name, "arguments": c.arguments}}
                for c in m.calls
            ]
        if m.call_id is not None:
            turn["tool_call_id"] = m.call_id
        return turn


class Conversations(OpenAI):
    """AgentInstruct with role and content, as the Agent Data Protocol samples have it."""

    name, key, flag = "conversations", "conversations", "loss"
    shape = '{"id": "…", "conversations": [{"role": "user", "content": "…"}, …]}'


class ShareGPT(Turns):
    """`conversations` of from and value; AgentInstruct and AgentTraj with `loss`, LLaMA-Factory's tool calls."""

    name, key, role, text = "sharegpt", "conversations", "from", "value"
    shape = '{"conversations": [{"from": "human", "value": "…"}, {"from": "gpt", "value": "…", "loss": true}, …]}'
    roles = {"system": "system", "user": "human", "assistant": "gpt", "tool": "observation", "call": "function_call"}
    synonyms = {"user": "user", "assistant": "assistant", "chatgpt": "assistant", "bard": "assistant", "tool": "tool"}

    def _message(self, role: str, content: str, turn: dict[str, Any], place: str, before: Sequence[Message]) -> Message:
        if role == "call":
            return Message(role="assistant", content="", calls=tuple(_calls(content, place, len(before))))
        call = next((m.calls[0].id for m in reversed(before) if m.calls), None) if role == "tool" else None
        return Message(role=role, content=content, call_id=call)  # type: ignore[arg-type]

    def _turn_json(self, m: Message, flag: str | None, other_flags: list[bool | None]) -> dict[str, Any]:
        turn = super()._turn_json(m, flag, other_flags)
        if m.calls:
            calls = [f'{{"name": {json.dumps(c.name)}, "arguments": {c.arguments}}}' for c in m.calls]
            turn[self.role] = self.roles["call"]
            turn[self.text] = calls[0] if len(calls) == 1 else f"[{', '.join(calls)}]"
        return turn

    def write(self, sample: Sample) -> dict[str, Any]:
        """A turn with both words and calls becomes two turns; tools are JSON text, as LLaMA-Factory wants them."""
        split = sample.model_copy(update={"messages": tuple(_apart(sample.messages))})
        record = super().write(split)
        if isinstance(record.get("tools"), list):
            record["tools"] = json.dumps(record["tools"], ensure_ascii=False)
        return record


class Alpaca(Format):
    """`instruction`, `input` and `output`, with a `system` and a `history` of pairs where there are any."""

    name = "alpaca"
    shape = '{"instruction": "…", "input": "…", "output": "…"}'

    def fits(self, record: dict[str, Any]) -> bool:
        return "instruction" in record and "output" in record

    def read(self, record: dict[str, Any]) -> Chat:
        for key in ("instruction", "input", "output", "system"):
            if not isinstance(record.get(key, ""), str):
                raise Malformed(f"{key}: expected a text, got {record[key]!r:.80}")
        question_text = "\n\n".join(filter(None, [record["instruction"], record.get("input", "")]))
        pairs = record.get("history") or []
        if not isinstance(pairs, list) or any(not _pair(p) for p in pairs):
            raise Malformed(f"history: expected a list of [question, answer], got {pairs!r:.80}")
        messages = [Message(role="system", content=record["system"])] if record.get("system") else []
        for question, answer in [*pairs, (question_text, record["output"])]:
            messages.append(Message(role="user", content=question))
            messages.append(Message(role="assistant", content=answer, author="agent", train=True))
        extra = {k: v for k, v in record.items() if k not in ("instruction", "output")}
        return Chat(tuple(messages), (), extra)

    def write(self, sample: Sample) -> dict[str, Any]:
        """The record of a chat of pairs of user and assistant; Malformed for any other chat."""
        messages = [m for m in sample.messages if m.role != "system"]
        pairs = ["user", "assistant"] * (len(messages) // 2)
        if not messages or [m.role for m in messages] != pairs or any(m.calls for m in messages):
            raise Malformed(f"{sample.id}: alpaca holds nothing but pairs of user and assistant")
        extra = dict(sample.extra)
        instruction = messages[-2].content
        if extra.get("input"):
            instruction = instruction.removesuffix(extra["input"]).removesuffix("\n\n")
        if system := next((m.content for m in sample.messages if m.role == "system"), ""):
            extra["system"] = system
        if len(messages) > 2:
            extra["history"] = [[q.content, a.content] for q, a in zip(messages[:-2:2], messages[1:-2:2], strict=True)]
        return {"instruction": instruction, **extra, "output": messages[-1].content}


FORMATS: tuple[Format, ...] = (ShareGPT(), Conversations(), OpenAI(), Alpaca())


def recognise(record: dict[str, Any], place: str) -> Format:
    """The format of a record, by its keys. ConfigError, which lists all formats, where none fits."""
    for form in FORMATS:
        if form.fits(record):
            return form
    shapes = "".join(f"\n  {f.name:14}{f.shape}" for f in FORMATS)
    raise ConfigError(
        f"{place}: unknown shape with keys {', '.join(map(repr, record)) or 'none'}; expected one of{shapes}"
    )


def _call(value: Any, place: str) -> Call:
    function = value.get("function") if isinstance(value, dict) else None
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        raise Malformed(f"{place}: expected an object with function.name and function.arguments, got {value!r:.80}")
    arguments = function.get("arguments", "{}")
    text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    return Call(id=str(value.get("id") or place), name=function["name"], arguments=text)


def _calls(text: str, prefix: str, place: int) -> Iterator[Call]:
    """The calls of a `function_call` turn: a JSON object or a list of them."""
    try:
        value = parse(text, prefix)
    except Unreadable as e:
        raise Malformed(f"{prefix}: expected a call as JSON with name and arguments: {e.reason}") from e
    for number, call in enumerate(value if isinstance(value, list) else [value]):
        if not isinstance(call, dict) or not isinstance(call.get("name"), str) or "arguments" not in call:
            raise Malformed(f"{prefix}: expected a call with name and arguments, got {call!r:.80}")
        arguments = json.dumps(call["arguments"], ensure_ascii=False)
        yield Call(id=f"call_{place}_{number}", name=call["name"], arguments=arguments)


def _apart(messages: Sequence[Message]) -> Iterator[Message]:
    for m in messages:
        if m.calls and m.content:
            yield m.model_copy(update={"calls": ()})
            yield m.model_copy(update={"content": ""})
        else:
            yield m


def _turn_list(turns: Any) -> Any:
    """A list of turns, which some sources write as JSON text."""
    try:
        return parse(turns, "") if isinstance(turns, str) and turns.startswith("[") else turns
    except Unreadable:
        return turns


def _pair(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2 and all(isinstance(v, str) for v in value)
