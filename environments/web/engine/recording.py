"""A recorded visit: snapshots of pages, one a step. Whatever is chosen on one, the next one follows; graded as in Mind2Web."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from simenv.errors import InvalidAction, WorldError
from simenv.types import Grade

from .document import Document, Element, Value
from .mind2web import Prediction, measure, operation
from .site import Site, State
from .snapshot import NoSnapshot, read_snapshot
from .tab import Tab, encodable

ID, RANK = "data-node", "data-rank"
"""Attributes of a snapshot's candidates: the number of the node in the recording, and its rank where one was given."""
_END = "<body>The recorded visit ends here.</body>"


class RecordingTab(Tab):
    """A tab on a recording. Its state is the choice made on each snapshot: node, operation and value, or None."""

    def __init__(self, site: Site, state: State) -> None:
        super().__init__(site, {**state, "choices": []})
        self.snapshots: list[dict[str, Any]] = site.spec["recording"]

    @property
    def step(self) -> int:
        """The snapshot that is shown; their number at the end."""
        return min(len(self.state["choices"]), len(self.snapshots))

    @property
    def past(self) -> tuple[str, ...]:
        """The recorded steps before this snapshot, in words, right ones whatever was chosen."""
        return tuple(snapshot.get("done", "") for snapshot in self.snapshots[: self.step])

    def ranks(self) -> dict[int, int]:
        """Number and rank of the candidates, where the recording ranks them."""
        marks = {e.number: e.node.attributes.get(RANK, "") for e in self.document.elements}
        return {number: int(rank) for number, rank in marks.items() if rank.isdecimal()}

    def visit(self, url: str) -> None:
        self.show(url)
        self.record_visit()

    def show(self, url: str) -> None:
        """Show the snapshot that the state has reached, wherever `url` leads."""
        step = self.step
        html = self.snapshots[step]["html"] if step < len(self.snapshots) else _END
        try:
            self.document = Document.of(read_snapshot(html), f"/step/{step + 1}")
        except NoSnapshot as e:
            raise WorldError(f"web: recording[{step}].html: {e}") from e

    def back(self) -> None:
        raise InvalidAction("this visit was recorded, and its pages come in their order")

    # Choosing.

    def click(self, element: Element) -> None:
        self._choose((_node(element), "CLICK", ""))

    def type(self, element: Element, text: str) -> None:
        self._choose((_node(element), "TYPE", encodable(text)))

    def select(self, element: Element, option: str) -> None:
        self._choose((_node(element), "SELECT", encodable(option)))

    def pass_over(self) -> None:
        self._choose(None)

    def _choose(self, choice: Prediction | None) -> None:
        choices = [*self.state["choices"], choice and list(choice)]
        self.state = {**self.state, "choices": choices, "done": len(choices) >= len(self.snapshots)}
        self.visit("")

    def press(self, element: Element) -> None:
        self.click(element)

    def fill(self, element: Element, text: str) -> None:
        self.type(element, text)

    def choose(self, element: Element, value: str) -> None:
        self.select(element, value)

    def refill(self, values: list[Value]) -> None:
        """Nothing: a snapshot's values are those that were recorded."""


def _node(element: Element) -> int:
    """The recording's number of an element; -1 for one that is no candidate."""
    number = element.node.attributes.get(ID, "")
    return int(number) if number.isdecimal() else -1


def grade_choices(steps: Sequence[Mapping[str, Any]], state: State) -> Grade:
    """Mind2Web's metrics over all steps; success if each one is right. A step that was not reached is wrong."""
    choices: list[Any] = state["choices"][: len(steps)]
    choices += [None] * (len(steps) - len(choices))
    judged = [
        (tuple(choice) if choice else None, step["nodes"], operation(step["op"], step.get("value", "")))
        for choice, step in zip(choices, steps, strict=True)
    ]
    right = [measure([one]).step_sr == 1.0 for one in judged]
    wrong = ", ".join(str(n) for n, good in enumerate(right, 1) if not good)
    return Grade(
        success=all(right),
        progress=sum(right) / len(right),
        subgoals={f"step {n}": good for n, good in enumerate(right, 1)},
        reasons=(f"wrong or missing: step {wrong}",) if wrong else (),
        metrics=measure(judged).model_dump(),
    )
