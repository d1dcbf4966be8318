"""What is written is read back; what cannot be read is said so."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simenv import plugins
from simenv.errors import ConfigError
from simenv.types import Action, Call, Move, Observation, Reply
from simenv.world import Engine, action


class Desk(Engine):
    overview = ""

    @action
    def search(self, query: str) -> str:
        """Search."""
        return query

    @action(submit=True)
    def commit(self, answers: list[str]) -> list[str]:
        """Answer."""
        return answers

    @action
    def book(self, room: str, nights: int = 1) -> str:
        """Book."""
        return f"{room} {nights}"

    @action
    def look(self) -> str:
        """Look."""
        return ""


ACTIONS = Desk.actions
REACT, TOOLS, SHORT = (plugins.load("dialects", name)(ACTIONS) for name in ("react", "tools", "short"))

arguments = st.one_of(
    st.tuples(st.just("search"), st.fixed_dictionaries({"query": st.text()})),
    st.tuples(st.just("commit"), st.fixed_dictionaries({"answers": st.lists(st.text())})),
    st.tuples(st.just("book"), st.fixed_dictionaries({"room": st.text(), "nights": st.integers(-(2**53), 2**53)})),
    st.tuples(st.just("look"), st.just({})),
)


@pytest.mark.parametrize("spoken", [REACT, TOOLS], ids=["react", "tools"])
@given(arguments)
def test_a_written_move_is_read_back(spoken, named):
    move = Move(thought="I think.", action=Action(name=named[0], arguments=named[1]))
    parsed = spoken.parse(spoken.render(move, 0))
    assert parsed.thought == "I think."
    assert [s.action for s in parsed.spoken] == [move.action]


@given(arguments)
def test_the_short_dialect_reads_back_what_it_writes_and_has_no_thoughts(named):
    move = Move(thought="I think.", action=Action(name=named[0], arguments=named[1]))
    parsed = SHORT.parse(SHORT.render(move, 0))
    assert parsed.thought == ""
    assert [s.action for s in parsed.spoken] == [move.action]


@pytest.mark.parametrize(
    ("done", "text"),
    [
        (Action(name="search", arguments={"query": "SELECT 1"}), "search SELECT 1"),
        (Action(name="search", arguments={"query": '"a"'}), r'search "\"a\""'),
        (Action(name="search", arguments={"query": "a\nb"}), r'search "a\nb"'),
        (Action(name="commit", arguments={"answers": ["a", "é"]}), 'commit ["a", "é"]'),
        (Action(name="book", arguments={"room": "r", "nights": 2}), 'book {"room": "r", "nights": 2}'),
        (Action(name="look"), "look"),
    ],
)
def test_the_short_dialect_is_a_line_an_action(done, text):
    assert SHORT.render(Move(thought="Long.", action=done), 0).text == text


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("serch x", "did you mean 'search'"),
        ("", "unknown action ''"),
        ("book 3", "expected a JSON object with room, nights"),
        ("search a\nI will now search for a", "search: expected one line"),
    ],
)
def test_the_short_dialect_says_what_it_could_not_read(text, error):
    assert error in SHORT.parse(Reply(text=text)).spoken[0].error


@pytest.mark.parametrize("spoken", [REACT, TOOLS, SHORT], ids=["react", "tools", "short"])
@given(st.text())
def test_any_text_is_read_without_an_exception(spoken, text):
    calls = (Call(id="1", name="search", arguments=text),)
    assert spoken.parse(Reply(text=text, calls=calls)).spoken


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("Thought: x\nAction: search\nAction Input: SELECT 1", {"query": "SELECT 1"}),
        ('Thought: x\nAction: search\nAction Input: {"query": "a"}', {"query": "a"}),
        ("Action: search\nAction Input: ```sql\nSELECT 1;\n```", {"query": "SELECT 1;"}),
        ("Action: search\nAction Input: a\nb\nObservation: made up\nAction: look", {"query": "a\nb"}),
        ('Action: search\nAction Input: "quoted"', {"query": "quoted"}),
        ('Action: commit\nAction Input: ["a", "b"]', {"answers": ["a", "b"]}),
        ("Action: search\nAction Input: 42", {"query": "42"}),
        ("Action: search\nAction Input: [1]", {"query": "[1]"}),
        ("Action: look", {}),
        ("Action: look\nAction Input:", {}),
        ("Action: search\nAction Input: {not json", {"query": "{not json"}),
    ],
)
def test_react_reads_the_usual_ways_of_writing(text, action):
    assert REACT.parse(Reply(text=text)).spoken[0].action.arguments == action


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("I would search for it.", "no action found"),
        ("Action: serch\nAction Input: a", "did you mean 'search'?"),
        ("Action: book\nAction Input: a", "expected a JSON object with room, nights"),
        ("Observation: x\nThought: y", "no action found"),
        ("Action: book\nObservation: no\nAction: search\nAction Input: {}", "expected a JSON object with room, nights"),
    ],
)
def test_react_says_what_it_could_not_read(text, error):
    spoken = REACT.parse(Reply(text=text)).spoken[0]
    assert spoken.action is None and error in spoken.error


def test_a_tool_call_is_read_or_says_why_not():
    calls = [("a", "look", "{}"), ("b", "look", "{"), ("c", "fly", "{}"), ("d", "look", "[]"), ("e", "look", "")]
    spoken = [TOOLS.parse(Reply(calls=(Call(id=i, name=n, arguments=x),))).spoken[0] for i, n, x in calls]
    assert [s.action is not None for s in spoken] == [True, False, False, False, True]
    assert [TOOLS.observe(Observation(text="t"), s).call_id for s in spoken] == ["a", "b", "c", "d", "e"]
    assert "unknown tool 'fly'" in spoken[2].error


def test_tool_schemas_are_those_of_the_signatures():
    schema = next(t["function"] for t in TOOLS.tools if t["function"]["name"] == "book")
    assert schema["parameters"]["properties"]["nights"] == {"default": 1, "type": "integer"}
    assert schema["parameters"]["required"] == ["room"]
    assert json.loads(json.dumps(schema)) == schema


def test_deeply_nested_arguments_are_an_error_of_the_agent():
    deep = "[" * 100_000
    assert TOOLS.parse(Reply(calls=(Call(id="1", name="look", arguments=deep),))).spoken[0].action is None
    assert REACT.parse(Reply(text=f"Action: book\nAction Input: {deep}")).spoken[0].action is None


def test_an_unknown_dialect_names_the_known_ones():
    with pytest.raises(ConfigError, match="react, short, tools; did you mean 'react'"):
        plugins.environment("counter").dialect("reactt")
