"""A turn with several actions: the first runs, the agent is told, and what stands behind it carries no loss."""

import json

import pytest

from simenv import plugins
from simenv.dialects import NOT_RUN
from simenv.env import Env
from simenv.export.formats.agentinstruct import AgentInstruct
from simenv.export.formats.axolotl import Axolotl
from simenv.export.formats.datasets import HuggingFace
from simenv.export.formats.openai import OpenAI
from simenv.export.formats.sharegpt import ShareGPT
from simenv.export.formats.trl import TRL
from simenv.types import Call, Extent, Message, Reply, Sample, Turn
from tests.helpers.counter import TASK

FIRST = "Thought: so.\nAction: add\nAction Input: 3"
THINKING = "<think>\nAction: add\nAction Input: 9\n</think>\n"
TURNS = {
    "two": (FIRST, "\n\nThought: then.\nAction: add\nAction Input: 4", 2),
    "three": (FIRST, "\nAction: add\nAction Input: 4\nAction: report\nAction Input: 12", 3),
    "made up": (FIRST, "\nObservation: 8\nThought: good.\nAction: report\nAction Input: 8", 2),
    "thinking": (THINKING + FIRST, "\nAction: add\nAction Input: 4", 2),
    "markup": ("**Action:** add\n**Action Input:** 3", "\n\n**Action:** add\n**Action Input:** 4", 2),
    "calls": ("Action: add(3)", "\nAction: add(4)", 2),
    "tool calls as text": (
        '<tool_call>\n{"name": "add", "arguments": {"amount": 3}}\n</tool_call>',
        '\n<tool_call>\n{"name": "add", "arguments": {"amount": 4}}\n</tool_call>',
        2,
    ),
}
ONE = (
    FIRST,
    f"{THINKING}{FIRST}",
    f"{FIRST}\nObservation: 8",
    f"{FIRST}\nThought: then I add 4. Action after action.",
    "Action: add(3)",
    "I do not know.",
    "Action: fly\nAction Input: 3",
)


async def played(dialect, *turns):
    """The environment of an episode after these turns."""
    counter = plugins.environment("counter")
    env = Env(counter.world(), counter.dialect(dialect))
    await env.reset(TASK)
    for turn in turns:
        await env.step(turn, env.view())
    return env


@pytest.mark.parametrize("how", sorted(TURNS))
async def test_the_first_action_runs_and_the_agent_is_told(how):
    first, rest, count = TURNS[how]
    env = await played("react", Turn(text=first + rest))
    [step] = env.steps
    assert step.action.arguments == {"amount": 3} and "8" in step.observation.text and "(" not in step.observation.text
    said, seen = env.messages[-2:]
    assert said.content == first + rest and said.acted_part.content == first and not said.carries_loss_throughout
    assert seen.content.startswith("Observation: ") and f"held {count} actions. Only the first was run" in seen.content


@pytest.mark.parametrize("text", ONE)
async def test_a_turn_with_one_action_is_as_it_was(text):
    env = await played("react", Turn(text=text))
    assert env.messages[-2].acted is None and "Only the first" not in env.messages[-1].content
    assert env.messages[-2].acted_part is env.messages[-2]
    assert "acted" not in env.messages[-2].model_dump(exclude_defaults=True)


async def test_in_the_short_dialect_too():
    env = await played("short", Turn(text="add 3\nadd 4\n\nreport 12"))
    assert (
        len(env.steps) == 1
        and env.messages[-2].acted_part.content == "add 3"
        and "3 actions" in env.messages[-1].content
    )
    env = await played("short", Turn(text="add 3"))
    assert env.messages[-2].acted is None
    env = await played("short", Turn(text="add 3\nbecause I can"))
    assert env.steps[0].action is None


def call(id, amount):
    return Call(id=id, name="add", arguments=json.dumps({"amount": amount}))


async def test_of_parallel_calls_the_first_is_run_and_each_of_the_others_is_answered():
    env = await played("tools", Turn(text="both", calls=(call("a", 3), call("b", 4), call("c", 5))))
    assert len(env.steps) == 1
    said, *answers = env.messages[-4:]
    assert said.acted_part.calls == said.calls[:1] and said.acted_part.content == "both"
    assert [(m.role, m.call_id) for m in answers] == [("tool", "a"), ("tool", "b"), ("tool", "c")]
    assert "8" in answers[0].content and [m.content for m in answers[1:]] == [NOT_RUN] * 2
    env = await played("tools", Turn(text="one", calls=(call("a", 3),)))
    assert env.messages[-2].acted is None and len(env.messages[-1:]) == 1


@pytest.mark.parametrize("environment", ["db", "os", "kg", "household", "search", "web"])
def test_benchmarks_dialects_are_as_strict_as_the_benchmarks(environment):
    found = plugins.environment(environment)
    for kind in found.dialects:
        dialect = found.dialect(kind.name)
        name = next(iter(dialect.actions))
        calls = tuple(Call(id=i, name=name, arguments="{}") for i in "ab")
        for reply in (Reply(text=f"{FIRST}\n{FIRST}"), Reply(calls=calls), Reply(text=f"{name} 1\n{name} 2")):
            assert dialect.parse(reply).acted is None


TWO = Message(
    role="assistant", content=f"{FIRST}\nAction: add\nAction Input: 4", train=True, acted=Extent(characters=len(FIRST))
)
SAMPLE = Sample(
    id="s", task="t", environment="counter", source="run",
    messages=(Message(role="user", content="Go."), TWO, Message(role="user", content="8")),
)  # fmt: skip


def test_forms_without_marks_within_a_message_train_the_first_action_or_nothing():
    assert [row["completion"][0]["content"] for row in TRL().rows(SAMPLE)] == [FIRST]
    assert [row["conversations"][1]["value"] for row in ShareGPT().rows(SAMPLE)] == [FIRST]
    assert [row["conversations"][1]["loss"] for row in AgentInstruct().rows(SAMPLE)] == [False]
    assert [json.loads(row["messages"])[1]["train"] for row in Axolotl().rows(SAMPLE)] == [False]
    assert [row["messages"][1]["train"] for row in HuggingFace().rows(SAMPLE)] == [False]
    assert list(OpenAI().rows(SAMPLE)) == []
