"""Test plugins are found beside the real ones."""

from pathlib import Path

from hypothesis import settings

from simenv import plugins

HERE = Path(__file__).parent
plugins.add(HERE / "plugins")
settings.register_profile("simenv", deadline=None, derandomize=True)  # a slow machine is no failure
settings.load_profile("simenv")
