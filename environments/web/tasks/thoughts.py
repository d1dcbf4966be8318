"""The expert's thoughts: plain first-person sentences, the same for the same task, move and page."""

from __future__ import annotations

import zlib
from typing import Any

from simenv.types import Action, Move

_CLICKS: dict[str, tuple[str, ...]] = {
    "go": ("Next I need the page “{topic}”.", "I will open “{topic}”.", "“{topic}” is where I have to go now."),
    "go on": (
        "What I need should be reachable from “{topic}”.",
        "I do not see a direct link, so I will look under “{topic}”.",
    ),
    "open": (
        "“{topic}” fits the task; I will open it.",
        "“{topic}” is what I am looking for.",
        "This one fits: “{topic}”.",
    ),
    "next page": (
        "It is not on this page of results, so I go on to the next one.",
        "I have not found it yet; next page.",
    ),
    "apply": ("The filters are set; now I apply them.", "I apply the filters to narrow the list down."),
    "tick": ("I choose “{topic}”.", "“{topic}” has to be set as the task says.", "Now I mark “{topic}”."),
    "submit": ("Everything is filled in as asked, so I click “{label}”.", "The form is complete; “{label}”."),
    "remove": (
        "“{topic}” should not be in the cart, so I remove it.",
        "I do not need “{topic}” in this order; I take it out.",
    ),
    "cancel asked": ("This is {topic}, which I was asked to cancel.", "{topic} is the one to cancel."),
    "cancel wrong": ("{topic} was a mistake, so I cancel it.", "I did not mean to make {topic}; I cancel it."),
    "log out": ("I am logged in with another account, so I log out first.",),
    "option": ("The task asks for {topic}, so I choose it.", "I select {topic}."),
    "buy": ("Product and options are as asked and the price is within the limit, so I buy it now.",),
    "back to search": ("This is not the right product, so I go back to the search.", "I start the search again."),
    "back": ("I have read enough here and go back to the product.",),
}
_PRESSES = ("Next is “{label}”.", "The task asks for “{label}”, so I click it.", "I click “{label}”.")
_CLICKS_BLINDLY = ("Next is the element without a label.",)
_TYPES = ("I fill in “{label}” with “{text}”.", "“{label}” should be “{text}”.", "Into “{label}” I write “{text}”.")
_EMPTIES = ("“{label}” should be empty, so I clear it.",)
_SELECTS = ("For “{label}” I choose “{option}”.", "“{label}” has to be “{option}”.", "I set “{label}” to “{option}”.")
_SEARCHES = ("I will search for “{query}”.", "A search for “{query}” should find it.", "Let me look for “{query}”.")
_FINDS = ("The page tells me the answer: {text}.", "I have found what was asked: {text}.")
_ENDS = ("Everything that was asked is done.", "The site confirms it, so the task is complete.")


class ThoughtWriter:
    """Writes thoughts and moves with their thought. `salt` varies the wording from task to task."""

    def __init__(self, salt: str) -> None:
        self._salt = salt

    def _pick(self, texts: tuple[str, ...], key: str) -> str:
        return texts[zlib.crc32(f"{self._salt}|{key}".encode("utf-8", "replace")) % len(texts)]

    def click(self, reason: str, topic: str, label: str, **more: Any) -> str:
        """The thought before a click; `reason` is a key of `_CLICKS`, `topic` its subject."""
        return self._pick(_CLICKS[reason], reason + topic).format(topic=topic, label=label, **more)

    def press(self, reference: int | str, label: str) -> Move:
        """Click an element that the task asks for."""
        thought = self._pick(_PRESSES if label else _CLICKS_BLINDLY, label).format(label=_short(label))
        return Move(thought=thought, action=Action(name="click", arguments={"element": reference}))

    def type(self, reference: int | str, label: str, text: str) -> Move:
        """Type a text into the field with a label; `reference` names the element in the action."""
        thought = self._pick(_TYPES if text else _EMPTIES, label).format(label=label, text=_short(text))
        return Move(thought=thought, action=Action(name="type", arguments={"element": reference, "text": text}))

    def select(self, reference: int | str, label: str, option: str) -> Move:
        """Select an option in the field with a label."""
        thought = self._pick(_SELECTS, label).format(label=label, option=option)
        return Move(thought=thought, action=Action(name="select", arguments={"element": reference, "option": option}))

    def search(self, query: str) -> Move:
        """Search the site."""
        thought = self._pick(_SEARCHES, query).format(query=query)
        return Move(thought=thought, action=Action(name="search", arguments={"query": query}))

    def answer(self, text: str, is_question: bool) -> Move:
        """End the task, with the answer to its question or with a word that it is done."""
        thought = self._pick(_FINDS if is_question else _ENDS, text).format(text=text)
        return Move(thought=thought, action=Action(name="answer", arguments={"text": text}))


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}…"
