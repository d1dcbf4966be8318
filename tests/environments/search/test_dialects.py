"""ReAct's brackets: what is read, and that a move is read back as it was written."""

import pytest

from simenv.dialects import PromptContext
from simenv.plugins import environment
from simenv.types import Action, Move, Observation, Reply

DIALECT = environment("search").dialect("brackets")


def action(name, **arguments):
    return Action(name=name, arguments=arguments)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Thought 1: hm\nAction 1: Search[Ann Lee]", action("search", query="Ann Lee")),
        ("Thought: hm\nAction: search[f(x) = a[0]]", action("search", query="f(x) = a[0]")),
        ("Action: Lookup[born]\nObservation: made up\nAction: Finish[x]", action("lookup", keyword="born")),
        ("**Action:** Open[p2]", action("open", page="p2")),
        ("Action: Finish[3 May 1870]\nSource: p2", action("finish", answer="3 May 1870", source="p2")),
        ("<think>Action: Search[no]</think>Action: Finish[yes]", action("finish", answer="yes")),
    ],
)
def test_an_action_in_brackets_is_read(text, expected):
    assert DIALECT.parse(Reply(text=text)).spoken[0].action == expected


@pytest.mark.parametrize("text", ["", "I do not know.", "Action: Fly[home]", "Action: Search[open", "Search[x]"])
def test_what_is_no_action_is_told(text):
    (spoken,) = DIALECT.parse(Reply(text=text)).spoken
    assert spoken.action is None and "Search" in spoken.error


def test_of_two_actions_the_first_is_taken():
    parsed = DIALECT.parse(Reply(text="Action: Search[a]\nAction: Search[b]"))
    assert parsed.spoken[0].action == action("search", query="a") and parsed.surplus == 1
    assert parsed.acted.characters == len("Action: Search[a]")


def test_a_move_is_read_back_as_it_was_written():
    for move in (action("search", query="a b"), action("open", page="p1"), action("finish", answer="x", source="p1")):
        parsed = DIALECT.parse(DIALECT.render(Move(thought="so it is", action=move), 1))
        assert parsed.spoken[0].action == move and parsed.thought == "so it is"
    opening = DIALECT.opening(PromptContext(overview="", instruction="Who?", observation=Observation(text="")))
    assert opening[1].content == "Question: Who?" and "Finish[unknown]" in opening[0].content
