"""The turns of a rendered chat, and where in its text the loss of each falls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from simenv.data.marks import Mark
from simenv.data.template_shape import Shape, first_special
from simenv.data.unmaskable import Unmaskable
from simenv.recipe import ReasoningUse
from simenv.reply_text import reasoning_apart
from simenv.types import Message


class Region(NamedTuple):
    """Where loss falls for a turn: characters from `start` to `end`, and the special tokens from there to `closed`.

    `token` is the token that ends the turn and that the template leaves to a next turn which is not there; '' if there is none.
    """

    start: int
    end: int
    closed: int
    token: str = ""


class Written(NamedTuple):
    """What is known of the chat template that wrote a chat: its name, the shape of its turns, its special tokens."""

    name: str
    shape: Shape
    special: Sequence[str]
    reasoning: ReasoningUse


class Turns:
    """The turns of a rendered chat, by the marks of their parts."""

    def __init__(self, template: Written, messages: Sequence[Message], text: str, marks: list[Mark]) -> None:
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


def says(m: Message) -> bool:
    return bool(m.content.strip() or m.calls or m.thought.strip())
