"""Loss masks: a sample's tokens and the loss on them, by the tokenizer's chat template, the same for every trainer.

Loss falls on the text and the calls of messages that carry it, as they are in the rendered chat, and on the token that ends
such a turn; on nothing else, and on nothing behind the action that was acted on, where a turn went on after it. Where a
template leaves that open, the sample or the template is refused, never guessed.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from simenv.data import template_shape
from simenv.data.marks import Mark, Marked
from simenv.data.reasoning_use import used
from simenv.data.template_shape import WORDS, first_special, shared_start
from simenv.errors import ConfigError, SimenvError
from simenv.models import spelling
from simenv.models.calls import arguments
from simenv.models.text_calls import CallStyle, written
from simenv.recipe import ReasoningUse
from simenv.reply_text import reasoning_apart
from simenv.types import Message, Sample

IGNORED = -100
"""The label of a token without loss, in PyTorch's cross entropy."""


class Unmaskable(SimenvError):
    """Loss cannot be placed exactly on a sample; it is left out of training. `cause` is the reason in a word or two."""

    def __init__(self, text: str, cause: str) -> None:
        super().__init__(text)
        self.cause = cause


class Encoded(NamedTuple):
    """A sample as tokens; `labels` is IGNORED where no loss falls. Both are equally long."""

    input_ids: list[int]
    labels: list[int]


def encode(sample: Sample, tokenizer: Any) -> Encoded:
    """A sample's tokens and labels; Unmaskable says why loss cannot be placed. For many samples use one Template."""
    return Template(tokenizer).encode(sample)


def load(folder: str, calls: CallStyle = "template") -> Any:
    """The tokenizer of a local folder or of a name on the Hugging Face hub; ConfigError where it cannot be used.

    Its chat template writes calls as text where `calls` says so.
    """
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
        return written(AutoTokenizer.from_pretrained(str(path) if local else folder, trust_remote_code=False), calls)
    except (OSError, ValueError) as e:
        raise ConfigError(f"{folder}: no tokenizer: {str(e).splitlines()[0]}") from e


class Region(NamedTuple):
    """Where loss falls for a turn: characters from `start` to `end`, and the special tokens from there to `closed`.

    `token` is the token that ends the turn and that the template leaves to a next turn which is not there; '' if there is none.
    """

    start: int
    end: int
    closed: int
    token: str = ""


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
        turns = Turns(self, messages, text, marks)
        turns.require_context()
        regions = {place: turns.region(place) for place, m in enumerate(messages) if m.carries_loss and _says(m)}
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
        if not _says(part):
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


class Turns:
    """The turns of a rendered chat, by the marks of their parts."""

    def __init__(self, template: Template, messages: Sequence[Message], text: str, marks: list[Mark]) -> None:
        self.name, self.shape, self.special = template.name, template.shape, template.special
        self.thoughts = () if template.reasoning == "train" else ("reasoning", "thought")
        """kinds of parts on which no loss falls"""
        self.messages, self.text = messages, text
        self.marks = _without_repeated_names(marks)
        self.at: dict[int, list[int]] = {}
        for number, mark in enumerate(self.marks):
            self.at.setdefault(mark.part.place, []).append(number)

    def require_context(self) -> None:
        """Refuse a chat of which the template leaves something out: a model would learn from what it will not see."""
        for place, m in enumerate(self.messages):
            parts = [self.marks[n].part for n in self.at.get(place, ())]
            if m.calls and len([p for p in parts if p.kind == "name"]) < len(m.calls):
                raise Unmaskable(
                    f"the chat template of {self.name} shows no calls: those of message {place + 1}", "no calls"
                )
            if m.content.strip() and not any(p.kind in ("words", "thought") for p in parts):
                beside = " beside its call" if m.calls else ""
                raise Unmaskable(
                    f"the chat template of {self.name} leaves out the words of message {place + 1} ({m.role}){beside}",
                    "words left out",
                )

    def region(self, place: int) -> Region:
        """Where the loss of a turn falls."""
        self._require_thought(place)
        numbers = [n for n in self.at.get(place, ()) if self.marks[n].part.kind not in self.thoughts]
        if not numbers:
            return Region(0, 0, 0)
        self._require_order(place, numbers)
        first, last = self.marks[numbers[0]], self.marks[numbers[-1]]
        before = self.marks[numbers[0] - 1].at if numbers[0] else 0
        behind = self.marks[numbers[-1] + 1].at if numbers[-1] + 1 < len(self.marks) else len(self.text)
        start = self._call_start(place, before, first.at) if first.part.of_call else self._words_start(before, first)
        if last.part.of_call:
            return self._call_end(place, start, last.at, behind)
        return self._words_end(place, start, last)

    def _require_thought(self, place: int) -> None:
        """Refuse to lose what the last answer thought, if that is to be learnt; earlier thoughts a template may drop."""
        last = max(i for i, m in enumerate(self.messages) if m.role == "assistant")
        thought = any(self.marks[n].part.kind in ("reasoning", "thought") for n in self.at.get(place, ()))
        if place == last and _thinks(self.messages[place]) and not thought and not self.thoughts:
            raise Unmaskable(
                f"the chat template of {self.name} leaves out the reasoning of message {place + 1}; "
                "reasoning=drop trains the rest",
                "reasoning left out",
            )

    def _require_order(self, place: int, numbers: list[int]) -> None:
        parts = [self.marks[n].part for n in numbers]
        shown = [p for p in parts if not p.of_call]
        if times := max((shown.count(p) for p in shown), default=1) - 1:
            raise Unmaskable(
                f"the chat template of {self.name} shows message {place + 1} {times + 1} times", "repeated"
            )
        if numbers[-1] - numbers[0] + 1 != len(numbers):
            raise Unmaskable(
                f"the chat template of {self.name} writes other messages between the parts of message {place + 1}",
                "torn apart",
            )
        kinds = [p.of_call for p in parts]
        if kinds != sorted(kinds):
            raise Unmaskable(
                f"the chat template of {self.name} writes the words of message {place + 1} behind its calls", "order"
            )

    def _words_start(self, before: int, mark: Mark) -> int:
        """Where a turn's words begin: with what stands before their first mark, if the template writes that."""
        if mark.part.kind == "reasoning":
            return self.shape.thought_start(self.text, before, mark.at)
        lead = self.messages[mark.part.place].content[: mark.part.offset]
        if self.thoughts:
            lead = lead[len(lead.rstrip()) :]
        kept = self.shape.keeps_lead or bool(lead.strip())
        at = mark.at - len(lead) if kept and self.text[: mark.at].endswith(lead) else mark.at
        return (
            at
            if self.thoughts and self._thought_before(mark)
            else self.shape.start(self.text, before, at, self.special)
        )

    def _thought_before(self, mark: Mark) -> bool:
        """Whether the template shows a thought of the turn, on which no loss is to fall, before its words."""
        first = self.marks[self.at[mark.part.place][0]]
        return first.part.kind in self.thoughts

    def _words_end(self, place: int, start: int, mark: Mark) -> Region:
        trail = self.messages[place].content[mark.part.offset :]
        kept = self.shape.keeps_trail or bool(trail.strip())
        if mark.part.kind == "reasoning":
            trail = ""
        end = mark.at + len(trail) if kept and self.text.startswith(trail, mark.at) else mark.at
        if self.messages[place].finish:
            return Region(start, end, end)
        rest = self.text[end:]
        blanks = len(rest) - len(rest.lstrip())
        if self.shape.end and rest.startswith(self.shape.end.lstrip(), blanks):
            return Region(start, end, end + blanks + len(self.shape.end.lstrip()))
        return self._open_end(place, start, end, self.shape.next)

    def _call_start(self, place: int, before: int, at: int) -> int:
        start = self.shape.call_start(self.text, before, at, self.special) if self.shape.shows_calls else None
        if start is None:
            raise Unmaskable(
                f"the chat template of {self.name} begins the call of message {place + 1} in a way of its own",
                "call's place",
            )
        return start

    def _call_end(self, place: int, start: int, at: int, behind: int) -> Region:
        close = self.text.find(self.shape.closer, at, behind) if self.shape.shows_calls else -1
        if close < 0:
            raise Unmaskable(
                f"the chat template of {self.name} ends the call of message {place + 1} in a way of its own",
                "call's place",
            )
        end = close + len(self.shape.closer)
        return (
            self._open_end(place, start, end, self.shape.next_call) if self.shape.next_call else Region(start, end, end)
        )

    def _open_end(self, place: int, start: int, end: int, token: str) -> Region:
        """A turn that the next role's token ends, or, as the last of the chat, nothing."""
        rest = self.text[end:]
        if token and not rest.strip():
            return Region(start, end, end, token)
        if token and rest.lstrip().startswith(token):
            return Region(start, end, end + len(rest) - len(rest.lstrip()) + len(token))
        if (
            not self.shape.end
            and (closing := first_special(rest, self.special))
            and not rest.strip().removeprefix(closing)
        ):
            return Region(start, end, end + rest.index(closing) + len(closing))
        raise Unmaskable(
            f"the chat template of {self.name} ends message {place + 1} with no token that ends turns: "
            "a model could not learn to stop there",
            "no end",
        )


def _without_repeated_names(marks: list[Mark]) -> list[Mark]:
    """The marks without the names of calls that a template writes again beside their results."""
    seen: set[Any] = set()
    kept = []
    for mark in marks:
        if mark.part.kind == "name":
            if id(mark.part) in seen:
                continue
            seen.add(id(mark.part))
        kept.append(mark)
    return kept


def _thinks(m: Message) -> bool:
    return bool(m.thought.strip() or any(part.text for part in reasoning_apart(m.content)[1]))


def _says(m: Message) -> bool:
    return bool(m.content.strip() or m.calls or m.thought.strip())


def require_arguments(messages: Sequence[Message]) -> None:
    """Refuse to train a call whose arguments nobody could read."""
    for place, m in enumerate(messages):
        if m.carries_loss and any(arguments(c.arguments) == {"malformed": c.arguments} for c in m.acted_part.calls):
            raise Unmaskable(f"message {place + 1}: the arguments of its call are no JSON object", "arguments")
