"""Patterns of strangers: bounded before they are compiled, and timed when they search."""

import resource
import subprocess
import sys
import time

import pytest

from simenv import patterns
from simenv.errors import InvalidAction, WorldError
from simenv.plugins.definition import ActionDefinition
from simenv.world import JsonAction
from tests import ROOT

REFUSED = {
    "nested counts": "(" * 20 + "a" + "{1,100})" * 20,
    "exact counts": "((((a{500}){500}){500}){500}){500}",
    "deep": "(" * 4900 + ")" * 4900,
    "long": "a" * 10_001,
    "open": "(?P<a>",
    "huge count": "x{99999999999}",
    "counts side by side": "a{60000}" * 3,
    "behind": "(?<=a*)b",
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_pattern_that_is_none_or_too_large_is_refused_soon_and_small(name):
    code = f"from simenv import patterns\npatterns.check({REFUSED[name]!r}, 'here')"
    before = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30)),
    )  # fmt: skip
    assert "WorldError: here: " in done.stderr and "regular expression" in done.stderr, done.stderr[-500:]
    assert time.monotonic() - before < 60  # most of it is starting Python


@pytest.mark.parametrize(
    "pattern", [r"\d{1,400}", r"(\d{1,3}\.){3}\d{1,3}", r"^(a|b)+$", r"(?i)[\w.]{2,50}@x", "", r"a{1000}"]
)
def test_honest_patterns_pass(pattern):
    patterns.check(pattern, "here")


def test_schemas_of_defined_actions_hold_bounded_patterns_that_are_timed():
    def parameters(**more):
        return {"type": "object", "properties": {"a": {"type": "string"} | more}}

    for wrong in (parameters(pattern=REFUSED["nested counts"]), parameters(patternProperties={"^(a+)+$": {}})):
        with pytest.raises(ValueError, match=r"repeats more than|must hold no"):
            ActionDefinition(name="a", description="x", parameters=wrong)
    action = JsonAction(
        "a", "", ActionDefinition(name="a", description="x", parameters=parameters(pattern="^(a|a)+$b")).parameters
    )
    before = time.process_time()
    with pytest.raises(InvalidAction, match="does not match"):
        action.read({"a": "a" * 60})
    assert time.process_time() - before < 6


def test_the_error_has_its_place():
    with pytest.raises(WorldError, match=r"os goal: a regular expression of 10001 characters; at most 10000"):
        patterns.check("a" * 10_001, "os goal")
