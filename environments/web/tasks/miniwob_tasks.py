"""Tasks on pages of MiniWoB++: which pages can be played by the numbers of elements, a task from a seed, and the expert."""

from __future__ import annotations

from typing import Any

from simenv.errors import ConfigError, WorldError, unknown
from simenv.types import Move, Task

from ..engine import chromium
from ..engine.miniwob import MiniwobTab, missing, page_names
from ..engine.site import Site
from .miniwob_page import EpisodePage
from .miniwob_solvers import SOLVERS
from .navigation import Navigator, Unreachable

LEFT_OUT = {
    "a point of the page must be hit": (
        "bisect-angle circle-center find-midpoint right-angle hot-cold use-colorwheel use-colorwheel-2"
    ),
    "something must be dragged": (
        "drag-box drag-circle drag-cube drag-items drag-items-grid drag-shapes drag-shapes-2 drag-single-shape "
        "drag-sort-numbers draw-circle draw-line daily-calendar resize-textarea use-slider use-slider-2 form-sequence"
    ),
    "text must be marked with the mouse": "highlight-text highlight-text-2 text-editor",
    "the mouse must follow something that moves": "chase-circle hover-shape moving-items",
    "a key must be pressed": "terminal",
    "the page must be scrolled": "scroll-text-2 sign-agreement",
    "the right moment must be waited for": "button-delay simon-says stock-market",
}
"""Pages that no click, text or choice by number solves, by what they ask for."""


def playable_pages() -> tuple[str, ...]:
    """The pages of the installed package but for those left out; ConfigError where it is not installed."""
    left_out = {name for names in LEFT_OUT.values() for name in names.split()}
    return tuple(name for name in page_names() if name not in left_out)


def chosen_pages(names: tuple[str, ...]) -> tuple[str, ...]:
    """These pages, or all that can be played; ConfigError for one that cannot, and where something is missing here."""
    if lack := chromium.missing() or missing():
        raise ConfigError(f"web.teacher.kinds: {lack}")
    pages = playable_pages()
    for name in names:
        for reason, left_out in LEFT_OUT.items():
            if name in left_out.split():
                raise ConfigError(f"web.teacher.pages: {name!r} is left out: {reason}")
        if name not in pages:
            raise ConfigError(f"web.teacher.pages: {unknown('page', name, pages)}")
    return names or pages


def miniwob_task(id: str, page: str, seed: int) -> Task:
    """An episode: what it asks for is read from the page itself, in Chromium. It has no solution yet."""
    spec: dict[str, Any] = {"name": f"MiniWoB++ {page}", "miniwob": {"page": page, "seed": seed}}
    site = Site(spec)
    tab = MiniwobTab(site, site.start(), 60)
    try:
        tab.visit("/")
        instruction = tab.utterance
    finally:
        tab.close()
    if not instruction:
        raise WorldError(f"web: {page}: the page of seed {seed} asks for nothing")
    goal = {"reward": 1.0}
    return Task(id=id, environment="web", instruction=instruction, spec=spec, goal=goal, kind=page, source="miniwob")


class EpisodePlanner(Navigator):
    """The expert on the pages that it has a solver for."""

    def next(self) -> Move:
        """The next move; Unreachable where the page is over, or none is known."""
        tab = self.world.tab
        if not isinstance(tab, MiniwobTab) or tab.state["done"]:
            raise Unreachable("the episode is over")
        solver = SOLVERS.get(tab.site.spec["miniwob"]["page"])
        if solver is None:
            raise Unreachable("nobody has written a solver for this page")
        try:
            return solver(EpisodePage(tab.utterance, tab.document, len(tab.state["moves"]), self.thoughts))
        except (IndexError, ValueError) as e:
            raise Unreachable(f"the page shows something that its solver does not know: {e}") from e
