"""Counts the tokens of a chat by a tokenizer, or estimates them if the user asks for that."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cache
from typing import Any

from simenv.data.masks import load
from simenv.errors import ConfigError
from simenv.models.calls import arguments, message
from simenv.types import Message

ESTIMATE = "estimate"
CHARACTERS = 4
"""Characters a token in English text, as OpenAI's tokenizer page puts it."""


class Tokens(ABC):
    """Counts tokens as a model reads them. `name` says how, for reports."""

    name: str

    @abstractmethod
    def chat(self, messages: Sequence[Message], tools: Sequence[dict[str, Any]] = ()) -> int:
        """Tokens of the whole chat, template and tools included. ConfigError where the template refuses the chat."""

    @abstractmethod
    def text(self, text: str) -> int:
        """Tokens of a text alone."""

    def trained(self, messages: Sequence[Message]) -> int:
        """Tokens under loss: those of text and calls of the messages that carry loss, without the template's own."""
        return sum(self._spoken(m.acted_part) for m in messages if m.carries_loss)

    def _spoken(self, m: Message) -> int:
        return self.text(m.content + "".join(map(_call_text, m.calls)))


def _call_text(call: Any) -> str:
    return json.dumps({"name": call.name, "arguments": arguments(call.arguments)}, ensure_ascii=False)


class Estimate(Tokens):
    """Four characters a token; no template."""

    name = f"estimate ({CHARACTERS} characters a token)"

    def chat(self, messages: Sequence[Message], tools: Sequence[dict[str, Any]] = ()) -> int:
        calls = sum(len(_call_text(c)) for m in messages for c in m.calls)
        schemas = len(json.dumps(list(tools))) if tools else 0
        return -(-(sum(len(m.content) for m in messages) + calls + schemas) // CHARACTERS)

    def text(self, text: str) -> int:
        return -(-len(text) // CHARACTERS)


class Tokenizer(Tokens):
    """A Hugging Face tokenizer with a chat template, from a folder or by name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._tokenizer = load(name)
        if not getattr(self._tokenizer, "chat_template", None):
            raise ConfigError(
                f"tokenizer {name}: it has no chat template; expected chat_template in tokenizer_config.json, "
                "or a file chat_template.jinja beside it"
            )

    def chat(self, messages: Sequence[Message], tools: Sequence[dict[str, Any]] = ()) -> int:
        from jinja2 import TemplateError

        try:
            text = self._tokenizer.apply_chat_template(
                [message(m) for m in messages], tools=list(tools) or None, tokenize=False
            )
        except TemplateError as e:
            raise ConfigError(f"tokenizer {self.name}: its chat template refuses the messages: {e}") from e
        return len(self._tokenizer(text, add_special_tokens=False)["input_ids"])

    def text(self, text: str) -> int:
        return len(self._tokenizer(text, add_special_tokens=False)["input_ids"])


@cache
def tokens(name: str | None, option: str) -> Tokens:
    """A counter by a tokenizer's name, or ESTIMATE. ConfigError for None: nothing is estimated unasked; `option` begins it."""
    if name is None:
        raise ConfigError(
            f"{option}: no tokenizer; expected a folder or name (tokenizer=./my-model), or tokenizer={ESTIMATE}: "
            f"{CHARACTERS} characters a token"
        )
    return Estimate() if name == ESTIMATE else Tokenizer(name)
