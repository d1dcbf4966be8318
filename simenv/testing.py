"""For the tests of authors of plugins: `simenv.testing.conform("calendar")` runs the conformance suite, one call."""

from simenv.conform.checks import CHECKS, GARBAGE, NotChecked, Subject, conform
from simenv.conform.other import conform_plugin

__all__ = ["CHECKS", "GARBAGE", "NotChecked", "Subject", "conform", "conform_plugin"]
