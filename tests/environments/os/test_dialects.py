"""AgentBench's ways of talking about the OS: what is written is read back, what its rules say holds to the letter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simenv import plugins
from simenv.dialects import ParsedAction, PromptContext
from simenv.types import Action, Call, Move, Observation, Reply, Stop

TEXT, CALLS = (plugins.environment("os").dialect(n) for n in ("agentbench", "agentbench-fc"))
BRIEF = PromptContext(overview="", instruction="Count the users.", observation=Observation(text=""))
line = st.text(st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1).map(str.strip).filter(bool)


def read(text):
    return TEXT.parse(Reply(text=text)).spoken[0]


@pytest.mark.parametrize(
    ("text", "name", "arguments"),
    [
        ("Think: x\n\nAct: bash\n\n```bash\nls\n```", "bash", {"script": "ls"}),
        ("Act: bash\n```bash\na\n```\nand\n```bash\nb\n```", "bash", {"script": "a\n\nb"}),
        ("Act: BASH now", "bash", {"script": ""}),
        ("Think: done\nAct: finish", "finish", {}),
        ("Act: answer(220)", "answer", {"answer": "220"}),
        ("Act: answer(f(x) (y))", "answer", {"answer": "f(x) (y)"}),
        ("Act: bash\n```bash\nls\n```\nAct: answer(5)", "answer", {"answer": "5"}),
        ("Act: finish\nAct: answer 5", "finish", {}),
    ],
)
def test_the_last_act_that_is_one_counts(text, name, arguments):
    assert read(text).action == Action(name=name, arguments=arguments)


@pytest.mark.parametrize("text", ["", "I would look around.", "Act: dance", "Act: answer 5", "Think: only"])
def test_a_reply_without_an_act_ends_the_episode_as_an_invalid_action(text):
    assert read(text).action is None and read(text).stop is Stop.too_many_invalid


@given(line, st.sampled_from(["bash", "answer"]), line)
def test_a_written_move_is_read_back(thought, name, value):
    if "```" in value or "Act:" in value or "Think:" in value:
        return
    move = Move(thought=thought, action=Action(name=name, arguments={"script" if name == "bash" else "answer": value}))
    assert [s.action for s in TEXT.parse(TEXT.render(move, 0)).spoken] == [move.action]
    assert [s.action for s in CALLS.parse(CALLS.render(move, 0)).spoken] == [move.action]


def test_the_opening_shows_one_problem_solved():
    opening = TEXT.opening(BRIEF)
    assert [m.role for m in opening] == ["user", "assistant"] * 3 + ["user"]
    assert opening[-1].content == "Now, I will start a new problem in a new OS. My problem is:\n\nCount the users."
    assert opening[4].content == "The output of the OS:\n\n220" and opening[5].content.endswith("Act: answer(220)")


def test_outputs_are_told_as_agentbench_tells_them():
    text = [TEXT.observe(Observation(text=t), ParsedAction(action=None)).content for t in ("a", "")]
    assert text == ["The output of the OS:\n\na", "The output of the OS is empty."]


def test_function_calls_have_agentbenchs_names_and_errors():
    assert [t["function"]["name"] for t in CALLS.tools] == ["bash_action", "finish_action", "answer_action"]
    first, second = (
        Call(id="1", name="finish_action", arguments='{"thought": "ok"}'),
        Call(id="2", name="x", arguments=""),
    )
    [parsed] = CALLS.parse(Reply(calls=(first, second))).spoken
    assert parsed.action == Action(name="answer", arguments={"answer": "ok"}) and parsed.call_id == "1"
    [parsed] = CALLS.parse(Reply(calls=(second,))).spoken
    assert (parsed.error, parsed.call_id) == ("Invalid function call. Please call a tool instead", "2")
    [parsed] = CALLS.parse(Reply(text="ls")).spoken
    assert (parsed.error, parsed.stop) == ("No executable tool calls found. Please call a tool instead", None)
    assert (
        CALLS.render(Move(thought="All done.", action=Action(name="finish")), 3).calls[0].arguments
        == '{"thought": "All done."}'
    )
