"""A chat in Anthropic's form: the system prompt apart, neighbours merged, results before texts."""

from simenv.models.clients.anthropic import messages, tool
from simenv.types import Call, Message

CHAT = (
    Message(role="system", content="Be brief."),
    Message(role="user", content="Count."),
    Message(role="user", content="Twice."),
    Message(role="assistant", content="", calls=(Call(id="1", name="count", arguments='{"n": 2}'),)),
    Message(role="user", content="And?"),
    Message(role="tool", content="two", call_id="1"),
    Message(role="assistant", content="Two."),
    Message(role="user", content="   "),
)


def test_the_system_prompt_is_no_message_and_neighbours_are_one():
    call = {"type": "tool_use", "id": "1", "name": "count", "input": {"n": 2}}
    result = {"type": "tool_result", "tool_use_id": "1", "content": "two"}
    assert messages(CHAT) == [
        {"role": "user", "content": [{"type": "text", "text": "Count."}, {"type": "text", "text": "Twice."}]},
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": [result, {"type": "text", "text": "And?"}]},
        {"role": "assistant", "content": [{"type": "text", "text": "Two."}]},
    ]


def test_a_tool_without_parameters_takes_an_empty_object():
    assert tool({"function": {"name": "go"}}) == {
        "name": "go", "description": "", "input_schema": {"type": "object", "properties": {}},
    }  # fmt: skip
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    assert tool({"function": {"name": "go", "description": "Goes.", "parameters": schema}}) == {
        "name": "go", "description": "Goes.", "input_schema": schema,
    }  # fmt: skip
