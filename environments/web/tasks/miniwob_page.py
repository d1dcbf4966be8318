"""A page of MiniWoB++ as its solvers see it: what is asked, what is there, and the moves that are possible."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from simenv.types import Move

from ..engine.document import Document, Element
from .navigation import Unreachable
from .thoughts import ThoughtWriter

_QUOTED = re.compile(r'"([^"]*)"')
_PLACE = re.compile(r" at (-?\d+),(-?\d+) (\d+)x(\d+)$")


class EpisodePage:
    """The page now. Solvers decide by it alone, so that an episode can go on from anywhere."""

    def __init__(self, said: str, document: Document, done: int, thoughts: ThoughtWriter) -> None:
        self.said, self.document, self.done, self.thoughts = said, document, done, thoughts
        self.elements = document.elements
        self.quoted: list[str] = _QUOTED.findall(said)

    # What is asked.

    def asked(self, pattern: str) -> tuple[str, ...]:
        """The groups of a pattern in what is asked; Unreachable where it asks for something else."""
        match = re.search(pattern, self.said)
        if match is None:
            raise Unreachable(f"{self.said!r:.120} is not what this solver knows")
        return match.groups()

    # What is there.

    def all(self, role: str) -> list[Element]:
        """The elements of a role: `textbox`, `button`, `text` …"""
        return [e for e in self.elements if e.role == role]

    def find(self, label: str, role: str = "") -> Element:
        """The first element with a label, without regard to case if none has it exactly."""
        same = [e for e in self.elements if not role or e.role == role]
        key = label.strip().casefold()
        exact = next((e for e in same if e.label == label), None)
        return exact or self.one([e for e in same if e.label.strip().casefold() == key], label)

    def one(self, elements: Sequence[Element], what: str) -> Element:
        """The first of some elements; Unreachable where there is none."""
        if not elements:
            raise Unreachable(f"there is no {what!r} on the page")
        return elements[0]

    def texts(self) -> list[str]:
        """The labels of all elements that show a text."""
        return [e.label for e in self.elements]

    def value(self, element: Element) -> str | bool:
        """What a control holds."""
        return self.document.value(element.node)

    def place(self, element: Element) -> tuple[int, int]:
        """The middle of an element that is told by its looks."""
        match = _PLACE.search(element.label)
        if match is None:
            raise Unreachable(f"{element.label!r:.60} has no place")
        return int(match[1]), int(match[2])

    # Moves.

    def click(self, element: Element) -> Move:
        """Click an element."""
        return self.thoughts.press(element.number, element.label)

    def press(self, label: str = "Submit") -> Move:
        """Click what has this label."""
        return self.click(self.find(label))

    def fill(self, values: Sequence[tuple[Element, str]], then: Callable[[], Move] | None = None) -> Move:
        """Set the next of these fields that holds something else; when all are right, what follows, by default Submit."""
        for element, value in values:
            if self.value(element) != value:
                if element.role == "combobox":
                    label = next((text for v, text in element.options() if value in (v, text)), None)
                    chosen = next((v for v, text in element.options() if text == label), None)
                    if label is None:
                        raise Unreachable(f"{value!r} is no option")
                    if self.value(element) == chosen:
                        continue
                    return self.thoughts.select(element.number, element.label, label)
                return self.thoughts.type(element.number, element.label, value)
        return then() if then else self.press()

    def tick(self, labels: Sequence[str], role: str) -> Move:
        """Click the next box that is not as it should be: ticked if it has one of the labels; then Submit."""
        for box in self.all(role):
            if bool(self.value(box)) != (box.label in labels) and (role == "checkbox" or box.label in labels):
                return self.click(box)
        return self.press()
