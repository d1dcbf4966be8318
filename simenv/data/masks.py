"""Loss masks: a sample's tokens and the loss on them, by the tokenizer's chat template, the same for every trainer.

Loss falls on the text and the calls of messages that carry it, as they are in the rendered chat, and on the token that ends
such a turn; on nothing else, and on nothing behind the action that was acted on, where a turn went on after it. Where a
template leaves that open, the sample or the template is refused, never guessed.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from simenv.data import template_shape
from simenv.data.marks import Mark, Marked
from simenv.data.reasoning_use import used
from simenv.data.template_shape import WORDS, first_special, shared_start
from simenv.data.tokenizers import load as load
from simenv.data.turns import Region, Turns, Written, says
from simenv.data.unmaskable import Unmaskable as Unmaskable
from simenv.data.unmaskable import require_arguments as require_arguments
from simenv.errors import ConfigError
from simenv.models import spelling
from simenv.recipe import ReasoningUse
from simenv.types import Message, Sample

IGNORED = -100
"""The label of a token without loss, in PyTorch's cross entropy."""


class Encoded(NamedTuple):
    """A sample as tokens; `labels` is IGNORED where no loss falls. Both are equally long."""

    input_ids: list[int]
    labels: list[int]


def encode(sample: Sample, tokenizer: Any) -> Encoded:
    """A sample's tokens and labels; Unmaskable says why loss cannot be placed. For many samples use one Template."""
    return Template(tokenizer).encode(sample)


class Template:
    """A tokenizer's chat template. ConfigError where there is none, or it ends a turn with no token that can be learned."""

    def __init__(self, tokenizer: Any, reasoning: ReasoningUse = "train") -> None:
        self.tokenizer, self.reasoning = tokenizer, reasoning
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
        self.spelling = spelling.find(self._write)
        self._require_words()
        stop = str(tokenizer.eos_token or "")
        self.shape = template_shape.shape(self._attempt, self.special, stop, self._prompt())
        self.end = self._end()
        """The token that ends an assistant's turn, as text."""

    def render(self, messages: Sequence[Message], tools: tuple[dict[str, Any], ...] = ()) -> str:
        """The chat as text; Unmaskable where the template refuses it."""
        try:
            return self._write(self.spelling.rows(messages), tools)
        except spelling.REFUSALS as e:
            raise Unmaskable(f"the chat template of {self.name} refuses the messages: {e}", "refused") from e

    def encode(self, sample: Sample) -> Encoded:
        """A sample's tokens and labels. Unmaskable where its loss has no exact place."""
        messages = used(sample.messages, self.reasoning)
        self._refuse_special(messages)
        require_arguments(messages)
        text, regions = self._regions(messages, sample.tools)
        rows = self.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        ids, offsets = list(rows["input_ids"]), rows["offset_mapping"]
        starts, ends = [s for s, _ in offsets], [e for _, e in offsets]
        labels = [IGNORED] * len(ids)
        for place, region in regions.items():
            first = bisect_right(ends, region.start)
            acted = messages[place].acted is not None
            after = bisect_right(ends, region.end) if acted else bisect_left(starts, region.end)
            closing = [
                at
                for at in range(after, bisect_left(starts, region.closed))
                if text[slice(*offsets[at])] in self.special
            ]
            for at in [*range(first, after), *closing]:
                labels[at] = ids[at]
            if region.token:
                token = self.tokenizer.convert_tokens_to_ids(region.token)
                ids.append(token)
                labels.append(token)
        return Encoded(ids, labels)

    def leaves_end(self, sample: Sample) -> bool:
        """Whether it ends the last turn of a chat with no token, which is learnt but is not in the text."""
        regions = self._regions(used(sample.messages, self.reasoning), sample.tools)[1]
        return any(region.token for region in regions.values())

    def require_tags(self, sample: Sample) -> None:
        """Refuse reasoning that the template does not read from tags in the words, for readers that know no other place."""
        messages = used(sample.messages, self.reasoning)
        tags = replace(self.spelling, reasoning="text")
        if any(m.reasoning for m in messages):
            text = spelling.attempt(self._write, tags.rows(messages), sample.tools)
            if text != self.render(messages, sample.tools):
                raise Unmaskable(
                    f"the chat template of {self.name} reads no reasoning from tags", "reasoning has no tags"
                )

    def _regions(self, messages: Sequence[Message], tools: tuple[dict[str, Any], ...]) -> tuple[str, dict[int, Region]]:
        """The chat as text, and where the loss of each turn falls in it, by the turn's place."""
        text = self.render(messages, tools)
        marks = self._marks(messages, tools, text)
        turns = Turns(Written(self.name, self.shape, self.special, self.reasoning), messages, text, marks)
        turns.require_context()
        regions = {place: turns.region(place) for place, m in enumerate(messages) if m.carries_loss and says(m)}
        for place in [p for p in regions if messages[p].acted is not None]:
            regions[place] = self._acted(messages, tools, place, text, regions[place])
        return text, regions

    def _marks(self, messages: Sequence[Message], tools: tuple[dict[str, Any], ...], text: str) -> list[Mark]:
        for gentle in (False, True):
            marked = Marked(messages, gentle)
            plain, marks = marked.read(self.render(marked.messages, tools))
            if plain == text:
                return marks
        raise Unmaskable(
            f"the chat template of {self.name} writes a chat with marks differently: where loss falls cannot be told",
            "no exact place",
        )

    def _acted(
        self, messages: Sequence[Message], tools: tuple[dict[str, Any], ...], place: int, text: str, whole: Region
    ) -> Region:
        """The part of a turn that was acted on: as far as the chat with that part alone is the same."""
        part = messages[place].acted_part
        if not says(part):
            return Region(whole.start, whole.start, whole.start)
        other, regions = self._regions([*messages[:place], part, *messages[place + 1 :]], tools)
        end = min(regions[place].end, len(shared_start([text, other])))
        return Region(whole.start, end, end)

    def _refuse_special(self, messages: Sequence[Message]) -> None:
        """Refuse text that holds a special token: it would become one, such as the end of a turn inside a turn."""
        for place, m in enumerate(messages):
            text = "\n".join([m.content, m.thought, *(part for c in m.calls for part in (c.name, c.arguments))])
            if token := next((t for t in self.special if t in text), None):
                raise Unmaskable(
                    f"message {place + 1} ({m.role}) holds the special token {token!r} as text", "special token in text"
                )

    def _write(self, rows: list[dict[str, Any]], tools: tuple[dict[str, Any], ...] = ()) -> str:
        return str(self.tokenizer.apply_chat_template(rows, tools=list(tools) or None, tokenize=False))

    def _attempt(self, messages: Sequence[Message], tools: tuple[dict[str, Any], ...]) -> str | None:
        return spelling.attempt(self._write, self.spelling.rows(messages), tools)

    def _prompt(self) -> str:
        """What the template writes to ask the model to speak; '' where it has no such words."""
        rows = self.spelling.rows([template_shape.user()])
        asked = spelling.attempt(self._write, rows)
        try:
            both = str(self.tokenizer.apply_chat_template(rows, tools=None, tokenize=False, add_generation_prompt=True))
        except spelling.REFUSALS:
            return ""
        return both.removeprefix(asked) if asked and both.startswith(asked) else ""

    def _require_words(self) -> None:
        asked = template_shape.user("a")
        try:
            text = self.render([asked, template_shape.words(), asked])
        except Unmaskable as e:
            raise ConfigError(str(e)) from e
        if text.count(WORDS) != 1:
            raise ConfigError(f"{self.name}: its chat template does not show what an assistant said")
        self._shown_end = text.partition(WORDS)[2]

    def _end(self) -> str:
        """The end of text where it ends a turn too, else the first token that ends one."""
        if self.tokenizer.eos_token and str(self.tokenizer.eos_token) in self.shape.end:
            return str(self.tokenizer.eos_token)
        if token := first_special(self.shape.end, self.special) or self.shape.next:
            return token
        raise ConfigError(
            f"{self.name}: its chat template ends an assistant's turn with no special token, so a model could not learn "
            f"to stop; expected one after the text, got {self._shown_end[:40]!r}"
        )
