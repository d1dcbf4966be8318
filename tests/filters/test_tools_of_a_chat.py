"""The tools that were sent with a chat say which actions exist, in whichever of both forms they were written."""

import pytest

from simenv import plugins
from simenv.types import Stop
from tests.helpers.trajectories import observation, submission, trajectory, turn

WRAPPED = {"type": "function", "function": {"name": "query"}}
BARE = {"name": "query", "input_schema": {"type": "object"}}


@pytest.mark.parametrize("tool", [WRAPPED, BARE], ids=["wrapped", "bare"])
@pytest.mark.parametrize(("name", "decision"), [("query", "keep"), ("qery", "drop")])
def test_an_action_exists_if_a_tool_has_its_name(tool, name, decision):
    t = trajectory((turn("I look.", name, "1"), observation("[(1,)]")), stop=Stop.submitted, tools=(tool,))
    judge = plugins.load("filters", "allowed_actions")
    verdict = judge().judge(t)
    assert verdict.decision == decision and (decision == "keep" or verdict.reason == "action does not exist")


def test_so_many_unknown_or_refused_actions_are_let_pass_and_no_more():
    kind = plugins.load("filters", "allowed_actions")
    unknown = (turn("I look.", "qery", "1"), observation("no", invalid=True))
    refused = (turn("I look.", "query", "1"), observation("no", invalid=True))
    last = (turn("One.", "query", "1"), submission(["1"]))

    def decided(*turns, **options):
        options = kind.Options.model_validate({"actions": {"db": ["query"]}} | options)
        return kind(options).judge(trajectory(*turns, last)).decision

    assert decided(unknown, unknown, unknown=2) == "keep" and decided(unknown, unknown, unknown=1) == "drop"
    assert decided(refused, refused, refused=2) == "keep" and decided(refused, refused, refused=1) == "drop"
    assert decided(refused, refused, refused) == "keep"
