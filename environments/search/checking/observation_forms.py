"""Reads what a search shows: lists of pages, pages, sentences that were looked up, and the ways to say that there is none."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

_FENCE = re.compile(r"\A```\w*\n(.*)\n?```\Z", re.S)
_LABEL = re.compile(r"\A(?:observation|result|output)\s*:\s*", re.I)
_ENTRY = re.compile(r"\s*(?:\d+[.)]\s+|[-*•]\s+)?\[(?P<id>[^\[\]\n]{1,200})\]\s*(?P<rest>.*)", re.S)
_MORE = re.compile(r"\s*\(?\s*(?:showing )?(?P<shown>\d+) (?:of|/) (?P<total>\d+) sentences\b[^()\n]*\)?\s*\Z", re.I)
_FOUND = re.compile(
    r"\(?\s*(?:result|match)?\s*(?P<number>\d+)\s*(?:/|of)\s*(?P<total>\d+)\s*\)?\s*[:.-]?\s*(?P<text>.+)", re.I | re.S
)
_BRACKETED = re.compile(r"\[([^\[\]\n]*)\]")
_WORD = re.compile(r"\w+|[%$€£§°]|(?<![\w])-(?=\d)")
_NOTHING = re.compile(
    r"\b(?:no|nothing|none|not any|zero|0)\b.{0,60}"
    r"\b(?:pages?|results?|match(?:es|ed)?|found|documents?|sentences?|hits?|words?|holds?)\b"
    r"|\b(?:not|n't) (?:found|(?:stand |occur |appear |be found )?in this page|(?:contain|hold|mention|appear|occur)(?:ed)?)\b",
    re.I | re.S,
)
_SHORT = 300
"""Characters of a claim that says that there is nothing."""


class Entry(NamedTuple):
    """A page as it is listed or opened: its id, and the words behind it."""

    id: str
    words: tuple[str, ...]


class PageView(NamedTuple):
    """An opened page, and how many of its sentences are shown, (0, 0) for all of them."""

    entry: Entry
    shown: int = 0
    total: int = 0


class FoundSentence(NamedTuple):
    """A sentence that was looked up, with its place among those that hold the keyword."""

    number: int
    total: int
    words: tuple[str, ...]


def words(text: str) -> tuple[str, ...]:
    """The words, numbers and signs of value in a text, which it has in common with the same text laid out otherwise."""
    return tuple(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def bracketed(text: str) -> list[str]:
    """What stands in brackets, as ids do, which have one case alone."""
    return _BRACKETED.findall(text)


def bare(text: str) -> str:
    """A claim without a fence or a label around it."""
    text = text.strip()
    if match := _FENCE.match(text):
        text = match[1].strip()
    return _LABEL.sub("", text)


def entries(text: str) -> tuple[Entry, ...]:
    """The pages of a list; () if a line is none."""
    lines = [line for line in text.split("\n") if line.strip()]
    matches = [_ENTRY.fullmatch(line) for line in lines]
    return tuple(Entry(m["id"].strip(), words(m["rest"])) for m in matches if m) if all(matches) else ()


def page_view(text: str) -> PageView | None:
    """An opened page; None if the text is none."""
    more = _MORE.search(text)
    match = _ENTRY.fullmatch(text[: more.start()] if more else text)
    if match is None:
        return None
    entry = Entry(match["id"].strip(), words(match["rest"]))
    return PageView(entry, int(more["shown"]), int(more["total"])) if more else PageView(entry)


def found_sentence(text: str) -> FoundSentence | None:
    """A sentence that was looked up; None if the text is none."""
    match = _FOUND.fullmatch(text)
    return FoundSentence(int(match["number"][:9]), int(match["total"][:9]), words(match["text"])) if match else None


def says_nothing(text: str) -> bool:
    """Whether a text says that nothing was found."""
    return len(text) <= _SHORT and bool(_NOTHING.search(text)) and not entries(text) and not found_sentence(text)
