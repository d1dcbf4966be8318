"""AgentBench's two ways of talking about DBBench, rule by rule and to the letter."""

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simenv import plugins
from simenv.dialects import ParsedAction, PromptContext
from simenv.env import Env, Limits
from simenv.plugins.environments.db.metrics import overall
from simenv.plugins.environments.db.world import DB
from simenv.types import Action, Call, Message, Move, Observation, Reply, Stop, Task, Turn

TEXT = plugins.environment("db").dialect("agentbench")
CALLS = plugins.environment("db").dialect("agentbench-fc")
QUESTION = "Who is tall?\nThe name of this table is People, and the headers of this table are name,height."
BRIEF = PromptContext(overview="", instruction=QUESTION, observation=Observation(text=""))
PLAIN = st.characters(codec="utf-8")
QUERIES = st.text(PLAIN, min_size=1).map(lambda t: t.replace("\n", " ").strip()).filter(bool)


def sql(query):
    return Action(name="execute_sql", arguments={"query": query})


def commit(*answers):
    return Action(name="commit_final_answer", arguments={"answers": list(answers)})


def read(text):
    (actions,) = TEXT.parse(Reply(text=text)).spoken
    return actions


@given(st.text(PLAIN), st.one_of(QUERIES.map(sql), st.lists(st.text(PLAIN)).map(lambda a: commit(*a))))
def test_a_written_move_is_read_back(thought, action):
    for dialect in (TEXT, CALLS):
        parsed = dialect.parse(dialect.render(Move(thought=thought, action=action), 0))
        assert [s.action for s in parsed.spoken] == [action]


@given(st.text())
def test_any_reply_is_read(text):
    for dialect in (TEXT, CALLS):
        for name in ("execute_sql", "commit_final_answer", "x"):
            reply = Reply(text=f"Action: Answer\nFinal Answer:{text}", calls=(Call(id="1", name=name, arguments=text),))
            assert dialect.parse(reply).spoken and dialect.parse_last(reply).spoken
        assert dialect.parse(Reply(text=text)).spoken


def test_the_opening_is_instruction_ok_question():
    instruction, ok, question = TEXT.opening(BRIEF)
    for told in (
        "Action: Operation\n```sql\nSELECT * FROM table WHERE condition;\n```\n",
        'Action: Answer\nFinal Answer: ["ANSWER1", "ANSWER2", ...]\n',
        "answer field can be anything", "one SQL statement", "on one line", "FAIL",
    ):  # fmt: skip
        assert told in instruction.content
    assert instruction.role == "user" and ok == Message(role="assistant", content="Ok.")
    assert question == Message(role="user", content=QUESTION)


def test_the_agents_own_way_of_working_joins_the_instruction():
    own = BRIEF.model_copy(update={"preface": "Be brief."})
    assert TEXT.opening(own)[0].content.endswith("\n\nBe brief.")
    assert CALLS.opening(own)[0].content.endswith("\n\nBe brief.")


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("I look.\nAction: Operation\n```sql\nSELECT 1\n```", "SELECT 1"),
        ("Action: Operation\n```sql\n  SELECT 1,\n  2;\n\n```", "SELECT 1,   2;"),
        ("```sql\nSELECT 1\n```\nAction: Operation\n```sql\nSELECT 2\n```", "SELECT 1"),
        ("Action: Operation\nAction: Answer\nFinal Answer: [1]\n```sql\nSELECT 1\n```", "SELECT 1"),
        ("Action: Operation\n```sql\nSELECT 1\n```\nFinal Answer: [1]", "SELECT 1"),
    ],
)
def test_the_first_block_of_an_operation_is_one_statement_on_one_line(text, query):
    assert read(text) == ParsedAction(action=sql(query))


@pytest.mark.parametrize(
    "text",
    [
        "", "SELECT 1", "Action: Operation", "Action: Operation\nSELECT 1", "Action: Operation\n```\nSELECT 1\n```",
        "Action: Operation\n```sql SELECT 1```", "Action: Operation\n```sql\nSELECT 1```", "Action: Answer\n[1]",
        "Final Answer: [1]", "Action: Answer Final Answer: [1]", "action: Operation\n```sql\nSELECT 1\n```",
        "Action: Operation \n```sql\nSELECT 1\n```",
    ],
)  # fmt: skip
def test_what_fits_no_pattern_ends_the_episode_as_a_failed_validation(text):
    action = read(text)
    assert (action.action, action.stop) == (None, Stop.invalid_format)


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        (' ["a", "b"]', ["a", "b"]),
        (" ['a']", ["a"]),
        (" [12.5, None, 3]", ["12.5", "None", "3"]),
        (' ("a", "b")', ["a", "b"]),
        (' {"a": 1}', ["a"]),
        (" []", []),
        (' "ab"', ["a", "b"]),  # Python's list() of a text
        (" 12", [" 12"]),
        (" Paris", [" Paris"]),
        ("", [""]),
        (' ["a", b]', [' ["a", b]']),
        (" __import__('os').getcwd()", [" __import__('os').getcwd()"]),
        (" " + "[" * 5000, [" " + "[" * 5000]),
    ],
)
def test_an_answer_is_pythons_list_of_the_rest_of_its_line_or_that_text(text, answers):
    for before in ("Action: Answer\n", "I am sure.\nAction: Answer\nWell,\n", "Action: Guess\n", "No action.\n"):
        assert read(f"{before}Final Answer:{text}\nmore").action == commit(*answers)


def test_after_the_last_operation_only_an_answer_counts():
    for text in ("Action: Operation\n```sql\nSELECT 1\n```", "hello", ""):
        (action,) = TEXT.parse_last(Reply(text=text)).spoken
        assert (action.action, action.stop) == (None, Stop.max_steps)
    both = "Action: Operation\n```sql\nSELECT 1\n```\nFinal Answer: [1]"
    assert TEXT.parse_last(Reply(text=both)).spoken[0].action == commit("1")


def test_what_the_database_returns_is_a_users_message():
    action = ParsedAction(action=sql("SELECT 1"))
    assert TEXT.observe(Observation(text="[(1,)]"), action) == Message(role="user", content="[(1,)]")
    error = Observation(text="ERROR 1146 (42S02): Table 'x' doesn't exist", invalid=True)
    assert TEXT.observe(error, action).content == "1146 (42S02): Table 'x' doesn't exist"
    assert TEXT.observe(Observation(text="[('ERROR 1 (2): x',)]"), action).content == "[('ERROR 1 (2): x',)]"


def test_limits_are_those_of_each_generation():
    assert (TEXT.max_turns, CALLS.max_turns) == (16, 15)
    assert TEXT.max_invalid is None and CALLS.max_invalid is None


def test_long_chats_are_trimmed():
    chat = list(TEXT.opening(BRIEF))
    for _ in range(15):
        chat += [Message(role="assistant", content="Action: Operation"), Message(role="user", content="('x',), " * 100)]
    messages_sent = TEXT.context(chat)
    assert messages_sent[0].content.endswith(f"\n\n[NOTICE] {len(chat) - len(messages_sent)} messages are omitted.")
    assert messages_sent[1].role == "assistant" and messages_sent[-1] is chat[-1]


def test_calls_open_with_a_system_prompt_tables_and_question():
    system, user = CALLS.opening(BRIEF)
    assert system.role == "system" and "`execute_sql`" in system.content and "`commit_final_answer`" in system.content
    assert user.content == (
        "Additional table information about the question: The name of this table is People, and the headers of this "
        "table are name,height.\nQuestion: Who is tall?\n"
    )
    bare = CALLS.opening(BRIEF.model_copy(update={"instruction": "Who?"}))[1]
    assert bare.content == "Question: Who?\n"


def call(name, arguments, id="c1"):
    return Call(id=id, name=name, arguments=arguments if isinstance(arguments, str) else json.dumps(arguments))


@pytest.mark.parametrize(
    ("given", "action"),
    [
        (("execute_sql", {"query": "SELECT 1"}), sql("SELECT 1")),
        (("execute_sql", {"sql": "SELECT 1", "query": "SELECT 2"}), sql("SELECT 1")),
        (("execute_sql", {"query": 3}), sql("3")),
        (("commit_final_answer", {"answers": ["a", 3, None]}), commit("a", "3", "None")),
        (("commit_final_answer", {"answer": "a"}), commit("a")),
        (("commit_final_answer", {"answers": []}), commit()),
    ],
)
def test_a_call_counts_by_its_first_argument(given, action):
    assert CALLS.parse(Reply(calls=(call(*given),))).spoken == (ParsedAction(action=action, call_id="c1"),)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (("execute_sql", "{"), "Error: Failed to parse tool call. Tool call format is incorrect."),
        (("execute_sql", "[1]"), "Error: Failed to parse tool call. Tool call format is incorrect."),
        (("nope", "{"), "Error: Failed to parse tool call. Tool call format is incorrect."),
        (("nope", "{}"), "Invalid function call. Please call a tool instead."),
        (("nope", {"x": 1}), "Invalid function call. Please call a tool instead."),
    ],
)
def test_a_call_that_cannot_be_made_is_told_in_a_tools_message(given, error):
    (spoken,) = CALLS.parse(Reply(calls=(call(*given),))).spoken
    assert spoken == ParsedAction(action=None, error=error, call_id="c1")
    assert CALLS.observe(Observation(text=error), spoken) == Message(role="tool", content=error, call_id="c1")


def test_no_call_is_told_in_a_users_message():
    (action,) = CALLS.parse(Reply(text="[1]")).spoken
    assert action == ParsedAction(action=None, error="Internal error: No tool calls found despite finish reason.")
    assert CALLS.observe(Observation(text=action.error), action).role == "user"


def test_an_empty_result_is_told():
    seen = CALLS.observe(Observation(text=""), ParsedAction(action=sql("x"), call_id="c1"))
    assert seen == Message(role="tool", content="No response from database.", call_id="c1")


SPEC = {"tables": [{"name": "t", "columns": [{"name": "a", "type": "TEXT"}], "rows": [["1"]]}]}
GOAL = {"answer": ["1"], "compare": "set", "agentbench": {"type": "other", "label": ["1"]}}


def play(dialect, *turns):
    env = Env(DB(DB.Options(grader="agentbench")), dialect, Limits())

    async def episode():
        view = await env.reset(Task(id="t", environment="db", instruction=QUESTION, spec=SPEC, goal=GOAL))
        for turn in turns:
            await env.step(turn if isinstance(turn, Turn) else Turn(text=turn), view)
            if env.stop:
                break
            view = env.view()
        return await env.grade()

    return env, asyncio.run(episode())


def test_all_calls_of_a_reply_are_made_in_order_until_one_answers():
    turn = Turn(
        calls=(
            call("execute_sql", {"query": "UPDATE t SET a = '2'"}, "c1"),
            call("execute_sql", {"query": "SELECT * FROM t"}, "c2"),
            call("commit_final_answer", {"answers": ["1"]}, "c3"),
            call("execute_sql", {"query": "SELECT 3"}, "c4"),
        )
    )
    env, grade = play(CALLS, turn)
    assert [m.content for m in env.messages[-2:]] == ["[]", "[('2',)]"]
    assert env.stop is Stop.submitted and grade.success and len(env.steps) == 3


def test_errors_in_a_row_do_not_end_the_episode_but_rounds_do():
    wrong = "Action: Operation\n```sql\nSELECT nope\n```"
    env, _ = play(TEXT, *[wrong] * 15, "Action: Answer\nFinal Answer: ['1']")
    assert env.stop is Stop.submitted and env.turn == 16
    env, grade = play(TEXT, *[wrong] * 16)
    assert env.stop is Stop.max_steps and not grade.success and len(env.steps) == 16
    env, _ = play(CALLS, *["no call"] * 15)
    assert env.stop is Stop.max_steps


def test_long_results_are_cut_at_800_characters():
    env, _ = play(TEXT, "Action: Operation\n```sql\nSELECT REPEAT('x', 2000)\n```")
    assert env.messages[-1].content == f"[('{'x' * 797}[TRUNCATED]"


def test_metrics_are_the_mean_of_three_groups():
    kinds = [
        ("INSERT", True),
        ("INSERT", False),
        ("UPDATE", True),
        ("other", True),
        ("counting", False),
        ("DELETE", True),
    ]
    metrics = overall([{"type": kind, "result": right} for kind, right in kinds] + [{}, {"type": None}, {"error": "x"}])
    assert (metrics["INSERT_accuracy"], metrics["UPDATE_accuracy"], metrics["counting_accuracy"]) == (0.5, 1.0, 0.0)
    assert metrics["SELECT_accuracy"] == pytest.approx(2 / 3) and metrics["ranking_accuracy"] == 0.0
    assert metrics["overall_cat_accuracy"] == pytest.approx((2 / 3 + 0.5 + 1) / 3)
