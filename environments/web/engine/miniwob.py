"""Pages of MiniWoB++ (Shi et al. 2017, Liu et al. 2018) in Chromium: an episode from a seed, without a server or a clock.

The pages and their scripts come from the package miniwob and from nowhere else.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from simenv.errors import ConfigError, InvalidAction, WorldError

from .chromium import ChromiumTab
from .document import Document, Element, Value
from .http import ORIGIN
from .site import Site, State

PACE = 1000
"""Milliseconds that pass on the page with each action, and at no other time."""
_START = 1_700_000_000
"""The time at which every episode begins, in seconds since 1970."""
_READY = 40
"""Times that a page is given a twentieth of a second to get ready."""
_NAME = re.compile(r"[a-z0-9-]{1,60}")
_SCRIPT = Path(__file__).with_name("miniwob.js")
_WHOLE = {"date", "time", "color", "range", "month", "week", "datetime-local"}
"""Types of fields whose value is set at once; the others are typed key by key."""
_POLICY = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; form-action 'none'; frame-src 'none'; "
    "connect-src 'self'; base-uri 'none'; object-src 'none'"
)


def missing() -> str:
    """What to install for these pages; '' for nothing."""
    return "" if find_spec("miniwob") else "pages of MiniWoB++ need the package miniwob; install simenv[miniwob]"


@cache
def folder() -> Path:
    """The folder of pages and scripts in the package; ConfigError where it is not installed."""
    if (found := find_spec("miniwob")) is None or found.origin is None:
        raise ConfigError(f"web: {missing()}")
    return (Path(found.origin).parent / "html").resolve()


def page_names() -> tuple[str, ...]:
    """The pages of the package, by name."""
    return tuple(sorted(path.stem for path in (folder() / "miniwob").glob("*.html")))


def packaged_file(url: str) -> Path | None:
    """The file of the package at an address; None for all else."""
    parts = urlsplit(url)
    if f"{parts.scheme}://{parts.netloc}" != ORIGIN:
        return None
    path = (folder() / unquote(parts.path).lstrip("/")).resolve()
    return path if path.is_relative_to(folder()) and path.is_file() else None


class MiniwobTab(ChromiumTab):
    """One episode. Its state is what was done in it, by number of element; to return to a state, all of it is done again."""

    def __init__(self, site: Site, state: State, deadline: float) -> None:
        episode = site.spec["miniwob"]
        self._name, self._seed = episode["page"], episode["seed"]
        self.utterance = ""
        if not _NAME.fullmatch(self._name) or self._name not in page_names():
            raise WorldError(f"web: miniwob.page: {self._name!r:.80} is no page of the installed package miniwob")
        super().__init__(site, {**state, "moves": [], "reward": 0.0}, deadline, True)

    async def _open(self) -> None:
        await super()._open()
        await self._page.clock.install(time=_START)
        await self._page.clock.pause_at(_START + 1)
        await self._page.add_init_script(_SCRIPT.read_text(encoding="utf-8"))

    async def _serve(self, route: Any) -> None:
        """Answer a request with a file of the package, and refuse all else."""
        path = packaged_file(route.request.url) if self._ours(route.request) else None
        if path is None:
            await route.abort("blockedbyclient")
        elif path.suffix == ".html":
            headers = {"content-type": "text/html; charset=utf-8", "content-security-policy": _POLICY}
            await route.fulfill(body=path.read_bytes(), headers=headers)
        else:
            await route.fulfill(path=path)

    def visit(self, url: str) -> None:
        self.show(f"/miniwob/{self._name}.html")
        self.record_visit()

    async def _goto(self, url: str) -> None:
        await self._page.goto(f"{ORIGIN}/miniwob/{self._name}.html", wait_until="load")
        await self._page.evaluate("seed => __episode.begin(seed)", self._seed)
        for _ in range(_READY):
            if await self._page.evaluate("WOB_TASK_READY"):
                break
            await self._page.clock.run_for(50)
        await self._page.clock.run_for(PACE)
        await self._settle()
        for name, number, value in self.state["moves"]:
            await self._do(name, number, value)
            await self._settle()

    async def _settle(self) -> None:
        page = await self._page.evaluate("__episode.read()")
        document = Document.read(page["html"], f"/miniwob/{self._name}.html")
        if len(document.elements) != page["count"] or len(document.values) != len(page["values"]):
            raise WorldError(
                f"web: {self._name}: chromium sees {page['count']} elements and {len(page['values'])} controls, and what was "
                f"read of the page has {len(document.elements)} and {len(document.values)}"
            )
        document.values = page["values"]
        self.document, self.utterance = document, page["utterance"]
        self.state = {**self.state, "done": page["done"], "reward": float(page["reward"])}

    # Acting.

    def press(self, element: Element) -> None:
        self._run(self._move("click", element, ""))

    def fill(self, element: Element, text: str) -> None:
        self._run(self._move("type", element, text))

    def choose(self, element: Element, value: str) -> None:
        self._run(self._move("select", element, value))

    def refill(self, values: list[Value]) -> None:
        """Nothing: the values came back with what was done."""

    async def _move(self, name: str, element: Element, value: str) -> None:
        if name == "type" and element.node.attributes.get("type", "") in _WHOLE:
            name = "set"
        await self._do(name, element.number, value)
        self.state = {**self.state, "moves": [*self.state["moves"], [name, element.number, value]]}
        await self._settle()

    async def _do(self, name: str, number: int, value: str) -> None:
        """One action, and the time that it takes on the page."""
        from playwright.async_api import Error

        handle = (await self._page.evaluate_handle("number => __episode.elements[number]", number)).as_element()
        if handle is None:
            raise WorldError(f"web: {self._name}: there is no element {number}; the snapshot is of another package")
        try:
            await (self._hit(number) if name == "click" else _EDITS[name](handle, value))
        except Error as e:
            raise InvalidAction(f"[{number}] does not take {value!r:.80}: {e.message.splitlines()[0]:.200}") from e
        await self._page.clock.run_for(PACE)

    async def _hit(self, number: int) -> None:
        """Click where the mouse hits the element; nothing waits, so the machine's speed decides nothing."""
        if point := await self._page.evaluate("number => __episode.aim(number)", number):
            await self._page.mouse.click(*point)
        else:
            await self._page.evaluate("number => __episode.click(number)", number)


async def _type(handle: Any, text: str) -> None:
    await handle.fill("", force=True)
    await handle.type(text)


async def _set(handle: Any, value: str) -> None:
    await handle.fill(value, force=True)


async def _select(handle: Any, value: str) -> None:
    """Choose an option; in a list that takes several, beside those that are chosen."""
    chosen = await handle.evaluate("e => e.multiple ? [...e.selectedOptions].map(o => o.value) : []")
    await handle.select_option([*chosen, value], force=True)


_EDITS = {"type": _type, "set": _set, "select": _select}
