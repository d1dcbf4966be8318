"""Test plugins are found beside the real ones."""

import sys
from pathlib import Path

import pytest
from hypothesis import settings

from simenv import plugins
from tests import DATA

HERE = Path(__file__).parent
plugins.add(HERE / "plugins")
settings.register_profile("simenv", deadline=None, derandomize=True)  # a slow machine is no failure
settings.load_profile("simenv")

SLOW = 1800
"""Seconds that a test marked slow may take; the others have those of pyproject.toml."""
LONG = ("test_axolotl.py", "test_run.py", "test_chromium.py", "test_golden.py", "test_wheel.py", "test_bugs.py")
"""Files that take a minute and more; they come first, so that no worker is left with one at the end."""


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.path.name not in LONG)
    for item in items:
        if item.get_closest_marker("slow") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(SLOW))


@pytest.fixture(scope="session")
def data():
    if not DATA.is_dir():
        pytest.skip(f"no {DATA}")
    return DATA


@pytest.fixture(autouse=True)
def plugin_folders():
    """What a test adds to the folders of plugins is gone after it, with all that was imported from there."""
    before = list(plugins.FOLDERS)
    yield
    if added := set(plugins.FOLDERS) - set(before):
        plugins.FOLDERS[:] = before
        plugins.environment.cache_clear()
        for name in [n for n, m in sys.modules.items() if _lies_in(m, added)]:
            del sys.modules[name]


def _lies_in(module, folders):
    file = getattr(module, "__file__", None) or ""
    return any(file.startswith(f"{folder}/") for folder in folders)
