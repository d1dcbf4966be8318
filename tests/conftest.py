"""Test plugins are found beside the real ones."""

from pathlib import Path

from simenv import plugins

HERE = Path(__file__).parent
plugins.add(HERE / "plugins")
