"""Loss masks: a sample's tokens and the loss on them, by the tokenizer's chat template, the same for every trainer.

Loss falls on the text and the calls of messages that carry it, as they are in the rendered chat, and on the token that ends
such a turn; on nothing else, and on nothing behind the action that was acted on, where a turn went on after it. Where a
template leaves that open, the sample or the template is refused, never guessed.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any, NamedTuple

import jinja2

from simenv.errors import ConfigError, SimenvError
from simenv.models.calls import message
from simenv.types import Message, Sample

IGNORED = -100
"""The label of a token without loss, in PyTorch's cross entropy."""
NEAR = 3
"""Most tokens (white space of the template) between a turn's text and the token that ends it."""
PRIVATE = range(0xE000, 0xF8FF)
"""Unicode's private use area: marks that no honest text contains."""


class Unmaskable(SimenvError):
    """Loss cannot be placed exactly on a sample; it is left out of training."""


class Encoded(NamedTuple):
    """A sample as tokens; `labels` is IGNORED where no loss falls. Both are equally long."""

    input_ids: list[int]
    labels: list[int]


def encode(sample: Sample, tokenizer: Any) -> Encoded:
    """A sample's tokens and labels; Unmaskable says why loss cannot be placed. For many samples use one Template."""
    return Template(tokenizer).encode(sample)


def load(folder: str) -> Any:
    """The tokenizer of a local folder or of a name on the Hugging Face hub; ConfigError where it cannot be used."""
    try:
        from transformers import AutoTokenizer
    except ModuleNotFoundError as e:
        raise ConfigError(f"the tokenizer of {folder} needs the package {e.name}: pip install 'simenv[train]'") from e
    path = Path(folder).expanduser()
    beside = len(path.parts) > 1 and Path(path.parts[0]).is_dir()  # models/typo: the hub has no user of that name
    local = path.exists() or beside or folder.startswith((".", "/", "~"))
    if local and not any((path / name).is_file() for name in ("config.json", "tokenizer.json")):
        raise ConfigError(
            f"{folder}: no model here; expected a folder with config.json, weights and tokenizer, or tokenizer.json alone"
        )
    try:
        return AutoTokenizer.from_pretrained(str(path) if local else folder, trust_remote_code=False)
    except (OSError, ValueError) as e:
        raise ConfigError(f"{folder}: no tokenizer: {str(e).splitlines()[0]}") from e


class Template:
    """A tokenizer's chat template. ConfigError where there is none, or it ends a turn with no token that can be learned."""

    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer = tokenizer
        self.name = tokenizer.name_or_path or type(tokenizer).__name__
        if not tokenizer.chat_template:
            raise ConfigError(
                f"{self.name}: its tokenizer has no chat template; take an instruction-tuned model, or put a "
                "chat_template.jinja beside its tokenizer.json"
            )
        if not tokenizer.is_fast:
            raise ConfigError(f"{self.name}: expected a fast tokenizer (tokenizer.json), which knows where tokens lie")
        added = {str(t) for t in tokenizer.added_tokens_decoder.values() if t.special}
        self.special = sorted({*map(str, tokenizer.all_special_tokens), *added})
        self.end = self._end()
        """The token that ends an assistant's turn, as text."""
        self._ends = {tokenizer.convert_tokens_to_ids(self.end), tokenizer.eos_token_id} - {None}

    def render(self, messages: list[dict[str, Any]], tools: tuple[dict[str, Any], ...] = ()) -> str:
        """The chat as text; Unmaskable where the template refuses it."""
        try:
            return self.tokenizer.apply_chat_template(messages, tools=list(tools) or None, tokenize=False)
        except (jinja2.TemplateError, TypeError, ValueError) as e:
            raise Unmaskable(f"the chat template of {self.name} refuses the messages: {e}") from e

    def encode(self, sample: Sample) -> Encoded:
        """Tokens and labels of one sample. Unmaskable says why loss cannot be placed."""
        self._refuse_special(sample)
        chat = [message(m) for m in sample.messages]
        text = self.render(chat, sample.tools)
        tokens = self.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        ids, offsets = list(tokens["input_ids"]), tokens["offset_mapping"]
        starts, ends = [s for s, _ in offsets], [e for _, e in offsets]
        labels = [IGNORED] * len(ids)
        for place, m in enumerate(sample.messages):
            if not m.carries_loss:
                continue
            start, end = self._span(chat, place, sample.tools, text)
            if m.acted is not None:
                end = self._acted_end(chat, place, m, sample.tools, text)
            if start < end:
                first = bisect_right(ends, start)
                after = bisect_left(starts, end) if m.acted is None else bisect_right(ends, end)
                for at in [*range(first, after), *(self._closing(ids, after) if m.acted is None else ())]:
                    labels[at] = ids[at]
        return Encoded(ids, labels)

    def _closing(self, ids: list[int], after: int) -> Iterator[int]:
        """The places of the tokens that end a turn, if they follow its text closely."""
        near = range(after, min(after + NEAR + 1, len(ids)))
        for end in self._ends:
            yield from [at for at in near if ids[at] == end][:1]

    def _span(
        self, chat: list[dict[str, Any]], place: int, tools: tuple[dict[str, Any], ...], text: str
    ) -> tuple[int, int]:
        """Start and end of a turn's text and calls in the rendered text: the part that changes if a mark replaces them."""
        mark = next(c for c in map(chr, PRIVATE) if c not in text)
        mark_message = {"role": "assistant", "content": mark}
        other = self.render([*chat[:place], mark_message, *chat[place + 1 :]], tools)
        before, _, rest = other.partition(mark)
        if other.count(mark) != 1:
            raise Unmaskable(f"the chat template of {self.name} shows message {place + 1} {other.count(mark)} times")
        if len(before) + len(rest) <= len(text) and text.startswith(before) and text.endswith(rest):
            return len(before), len(text) - len(rest)
        # The template writes more around some answers, such as the thinking before one.
        start = _common_prefix(text, other)
        end = len(text) - min(_common_prefix(text[::-1], other[::-1]), len(text) - start)
        if self.end in text[start:end].removesuffix(self.end):
            raise Unmaskable(
                f"the chat template of {self.name} writes other turns differently depending on message {place + 1}: "
                "where its loss falls cannot be told"
            )
        return start, end

    def _acted_end(
        self, chat: list[dict[str, Any]], place: int, m: Message, tools: tuple[dict[str, Any], ...], text: str
    ) -> int:
        """Where the part of a turn ends that was acted on: as far as the chat with that part alone is the same."""
        part = [*chat[:place], message(m.acted_part), *chat[place + 1 :]]
        other = self.render(part, tools)
        return min(self._span(part, place, tools, other)[1], _common_prefix(text, other))

    def _refuse_special(self, sample: Sample) -> None:
        """Refuse text that holds a special token: it would become one, such as the end of a turn inside a turn."""
        for place, m in enumerate(sample.messages):
            text = "\n".join([m.content, *(part for c in m.calls for part in (c.name, c.arguments))])
            if token := next((t for t in self.special if t in text), None):
                raise Unmaskable(f"message {place + 1} ({m.role}) holds the special token {token!r} as text")

    def _end(self) -> str:
        mark, user = chr(PRIVATE[0]), {"role": "user", "content": "a"}
        try:
            text = self.render([user, {"role": "assistant", "content": mark}, user])
        except Unmaskable as e:
            raise ConfigError(str(e)) from e
        if text.count(mark) != 1:
            raise ConfigError(f"{self.name}: its chat template does not show what an assistant said")
        following = self.tokenizer(text.partition(mark)[2], add_special_tokens=False)["input_ids"][: NEAR + 1]
        texts = [self.tokenizer.convert_ids_to_tokens(i) for i in following]
        if self.tokenizer.eos_token in texts:
            return str(self.tokenizer.eos_token)
        if token := next((t for t in texts if t in self.special), None):
            return str(token)
        raise ConfigError(
            f"{self.name}: its chat template ends an assistant's turn with no special token, so a model could not learn "
            f"to stop; expected one after the text, got {text.partition(mark)[2][:40]!r}"
        )


def _common_prefix(a: str, b: str) -> int:
    """Number of characters that two texts share at their start."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(a, b, strict=False)))
