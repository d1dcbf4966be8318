"""AgentBench's trimming of chats, counted by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simenv.dialects import segments, trimmed
from simenv.types import Message


def chat(*texts):
    return [Message(role="assistant" if n % 2 else "user", content=t) for n, t in enumerate(texts)]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0), (" \n ", 0), ("a", 1), ("a b", 2), ("sixsix", 1), ("sevenss", 1), ("sevenss ", 1), ("eightsss", 2),
        ("fourteenletter", 2), ("it's", 3), ("1234", 4), ("a1b", 3), ("\t", 1), ("...", 3), ("été 中文", 2), ("x\ny", 2),
    ],
)  # fmt: skip
def test_segments_are_words_by_seven_letters_and_single_signs(text, count):
    assert segments(text) == count


def test_a_chat_below_the_limit_is_sent_as_it_is():
    messages = chat("a", "b", "c")
    assert trimmed(messages, limit=4) == tuple(messages)


def test_the_sum_must_stay_below_the_limit_and_the_first_message_counts():
    sent = trimmed(chat("a", "b", "c", "d", "e"), limit=4)
    assert [m.content for m in sent] == ["a\n\n[NOTICE] 2 messages are omitted.", "d", "e"]


def test_what_follows_the_first_message_is_never_a_users():
    sent = trimmed(chat("a", "b", "c", "d", "e"), limit=5)
    assert [m.content for m in sent] == ["a\n\n[NOTICE] 2 messages are omitted.", "d", "e"]


def test_a_message_that_is_too_long_ends_the_search():
    sent = trimmed(chat("a", "b", "x " * 10, "d", "e"), limit=8)
    assert [m.content for m in sent] == ["a\n\n[NOTICE] 2 messages are omitted.", "d", "e"]


def test_where_nothing_fits_the_first_message_stays():
    assert [m.content for m in trimmed(chat("a b c d", "b", "c"), limit=3)] == [
        "a b c d\n\n[NOTICE] 2 messages are omitted."
    ]


@given(st.lists(st.text(max_size=30), min_size=1, max_size=9), st.integers(1, 40))
def test_the_newest_messages_are_kept_in_their_order(texts, limit):
    messages = chat(*texts)
    sent = trimmed(messages, limit)
    assert sent[1:] == tuple(messages[len(messages) - len(sent) + 1 :])
    assert len(sent) == len(messages) or f"[NOTICE] {len(messages) - len(sent)} messages" in sent[0].content
