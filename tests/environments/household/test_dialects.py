"""AgentBench's two ways of talking about ALFWorld, rule by rule and to the letter."""

import asyncio
import json
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.random import default_rng

from simenv import plugins
from simenv.dialects import ParsedAction, PromptContext
from simenv.env import Env, Limits
from simenv.plugins.environments.household.engine.goal import Kind
from simenv.plugins.environments.household.teacher import Teacher
from simenv.plugins.environments.household.world import Household
from simenv.types import Action, Call, Message, Move, Observation, Reply, Stop, Turn

TEXT = plugins.environment("household").dialect("agentbench")
CALLS = plugins.environment("household").dialect("agentbench-fc")
FIRST = Observation(text="You are in the middle of a room.", choices=("go to bed 1", "look"))
TASK = (
    "Here is your task. You are in the middle of a room.\nYour task is to: put a pen in desk. "
    "AVAILABLE ACTIONS: go to bed 1\nlook\n"
)
COMMANDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1).map(
    lambda t: t.strip().lower()
)


def brief(kind="pick_and_place_simple", **more):
    return PromptContext(overview="", instruction="put a pen in desk.", kind=kind, observation=FIRST, **more)


def take(command):
    return Action(name="take_action", arguments={"action": command})


@given(st.text(), COMMANDS.filter(lambda c: c and c == c.strip().lower()))
def test_a_written_move_is_read_back(thought, command):
    for dialect in (TEXT, CALLS):
        parsed = dialect.parse(dialect.render(Move(thought=thought, action=take(command)), 0))
        assert [s.action for s in parsed.spoken] == [take(command)]


@given(st.text())
def test_any_reply_is_read(text):
    for dialect in (TEXT, CALLS):
        assert dialect.parse(Reply(text=text, calls=(Call(id="1", name="take_action", arguments=text),))).spoken
        assert dialect.parse(Reply(text=text)).spoken


def test_the_opening_is_instruction_acknowledgement_example_task():
    opening = TEXT.opening(brief())
    assert [m.role for m in opening] == ["user", "assistant"] * (len(opening) // 2) + ["user"]
    instruction = opening[0].content
    for told in (
        "THOUGHT: your thoughts.\n ACTION: your next action\n", '"ACTION: your next action\n"',
        '"Nothing happens"', "list of actions", "Reminder:\n1. ",
    ):  # fmt: skip
        assert told in instruction
    assert opening[1].content == "OK. I'll follow your instructions and try my best to solve the task."
    assert opening[2].content.startswith("Here is one example.\nYou are in the middle of a room. ")
    assert opening[-1].content == TASK


@pytest.mark.parametrize("kind", get_args(Kind))
def test_each_kind_of_task_has_an_example_of_its_own_kind(kind):
    texts = [m.content for m in TEXT.opening(brief(kind))[2:-1]]
    assert len(texts) >= 6 and len(texts) % 2 == 0
    assert "\nYour task is to: " in texts[0] and texts[1].startswith("THOUGHT: ")
    assert all("ACTION: " in t for t in texts[1::2]) and not any("AVAILABLE" in t for t in texts)
    said = " ".join(texts[1::2])
    verb = {"heat": "heat", "cool": "cool", "clean": "clean"}.get(kind.split("_")[1], "take")
    assert f"ACTION: {verb} " in said
    assert ("ACTION: use desklamp" in said) == (kind == "look_at_obj_in_light")
    assert (said.count("ACTION: put ") == 2) == (kind == "pick_two_obj_and_place")


def test_a_task_of_no_known_kind_has_no_example():
    assert [m.content for m in TEXT.opening(brief(""))][2:] == [TASK]


def test_the_agents_own_way_of_working_joins_the_instruction():
    assert TEXT.opening(brief(preface="Be brief."))[0].content.endswith("\n\nBe brief.")
    assert CALLS.opening(brief(preface="Be brief."))[0].content.endswith("\n\nBe brief.")


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("THOUGHT: I look.\n ACTION: look", "look"),
        ("ACTION: Go To Bed 1", "go to bed 1"),
        ("ACTION:look", "look"),
        ("  ACTION:   take pen 1 from desk 1   \n", "take pen 1 from desk 1"),
        ("ACTION: look\nACTION: inventory", "look"),
        ("so ACTION: look. ACTION: no", "look. action: no"),
        ("> ACTION: look\nOBSERVATION: a bed", "look"),
    ],
)
def test_the_first_action_is_taken_up_to_its_line_in_lower_case(text, command):
    assert TEXT.parse(Reply(text=text)).spoken == (ParsedAction(action=take(command)),)


@pytest.mark.parametrize("text", ["", "look", "Action: look", "THOUGHT: hm", "ACTION:", "ACTION:  \nlook"])
def test_a_reply_without_an_action_ends_the_episode_as_an_invalid_action(text):
    (spoken,) = TEXT.parse(Reply(text=text)).spoken
    assert (spoken.action, spoken.stop) == (None, Stop.too_many_invalid)


def test_what_is_seen_comes_with_what_can_be_done():
    seen = Observation(text="On the bed 1, you see nothing.", choices=("look", "go to desk 1"))
    message = TEXT.observe(seen, ParsedAction(action=take("go to bed 1")))
    assert message == Message(
        role="user", content="On the bed 1, you see nothing. AVAILABLE ACTIONS: look\ngo to desk 1\n"
    )


def test_earlier_lists_of_actions_are_left_out_of_what_is_sent():
    chat = [
        *TEXT.opening(brief("")),
        Message(role="assistant", content="ACTION: look"),
        Message(role="user", content="A bed. AVAILABLE ACTIONS: look\n"),
    ]
    sent = TEXT.context(chat)
    assert [m.content for m in sent[2:]] == [
        "Here is your task. You are in the middle of a room.\nYour task is to: put a pen in desk. ",
        "ACTION: look",
        "A bed. AVAILABLE ACTIONS: look\n",
    ]
    assert sent[0] is chat[0] and sent[-1] is chat[-1]


def test_long_chats_are_trimmed():
    chat = list(TEXT.opening(brief("")))
    for _ in range(40):
        chat += [Message(role="assistant", content="ACTION: look"), Message(role="user", content="word " * 100)]
    sent = TEXT.context(chat)
    assert sent[0].content.endswith(f"\n\n[NOTICE] {len(chat) - len(sent)} messages are omitted.")
    assert sent[1].role == "assistant" and sent[-1] is chat[-1] and len(sent) < len(chat)


def test_limits_are_those_of_each_generation():
    assert (TEXT.max_turns, CALLS.max_turns) == (35, 20)
    assert TEXT.max_invalid is None and CALLS.max_invalid is None


def test_calls_open_with_a_system_prompt_and_the_task_and_no_example():
    system, user = CALLS.opening(brief())
    assert system.role == "system" and "`take_action`" in system.content
    assert user == Message(role="user", content=TASK)
    assert [t["function"]["name"] for t in CALLS.tools] == ["take_action"]


def call(arguments, name="take_action", id="c1"):
    return Call(id=id, name=name, arguments=arguments)


def test_no_call_is_told_in_a_users_message_and_the_episode_goes_on():
    (spoken,) = CALLS.parse(Reply(text="hello")).spoken
    told = "No executable tool calls found. Please call a tool instead"
    assert spoken == ParsedAction(action=None, error=told)
    assert CALLS.observe(Observation(text=spoken.error, choices=("look",)), spoken) == Message(
        role="user", content=told
    )


@pytest.mark.parametrize(
    "arguments", ["", "{", "[]", "3", "{}", '{"action": 3}', '{"action": null}', '{"action": " "}']
)
def test_a_call_that_cannot_be_read_is_told_so(arguments):
    (spoken,) = CALLS.parse(Reply(calls=(call(arguments),))).spoken
    assert spoken == ParsedAction(
        action=None, error="No valid tool calls found. Please call a tool instead.", call_id="c1"
    )


def test_the_first_call_counts_by_its_first_argument():
    calls = (call('{"command": " Go To Bed 1\\nlook", "x": 1}', "act"), call('{"action": "look"}', id="c2"))
    first, second = CALLS.parse(Reply(calls=calls)).spoken
    assert first == ParsedAction(action=take("go to bed 1"), call_id="c1")
    assert (second.action, second.call_id) == (None, "c2")
    seen = CALLS.observe(FIRST, first)
    assert seen.role == "tool" and seen.call_id == "c1"
    assert seen.content == "You are in the middle of a room. AVAILABLE ACTIONS: go to bed 1\nlook\n"


def play(dialect, *replies, **options):
    task = Teacher().make("t", default_rng(5))
    env = Env(Household(Household.Options(closest=True, repeats=3, **options)), dialect, Limits())

    async def episode():
        view = await env.reset(task)
        for reply in replies:
            turn = Turn(text=reply) if isinstance(reply, str) else Turn(calls=(call(json.dumps(reply)),))
            await env.step(turn, view)
            if env.stop:
                break
            view = env.view()
        return env

    return asyncio.run(episode())


def test_many_replies_without_a_call_do_not_end_the_episode():
    env = play(CALLS, *["nothing"] * 6, {"action": "look"})
    assert env.stop is None and len(env.steps) == 7


def test_ignored_calls_leave_the_choices_of_the_one_that_counts():
    env = play(CALLS)
    go = next(c for c in env.view().choices if c.startswith("go to"))
    calls = (call(json.dumps({"action": go})), call(json.dumps({"action": "look"}), id="c2"))
    asyncio.run(env.step(Turn(calls=calls), env.view()))
    assert [m.call_id for m in env.messages[-2:]] == ["c1", "c2"]
    assert go not in env.view().choices and env.view().choices == env.steps[0].observation.choices


def test_turns_end_where_the_protocol_ends_them():
    env = play(TEXT, *["ACTION: look", "ACTION: inventory"] * 20)
    assert env.stop is Stop.max_steps and env.turn == 35
    assert play(TEXT, *["ACTION: look"] * 9).turn == 4
