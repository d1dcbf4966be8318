"""What left for a server is counted by address and model, failed tries too; sources by the ids that a request quotes."""

import pytest

from simenv.errors import ConfigError
from simenv.models.keys import key
from simenv.models.outbox import Outbox, Sent, together


def test_requests_answers_and_quoted_sources_are_counted_by_model():
    outbox = Outbox("http://a/")
    assert outbox.sent == (Sent(address="http://a/", model=""),)
    outbox.send("m", b"[0123456789ab-7] twice 0123456789ab-12, and fedcba987654-1")
    outbox.receive("m", b"12345")
    outbox.send("m", b"0123456789ab-3")  # a try without an answer
    outbox.send("n", b"")
    assert outbox.sent == (
        Sent(
            address="http://a/", model="m", tries=2, bytes_sent=58 + 14, bytes_received=5,
            sources={"0123456789ab": 2, "fedcba987654": 1},
        ),
        Sent(address="http://a/", model="n", tries=1),
    )  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        b"0123456789ab",
        b"0123456789ab-",
        b"0123456789ab -1",
        b"0123456789AB-1",
        b"123456789ab-1",
        b"-1",
        b"xyz456789ab0-1",
    ],
)
def test_what_is_no_id_of_an_item_is_no_source(text):
    outbox = Outbox("http://a/")
    outbox.send("m", text)
    assert outbox.sent[0].sources == {}


def test_entries_of_one_address_and_model_are_one_and_those_without_a_try_are_left_out():
    entries = [
        Sent(address="b", model="m", tries=1, bytes_sent=3, sources={"x": 1}),
        Sent(address="a", model="m", tries=2, bytes_received=4),
        Sent(address="b", model="m", tries=4, bytes_sent=5, bytes_received=6, sources={"x": 2, "y": 1}),
        Sent(address="c", model=""),
    ]
    assert together(entries) == [
        Sent(address="a", model="m", tries=2, bytes_received=4),
        Sent(address="b", model="m", tries=5, bytes_sent=8, bytes_received=6, sources={"x": 3, "y": 1}),
    ]


def test_a_key_is_asked_for_by_the_providers_own_servers_alone(monkeypatch):
    monkeypatch.setenv("A_KEY", " sk-1 ")
    assert key("A_KEY", None) == "sk-1" == key("A_KEY", "http://localhost/")
    monkeypatch.setenv("A_KEY", " ")
    assert key("A_KEY", "http://localhost/") == "none"
    with pytest.raises(ConfigError, match="no key: set the environment variable A_KEY, or base_url"):
        key("A_KEY", None)
