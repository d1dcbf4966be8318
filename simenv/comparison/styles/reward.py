"""Whether an agent's last answer is that of the record: the reward by which AgentInstruct (section 2.3) keeps trajectories."""

from __future__ import annotations

import re

from simenv.knowledge.records import Record
from simenv.verify.wording import stems

_CLOSED = ("yes", "no", "maybe")
_NUMBERED = re.compile(r"^\W*(?:option\s+)?(\d{1,2})\b(?![.,]?\d)", re.IGNORECASE)
LEAST = 0.7
"""Share of the words of a free answer that must be said."""


def earned(record: Record, said: str) -> bool:
    """Of a choice: the right option is named, by its number at the start or by its words, which no other option has more of.

    Of yes, no, maybe: the first of these words. Of a free answer: most of its words, whatever their order; an answer in other
    words earns nothing.
    """
    if record.answer in record.options:
        return _chosen(tuple(dict.fromkeys(record.options)), record.options, said) == record.answer
    if (right := record.answer.strip(" .").casefold()) in _CLOSED:
        return next((w for w in re.findall(r"[a-z]+", said.casefold()) if w in _CLOSED), "") == right
    return _share(record.answer, said) >= LEAST


def _chosen(options: tuple[str, ...], numbered: tuple[str, ...], said: str) -> str:
    """The option that was named, '' for none; `options` are those that differ, `numbered` all that were shown."""
    written = [n for n, text in enumerate(options) if _holds(said, text)]
    if not written and (number := _NUMBERED.match(said)):
        place = int(number[1]) - 1
        return numbered[place] if 0 <= place < len(numbered) else ""
    shares = [_share(text, said) for text in options]
    fits = written or [n for n, share in enumerate(shares) if share == max(shares) >= LEAST]
    longest = max((len(options[n]) for n in fits), default=0)
    fits = [n for n in fits if len(options[n]) == longest]
    return options[fits[0]] if len(fits) == 1 else ""


def _holds(said: str, text: str) -> bool:
    """Whether a text stands in what was said, letter by letter and not within a word."""
    whole = rf"(?<!\w){re.escape(text.strip().casefold())}(?!\w)"
    return bool(text.strip()) and re.search(whole, said.casefold()) is not None


def _share(text: str, said: str) -> float:
    """The share of a text's words, or of its signs where it has no words, that were said."""
    wanted = {*stems(text), *re.findall(r"\d+(?:\.\d+)?", text)} or {text.strip().casefold()}
    there = {*stems(said), *re.findall(r"\d+(?:\.\d+)?", said), *said.casefold().split()}
    return len(wanted & there) / len(wanted)
