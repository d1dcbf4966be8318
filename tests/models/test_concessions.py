"""What a server refuses is left out, renamed or written otherwise where that is harmless; what it only quotes is not."""

import json

import pytest

from simenv.errors import ModelError
from simenv.model import Request
from simenv.models import connect
from simenv.models.concessions import Concessions
from simenv.models.failures import Refused, refusal
from simenv.types import Call, Message

CHAT = (
    Message(role="system", content="Be brief."),
    Message(role="user", content="Please stop the seed."),
    Message(role="assistant", content="", calls=(Call(id="a", name="f", arguments="{}"),)),
    Message(role="tool", content="1", call_id="a"),
    Message(role="assistant", content=""),
    Message(role="user", content="go on"),
)


class Wire:
    """Refuses a body with what `refuse` says of it, and keeps what it is sent."""

    def __init__(self, refuse):
        self.refuse, self.sent = refuse, []

    async def post(self, path, body, headers=None):
        self.sent.append(body)
        answer = self.refuse(body)
        if answer is None:
            return json.dumps({"choices": [{"message": {"content": "ok"}}]}).encode()
        status, content = answer
        raise refusal(status, {}, json.dumps(content).encode())


def body(**fields):
    return {"model": "m", "messages": [{"role": "user", "content": "Please stop."}], **fields}


def says(text, **more):
    return 400, {"error": {"message": text, **more}}


@pytest.mark.parametrize(
    ("field", "value", "answer"),
    [
        ("stop", ["x"], says("Unsupported parameter: 'stop' is not supported with this model.", param="stop")),
        ("stop", ["x"], (400, {"code": "c", "error": "Argument not supported on this model: stop"})),
        ("stop", ["x"], says("Model grok-4 does not support parameter stop.")),
        ("seed", 1, (422, {"detail": [{"loc": ["body", "seed"], "type": "extra_forbidden", "msg": "Extra inputs"}]})),
        ("seed", 1, says("Unrecognized request argument supplied: seed")),
        ("seed", 1, says('Invalid JSON payload received. Unknown name "seed": Cannot find field.')),
        ("temperature", 0, says("invalid temperature: only 1 is allowed for this model")),
        ("parallel_tool_calls", False, says("Unknown parameter: 'parallel_tool_calls'.", code="unknown_parameter")),
        ("cache_control", {}, says("cache_control: Extra inputs are not permitted")),
        ("include", [], says("Encrypted content is not supported with this model.", param="include")),
    ],
)
async def test_a_field_is_left_out_after_one_refusal_and_said_once(field, value, answer, caplog):
    wire = Wire(lambda body: answer if field in body else None)
    concessions = Concessions("M")
    for _ in range(2):
        await concessions.post(wire, "/", body(**{field: value}))
    assert [field in sent for sent in wire.sent] == [True, False, False]
    assert [r.message.startswith(f"M: `{field}` is left out") for r in caplog.records] == [True]


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
async def test_the_bound_goes_by_the_other_name(name):
    other = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}[name]
    text = f"Unsupported parameter: '{name}' is not supported with this model. Use '{other}' instead."
    wire = Wire(lambda body: says(text, param=name) if name in body else None)
    await Concessions("M").post(wire, "/", body(**{name: 7}))
    assert wire.sent[-1] == body(**{other: 7})


async def test_a_server_that_takes_neither_name_of_the_bound_is_not_asked_for_ever():
    wire = Wire(lambda body: says("Unsupported parameter", param=next(n for n in body if n.startswith("max_"))))
    with pytest.raises(Refused):
        await Concessions("M").post(wire, "/", body(max_tokens=7))
    assert len(wire.sent) == 2


@pytest.mark.parametrize(
    "answer",
    [
        says("'messages.2' : for 'role:assistant' must be satisfied[('messages.2' : property 'NAME' is unsupported)]"),
        says("messages.2.assistant.NAME: property 'messages.2.assistant.NAME' is unsupported", param="validation_error"),
        says("messages[2].NAME: NAME is not supported with this model"),
        (422, {"detail": [{"loc": ["body", "messages", 2, "assistant", "NAME"], "type": "extra_forbidden"}]}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
async def test_reasoning_is_kept_from_a_server_that_does_not_take_it(name, answer):
    answer = json.loads(json.dumps(answer).replace("NAME", name))
    wire = Wire(lambda body: answer if name in body["messages"][-1] else None)
    await Concessions("M").post(
        wire, "/", {"messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": "y", name: "z"}]}
    )
    assert len(wire.sent) == 2


async def test_a_server_that_wants_its_reasoning_back_is_not_taken_to_refuse_it():
    wire = Wire(lambda body: says("The `reasoning_content` in the thinking mode must be passed back to the API."))
    with pytest.raises(ModelError):
        await Concessions("M").post(wire, "/", {"messages": [{"role": "assistant", "reasoning_content": "x"}]})
    assert len(wire.sent) == 1


@pytest.mark.parametrize(
    "answer",
    [
        says("Do not say stop; the word is not supported in prompts."),
        says("The prompt 'please stop' holds unsupported characters."),
        (422, {"detail": [{"loc": ["body", "messages", 0], "msg": "unsupported: 'stop'", "input": "'stop'"}]}),
    ],
)
async def test_a_word_of_the_prompt_is_not_taken_for_a_field(answer):
    wire = Wire(lambda body: answer)
    with pytest.raises(ModelError):
        await Concessions("M").post(wire, "/", body(stop=["x"]))
    assert all("stop" in sent for sent in wire.sent)


async def sent_after(refuse):
    """The last body of a chat that a real client sends a server which refuses so."""
    model = connect("openai", {"model": "m", "base_url": "http://127.0.0.1:9/v1"})
    await model._wire.close()
    model._wire = Wire(refuse)
    assert (await model.complete(Request(messages=CHAT))).text == "ok"
    return model._wire.sent[-1]["messages"]


async def test_the_system_speaks_as_developer_or_as_user_where_the_server_wants_it():
    def developer(body):
        told = says("'messages[0].role' does not support 'system'; use 'developer' instead.", param="messages[0].role")
        return told if any(m["role"] == "system" for m in body["messages"]) else None

    def nobody(body):
        return says("System role not supported") if body["messages"][0]["role"] == "system" else None

    assert (await sent_after(developer))[0] == {"role": "developer", "content": "Be brief."}
    assert (await sent_after(nobody))[0] == {"role": "user", "content": "Be brief.\n\nPlease stop the seed."}


async def test_an_empty_turn_is_written_as_the_server_wants_it():
    def wants_words(body):
        empty = any(
            m["role"] == "assistant" and not m.get("content") and not m.get("tool_calls") for m in body["messages"]
        )
        nothing = any(m.get("content", "") is None for m in body["messages"])
        return (
            says("Assistant message must have either content or tool_calls, but not none.")
            if empty or nothing
            else None
        )

    def wants_no_content(body):
        calls = [m for m in body["messages"] if m.get("tool_calls")]
        return says("messages[2].content: must be a non-empty string or missing") if "content" in calls[0] else None

    chat = await sent_after(wants_words)
    assert (chat[2]["content"], chat[4]["content"]) == ("", "(nothing)")
    assert "content" not in (await sent_after(wants_no_content))[2]
