"""What a browser lacks is said before anything is played, and nothing is lacking without one."""

import shutil

from simenv.plugins.environments.web.engine import chromium
from simenv.plugins.environments.web.world import Web


def test_the_dom_needs_nothing():
    assert Web(Web.Options(engine="dom")).missing() == ""


def test_a_browser_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name, *more, **given: None)
    said = Web(Web.Options(engine="chromium")).missing()
    assert said and said == chromium.missing() and "chromium" in said
