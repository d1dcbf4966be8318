"""What the refusal of an action asserts: its reason, what it names, and what it says there is instead."""

from __future__ import annotations

import re

from simenv.compare import MATCH, Judgement, Transition, drift
from simenv.types import canonical

from .text import tokens

REFUSAL = re.compile(
    r"\b(not found|no such|cannot|can't|could not|unable|does(?: not|n't) exist|there (?:is|are) no|invalid|error|failed"
    r"|not (?:available|valid|possible|allowed)|unknown|takes no|is required|disabled|denied|refused|nothing (?:more|to)"
    r"|no option|no element|leads away|is a list|takes a)\b",
    re.I,
)
_REASONS = {
    "element": r"no element|element\b.*\bnot (?:found|exist)|does(?: not|n't) exist",
    "option": r"no option|option\b.*\bnot",
    "text": r"takes no text|cannot be typed",
    "disabled": r"is disabled",
    "list": r"is a list|is no list",
    "required": r"is required|cannot be sent",
    "away": r"leads away",
    "back": r"go back to|no (?:previous )?page",
    "scroll": r"scroll",
    "bar": r"search bar",
    "action": r"unknown action|no action",
}
_LISTED = re.compile(r'\[(\d{1,7})\] *([\w-]+) *"([^"\n]{0,500})"')
_PREFIX = re.compile(r"\A\s*(?:error|invalid action|404)\b[\s:.!-]*", re.I)
_END = re.compile(r"[;\n]|[.!?](?=\s+\S)")
_NAMED = re.compile(r"['‘“\"]([^'’”\"\n]{0,200})['’”\"]|(?<![\w.])(-?\d{1,9})(?![\w.])")
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_PLAIN = frozenset(
    """a action actions an and any anything are as at available away back bar be box button by can can't cannot choose chosen
    click clicked could date denied did disabled do does doesn't doesn’t element elements error exist exists failed field for
    form found go has have here in invalid is it its item known label leads like link list located match mean missing more
    named no none not nothing number of off on only option options or page possible previous previously refused required
    scroll scrolling search see selected sent shown site something such supported take takes text than that the there this
    to type typed unable unavailable unknown valid value was way with yet""".split()  # noqa: SIM905
)
"""What a refusal is made of; every other word asserts something, as a name does."""
_RANGE = re.compile(r"\b0 *(?:to|-|–|through|…|\.\.\.?) *(\d{1,6})\b|\b(\d{1,6}) elements\b", re.I)
_LIST_SHOWN = 40
"""Elements that the engine lists; it counts the others."""
_TAIL = frozenset("there are is available options option elements only and more the this page has".split())  # noqa: SIM905


def judge_refusal(transition: Transition, text: str, truth: str) -> Judgement:
    """Judge a text that refuses what the engine refuses with `truth`: for the same reason, about the same thing, listing what
    there is, and adding nothing."""
    reason = f"the engine refuses: {transition.truth.text:.120}"
    text = _unescaped(text[:20_000])
    (head, tail), (true_head, true_tail) = _parts(text), _parts(truth)
    true_reason, claimed_reason = _reason(true_head), _reason(head)
    if true_reason and claimed_reason and true_reason != claimed_reason:
        return drift("wrong_result", f"{reason}, and the reason is said to be another")
    if invented := _false_element(tail, true_tail, transition):
        return drift("invented", invented)
    arguments = canonical(transition.action.arguments)
    known = f"{truth}\n{arguments}\n{transition.action.name}\n{transition.truth.text}\n" + "\n".join(
        transition.truth.choices
    )
    if foreign := _foreign_words(text, known):
        return drift("wrong_result", f"{reason}, and nothing of {foreign[0]!r:.80}")
    allowed = {_unescaped(n).strip() for n in (*_named(true_head), *map(str, transition.action.arguments.values()))}
    if other := sorted(n for n in _named(head) if n.strip() not in allowed):
        return drift("wrong_result", f"{reason}, and not {other[0]!r:.80}")
    return _judge_tail(tail, true_tail, reason)


def _parts(text: str) -> tuple[str, str]:
    """The reason of a refusal, and what follows it."""
    text = _PREFIX.sub("", text).strip()
    end = _END.search(text)
    return (text[: end.start()], text[end.end() :].strip()) if end else (text.rstrip(".!"), "")


def _reason(head: str) -> str:
    return next((name for name, pattern in _REASONS.items() if re.search(pattern, head[:300], re.I)), "")


def _named(text: str) -> set[str]:
    """The quoted names and the numbers in a text."""
    return {quoted or number for quoted, number in _NAMED.findall(text)}


def _unescaped(text: str) -> str:
    """A text with the characters that its escapes stand for, be they Python's or JSON's."""
    return re.sub(r"\\x([0-9a-f]{2})|\\u([0-9a-f]{4})", lambda m: chr(int(m[1] or m[2], 16)), text)


def _foreign_words(text: str, known: str) -> list[str]:
    words = {w.casefold() for w in _WORD.findall(known)}
    return [w for w in _WORD.findall(text) if w.casefold() not in words and w.casefold() not in _PLAIN]


def _elements(text: str) -> set[tuple[str, str, tuple[str, ...]]]:
    return {(n, role.lower(), tokens(label)) for n, role, label in _LISTED.findall(text)}


def _false_element(tail: str, true_tail: str, transition: Transition) -> str:
    """The first listed element that the page does not have, as a sentence; those behind the engine's own list are not known."""
    real = _elements(f"{true_tail}\n" + "\n".join(transition.truth.choices))
    for number, role, label in _LISTED.findall(tail):
        is_behind = len(real) == _LIST_SHOWN and int(number) >= _LIST_SHOWN
        if real and not is_behind and (number, role.lower(), tokens(label)) not in real:
            return f"there is no [{number}] {role} {label!r:.80}"
    return ""


def _judge_tail(tail: str, true_tail: str, reason: str) -> Judgement:
    """Judge what follows the reason: elements, options, how many there are. Anything else cannot be told."""
    count = len(_elements(true_tail))
    for last, number in _RANGE.findall(tail):
        if count and (int(last or count - 1) != count - 1 or int(number or count) != count):
            return drift("wrong_result", f"{reason}, and there are {count} elements")
    options = true_tail.partition("available:")[2].partition(";")[0]
    claimed = tail.partition("available:")[2].partition(";")[0]
    if options and claimed:
        real = {o.strip().casefold() for o in options.split(",")}
        if other := [o for o in claimed.strip(" .").split(",") if o.strip().casefold() not in real]:
            return drift("invented", f"there is no option {other[0].strip()!r:.80}")
        tail = tail.replace(claimed, "")
    rest = _RANGE.sub("", _LISTED.sub("", tail))
    said = [w for w in _WORD.findall(rest) if w.casefold() not in _TAIL] if tail != true_tail else []
    if said or re.search(r"\d", re.sub(r"and \d+ more", "", rest)):
        return Judgement(
            label="unverifiable", reason=f"what it adds to the refusal cannot be told: {rest.strip()!r:.80}"
        )
    return MATCH
