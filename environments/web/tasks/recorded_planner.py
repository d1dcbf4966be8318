"""The expert on a recorded visit: it chooses on each snapshot what was done there."""

from __future__ import annotations

from simenv.types import Move

from ..engine.recording import ID, RecordingTab
from .mind2web_records import right_move
from .navigation import Navigator, Unreachable


class RecordedPlanner(Navigator):
    """Knows which nodes are right."""

    def next(self) -> Move:
        """The next move; Unreachable where no right element is on the page, or the visit is over."""
        tab = self.world.tab
        if not isinstance(tab, RecordingTab) or tab.step >= len(self.goal["steps"]):
            raise Unreachable("the recorded visit is over")
        step = self.goal["steps"][tab.step]
        right = {str(n) for n in step["nodes"]}
        element = next((e for e in self.document.elements if e.node.attributes.get(ID) in right), None)
        if element is None:
            raise Unreachable("none of the right elements is on this page")
        return right_move(element.number, step)
