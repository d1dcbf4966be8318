"""What is conceded to a server that refuses a field: it is left out, renamed or written otherwise, and the user is told."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from simenv.models.failures import Refused
from simenv.models.wire import Body, Wire

_log = logging.getLogger(__name__)
LEFT_OUT = (
    "stop", "stop_sequences", "seed", "temperature", "top_p", "parallel_tool_calls", "cache_control", "include",
)  # fmt: skip
"""Fields without which the answer is one of the same model to the same chat."""
OF_MESSAGES = ("reasoning_content", "reasoning_details", "reasoning")
RENAMED = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
NOTHING = "(nothing)"
"""What stands in the place of an empty turn where a server wants words."""
CONTENT = "content"
MOST = 10
"""Concessions that one call may ask for."""


@dataclass(frozen=True)
class Concession:
    """A change of every body from now on. `told` says it to the user."""

    name: str
    told: str
    change: Callable[[Body], Body]


class Concessions:
    """The concessions made to one server, kept while its client lives."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._made: dict[str, Concession] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The fields that were conceded, in the order of their refusals."""
        return tuple(self._made)

    async def post(self, wire: Wire, path: str, body: Body, headers: dict[str, str] | None = None) -> bytes:
        """The answer to a body, sent anew as long as what the server refuses can be conceded."""
        for _ in range(MOST):
            sent = self.applied(body)
            try:
                return await wire.post(path, sent, headers)
            except Refused as e:
                if not self._learn(e, sent):
                    raise
        return await wire.post(path, self.applied(body), headers)

    def stopped(self, text: str, stops: Sequence[str]) -> str:
        """The text up to the first stop sequence, where the server was not told of them."""
        if not {"stop", "stop_sequences"} & self._made.keys():
            return text
        return text[: min((at for stop in stops if (at := text.find(stop)) >= 0), default=len(text))]

    def applied(self, body: Body) -> Body:
        """A body as this server takes it."""
        for concession in self._made.values():
            body = concession.change(body)
        return body

    def _learn(self, refusal: Refused, body: Body) -> bool:
        """Whether this body, made anew, may be taken: something new is conceded, or was since the body was made."""
        possible = (c for c in _possible(refusal, body) if RENAMED.get(c.name) not in self._made)
        concession = next((c for c in possible if c.change(body) != body), None)
        if concession is None:
            return False
        if concession.name not in self._made:
            self._made[concession.name] = concession
            _log.warning("%s: %s from now on: %s", self._label, concession.told, refusal)
        return True


def _possible(refusal: Refused, body: Body) -> list[Concession]:
    """The concessions that a refusal of this body asks for."""
    found = [_without(name) for name in LEFT_OUT if name in body and refusal.names(name)]
    found += [_renamed(old, new) for old, new in RENAMED.items() if old in body and refusal.names(old)]
    found += [_without_in_messages(name) for name in OF_MESSAGES if refusal.names(name)]
    if refusal.names("role") or refusal.names("system"):
        found += [DEVELOPER] if "developer" in refusal.words else []
        found.append(NO_SYSTEM)
    return [*found, *([WORDS, NO_CONTENT] if refusal.speaks_of_content else [])]


def _without(name: str) -> Concession:
    return Concession(
        name, f"`{name}` is left out", lambda body: {key: value for key, value in body.items() if key != name}
    )


def _renamed(old: str, new: str) -> Concession:
    def change(body: Body) -> Body:
        return {(new if key == old and new not in body else key): value for key, value in body.items()}

    return Concession(old, f"`{old}` is sent as `{new}`", change)


def _messages(body: Body, change: Callable[[Body], Body]) -> Body:
    """The body with each message changed."""
    return body | {"messages": [change(m) for m in body["messages"]]} if "messages" in body else body


def _without_in_messages(name: str) -> Concession:
    def change(message: Body) -> Body:
        return {key: value for key, value in message.items() if key != name}

    return Concession(name, f"`{name}` is left out of the messages", lambda body: _messages(body, change))


def _developer(message: Body) -> Body:
    return message | {"role": "developer"} if message["role"] == "system" else message


def _spoken(message: Body) -> Body:
    """An assistant's message with a text, even if it says nothing."""
    if message["role"] != "assistant" or message.get(CONTENT):
        return message
    return message | {CONTENT: "" if message.get("tool_calls") else NOTHING}


def _silent(message: Body) -> Body:
    """A message of calls without a text that says nothing."""
    if not message.get("tool_calls") or message.get(CONTENT):
        return message
    return {key: value for key, value in message.items() if key != CONTENT}


def _no_system(body: Body) -> Body:
    """The system's words at the head of the user's first."""
    messages = body.get("messages", [])
    words = [m[CONTENT] for m in messages if m["role"] in ("system", "developer")]
    rest = [m for m in messages if m["role"] not in ("system", "developer")]
    first = next((i for i, m in enumerate(rest) if m["role"] == "user"), None)
    if not words:
        return body
    if first is None:
        return body | {"messages": [{"role": "user", CONTENT: "\n\n".join(words)}, *rest]}
    told = {"role": "user", CONTENT: "\n\n".join([*words, rest[first][CONTENT]])}
    return body | {"messages": [*rest[:first], told, *rest[first + 1 :]]}


DEVELOPER = Concession("system", "the role `system` is sent as `developer`", lambda body: _messages(body, _developer))
NO_SYSTEM = Concession("role", "the system's words stand at the head of the user's", _no_system)
WORDS = Concession("empty content", "an empty turn is sent with a text", lambda body: _messages(body, _spoken))
NO_CONTENT = Concession("content", "calls are sent without `content`", lambda body: _messages(body, _silent))
