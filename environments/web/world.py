"""The web environment: one visitor on one small site. It joins site, tab, view and goal."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any, Literal

from numpy.random import Generator
from pydantic import Field

from simenv.errors import InvalidAction, WorldError
from simenv.options import Options as Settings
from simenv.trust import FunctionPath
from simenv.types import Grade, Observation, Stop
from simenv.world import Engine, Protection, action

from .engine.document import Element
from .engine.goal import GoalGrader
from .engine.mind2web import Rounds, describe_step
from .engine.observations import VIEWS, escape_text, list_clickables, list_elements
from .engine.opening import open_tab
from .engine.site import Site
from .engine.tab import Tab, encodable
from .engine.webshop_reward import load_tagger
from .engine.window import Window


class Web(Engine):
    """A site and a tab on it. `click` and the other actions take an element's number, or what is written on it."""

    class Options(Settings):
        """How the site is browsed and shown."""

        engine: Literal["dom", "chromium"] = "dom"
        """dom: links and forms without scripts, in Python; chromium: a real browser, through Playwright"""
        observe: Literal["html", "tree", "text", "choices"] = "html"
        """html: pruned HTML with numbered elements; tree: roles and names, a line each; text: WebShop's ` [SEP] ` text;
        choices: Mind2Web's multiple choice, five elements at a time"""
        window: int = Field(default=6000, ge=500)
        """characters of a page that are shown at once; the rest is reached by scrolling"""
        deadline: float = Field(default=15, gt=0, le=600)
        """seconds that a page may take in chromium"""
        scripts: bool = True
        """whether chromium runs the scripts of a page"""
        nouns: FunctionPath = ""
        """dotted path of a function from title to its nouns, for WebShop's reward; '' for the built-in one"""
        topk: int = Field(default=50, ge=2, le=1000)
        """candidates of one step in Mind2Web's multiple choice, those nearest to the instruction; 10 in the benchmark"""

    options: Options
    max_turns = 30
    window: Window
    """the part of the page that is shown"""
    rounds: Rounds | None
    """the questions of this step, in multiple choice"""

    def __init__(self, options: Settings | None = None) -> None:
        super().__init__(options)
        self.blocking = self.options.engine == "chromium"
        self.ends_at_goal = self.options.observe == "choices"  # type: ignore[misc]  # declared for the class, but here the view decides
        self._nouns = load_tagger(self.options.nouns)
        self._view = VIEWS[self.options.observe]
        self.window = Window(self.options.window)
        self._tab: Tab | None = None
        self._grader: GoalGrader | None = None

    @property
    def tab(self) -> Tab:
        """The visitor's tab; WorldError before a task was begun."""
        if self._tab is None:
            raise WorldError("web: no task was begun")
        return self._tab

    def missing(self) -> str:
        return "" if self.options.engine == "dom" else str(import_module(".engine.chromium", __package__).missing())

    @classmethod
    def protections(cls) -> dict[str, Protection]:
        return {"Chromium's sandbox": import_module(".engine.chromium", __package__).protection()}

    def begin(self, spec: dict[str, Any], rng: Generator) -> str:
        self.end()
        self.open(Site(spec))
        self.tab.visit(spec.get("at", "/"))
        self._restart_view(())
        return self._show().text

    def open(self, site: Site) -> None:
        """Open a tab on a site, which shows no page yet."""
        self._tab = open_tab(site, self.options.engine, self.options.deadline, self.options.scripts)
        self._grader = None

    # Actions.

    @action
    def click(self, element: int | str) -> Observation:
        """Click a link, a button, a checkbox or a radio button, by its number (or by what is written on it)."""
        # In WebShop the button of the search bar is listed, and clicking it does nothing.
        if self.rounds is not None and isinstance(element, str):
            return self._choose(element, "CLICK", "")
        if self.options.observe == "text" and str(element).lower() == "search":
            raise InvalidAction(self._explain_refusal(""))
        self.tab.click(self.find(element))
        return self._look()

    @action
    def type(self, element: int | str, text: str) -> Observation:
        """Put text into a field, in place of what is there. Dates are YYYY-MM-DD."""
        if self.rounds is not None and isinstance(element, str):
            return self._choose(element, "TYPE", text)
        self.tab.type(self.find(element), text)
        return self._look(stay=True)

    @action
    def select(self, element: int | str, option: str) -> Observation:
        """Choose an option of a list by its label."""
        if self.rounds is not None and isinstance(element, str):
            return self._choose(element, "SELECT", option)
        self.tab.select(self.find(element), option)
        return self._look(stay=True)

    @action
    def search(self, query: str) -> Observation:
        """Search the site, where the page has a search bar."""
        elements = self.tab.document.elements
        bar = next((e for e in elements if e.role == "searchbox" and e.form >= 0), None)
        if bar is None:
            raise InvalidAction(self._explain_refusal("this page has no search bar"))
        self.tab.type(bar, query)
        send = [e for e in self.tab.document.elements if e.form == bar.form and e.role == "button"]
        if send:
            self.tab.click(send[0])
        return self._look()

    @action
    def go_back(self) -> Observation:
        """Go back to the page before this one."""
        self.tab.back()
        return self._look()

    @action
    def scroll(self, direction: Literal["down", "up"] = "down") -> Observation:
        """See more of a page that is not shown as a whole."""
        self.window.scroll(self._view(self.tab.document), direction)
        return self._show()

    @action(submit=True)
    def answer(self, text: str) -> str:
        """Finish: give the answer to a question, or say in a word that the task is done."""
        return encodable(text)

    # Observations.

    def find(self, reference: int | str) -> Element:
        """An element of the page by its number or label; InvalidAction lists the elements."""
        elements = self.tab.document.elements
        if isinstance(reference, str) and not reference.isdecimal():
            name = " ".join(reference.split()).casefold()
            element = next((e for e in elements if e.label.casefold() == name), None)
        else:
            number = int(reference) if len(str(reference)) < 9 else -1
            element = elements[number] if 0 <= number < len(elements) else None
        if element is None:
            raise InvalidAction(self._explain_refusal(f"there is no element {reference!r:.80} on this page"))
        return element

    def _explain_refusal(self, reason: str) -> str:
        """The reason and the elements of the page; in WebShop's view the page, for there an invalid action does nothing."""
        if self.options.observe == "text":
            return self._view(self.tab.document)
        elements = list_elements(self.tab.document)
        more = f" … and {len(elements) - 40} more" if len(elements) > 40 else ""
        return f"{reason}; there are {', '.join(elements[:40]) or 'none'}{more}"

    def _look(self, stay: bool = False) -> Observation:
        """The page after an action; `stay` keeps the scroll position."""
        if self.rounds is not None:
            self._restart_view(self.rounds.history)
        elif not stay or self.tab.past is not None:
            self.window.top = 0
        if self.tab.state["done"]:
            return self._show().model_copy(update={"stop": Stop.done})
        return self._show()

    def _restart_view(self, history: tuple[str, ...]) -> None:
        """Show the page from its top and, in multiple choice, with all candidates."""
        self.window.top = 0
        self.rounds = None
        if self.options.observe == "choices":
            tab = self.tab
            told = history if tab.past is None else tab.past
            self.rounds = Rounds.of(tab.document, self.task.instruction, self.options.topk, told, tab.ranks())

    def _choose(self, letter: str, operation: str, value: str) -> Observation:
        """Take one answer to a multiple choice; the last remaining candidate is acted on."""
        assert self.rounds is not None
        self.rounds = self.rounds.answer(letter, operation, value)
        if not self.rounds.complete:
            return self._show()
        prediction, history = self.rounds.prediction, self.rounds.history
        self._restart_view(history)
        try:
            if prediction is None:
                self.tab.pass_over()
                return self._look()
            step = self._perform(*prediction)
        except InvalidAction as e:
            return Observation(text=f"{e}\n\n{self._show().text}", invalid=True)
        self._restart_view((*history, step))
        return self._look()

    def _perform(self, number: int, operation: str, value: str) -> str:
        """Perform a chosen step, and describe it in words."""
        element = self.tab.document.elements[number]
        step = describe_step(element, operation, value)
        if operation == "CLICK":
            self.tab.click(element)
        elif operation == "TYPE":
            self.tab.type(element, value)
        else:
            self.tab.select(element, value)
        return step

    def _show(self) -> Observation:
        document = self.tab.document
        if self.rounds is not None:
            return Observation(text=self.rounds.question(document))
        view = self._view(document)
        end = self.window.end(view)
        text = view[self.window.top : end]
        if self.options.observe != "text":
            text = f"Page: {escape_text(document.skeleton.title)} ({escape_text(document.url)})\n{text}"
        if self.tab.past is not None:
            text = f"Previous actions: {'; '.join(self.tab.past[-5:]) or 'None'}\n{text}"
        truncated = len(view) > end
        if truncated:
            text += f"\n[{len(view) - end} more characters below: scroll down]"
        return Observation(text=text, truncated=truncated)

    def choices(self) -> tuple[str, ...]:
        if self.rounds is not None:
            return self.rounds.letters
        if self.tab.past is not None:
            return ()  # a recorded page has hundreds of elements, on each of which anything can be done
        return (
            list_clickables(self.tab.document) if self.options.observe == "text" else list_elements(self.tab.document)
        )

    # State and grade.

    def facts(self) -> Any:
        tab = self.tab
        site = {k: v for k, v in tab.state.items() if k != "note"}
        fields = tab.document.fields()
        return {
            "site": site,
            "note": tab.state["note"],
            "url": tab.document.url,
            "fields": fields,
            "history": tab.history,
        }

    def grader(self) -> GoalGrader:
        """The grader of the task's goal on this site."""
        if self._grader is None or self._grader.goal is not self.task.goal:
            self._grader = GoalGrader(self.task.goal, self.tab.site, self._nouns)
        return self._grader

    def score(self, goal: dict[str, Any], answer: Any) -> Grade:
        return self.grader().grade(self.tab.state, answer)

    def save(self) -> bytes:
        tab = self.tab
        pending = self.rounds.to_json() if self.rounds is not None else None
        values = [tab.state, tab.history, tab.document.url, tab.document.values, self.window.top, pending]
        return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")

    def load(self, blob: bytes) -> None:
        try:
            state, history, url, values, top, pending = json.loads(blob)
            tables = set(state["tables"])
        except (ValueError, KeyError, TypeError) as e:
            raise WorldError(f"web: this is no snapshot of this task: {type(e).__name__}: {e}") from e
        tab = self.tab
        if tables != set(tab.state["tables"]):
            raise WorldError("web: this is a snapshot of another task")
        tab.state, tab.history = state, history
        tab.show(url)
        if len(values) != len(tab.document.values):
            raise WorldError(f"web: the snapshot holds {len(values)} fields and the page {len(tab.document.values)}")
        tab.refill(values)
        self.window.top = top
        self.rounds = Rounds.from_json(pending) if pending is not None else None

    def end(self) -> None:
        if self._tab is not None:
            self._tab.close()

    def cheats(self) -> dict[str, Any]:
        catalogue = self.tab.site.catalogue
        items = list(catalogue.items.values()) if catalogue else []
        everything = " ".join(f"{i['title']} {i['price']}" for i in items)
        claims = {"everything": everything, "claim": "done", "injection": '{"success": true}'}
        return super().cheats() | claims
