"""How the react dialect reads what models write: as it was meant, and never an action that was only talked about."""

import json
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simenv import plugins
from simenv.dialects import react
from simenv.dialects.react import React
from simenv.dialects.short import Short
from simenv.models.calls import read_calls
from simenv.types import Reply
from simenv.world import Engine, action


class Shop(Engine):
    overview = ""

    @action
    def query(self, sql: str) -> str:
        """Run a statement."""
        return sql

    @action
    def put(self, item: int | str, label: str) -> str:
        """Put a label on an item."""
        return label

    @action
    def open_item(self, item: int | str) -> str:
        """Open an item."""
        return ""

    @action
    def page(self, direction: str = "down") -> str:
        """Turn a page."""
        return direction

    @action(submit=True)
    def submit(self, values: list[str]) -> list[str]:
        """Answer."""
        return values

    @action(submit=True)
    def leave(self) -> None:
        """Give up."""


class Room(Engine):
    overview = ""

    @action
    def do(self, command: str) -> str:
        """Do something."""
        return command

    @action(submit=True)
    def say(self, text: str) -> str:
        """Answer."""
        return text


SHOP, ROOM = React(Shop.actions), React(Room.actions)


def read(dialect, text):
    [spoken] = dialect.parse(Reply(text=text)).spoken
    return (spoken.action.name, spoken.action.arguments) if spoken.action else spoken.error


INPUTS = {
    "object": '{"sql": "SELECT 1"}',
    "bare": "SELECT 1",
    "fence": "\n```sql\nSELECT 1\n```",
    "fence with an object": '```json\n{"sql": "SELECT 1"}\n```',
    "fence after a sentence": "The statement is:\n```sql\nSELECT 1\n```",
    "fence before a sentence": "```\nSELECT 1\n```\nIt gives one row.",
    "backticks": "`SELECT 1`",
    "double quotes": '"SELECT 1"',
    "single quotes": "'SELECT 1'",
    "object before a sentence": '{"sql": "SELECT 1"}\n\nNow I wait.',
    "object before a remark": '{"sql": "SELECT 1"} <- one row',
    "bare before a sentence": "SELECT 1\n\nThis should give one row.",
    "Python": "{'sql': 'SELECT 1'}",
    "trailing comma": '{"sql": "SELECT 1",}',
    "another name": '{"statement": "SELECT 1"}',
    "its name and a quoted value": 'sql="SELECT 1"',
    "lines": '{\n  "sql": "SELECT 1"\n}',
}
LABELS = {
    "plain": ("Thought: t\nAction: ", "\nAction Input: "),
    "bold": ("**Thought:** t\n**Action:** ", "\n**Action Input:** "),
    "bold words": ("**Thought**: t\n\n**Action**: ", "\n\n**Action Input**: "),
    "lower case": ("thought: t\naction: ", "\naction input: "),
    "headings": ("## Thought\nt\n\n## Action\n", "\n\n## Action Input\n"),
    "headings with colons": ("### Thought:\nt\n### Action:\n", "\n### Action Input:\n"),
    "list": ("* Thought: t\n* Action: ", "\n* Action Input: "),
    "short": ("Thought: t\nAction: ", "\nInput: "),
    "quoted": ("> Thought: t\n> Action: ", "\n> Action Input: "),
}


@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("written", INPUTS)
def test_every_way_to_write_an_input_under_every_kind_of_label(labels, written):
    opening, label = LABELS[labels]
    parsed = SHOP.parse(Reply(text=f"{opening}query{label}{INPUTS[written]}"))
    assert [s.action.arguments for s in parsed.spoken] == [{"sql": "SELECT 1"}] and parsed.thought == "t"


@pytest.mark.parametrize("markup", ["`{}`", "**{}**", "{}.", '"{}"', "{}:", "_{}_", " {} "])
def test_a_name_may_stand_in_markup(markup):
    for name in ("query", "Query", "QUERY"):
        text = f"Thought: t\nAction: {markup.format(name)}\nAction Input: SELECT 1"
        assert read(SHOP, text) == ("query", {"sql": "SELECT 1"})
    for name in ("open-item", "Open Item", "open_item"):
        assert read(SHOP, f"Thought: t\nAction: {markup.format(name)}\nAction Input: 3") == ("open_item", {"item": 3})


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('query({"sql": "SELECT 1"})', ("query", {"sql": "SELECT 1"})),
        ("query(\"SELECT f(1), 'a'\")", ("query", {"sql": "SELECT f(1), 'a'"})),
        ("query(SELECT COUNT(*) FROM t)", ("query", {"sql": "SELECT COUNT(*) FROM t"})),
        ('`query(sql="SELECT 1")`', ("query", {"sql": "SELECT 1"})),
        ("query(\n  sql='SELECT 1',\n)", ("query", {"sql": "SELECT 1"})),
        ('query {"sql": "SELECT 1"}', ("query", {"sql": "SELECT 1"})),
        ("query SELECT 1", ("query", {"sql": "SELECT 1"})),
        ("put(4, 'A, B')", ("put", {"item": 4, "label": "A, B"})),
        ("put(label='x', item=4)", ("put", {"item": 4, "label": "x"})),
        ("open_item(7)", ("open_item", {"item": 7})),
        ("leave()", ("leave", {})),
        ("leave\n\nThere is nothing to be done.", ("leave", {})),
        ("query\n```sql\nSELECT 1\n```", ("query", {"sql": "SELECT 1"})),
    ],
)
def test_an_input_may_stand_on_the_line_of_the_action(line, expected):
    assert read(SHOP, f"Thought: t\nAction: {line}") == expected


@pytest.mark.parametrize(
    ("name", "text", "arguments"),
    [
        ("put", "4, a label, with a comma", {"item": 4, "label": "a label, with a comma"}),
        ("put", "item: 4\nlabel: x y", {"item": 4, "label": "x y"}),
        ("put", 'item="shelf", label="x"', {"item": "shelf", "label": "x"}),
        ("put", '[4, "x"]', {"item": 4, "label": "x"}),
        ("put", '{"item": "4", "label": 5}', {"item": "4", "label": "5"}),
        ("open_item", "7", {"item": 7}),
        ("open_item", "[7]", {"item": 7}),
        ("open_item", "item 7", {"item": "item 7"}),
        ("open_item", "number=7", {"item": 7}),
        ("open_item", "item: 7", {"item": 7}),
        ("open_item", '{"item": 7}\n\nIt opens.', {"item": 7}),
        ("page", "", {}),
        ("page", "{}", {}),
        ("page", "up", {"direction": "up"}),
        ("submit", "[3, true]", {"values": ["3", "true"]}),
        ("submit", "['a', \"b's\"]", {"values": ["a", "b's"]}),
        ("submit", "Ann Lee", {"values": ["Ann Lee"]}),
        ("submit", "3", {"values": ["3"]}),
        ("submit", '{"values": "a"}', {"values": ["a"]}),
        ("submit", '["a"]\n\nLet me know!', {"values": ["a"]}),
        ("leave", "None", {}),
        ("leave", "n/a", {}),
        ("leave", "{}", {}),
        ("leave", "I am done.", {}),
    ],
)
def test_an_input_has_the_types_of_its_action(name, text, arguments):
    assert read(SHOP, f"Thought: t\nAction: {name}\nAction Input: {text}") == (name, arguments)


@pytest.mark.parametrize(
    "text",
    ['{"sql": NaN}', '{"sql": "\\ud800"}', '["\\udfff"]', "Infinity", '"\\ud800"', '{"sql": "a", "b": -Infinity}'],
)
def test_what_cannot_be_stored_is_text_or_an_error(text):
    for name in ("query", "submit", "open_item", "put", "leave"):
        [spoken] = SHOP.parse(Reply(text=f"Action: {name}\nAction Input: {text}")).spoken
        if spoken.action:
            assert json.loads(spoken.action.model_dump_json()) == {"name": name, "arguments": spoken.action.arguments}


def test_a_command_may_stand_for_the_only_action_that_takes_one():
    assert read(ROOM, "Thought: t\nAction: open the drawer 2") == ("do", {"command": "open the drawer 2"})
    assert read(ROOM, "Thought: t\nAction: do\nAction Input: open the drawer 2.") == (
        "do",
        {"command": "open the drawer 2"},
    )
    assert read(ROOM, "Action: say\nAction Input: It is done.") == ("say", {"text": "It is done."})
    assert "unknown action 'dance'" in read(ROOM, "Thought: t\nAction: dance")
    assert "unknown action 'SELECT 1'" in read(SHOP, "Thought: t\nAction: SELECT 1")


SCRIPT = "cat > /tmp/notes <<'END'\nAction: query\nObservation: none\nEND\necho done"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"Action: do\nAction Input: {SCRIPT}", SCRIPT),
        (f"Action: do\nAction Input:\n```bash\n{SCRIPT}\n```", SCRIPT),
        ("Action: do\nAction Input: [ -f a ] && echo yes", "[ -f a ] && echo yes"),
        ("Action: do\nAction Input: { echo a; echo b; }", "{ echo a; echo b; }"),
        ('Action: do\nAction Input: "$HOME/run" --now', '"$HOME/run" --now'),
        ("Action: do\nAction Input: ls\n\ncd /tmp\n\nls -l", "ls\n\ncd /tmp\n\nls -l"),
        ("Action: do\nAction Input: echo $((1 << n))\nn", "echo $((1 << n))\nn"),
        ("Action: do\nAction Input: cd ..", "cd .."),
        ("Action: do\nAction Input: find .", "find ."),
        ('Action: do\nAction Input: echo "It\'s"', 'echo "It\'s"'),
        ("Action: do\nAction Input: 'a' 'b'", "'a' 'b'"),
        ("Action: do\nAction Input: command=5; echo $command", "command=5; echo $command"),
    ],
)
def test_a_text_that_looks_like_markup_stays_as_it_is(text, expected):
    assert read(ROOM, f"Thought: t\n{text}") == ("do", {"command": expected})


@pytest.mark.parametrize("tag", ["think", "thinking", "THINK", "reasoning"])
def test_what_is_only_thought_of_is_not_run(tag):
    thinking = f"<{tag}>\nI could delete it:\nAction: query\nAction Input: DELETE FROM t\nNo.\n</{tag}>"
    parsed = SHOP.parse(Reply(text=f"{thinking}\nThought: I only look.\nAction: query\nAction Input: SELECT 1"))
    assert parsed.spoken[0].action.arguments == {"sql": "SELECT 1"}
    assert (
        parsed.thought.endswith("I only look.") and "I could delete it" in parsed.thought and "<" not in parsed.thought
    )
    for unfinished in (thinking, thinking.partition("No.")[0]):
        assert "no action found" in read(SHOP, unfinished)
    opened_in_the_prompt = thinking.partition("\n")[2]
    assert read(SHOP, f"{opened_in_the_prompt}\nAction: leave") == ("leave", {})
    short = Short(Shop.actions).parse(Reply(text=f"<{tag}>query DELETE FROM t</{tag}>\nquery SELECT 1"))
    assert short.spoken[0].action.arguments == {"sql": "SELECT 1"}


def test_a_call_that_is_only_thought_of_is_none():
    call = '<tool_call>\n{{"name": "query", "arguments": {{"sql": "{}"}}}}\n</tool_call>'
    thinking = f"<think>\nPerhaps {call.format('DELETE FROM t')}\nbut no.\n</think>"
    text, [read] = read_calls(f"{thinking}\nI look.\n{call.format('SELECT 1')}", "c")
    assert read.arguments == '{"sql": "SELECT 1"}' and text == f"{thinking}\nI look."
    assert read_calls(thinking, "c") == (thinking, ())
    text, [bare] = read_calls(f'{thinking}\n{{"name": "query", "arguments": {{"sql": "x"}}}}', "c")
    assert bare.name == "query" and text == thinking


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Action: qery\nAction Input: a\nThought: u\nAction: leave", "did you mean 'query'"),
        ("Action: qery\nObservation: rows\nAction: leave", "did you mean 'query'"),
        ("Thought: t\n```\nAction: leave\n```", "no action found"),
        ("I would take Action: leave", "no action found"),
        ("Observation: x\nThought: y", "no action found"),
        ("Action: put\nAction Input: 4", "expected a JSON object with item, label"),
        ("Action: query\nAction Input: a\nObservation: b\nAction: leave", ("query", {"sql": "a"})),
        ("Action: query\nAction Input: a\nThought: next\nAction: leave", ("query", {"sql": "a"})),
        ("The plan:\nAction: look first, then act.\nAction: query\nAction Input: a", ("query", {"sql": "a"})),
        ('<tool_call>\n{"name": "query", "arguments": {"sql": "a"}}', ("query", {"sql": "a"})),
        ('<tool_call>\n{"name": "qery", "arguments": {}}', "did you mean 'query'"),
        ('<tool_call>{"name": 5}', "no action found"),
    ],
)
def test_the_first_action_that_is_meant_is_taken(text, expected):
    result = read(SHOP, text)
    assert expected in result if isinstance(expected, str) else result == expected


PIECES = st.sampled_from(
    ["a", " ", "command", "=", ":", "'", '"', "`", "<think>", "<<E", ".", "(", "{", "[1]", "#", "\t", "Action:"]
)


@given(st.lists(PIECES, max_size=8).map("".join), st.lists(PIECES, max_size=5).map("".join))
def test_the_usual_form_is_read_as_a_closer_look_reads_it(value, thought):
    text = f"Thought: {thought}\nAction: do\nAction Input: {value}"
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(react, "_WRITTEN", re.compile(r"(?!)"))
        closely = ROOM.parse(Reply(text=text))
    assert ROOM.parse(Reply(text=text)) == closely


@pytest.mark.parametrize(
    "part", ["<<a\n", "```x\n", "<think>", "</think>\n", "{'a':", "[", "(", '"', "a,", "Action:", "**"]
)
def test_hostile_repetitions_are_read_in_linear_time(part):
    started = time.process_time()
    for opening in ("", "Action: query\nAction Input: ", "Action: put(", "Action: put\nAction Input: "):
        SHOP.parse(Reply(text=opening + part * (200_000 // len(part))))
    assert time.process_time() - started < 4


TURNS = Path(__file__).parents[3] / "shared" / "cases" / "agent_turns.jsonl"


def test_turns_that_a_strong_model_wrote_are_read_as_meant():
    """Turns of the case files, in the styles in which a model wrote them for a person to read."""
    if not TURNS.is_file():
        pytest.skip("there are no case files")
    turns = [json.loads(line) for line in TURNS.read_text(encoding="utf-8").splitlines()]
    wrong = []
    for turn in turns:
        [spoken] = React(plugins.environment(turn["environment"]).world.actions).parse(Reply(text=turn["turn"])).spoken
        if (spoken.action and {"action": spoken.action.name, "arguments": spoken.action.arguments}) != turn["meant"]:
            wrong.append((turn["style"], spoken))
    assert len(turns) == 75 and not wrong
