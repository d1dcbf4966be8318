"""A tab in a real browser: Chromium through Playwright. The page can reach nothing but the site.

Chromium's own sandbox is on where the host gives it one, which it does not to root.
"""

from __future__ import annotations

import asyncio
import atexit
import logging
import os
import shutil
import subprocess
import threading
from collections.abc import Coroutine
from contextlib import suppress
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

from simenv.errors import ConfigError, InvalidAction, WorldError
from simenv.world import Protection

from .document import SELECTOR, Document, Element, Value
from .http import ORIGIN, Request
from .server import handle
from .site import Site, State
from .tab import Tab, local

T = TypeVar("T")
log = logging.getLogger(__name__)

FLAGS = (
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
)  # fmt: skip
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_STYLE = Path(__file__).with_name("style.css")
_POLICY = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; form-action 'self'; frame-src 'none'; "
    "connect-src 'self'; base-uri 'none'; object-src 'none'"
)
"""Content security policy of each page; `_serve` refuses everything else too."""
_READ = """() => {
  document.querySelectorAll('[target]').forEach(e => e.removeAttribute('target'));
  document.querySelectorAll('[download]').forEach(e => e.removeAttribute('download'));
  const values = [...document.querySelectorAll('input,button,select,textarea')].map(
    e => e.type === 'checkbox' || e.type === 'radio' ? e.checked : e.value);
  return [location.href, document.documentElement.outerHTML, values];
}"""
_REFILL = """values => [...document.querySelectorAll('input,button,select,textarea')].forEach((e, i) => {
  if (typeof values[i] === 'boolean') e.checked = values[i];
  else if (e.tagName !== 'BUTTON' && e.type !== 'hidden') e.value = values[i];
})"""
_VISIBLE = 3000
"""Milliseconds after which an element counts as unreachable."""


def executable() -> str:
    """The path of Chromium; ConfigError names what to install."""
    if reason := missing():
        raise ConfigError(f"web: {reason}")
    return next(p for name in _NAMES if (p := shutil.which(name)))


def missing() -> str:
    """What to install on this host for the engine; '' for nothing."""
    if not any(map(shutil.which, _NAMES)):
        return "engine=chromium needs a Chromium on the PATH; on Debian: apt-get install chromium"
    return "" if find_spec("playwright") else "engine=chromium needs playwright; install simenv[web]"


_ROOT = "Chromium has no sandbox for root; run as another user"
_FAILS = "Chromium's sandbox does not start here; the host must allow user namespaces (sysctl, AppArmor)"


def without_sandbox() -> str:
    """Why Chromium runs without its own sandbox on this host; '' where it has it. Starts Chromium, which takes a second."""
    if _is_root():
        return _ROOT
    words = [executable(), "--headless", *FLAGS, "--dump-dom", "about:blank"]
    try:
        done = subprocess.run(words, capture_output=True, timeout=60, stdin=subprocess.DEVNULL, check=False)
    except subprocess.TimeoutExpired:
        return _FAILS
    return _FAILS if done.returncode else ""


def protection() -> Protection:
    """Whether Chromium has its own sandbox on this host."""
    reason = missing() or without_sandbox()
    return Protection(not reason, reason)


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


class _SharedBrowser:
    """The browser of this process, in a thread with its own event loop, and a spare context for the next episode."""

    def __init__(self, path: str) -> None:
        try:
            from playwright.async_api import async_playwright
        except ImportError as e:
            raise ConfigError("web: engine=chromium needs playwright; install simenv[web]") from e
        self._path, self._start = path, async_playwright
        self._loop = asyncio.new_event_loop()
        self._spare: dict[bool, list[Any]] = {True: [], False: []}
        self._tasks: set[asyncio.Task[None]] = set()
        threading.Thread(target=self._loop.run_forever, name="simenv-web", daemon=True).start()
        self.run(self._launch(), 120)
        atexit.register(self._stop)

    def run(self, work: Coroutine[Any, Any, T], seconds: float) -> T:
        """Wait for work in the browser's loop; WorldError after `seconds`."""

        async def with_timeout() -> T:
            async with asyncio.timeout(seconds):
                return await work

        try:
            return asyncio.run_coroutine_threadsafe(with_timeout(), self._loop).result()
        except TimeoutError as e:
            raise WorldError(f"web: the page was not done after {seconds:g} seconds") from e

    async def _launch(self) -> None:
        from playwright.async_api import Error

        self._driver = await self._start().start()
        reason, fault = (_ROOT if _is_root() else ""), ""
        if not reason:
            try:
                self._chromium = await self._launched(sandbox=True)
            except Error as e:
                reason, fault = _FAILS, e.message
        if reason:
            try:
                self._chromium = await self._launched(sandbox=False)
            except Error as e:
                raise ConfigError(f"web: {self._path} does not start: {(fault or e.message)[:500]}") from e
            log.warning("web: %s. Pages are kept in by the site's routes alone", reason)

    async def _launched(self, sandbox: bool) -> Any:
        return await self._driver.chromium.launch(
            executable_path=self._path, args=list(FLAGS), chromium_sandbox=sandbox
        )

    @property
    def alive(self) -> bool:
        return bool(self._chromium.is_connected())

    async def context(self, scripts: bool) -> Any:
        """A context and its page, never used before."""
        spare = self._spare[scripts]
        context = spare.pop() if spare else await self._new_context(scripts)
        task = asyncio.ensure_future(self._refill(scripts))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return context

    async def _refill(self, scripts: bool) -> None:
        if not self._spare[scripts]:
            self._spare[scripts].append(await self._new_context(scripts))

    async def _new_context(self, scripts: bool) -> Any:
        context = await self._chromium.new_context(
            service_workers="block", accept_downloads=False, java_script_enabled=scripts, offline=True,
            viewport={"width": 1280, "height": 900},
        )  # fmt: skip
        page = await context.new_page()
        return context, page

    def _stop(self) -> None:
        try:
            self.run(self._quit(), 5)
        except WorldError:
            pass

    async def _quit(self) -> None:
        await self._chromium.close()
        await self._driver.stop()


@lru_cache(maxsize=1)
def _browser(process: int, path: str) -> _SharedBrowser:
    """The shared browser; a forked child starts its own."""
    return _SharedBrowser(path)


_LOCK = threading.Lock()


class ChromiumTab(Tab):
    """A tab in its own context. The page is read after every action, so that readers of `document` never wait for it."""

    def __init__(self, site: Site, state: State, deadline: float, scripts: bool) -> None:
        super().__init__(site, state)
        with _LOCK:
            if not _browser(os.getpid(), executable()).alive:
                _browser.cache_clear()
            self._browser = _browser(os.getpid(), executable())
        self._deadline, self._scripts = deadline, scripts
        self._context: Any = None
        self._location = ""
        self._loads = 0
        self._run(self._open())

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        from playwright.async_api import Error

        try:
            return self._browser.run(work, self._deadline)
        except Error as e:
            raise WorldError(f"web: chromium: {e.message:.500}") from e

    async def _open(self) -> None:
        self._context, self._page = await self._browser.context(self._scripts)
        self._context.on("page", lambda page: asyncio.ensure_future(page.close()))
        self._page.on("dialog", lambda dialog: asyncio.ensure_future(dialog.dismiss()))
        self._page.set_default_timeout(self._deadline * 1000)
        await self._context.route("**/*", self._serve)
        await self._context.route_web_socket("**/*", lambda socket: socket.close())

    # Serving requests.

    async def _serve(self, route: Any) -> None:
        """Answer every request of the page. Nothing is passed on to a network."""
        request = route.request
        navigates = request.is_navigation_request()
        if navigates and not self._ours(request):
            await route.abort("blockedbyclient")
            return
        if not request.url.startswith(f"{ORIGIN}/"):
            await (route.fulfill(status=204) if navigates else route.abort("blockedbyclient"))
            return
        url = local(request.url)
        if url == "/style.css":
            await route.fulfill(body=_STYLE.read_bytes(), content_type="text/css")
            return
        response, self.state = handle(self.site, self.state, Request.of(request.method, url, request.post_data or ""))
        if response.location and navigates:
            # A browser does not route what a redirection leads to, so the redirection is followed by `_settle`.
            self._location = self.resolve(response.location)
            await route.fulfill(status=204)
            return
        if response.location:
            response, _ = handle(self.site, self.state, Request.of("GET", self.resolve(response.location)))
        self._loads += navigates
        headers = {"cache-control": "no-store", "content-security-policy": _POLICY}
        await route.fulfill(
            status=response.status, body=response.html, content_type="text/html; charset=utf-8", headers=headers
        )

    def _ours(self, request: Any) -> bool:
        """Whether the tab itself navigates; frames and windows that a page opens stay empty."""
        from playwright.async_api import Error

        try:
            return bool(request.frame == self._page.main_frame)
        except Error:
            return False

    # Acting.

    def show(self, url: str) -> None:
        self._run(self._goto(url))

    async def _goto(self, url: str) -> None:
        await self._page.goto(ORIGIN + url, wait_until="domcontentloaded")
        await self._settle()

    async def _settle(self) -> None:
        """Follow the redirection after a form, and read the page."""
        while self._location:
            url, self._location = self._location, ""
            await self._page.goto(ORIGIN + url, wait_until="domcontentloaded")
        url, html, values = await self._read()
        document = Document.read(html, local(url))
        if len(values) != len(document.values):
            raise WorldError(
                f"web: chromium sees {len(values)} controls on {url} and its HTML has {len(document.values)}"
            )
        document.values = values
        self.document = document

    async def _read(self, tries: int = 3) -> Any:
        """URL, HTML and values. If a script leaves the page meanwhile, the next page is read."""
        from playwright.async_api import Error

        await self._page.wait_for_load_state("domcontentloaded")
        try:
            return await self._page.evaluate(_READ)
        except Error:
            if tries <= 1 or self._page.is_closed():
                raise
            return await self._read(tries - 1)

    def _locator(self, element: Element) -> Any:
        return self._page.locator(SELECTOR).nth(element.dom)

    async def _reach(self, element: Element, attempt: Coroutine[Any, Any, Any]) -> None:
        from playwright.async_api import TimeoutError as Unreachable

        try:
            await attempt
        except Unreachable as e:
            raise InvalidAction(f"[{element.number}] {element.role} cannot be reached on the page") from e

    async def _click(self, element: Element) -> None:
        """Click what can be reached. The click itself also waits for the page that it leads to: a late page is not
        the agent's mistake, and a page that the policy keeps away never comes. So only the trial can fail."""
        from playwright.async_api import TimeoutError as NeverLeft

        async def press() -> None:
            with suppress(NeverLeft):
                await self._locator(element).click(timeout=self._deadline * 1000 / 2)

        await self._reach(element, self._locator(element).click(trial=True, timeout=_VISIBLE))
        await self._follow(press())

    async def _edit(self, element: Element, method: str, value: str) -> None:
        await self._follow(self._reach(element, getattr(self._locator(element), method)(value, timeout=_VISIBLE)))

    async def _follow(self, action: Coroutine[Any, Any, Any]) -> None:
        loads = self._loads
        await action
        await self._settle()
        if self._loads != loads:
            self.record_visit()

    def press(self, element: Element) -> None:
        self._run(self._click(element))

    def fill(self, element: Element, text: str) -> None:
        self._run(self._edit(element, "fill", text))

    def choose(self, element: Element, value: str) -> None:
        self._run(self._edit(element, "select_option", value))

    def refill(self, values: list[Value]) -> None:
        self._run(self._set_values(values))

    async def _set_values(self, values: list[Value]) -> None:
        await self._page.evaluate(_REFILL, values)
        await self._settle()

    def screenshot(self) -> bytes:
        """The page as a PNG, from top to bottom."""
        picture: bytes = self._run(self._page.screenshot(full_page=True))
        return picture

    def close(self) -> None:
        if self._context is not None:
            context, self._context = self._context, None
            try:
                self._run(context.close())
            except WorldError:
                pass  # A page that hangs takes its context with it when the browser ends.
