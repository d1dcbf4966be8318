"""A text cut into passages: nothing is lost, and each passage is found where its span says."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from simenv.documents.spans import passages, spans


@given(st.text(alphabet="ab .\n", max_size=300), st.integers(5, 60))
def test_a_document_is_split_without_losing_a_letter(text, size):
    parts = passages(text, size)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(0 < len(p) <= size for p in parts)


@given(st.text(max_size=300), st.integers(5, 60))
def test_spans_are_in_order_and_hold_their_passages(text, size):
    found = spans(text, size)
    assert [text[a:b] for a, b in found] == passages(text, size)
    assert all(text[a:b] == text[a:b].strip() for a, b in found)
    assert all(end <= start for (_, end), (start, _) in pairwise(found))
