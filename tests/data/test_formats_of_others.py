"""What single formats say in their own ways: pairs of old, demonstrations, failed samples, declared tools, Python's types."""

import pytest

from simenv.data.chat_formats import Malformed, recognise
from simenv.data.chat_formats.inspect_log import inspect_json
from simenv.errors import ConfigError, SimenvError

U, A = {"role": "user", "content": "q"}, {"role": "assistant", "content": "abc"}
CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}


def read(record):
    return [*recognise(record, "f:1").chats(record)]


def said(chat):
    return [(m.role, m.content) for m in chat.messages]


def refusal(record):
    with pytest.raises(Malformed) as e:
        read(record)
    return str(e.value)


def test_alpaca_has_a_question_with_its_input_and_pairs_before_it():
    record = {"id": 7, "instruction": "Sum.", "input": "1 2", "output": "3", "system": "s", "history": [["a", "b"]]}
    (chat,) = read(record)
    assert said(chat) == [
        ("system", "s"), ("user", "a"), ("assistant", "b"), ("user", "Sum.\n\n1 2"), ("assistant", "3"),
    ]  # fmt: skip
    assert chat.id == "7" and [m.train for m in chat.messages] == [False, False, True, False, True]
    assert chat.extra == {k: record[k] for k in ("id", "input", "system", "history")}
    (chat,) = read({"instruction": "Sum.", "output": "3", "train": False, "label": False})
    assert said(chat) == [("user", "Sum."), ("assistant", "3")] and not chat.messages[1].train and chat.failure
    for history in ("x", [["a"]], [["a", 1]], [["a", "b", "c"]], [7]):
        assert "history: expected a list of [question, answer]" in refusal(record | {"history": history})
    assert "input: expected a text, got 7" in refusal(record | {"input": 7})


def test_steps_of_an_agent_are_what_it_wrote_and_was_shown():
    steps = [
        {"query": [U], "response": "I look.", "observation": "a.py", "tool_calls": [CALL]},
        {"response": "I end.", "observation": "bye"},
        {"response": "Done.", "observation": ""},
    ]
    (chat,) = read({"trajectory": steps, "environment": "e1", "info": {"exit": "ok"}})
    assert said(chat) == [
        ("user", "q"), ("assistant", "I look."), ("tool", "a.py"), ("assistant", "I end."), ("user", "bye"),
        ("assistant", "Done."),
    ]  # fmt: skip
    assert (chat.id, chat.extra, chat.messages[2].call_id) == ("e1", {"info": {"exit": "ok"}}, "c")
    (chat,) = read({"trajectory": [{"messages": [U], "response": "a", "observation": None}], "info": 7})
    assert said(chat) == [("user", "q"), ("assistant", "a")] and chat.extra == {}
    (chat,) = read({"trajectory": [], "history": [U, A | {"is_demo": True}, U, A], "instance_id": "i"})
    assert [m.train for m in chat.messages if m.role == "assistant"] == [False, True] and chat.id == "i"


def log(*messages, **sample):
    return {"eval": {}, "samples": [{"messages": list(messages), **sample}]}


def test_a_log_of_inspect_tells_reasoning_errors_of_tools_and_failed_samples():
    thinking = [
        {"type": "reasoning", "reasoning": "why", "signature": "s"}, {"type": "text", "text": "so"},
        {"type": "reasoning", "reasoning": "hidden", "redacted": True},
    ]  # fmt: skip
    called = {"role": "assistant", "content": thinking, "tool_calls": [{"id": "c", "function": "f", "arguments": {}}]}
    failed = {"role": "tool", "content": "", "tool_call_id": "c", "function": "f", "error": {"message": "no file"}}
    (chat,) = read(log(U, called, failed, A, id="x", epoch=2))
    assert said(chat)[1:3] == [("assistant", "so"), ("tool", "no file")] and (chat.id, chat.failure) == ("x.2", "")
    first, second = chat.messages[1].reasoning
    assert (first.text, first.data, first.characters) == ("why", {"signature": "s"}, 0)
    assert (second.text, second.data, second.characters) == ("", {}, 2)
    assert read(log(U, A))[0].id == "0.1"
    assert read(log(U, A, error={"message": "x"}))[0].failure == "error: the sample failed"
    for value, told in (
        ("C", ""),
        ("I", "scores.s: I"),
        (0, "scores.s: 0"),
        (1, ""),
        ({"a": 0}, ""),
        (False, "scores.s: False"),
    ):
        assert read(log(U, A, scores={"s": {"value": value}}))[0].failure == told
    assert "samples[0].messages[0].role: expected system, user, assistant or tool, got 'other'" in refusal(
        log({"role": "other", "content": "x"})
    )


def test_a_packed_log_that_cannot_be_read_says_what_is_missing(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.eval: no such file"):
        inspect_json(tmp_path / "none.eval")
    (tmp_path / "a.eval").write_bytes(b"PK")
    with pytest.raises(SimenvError, match=r"pip install inspect_ai|no log of Inspect"):
        inspect_json(tmp_path / "a.eval")


HERMES = '<tool_call>\n{"name": "f", "arguments": {}}\n</tool_call>'


@pytest.mark.parametrize(
    ("system", "left"),
    [
        ("You are a function calling AI model <tools>{\"name\": \"f\"}\n{\"name\": \"g\"}</tools> so", None),
        ("# Tools <tools>[{\"name\": \"f\"}, {\"name\": \"g\"}]</tools>", None),
        ("Be brief.\n<tools>[{\"name\": \"f\"}, {\"name\": \"g\"}]</tools>\nThank you.", "Be brief.\n\nThank you."),
        ("<|im_system|>tool_declare<|im_middle|>[{\"name\": \"f\"}, {\"name\": \"g\"}]<|im_end|>", None),
    ],
)  # fmt: skip
def test_tools_that_the_system_declares_are_tools_and_no_text(system, left):
    (chat,) = read({"messages": [{"role": "system", "content": system}, U, A | {"content": HERMES}]})
    assert [t["function"]["name"] for t in chat.tools] == ["f", "g"]
    assert [m.content for m in chat.messages if m.role == "system"] == ([left] if left else [])


def test_tools_of_the_record_go_before_those_of_the_system_and_without_calls_it_is_a_text():
    system = {"role": "system", "content": 'x <tools>[{"name": "f"}]</tools>'}
    (chat,) = read({"messages": [system, U, A | {"content": HERMES}], "tools": [{"name": "h"}]})
    assert [t["function"]["name"] for t in chat.tools] == ["h"] and chat.messages[0].content == "x"
    (chat,) = read({"messages": [system, U, A]})
    assert chat.tools == () and "<tools>" in chat.messages[0].content
    bad = {"role": "system", "content": "<tools>{no}</tools>"}
    assert "tools in the system prompt: expected a list" in refusal({"messages": [bad, U, A | {"content": HERMES}]})


def test_types_of_python_are_those_of_json_in_schemas():
    parameters = {
        "a": {"type": "int, optional", "default": 1}, "b": {"type": "List[str]"}, "c": {"type": "str"}, "n": 7,
        "d": {"type": "Callable", "description": "how"}, "e": {"type": "Optional[float]"}, "f": {"type": "Set"},
    }  # fmt: skip
    record = {
        "id": 0, "query": "q", "tools": [{"name": "f", "parameters": parameters}],
        "answers": '[{"name": "f", "arguments": {"a": 1}}]',
    }  # fmt: skip
    (chat,) = read(record)
    schema = chat.tools[0]["function"]["parameters"]
    assert schema["properties"] == {
        "a": {"type": "integer", "default": 1}, "b": {"type": "array"}, "c": {"type": "string"},
        "d": {"description": "how (Callable)"}, "e": {"type": "number"}, "f": {"type": "array"},
    }  # fmt: skip
    assert [name for name in schema["required"] if name != "e"] == ["b", "c", "d", "f"]
    whole = {"type": "object", "properties": {}}
    assert read(record | {"tools": [{"name": "f", "parameters": whole}]})[0].tools[0]["function"]["parameters"] == whole
    assert chat.id == "0" and chat.messages[1].calls[0].arguments == '{"a": 1}'
    assert "answers: expected at least one call, got none" in refusal(record | {"answers": "[]"})


def test_a_prompt_and_its_completion_have_words():
    assert "prompt: expected a text or messages, got none" in refusal({"prompt": [], "completion": "a"})
    (chat,) = read({"prompt": "q", "completion": "a", "loss_weight": 0})
    assert [m.train for m in chat.messages] == [False, False]


def test_a_step_of_atif_is_read_as_its_source_says():
    def step(**fields):
        return {
            "schema_version": "ATIF-v1.2",
            "agent": {"name": "a"},
            "steps": [{"step_id": 1, "message": "m", **fields}],
        }

    assert said(read(step(source="system"))[0]) == [("system", "m")]
    results = {"results": [{"source_call_id": "c", "content": "r"}]}
    calls = [{"tool_call_id": "c", "function_name": "f", "arguments": {"a": 1}}]
    (chat,) = read(step(source="agent", tool_calls=calls, observation=results, reasoning_content="why"))
    assert said(chat) == [("assistant", "m"), ("tool", "r")] and chat.messages[0].thought == "why"
    assert [(c.id, c.name, c.arguments) for c in chat.messages[0].calls] == [("c", "f", '{"a": 1}')]
    assert said(read(step(source="agent", observation={"results": [{"content": None}]}))[0])[1] == ("user", "")
    assert not read(step(source="agent", is_copied_context=True))[0].messages[0].train
    for wrong, told in (
        ({"source": "tool"}, "steps[0].source: expected system, user or agent, got 'tool'"),
        ({"source": "agent", "observation": 7}, "steps[0].observation: expected an object, got 7"),
        ({"source": "agent", "extra": 7}, "steps[0].extra: expected an object, got 7"),
        ({"source": "user", "extra": {"role": "boss"}}, "steps[0].extra: expected a role of a message"),
        ({"source": "agent", "tool_calls": [{"function_name": 7}]}, "steps[0].tool_calls[0]: expected function_name"),
        ({"source": "agent", "extra": {"author": 7}}, "steps[0].extra: expected what simenv writes there"),
    ):
        assert told in refusal(step(**wrong))
    assert "agent: expected an object, got None" in refusal({"schema_version": "ATIF-v1.2", "steps": []})


@pytest.mark.parametrize(
    ("parts", "loss"),
    [
        ([{"begin_offset": 0, "end_offset": 2, "train": True}], True),
        ([{"begin_offset": 2, "end_offset": 2, "train": True}, {"begin_offset": 0, "end_offset": 1, "train": True}], True),
        ([{"begin_offset": 0, "end_offset": 1, "train": True}], None),
        ([{"begin_offset": 1, "end_offset": 2, "train": True}], None),
        ([{"begin_offset": 0, "end_offset": 0, "train": True}, {"begin_offset": 2, "end_offset": 2, "train": True}], None),
        ([{"begin_offset": 0, "end_offset": "2", "train": True}], None), ("x", None),
    ],
)  # fmt: skip
def test_loss_by_spans_counts_where_they_cover_the_turn(parts, loss):
    record = {"messages": [U, A | {"train_detail": parts}]}
    if loss is None:
        assert "messages[1].train_detail" in refusal(record)
    else:
        (chat,) = read(record)
        assert chat.messages[1].train is loss
        (chat,) = read({"messages": [U, A | {"train_detail": parts, "train": False}]})
        assert chat.messages[1].train is False


def test_calls_of_old_and_of_today_do_not_meet_and_users_make_none():
    old = {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}}
    (chat,) = read({"messages": [U, old, {"role": "tool", "content": "r"}, A]})
    assert chat.messages[1].calls[0].name == "f" and chat.messages[2].call_id == chat.messages[1].calls[0].id
    assert "expected tool_calls or function_call, got both" in refusal(
        {"messages": [U, old | {"tool_calls": [CALL]}, A]}
    )
    assert "of the assistant alone" in refusal({"messages": [U | {"tool_calls": [CALL]}, A]})


def test_a_list_of_results_in_one_turn_is_one_for_each_call():
    turn = {"role": "assistant", "content": None, "tool_calls": [CALL, CALL | {"id": "d"}]}
    (chat,) = read({"messages": [U, turn, {"role": "tool", "content": '["one", {"two": 2}]'}, A]})
    assert [(m.content, m.call_id) for m in chat.messages if m.role == "tool"] == [("one", "c"), ('{"two": 2}', "d")]
    (chat,) = read({"messages": [U, turn, {"role": "tool", "content": '["one"]'}, A]})
    assert [m.content for m in chat.messages if m.role == "tool"] == ['["one"]']
