"""How many tokens the samples of a curated set have for a base model: what will not fit can be said before the start."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from tokenizers import Tokenizer

from simenv.errors import ConfigError
from simenv.runs.store import objects

MOST = 200
"""Samples that are counted, the first ones of a set."""
OF_MESSAGE = 4
"""Tokens that a chat template adds to a message, about."""
TOKENIZER = "tokenizer.json"


class SampleLengths(NamedTuple):
    """Tokens of each sample that was counted, about: the chat template is not applied."""

    tokens: tuple[int, ...]

    def longer_than(self, tokens: int) -> int:
        """How many have more tokens than this."""
        return sum(count > tokens for count in self.tokens)

    @property
    def longest(self) -> int:
        return max(self.tokens, default=0)


def sample_lengths(data: Path, base: Path) -> SampleLengths | None:
    """The lengths of the samples in a curated set by the tokenizer of a model; None where it has no tokenizer.json.

    ConfigError where that is no tokenizer.
    """
    if not (base / TOKENIZER).is_file():
        return None
    try:
        tokenizer = Tokenizer.from_file(str(base / TOKENIZER))
    except Exception as e:  # the library raises nothing narrower
        raise ConfigError(f"{base.name}/{TOKENIZER}: no tokenizer can be read here: {e}"[:300]) from e
    chats = (row.get("messages") for row in objects(data / "train.jsonl"))
    samples = islice((chat for chat in chats if isinstance(chat, list)), MOST)
    return SampleLengths(tuple(_tokens(tokenizer, chat) for chat in samples))


def _tokens(tokenizer: Tokenizer, chat: Sequence[Any]) -> int:
    texts = [f"{m.get('content') or ''} {m.get('calls') or ''}".strip() for m in chat if isinstance(m, dict)]
    return sum(len(tokenizer.encode(text, add_special_tokens=False).ids) + OF_MESSAGE for text in texts)
