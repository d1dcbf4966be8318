"""Calls in the text of local models."""

from simenv.models.calls import arguments, read_calls
from simenv.types import Call


def test_calls_are_read_from_text_and_what_is_malformed_stays_text():
    one = '<tool_call>\n{"name": "open", "arguments": {"what": "door"}}\n</tool_call>'
    expected = Call(id="c_0", name="open", arguments='{"what": "door"}')
    assert read_calls(f"I open it.\n{one}", "c") == ("I open it.", (expected,))
    assert read_calls('{"name": "open", "parameters": {"what": "door"}}', "c") == ("", (expected,))
    for text in ('<tool_call>{"name": "open", "argu', "open the door", '{"what": "door"}'):
        assert read_calls(text, "c") == (text, ())


def test_arguments_that_are_no_object_are_quoted():
    assert arguments('{"a": 1}') == {"a": 1}
    for text in ("", "[1]", '{"a": ', "null", "[" * 100_000):
        assert arguments(text) == {"malformed": text}
