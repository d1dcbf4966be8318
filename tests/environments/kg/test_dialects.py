"""AgentBench's protocols: shape of the chat, reading and writing, exact messages."""

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.random import default_rng

from simenv import plugins
from simenv.config import Experiment
from simenv.dialects import PromptContext, segments, trimmed
from simenv.plugins.environments.kg.teacher import Teacher
from simenv.rollout.run import Rollout
from simenv.types import Action, Call, Message, Move, Observation, Reply, Stop

KG = plugins.environment("kg")
TEXT, CALLS = KG.dialect("agentbench"), KG.dialect("agentbench-fc")
BRIEF = PromptContext(
    overview="", instruction="who?", observation=Observation(text="Entities: [Ann, Bob]"), preface="Be brief."
)
CANNOT = "{} cannot be executed. You may make a mistake and need to fix it."
SYNTAX = "I may make a syntax error when calling {} (e.g., unmatched parenthesis). I need to fix it and reuse the tool"

word = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9 .'-]{0,20}[A-Za-z0-9.]", fullmatch=True) | st.from_regex(
    r"#\d", fullmatch=True
)
relation = st.from_regex(r"[a-z]+\.[a-z_]+", fullmatch=True)
actions = st.one_of(
    st.tuples(st.sampled_from(["get_relations", "get_attributes", "count"]), word).map(
        lambda a: Action(name=a[0], arguments={"variable": a[1]})
    ),
    st.tuples(word, relation).map(
        lambda a: Action(name="get_neighbors", arguments={"variable": a[0], "relation": a[1]})
    ),
    st.tuples(st.sampled_from(["argmax", "argmin"]), word, relation).map(
        lambda a: Action(name=a[0], arguments={"variable": a[1], "attribute": a[2]})
    ),
    st.tuples(word, word).map(lambda a: Action(name="intersection", arguments={"variable1": a[0], "variable2": a[1]})),
    st.integers(0, 99).map(lambda n: Action(name="answer", arguments={"variable": f"#{n}"})),
)


@pytest.mark.parametrize("dialect", [TEXT, CALLS], ids=["text", "calls"])
@given(actions)
def test_a_written_move_is_read_back(dialect, action):
    parsed = dialect.parse(dialect.render(Move(thought="I think so.", action=action), 3))
    assert (parsed.thought, [s.action for s in parsed.spoken]) == ("I think so.", [action])


@pytest.mark.parametrize("dialect", [TEXT, CALLS], ids=["text", "calls"])
@given(st.text(), st.text())
def test_any_text_is_read_without_an_exception(dialect, text, name):
    assert dialect.parse(Reply(text=text)).spoken
    assert dialect.parse(Reply(text=f"Action: {name}({text})")).spoken
    assert dialect.parse(Reply(text=text, calls=(Call(id="1", name=name, arguments=text),))).spoken


def test_the_text_chat_has_the_shape_of_agentbench():
    chat = TEXT.opening(BRIEF)
    assert [m.role for m in chat] == ["user", "assistant"] * 9 + ["user"]
    assert "Be brief." in chat[0].content and "15 turns" in chat[0].content
    assert chat[2].content.startswith("Question: ") and "\nEntities: [" in chat[2].content
    assert chat[3].content.splitlines()[1] == "Action: get_relations(Venice)"
    assert chat[4].content.startswith("Observation: [")
    assert chat[17].content.endswith("\nFinal Answer: #3")
    assert chat[18].content == "A new question: who?\nEntities: [Ann, Bob]"
    assert not any(m.train for m in chat) and TEXT.max_turns == 15 and not TEXT.tools


def test_the_chat_of_calls_has_them_too():
    chat = CALLS.opening(BRIEF)
    assert chat[0].role == "system" and [len(m.calls) for m in chat if m.role == "assistant"] == [1] * 7 + [0]
    assert all(m.call_id == before.calls[0].id for before, m in pairwise(chat) if m.role == "tool")
    assert {t["function"]["name"] for t in CALLS.tools} == set(KG.world.actions) - {"answer"}


@pytest.mark.parametrize(
    ("text", "name", "arguments"),
    [
        ("Thought: x\nAction: get_relations(Ann)", "get_relations", ["Ann"]),
        ("Action: get\\_neighbors(#0, a.b\\_c)", "get_neighbors", ["#0", "a.b_c"]),
        ("Action 1: count(#0) \nAction: count(#1)", "count", ["#0"]),
        ("Action: get_relations(Ann)\nObservation: [made.up]\nFinal Answer: #0", "get_relations", ["Ann"]),
        ("Action: get_relations(Ann)\nFinal Answer: #4", "answer", ["#4"]),
        ("I Find Answer: #2", "answer", ["#2"]),
        ("Action: I take intersection(variable #0,  variable #1)", "intersection", ["variable #0", "variable #1"]),
        ("Action: foo(1) then argmin(#0, x.y)", "argmin", ["#0", "x.y"]),
        ("Action: count(#0, #1) or count(#0)", None, None),
        ("Action: get_relations(Messiah (Dublin Version)", "get_relations", ["Messiah (Dublin Version"]),
    ],
)
def test_text_is_read_as_agentbench_reads_it(text, name, arguments):
    action = TEXT.parse(Reply(text=text)).spoken[0].action
    assert (action and action.name, action and list(action.arguments.values())) == (name, arguments)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "No executable function found! Need to recheck the action."),
        ("Thought: hm\n Action: count(#0)", "No executable function found! Need to recheck the action."),
        ("Final Answer: 3", "No executable function found! Need to recheck the action."),
        ("Action: none", "Function is not executed!"),
        ("Action: get_relations(Ann", SYNTAX.format("get_relations")),
        ("Action: get_relations()", SYNTAX.format("get_relations")),
        ("Action: find(Ann)", SYNTAX.format("find")),
        ("Action: answer(#0)", SYNTAX.format("answer")),
        ("Action: get_neighbors(Ann)", CANNOT.format("get_neighbors(Ann)")),
        ("Action: count(a,b)", CANNOT.format("count(a, b)")),
        (
            "Action: intersection(#0)",
            "intersection(#0) cannot be executed. The two variables are not of the same type. "
            "You may further explore them by call get_relations",
        ),
    ],
)
def test_text_that_cannot_be_read_gets_agentbenchs_words(text, error):
    spoken = TEXT.parse(Reply(text=text)).spoken[0]
    assert (spoken.action, spoken.error, spoken.stop) == (None, error, None)
    seen = TEXT.observe(Observation(text=error, invalid=True), spoken)
    assert (seen.role, seen.content) == ("user", error)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (Call(id="1", name="find", arguments="{}"), "Provide an invalid function name. Function find does not exist"),
        (
            Call(id="1", name="answer", arguments="{}"),
            "Provide an invalid function name. Function answer does not exist",
        ),
        (Call(id="1", name="count", arguments='{"v": 1}'), "Arguments do not match the function signature. "),
        (Call(id="1", name="count", arguments="[]"), "Arguments do not match the function signature. "),
        (Call(id="1", name="count", arguments="{"), "Error processing tool call: "),
    ],
)
def test_a_wrong_call_gets_agentbenchs_words(call, error):
    spoken = CALLS.parse(Reply(calls=(call,))).spoken[0]
    assert spoken.action is None and spoken.error.startswith(error)
    assert CALLS.observe(Observation(text=error, invalid=True), spoken).call_id == "1"


def test_a_text_without_calls_or_answer_ends_the_episode():
    spoken = CALLS.parse(Reply(text="I give up.")).spoken[0]
    assert spoken.stop is Stop.invalid_format
    assert spoken.error == "No valid function calls found! Need to recheck the function calls."


@pytest.mark.parametrize(
    ("text", "count"), [("", 0), ("a", 1), ("abcdefg", 1), ("abcdefgh", 2), ("a b\nc", 3), ("a.b!", 4), ("12", 2)]
)
def test_segments(text, count):
    assert segments(text) == count


def test_a_long_chat_is_cut_as_agentbench_cuts_it():
    chat = [Message(role=("user", "assistant")[n % 2], content="word " * 1000) for n in range(7)]
    sent = trimmed(chat)
    assert sent[0].content.endswith("\n\n[NOTICE] 4 messages are omitted.") and sent[1:] == (chat[5], chat[6])
    short = [*chat[:6], chat[6].model_copy(update={"content": "word " * 400})]
    assert trimmed(short)[1:] == (short[5], short[6]), "the oldest that is kept is the agent's"
    assert trimmed(chat[:3]) == tuple(chat[:3])


@pytest.mark.parametrize("name", ["agentbench", "agentbench-fc", "react", "tools"])
def test_the_expert_plays_in_every_dialect(name):
    experiment = Experiment.model_validate(
        {"environments": {"kg": {"episodes": 3}}, "agent": {"name": "expert"}, "dialect": name}
    )
    rollout = Rollout(experiment)
    for n in range(3):
        task = Teacher(Teacher.Options(difficulty=3)).make(f"t{n}", default_rng(n))
        trajectory = asyncio.run(rollout.episode(task))
        assert trajectory.stop is Stop.submitted and trajectory.grade.success
