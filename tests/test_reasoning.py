"""Reasoning beside a message: stored, read again, written back as a local model wrote it."""

from __future__ import annotations

import json
import time

import pytest

from simenv.reasoning import Reasoning, before, inline, words
from simenv.reply_text import reasoning_apart
from simenv.types import Extent, Message, Reply, Usage


def test_what_holds_no_reasoning_is_written_as_ever() -> None:
    message = Message(role="assistant", content="x", usage=Usage(input_tokens=1))
    keys = {"role", "content", "calls", "call_id", "author", "train", "acted", "sent", "usage"}
    assert set(message.model_dump()) == keys
    assert set(message.model_dump()["usage"]) == {"input_tokens", "output_tokens", "cost", "calls"}
    assert set(Reply().model_dump()) == {"text", "calls", "finish", "usage"}


@pytest.mark.parametrize(
    "part",
    [
        Reasoning(kind="thinking", text="look first", data={"signature": "c2ln"}),
        Reasoning(kind="redacted_thinking", data={"data": "AAAA"}),
        Reasoning(kind="reasoning_content", text="lone \ud800 surrogate"),
        Reasoning(kind="responses", text="a", data={"id": "rs_1", "encrypted_content": "x"}, calls=1, characters=4),
    ],
)
def test_reasoning_survives_a_file(part: Reasoning) -> None:
    message = Message(role="assistant", content="text", reasoning=(part,), finish="length")
    line = message.model_dump_json(exclude_defaults=True)
    assert Message.model_validate_json(line) == message
    assert json.loads(line)["reasoning"][0]["kind"] == part.kind


def test_tags_come_back_byte_for_byte() -> None:
    parts = (
        Reasoning(kind="think", text="first"),
        Reasoning(kind="think", text="again", data={"open": "<thinking>", "close": "</thinking>"}, characters=3),
    )
    assert inline("one two", parts) == "<think>\nfirst\n</think>\n\none<thinking>again</thinking> two"
    assert words(parts) == "first\n\nagain"


def test_the_acted_part_holds_what_was_thought_before_it() -> None:
    first = Reasoning(kind="thinking", text="first")
    late = Reasoning(kind="thinking", text="late", characters=4, calls=1)
    assert before((first, late), characters=4, calls=1) == (first,)
    message = Message(role="assistant", content="text", reasoning=(first, late), acted=Extent(characters=4, calls=1))
    assert message.acted_part.reasoning == (first,)
    assert message.thought == "first\n\nlate"


@pytest.mark.parametrize(
    ("text", "content", "thoughts"),
    [
        ("<think>\nlook\n</think>\n\nAction: a", "Action: a", "look"),
        ("<think>\n\n</think>\n\nAction: a", "Action: a", ""),
        ("opened in the prompt\n</think>\nAction: a", "Action: a", "opened in the prompt"),
        ("<think>cut off", "", "cut off"),
        ("<think></think>", "", ""),
        ("Action: a\n<thinking> b </thinking>\nmore", "Action: a\nmore", "b"),
        ("<think>a</think>\n<think>b</think> c", "c", "a\n\nb"),
        ("a <think> in a sentence", "a <think> in a sentence", ""),
        ("Well. <think>\nb\n</think>\nAction: a", "Well. Action: a", "b"),
        ("I could\nAction: b\nbut no.</think>\nAction: a", "Action: a", "I could\nAction: b\nbut no."),
        ("I could\nAction: b\nno\n</think>Action: a", "Action: a", "I could\nAction: b\nno"),
        ("[THINK]b[/THINK]Action: a", "Action: a", "b"),
        ("◁think▷b◁/think▷Action: a", "Action: a", "b"),
        ("<seed:think>b</seed:think>Action: a", "Action: a", "b"),
        ("SELECT '<think>x</think>' AS y", "SELECT '<think>x</think>' AS y", ""),
        ("[Reasoning]\nAction: a", "[Reasoning]\nAction: a", ""),
        ("", "", ""),
    ],
)
def test_thinking_in_text_is_taken_apart_and_put_together_again(text: str, content: str, thoughts: str) -> None:
    rest, parts = reasoning_apart(text)
    assert (rest, words(parts)) == (content, thoughts)
    assert inline(rest, parts) == text


def test_an_empty_thought_of_qwen_needs_no_data() -> None:
    assert reasoning_apart("<think>\n\n</think>\n\nx")[1] == (Reasoning(kind="think"),)


def test_long_blanks_in_a_thought_take_no_time() -> None:
    text = f"<think>x{' ' * 300_000}y{' ' * 300_000}</think>\nz"
    started = time.perf_counter()
    assert inline(*reasoning_apart(text)) == text
    assert time.perf_counter() - started < 2
