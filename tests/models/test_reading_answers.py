"""Answers as servers really send them: reasoning in every field, counts that are null, finish reasons, the Responses API."""

import json

import pytest

from simenv.errors import ModelError
from simenv.model import Request, failure
from simenv.models.chat_completions import ChatCompletions, message
from simenv.models.clients.scripted import scripted
from simenv.models.keys import blot
from simenv.models.openai_protocol import Sampling, Tokens
from simenv.models.responses import Responses, items
from simenv.reasoning import Reasoning
from simenv.types import Call, Message, Reply

CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}


def read(said, finish="stop", **usage):
    completion = {"choices": [{"message": said, "finish_reason": finish}], "usage": usage or None}
    return ChatCompletions().read(json.dumps(completion).encode(), "p")


def back(answer):
    """The message that an answer is sent back as."""
    return message(Message(role="assistant", content=answer.text, reasoning=answer.reasoning, calls=answer.calls))


@pytest.mark.parametrize(
    "said",
    [
        {"content": "x", "reasoning_content": "thought"},
        {"content": "x", "reasoning": "thought"},
        {"content": None, "tool_calls": [CALL], "reasoning_content": "thought"},
        {"content": "x", "reasoning_details": [{"type": "reasoning.text", "text": "thought", "signature": "s", "index": 0}]},
        {"content": "x", "reasoning_details": [{"type": "reasoning.summary", "summary": "thought", "id": None}]},
        {"content": "x", "reasoning_details": [{"type": "reasoning.encrypted", "data": "abc"}], "reasoning": "thought"},
    ],
)  # fmt: skip
def test_reasoning_comes_apart_and_goes_back_as_it_came(said):
    answer = read(said)
    assert "".join(r.text for r in answer.reasoning) == "thought"
    assert "thought" not in answer.text
    assert back(answer) == {"role": "assistant", **said}


def test_one_thought_in_two_fields_is_one():
    answer = read({"content": "x", "reasoning_content": "a", "reasoning": "a"})
    assert answer.reasoning == (Reasoning(kind="reasoning_content", text="a"),)
    assert read({"content": "x", "reasoning_content": None, "reasoning": ""}).reasoning == ()


def test_thinking_in_chunks_of_the_content_is_no_text():
    chunks = [{"type": "thinking", "thinking": [{"type": "text", "text": "hmm"}]}, {"type": "text", "text": "Yes."}]
    answer = read({"content": chunks})
    assert (answer.text, [r.text for r in answer.reasoning]) == ("Yes.", ["hmm"])


def test_odd_fields_are_read_for_what_they_are():
    assert read({"content": [{"type": "text", "text": None}, "a"]}).text == "a"
    assert read({"content": "x"}, prompt_tokens=10, completion_tokens=None).tokens == Tokens(10, 0, 0, 0)
    old = read({"content": None, "function_call": {"name": "f", "arguments": "{}"}}, "function_call")
    assert (old.calls, old.finish) == ((Call(id="p_0", name="f", arguments="{}"),), "tool_calls")


def test_reasoning_tokens_are_part_of_the_tokens_written():
    details = {"reasoning_tokens": 7}
    within = {"prompt_tokens": 3, "completion_tokens": 9, "total_tokens": 12, "completion_tokens_details": details}
    beside = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 12, "completion_tokens_details": details}
    assert read({"content": "x"}, **within).tokens == read({"content": "x"}, **beside).tokens == Tokens(3, 9, 0, 7)


@pytest.mark.parametrize(
    ("reply", "fails"),
    [
        (Reply(finish="content_filter"), True),
        (Reply(text="half a", finish="content_filter"), True),
        (Reply(finish="length"), True),
        (Reply(text="<think>so long", finish="length"), True),
        (Reply(text="half a", finish="length"), False),
        (Reply(calls=(Call(id="a", name="f", arguments="{}"),), finish="length"), False),
        (Reply(), False),
        (Reply(text="I may not.", finish="refusal"), False),
    ],
)
def test_what_is_the_models_failure(reply, fails):
    assert bool(failure(reply)) == fails


async def test_an_answer_that_broke_off_is_asked_for_again():
    answers = iter([Reply(text="half", finish="error"), Reply(text="whole")])
    model = scripted(lambda request: next(answers), retries=1, backoff=0.0)
    request = Request(messages=(Message(role="user", content="x"),))
    assert (await model.complete(request)).text == "whole"
    with pytest.raises(ModelError, match="broke off"):
        await scripted(Reply(finish="error"), retries=0).complete(request)


def test_the_responses_api_writes_a_chat_as_items():
    thought = Reasoning(kind="responses", text="hmm", data={"id": "rs", "encrypted_content": "e"})
    second = thought.model_copy(update={"calls": 1})
    calls = (Call(id="a", name="f", arguments="{}"), Call(id="b", name="g", arguments="{}"))
    said = Message(role="assistant", content="I look.", reasoning=(thought, second), calls=calls)
    kinds = [item.get("type", item.get("role")) for item in items(said)]
    assert kinds == ["reasoning", "assistant", "function_call", "reasoning", "function_call"]
    assert next(items(said)) == {
        "type": "reasoning", "id": "rs", "encrypted_content": "e", "summary": [{"type": "summary_text", "text": "hmm"}],
    }  # fmt: skip
    request = Request(messages=(Message(role="user", content="x"), said), stop=("y",), seed=1)
    body = Responses().body(request, Sampling(model="m"))
    assert not {"stop", "seed", "messages"} & body.keys() and body["store"] is False


def test_the_responses_api_is_read():
    output = [
        {"type": "reasoning", "id": "rs", "summary": [], "content": [{"type": "reasoning_text", "text": "hmm"}]},
        {"type": "message", "content": [{"type": "output_text", "text": "Yes."}]},
        {"type": "function_call", "call_id": "a", "name": "f", "arguments": "{}"},
    ]
    answer = Responses().read(json.dumps({"status": "completed", "output": output}).encode(), "p")
    assert (answer.text, answer.calls[0].id, answer.finish) == ("Yes.", "a", "tool_calls")
    assert answer.reasoning == (Reasoning(kind="responses", text="hmm", data={"id": "rs", "words": "content"}),)
    cut = {"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}, "output": []}
    assert Responses().read(json.dumps(cut).encode(), "p").finish == "length"


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("sk-longenough123", "no [key] here, x1 max"),
        ("x1", "no sk-longenough123 here, [key] max"),
        ("x", None),
        ("a", None),
    ],
)
def test_a_short_key_blots_out_no_word(key, shown):
    text = "no sk-longenough123 here, x1 max"
    assert blot(text, key) == (shown or text)


def test_reasoning_is_sent_back_in_the_loop_that_goes_on():
    thought = (Reasoning(kind="reasoning_content", text="t"),)
    calls = (Call(id="a", name="f", arguments="{}"),)
    chat = (
        Message(role="user", content="1"),
        Message(role="assistant", content="2", reasoning=thought),
        Message(role="user", content="3"),
        Message(role="assistant", content="", calls=calls, reasoning=thought),
        Message(role="tool", content="4", call_id="a"),
    )

    def sent(mode):
        body = ChatCompletions().body(Request(messages=chat), Sampling(model="m", reasoning=mode))
        return ["reasoning_content" in m for m in body["messages"]]

    assert sent("loop") == [False, False, False, True, False]
    assert sent("all") == [False, True, False, True, False]
    assert not any(sent("none"))
