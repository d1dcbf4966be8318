"""What a chat template writes around an assistant's words and calls, found by trying it on short chats."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from simenv.models.spelling import TOOL
from simenv.types import Call, Message

NEAR = 3
"""Most characters of white space between a turn's text and the token that ends it."""
WORDS, ASKED, RESULT = "\ue200", "\ue201", "\ue202"
_NAME, _KEY, _VALUE = "\ue203", "\ue204", "\ue205"
"""Marks of nobody's text, in the places of what is said, asked, answered by a tool, and of a call's parts."""
_OPEN_TAG = re.compile(r"<think(?:ing)?>\s*\Z")
Render = Callable[[Sequence[Message], tuple[dict[str, Any], ...]], str | None]
"""Writes a chat; None where the template refuses it."""


@dataclass(frozen=True)
class Shape:
    """`end` is what ends a turn of words, from the words to the last special token of it.

    Where the template ends no turn and leaves it to the next role's token, `end` is empty and `next` is that token, which is
    learnt in its place; `next_call` is it after a call. `opener` is what stands before the first part of the first call, and
    `closer` what stands behind the last part of the last one, the end of the turn included where it is always written.
    `prompt` asks the model to speak.
    """

    end: str = ""
    next: str = ""
    keeps_lead: bool = False
    keeps_trail: bool = False
    opener: str = ""
    closer: str = ""
    next_call: str = ""
    prompt: str = ""

    @property
    def shows_calls(self) -> bool:
        """Whether the template writes calls, and it is known where they begin and end."""
        return bool(self.closer)

    def start(self, text: str, before: int, at: int, special: Sequence[str]) -> int:
        """Where a turn begins whose words or calls begin at `at`, at the earliest at `before`.

        Special tokens between the words that ask the model to speak and the part are the model's own.
        """
        prompt = text.rfind(self.prompt, before, at) if self.prompt else -1
        asked = prompt + len(self.prompt)
        return asked if prompt >= 0 and any(token in text[asked:at] for token in special) else at

    def thought_start(self, text: str, before: int, at: int) -> int:
        """Where a turn begins with a thought: behind what asks the model to speak, else with the tag before it."""
        prompt = text.rfind(self.prompt, before, at) if self.prompt else -1
        if prompt >= 0:
            return prompt + len(self.prompt)
        tag = _OPEN_TAG.search(text, before, at)
        return tag.start() if tag else at

    def call_start(self, text: str, before: int, at: int, special: Sequence[str]) -> int | None:
        """Where a call begins whose first part is at `at`; None where it is not written as calls are."""
        opener = re.compile(re.sub(r"\d+", r"\\d+", re.escape(self.opener)) + r"\Z")
        match = opener.search(text, before, at)
        if match is None:
            return None
        start = self.start(text, before, match.start(), special)
        if self.opener:
            return start
        prompt = text.rfind(self.prompt, before, at) if self.prompt else -1
        return prompt + len(self.prompt) if prompt >= 0 else None


def user(text: str = ASKED) -> Message:
    """Somebody asks."""
    return Message(role="user", content=text)


def words(text: str = WORDS) -> Message:
    """The assistant speaks."""
    return Message(role="assistant", content=text)


def shape(render: Render, special: Sequence[str], stop: str, prompt: str) -> Shape:
    """The shape of a template; `special` are the tokens that text cannot hold, `stop` the one that ends all text."""
    last, middle = render([user(), words()], ()) or "", render([user(), words(), user()], ()) or ""
    tail, gap = last.partition(WORDS)[2], middle.partition(WORDS)[2].partition(ASKED)[0]
    last_end = ended(tail, special, stop)
    end = ended(shared_start([tail, gap]), special, stop) or last_end
    follows = "" if last_end else first_special(gap, special)
    kept = render([user(), words(f" \n{WORDS}\n ")], ()) or ""
    before, _, behind = kept.partition(WORDS)
    return Shape(
        end=end,
        next=follows,
        keeps_lead=before == last.partition(WORDS)[0] + " \n",
        keeps_trail=behind == "\n " + tail,
        prompt=prompt,
        **_calls(render, special, end, stop),
    )


def _calls(render: Render, special: Sequence[str], end: str, stop: str) -> dict[str, Any]:
    """Opener and closer of calls; none where the template does not show calls, or leaves their end open."""
    tails, gap = [], ""
    for number, value in enumerate((_VALUE, 7, [_VALUE], {_KEY: True}, None)):
        call = _call(value, f"abcdefgh{number}")
        gap = _behind(render([user(), call, _result(call)], (TOOL,))).partition(RESULT)[0]
        tails.append(shared_start([gap, _behind(render([user(), call], (TOOL,)))])[::-1])
    tails = [tail for tail in tails if tail]
    closer = _closed(shared_start(tails)[::-1].rstrip(), special, end.strip(), stop) if len(tails) > 1 else ""
    opener = _opener(render)
    if opener is None or not closer:
        return {}
    follows = "" if end and closer.endswith(tuple(special)) else first_special(gap.partition(closer)[2], special)
    known = follows or (end and closer.endswith(tuple(special)))
    return {"opener": opener, "closer": closer, "next_call": follows} if known else {}


def _closed(text: str, special: Sequence[str], end: str, stop: str) -> str:
    """What closes a call, without what the template writes behind the end of the turn."""
    for token in filter(None, (end, stop)):
        if token in text:
            return text[: text.index(token) + len(token)]
    last = max((text.rfind(token) + len(token) for token in special if token in text), default=len(text))
    return text[:last]


def _opener(render: Render) -> str | None:
    """What the template writes before a call and not before words, the shortest of several places; None if it shows none."""
    call = _call(_VALUE, "abcdefgh1")
    said: Iterable[list[Message]] = ([user(), words()], [user(), words(), user()])
    called = ([user(), call], [user(), call, _result(call)], [user(), call, _result(call), words(), user(RESULT)])
    before = [_between(render(chat, (TOOL,)), ASKED, (WORDS,)) for chat in said]
    before_call = [_between(render(chat, (TOOL,)), ASKED, (_NAME, _KEY)) for chat in called]
    openers = [c[len(shared_start([w, c])) :] for w in before if w is not None for c in before_call if c is not None]
    return min(filter(None, openers), key=len, default="" if openers else None)


def _call(value: Any, id: str) -> Message:
    arguments = json.dumps({_KEY: value}, ensure_ascii=False)
    return Message(role="assistant", content="", calls=(Call(id=id, name=_NAME, arguments=arguments),))


def _result(call: Message) -> Message:
    return Message(role="tool", content=RESULT, call_id=call.calls[0].id)


def _between(text: str | None, first: str, after: tuple[str, ...]) -> str | None:
    """What stands between a mark and the first of others; None where they are not there in this order."""
    rest = (text or "").partition(first)[2]
    places = [at for mark in after if (at := rest.find(mark)) >= 0]
    return rest[: min(places)] if places else None


def _behind(text: str | None) -> str:
    """What stands behind the last part of a call."""
    text = text or ""
    before = text.partition(RESULT)[0]
    # A template may write the name of the call again, beside its result.
    end = max(before.find(_NAME), before.rfind(_KEY), before.rfind(_VALUE))
    return text[end + 1 :] if end >= 0 else ""


def ended(text: str, special: Sequence[str], stop: str) -> str:
    """A text up to the token that ends a turn: the end of all text, else the first; '' if it begins with none."""
    first = first_special(text, special)
    if not first:
        return ""
    last = stop if stop and stop in text else first
    return text[: text.index(last) + len(last)]


def first_special(text: str, special: Sequence[str]) -> str:
    """The special token that a text begins with, behind little white space; '' if there is none."""
    rest = text.lstrip()
    if len(text) - len(rest) > NEAR:
        return ""
    return max((token for token in special if token and rest.startswith(token)), key=len, default="")


def shared_start(texts: Sequence[str]) -> str:
    """What all texts begin with."""
    first, last = min(texts), max(texts)
    end = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return first[:end]
