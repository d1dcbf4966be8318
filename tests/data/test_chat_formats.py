"""What other people's records say by flags, ids and keys is read as they mean it, or refused with the field."""

import copy
import random

import pytest

from simenv.data.chat_formats import Malformed, recognise
from simenv.errors import ConfigError
from tests.curate.foreign_gold import FILES

U, A = {"role": "user", "content": "q"}, {"role": "assistant", "content": "abc"}
ODD = [None, 7, -1, 2.5, True, "", "x", "[", "[1]", "{}", [], [1], [[]], {}, {"a": 1}, [{}], ["x"], [None], "9" * 5000]


def read(record):
    [chat] = recognise(record, "f:1").chats(record)
    return chat


def trained(record):
    return [m.train for m in read(record).messages if m.role == "assistant"]


def refusal(record):
    with pytest.raises((Malformed, ConfigError)) as e:
        list(recognise(record, "f:1").chats(record))
    return str(e.value)


@pytest.mark.parametrize("name", ["loss", "train", "training", "weight", "loss_weight", "loss_scale", "loss_mask"])
def test_a_loss_flag_of_any_name_is_true_or_one_for_loss(name):
    for value, loss in ((True, True), (1, True), (1.0, True), (False, False), (0, False), (0.0, False), (None, True)):
        assert trained({"messages": [U, A | {name: value}]}) == [loss]
    for value in (0.5, 2, -1, "yes", [0, 1]):
        assert f"messages[1].{name}: expected true or false for the loss" in refusal(
            {"messages": [U, A | {name: value}]}
        )


def test_what_would_be_misread_of_loss_is_refused():
    assert "messages[1].mask: got True, which means loss to some and none to others" in refusal(
        {"messages": [U, A | {"mask": True}]}
    )
    assert "loss and weight contradict each other" in refusal({"messages": [U, A | {"loss": True, "weight": 0}]})
    half = [{"begin_offset": 0, "end_offset": 1, "train": True}, {"begin_offset": 2, "end_offset": 2, "train": False}]
    assert "loss on a part of a turn" in refusal({"messages": [U, A | {"train_detail": half}]})
    whole = [part | {"train": False} for part in half]
    assert trained({"messages": [U, A | {"train_detail": whole}]}) == [False]
    assert "loss_weight: expected true or false" in refusal({"messages": [U, A], "loss_weight": 0.3})
    assert "mask: expected the name of the user" in refusal({"messages": [U, A], "mask": "Assistant"})


def test_a_record_that_is_not_trained_has_no_loss_and_loss_on_others_is_named():
    assert trained({"messages": [U, A | {"weight": 1}], "train": False}) == [False]
    assert trained({"messages": [U, A], "mask": "User"}) == [True]
    chat = read({"messages": [U | {"train": True}, A | {"train": True}]})
    assert chat.notes == ("loss on a turn that is not the assistant's",) and not chat.messages[0].train


@pytest.mark.parametrize("verdict", [{"label": False}, {"kto_tag": False}, {"resolved": False}, {"label": 0}])
def test_a_rejected_answer_or_a_failure_says_so(verdict):
    assert read({"messages": [U, A], **verdict}).failure
    assert read({"prompt": [U], "completion": [A], **verdict}).failure
    assert not read({"messages": [U, A], **dict.fromkeys(verdict, True)}).failure


def test_pairs_of_preference_data_are_refused():
    pair = {"conversations": [{"from": "human", "value": "q"}], "chosen": {"from": "gpt", "value": "a"}, "rejected": {}}
    assert "a pair of preference data" in refusal(pair)


def test_a_prompt_carries_no_loss():
    assert trained({"prompt": [U, A, U], "completion": [A]}) == [False, True]
    assert [m.content for m in read({"prompt": "q", "completion": "a"}).messages] == ["q", "a"]


def test_a_system_prompt_is_there_once():
    system = {"role": "system", "content": "s"}
    for record in (
        {"system": "s", "messages": [U, A]},
        {"system": "s", "messages": [system, U, A]},
        {"system_prompt": "s", "messages": [U, A]},
    ):
        assert [m.role for m in read(record).messages] == ["system", "user", "assistant"]
    assert "system: expected the text of the system turn" in refusal({"system": "t", "messages": [system, U, A]})


def call(id, name="f"):
    return {"id": id, "type": "function", "function": {"name": name, "arguments": "{}"}}


def answers(*results, ids=("a", "b")):
    turn = {"role": "assistant", "content": None, "tool_calls": [call(ids[0]), call(ids[1], "g")]}
    chat = read({"messages": [U, turn, *results, A]})
    return {m.content: m.call_id for m in chat.messages if m.role == "tool"}


def test_results_are_joined_by_id_by_name_and_by_order():
    one, two = {"role": "tool", "content": "1"}, {"role": "tool", "content": "2"}
    assert answers(one | {"tool_call_id": "b"}, two | {"tool_call_id": "a"}) == {"1": "b", "2": "a"}
    assert answers(one | {"name": "g"}, two | {"name": "f"}) == {"1": "b", "2": "a"}
    assert answers(one, two) == {"1": "a", "2": "b"}
    assert answers(one | {"tool_call_id": "b"}, two) == {"1": "b", "2": "a"}


def test_a_result_of_no_call_and_two_calls_of_one_id_are_refused():
    turn = {"role": "assistant", "content": None, "tool_calls": [call("a")]}
    result = {"role": "tool", "content": "1"}
    assert "no call has its id 'x'; calls: a" in refusal({"messages": [U, turn, result | {"tool_call_id": "x"}, A]})
    assert "expected a call that waits for it; waiting: none" in refusal({"messages": [U, turn, result, result, A]})
    assert "expected a call of h" in refusal({"messages": [U, turn, result | {"name": "h"}, A]})
    assert "expected an id for each, got 'a' twice" in refusal(
        {"messages": [U, turn | {"tool_calls": [call("a"), call("a")]}]}
    )


def test_calls_that_nothing_answers_are_named():
    turn = {"role": "assistant", "content": None, "tool_calls": [call("a"), call("b")]}
    assert read({"messages": [U, turn, {"role": "tool", "content": "1"}, A]}).notes == ("calls without a result",)


def test_reasoning_that_differs_is_refused_and_reasoning_alone_is_an_answer():
    alone = read({"messages": [U, {"role": "assistant", "content": None, "reasoning": "why"}]}).messages[1]
    assert (alone.content, alone.thought) == ("", "why")
    both = A | {"reasoning": "a", "reasoning_content": "b"}
    assert "reasoning_content and reasoning differ" in refusal({"messages": [U, both]})


def test_hermes_calls_are_read_in_json_and_in_python_s_words():
    tools = [{"name": "f"}]
    for text in ('{"name": "f", "arguments": {"a": true}}', "{'name': 'f', 'arguments': {'a': True}}"):
        chat = read({"messages": [U, A | {"content": f"so\n<tool_call>\n{text}\n</tool_call>"}], "tools": tools})
        assert [(c.name, c.arguments) for c in chat.messages[1].calls] == [("f", '{"a": true}')]
        assert chat.messages[1].content == "so"
    xml = A | {"content": "<tool_call>\n<function=f>\n</function>\n</tool_call>"}
    assert "expected <tool_call> with a JSON object" in refusal({"messages": [U, xml], "tools": tools})


def test_flat_schemas_keep_all_their_keys():
    [tool] = read({"messages": [U, A], "tools": [{"name": "f", "parameters": {}, "strict": True, "more": 1}]}).tools
    assert tool == {"type": "function", "function": {"name": "f", "parameters": {}, "strict": True, "more": 1}}


@pytest.mark.parametrize("version", ["1.0", "1.7", "1.8"])
def test_atif_is_read_in_every_version_and_no_other(version):
    record = {"schema_version": f"ATIF-v{version}", "agent": {"name": "a", "version": "1"}, "steps": []}
    record["steps"] = [{"step_id": 1, "source": "agent", "message": "a", "llm_call_count": 0, "later": 1}]
    assert not read(record).messages[0].train and list(recognise(record, "").unknown(record)) == ["steps[].later"]
    assert "expected ATIF-v1.0 to ATIF-v1.8" in refusal(record | {"schema_version": "ATIF-v2.0"})


def test_failed_runs_of_tau_and_inspect_say_so():
    tau = next(f for f in FILES if f.name == "tau").record
    assert read(tau | {"reward": 0.0}).failure == "reward: 0"
    log = copy.deepcopy(next(f for f in FILES if f.name == "inspect").record)
    log["samples"][0]["scores"]["match"]["value"] = "I"
    assert read(log).failure == "scores.match: I"


def test_a_damaged_record_is_refused_and_never_a_bug():
    draws = random.Random(7)
    for file in FILES:
        places = list(paths(file.record))
        for _ in range(60):
            damaged = put(file.record, draws.choice(places), draws.choice(ODD))
            try:
                form = recognise(damaged, "f:1")
                list(form.unknown(damaged))
                list(form.chats(damaged))
            except (Malformed, ConfigError):
                continue


def paths(value, path=()):
    """The places of all values below the record."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*path, key)
        yield from paths(inner, (*path, key))


def put(value, path, odd):
    value = copy.deepcopy(value)
    place = value
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = odd
    return value
