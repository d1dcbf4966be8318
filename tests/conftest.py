"""Test plugins are found beside the real ones."""

from pathlib import Path

import pytest
from hypothesis import settings

from simenv import plugins
from tests import DATA

HERE = Path(__file__).parent
plugins.add(HERE / "plugins")
settings.register_profile("simenv", deadline=None, derandomize=True)  # a slow machine is no failure
settings.load_profile("simenv")


@pytest.fixture(scope="session")
def data():
    if not DATA.is_dir():
        pytest.skip(f"no {DATA}")
    return DATA
