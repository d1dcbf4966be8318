"""Opens the tab that a spec asks for: on a site, in either browser, on a recorded visit, or on a page of MiniWoB++."""

from __future__ import annotations

from typing import Literal

from simenv.errors import WorldError

from .recording import RecordingTab
from .site import Site
from .tab import DomTab, Tab


def open_tab(site: Site, engine: Literal["dom", "chromium"], deadline: float, scripts: bool) -> Tab:
    """A tab that shows no page yet; WorldError where the engine cannot show this one."""
    if "recording" in site.spec:
        return RecordingTab(site, site.start())
    if "miniwob" in site.spec:
        return _open_episode(site, engine, deadline, scripts)
    if engine == "dom":
        return DomTab(site, site.start())
    from .chromium import ChromiumTab

    return ChromiumTab(site, site.start(), deadline, scripts)


def _open_episode(site: Site, engine: str, deadline: float, scripts: bool) -> Tab:
    if engine != "chromium" or not scripts:
        raise WorldError(
            "web: pages of MiniWoB++ are their scripts; they need web.world.engine=chromium and scripts=true"
        )
    from .miniwob import MiniwobTab

    return MiniwobTab(site, site.start(), deadline)
