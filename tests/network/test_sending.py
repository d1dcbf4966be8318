"""What a run sent to which address is listed in its folder."""

import json

import pytest

from simenv.errors import ModelError
from simenv.knowledge.cli import knowledge
from simenv.model import Request
from simenv.models import connect
from simenv.models.outbox import Outbox, together
from simenv.rollout.cli import rollout
from simenv.runs.sending import Ledger, sending
from simenv.types import Message
from tests.helpers.model_server import serve


def ask(text):
    return Request(messages=(Message(role="user", content=text),))


async def test_a_folder_lists_address_model_bytes_and_sources(tmp_path):
    with serve(lambda messages, tools: "yes") as server:
        for client in ("openai", "anthropic"):
            address = server.openai_url if client == "openai" else server.anthropic_url
            model = connect(client, {"model": "m", "base_url": address, "api_key_env": "SIMENV_NO_KEY"})
            ledger = Ledger(tmp_path, [model, None])
            assert not sending(tmp_path).is_whole
            await model.complete(ask("[0123456789ab-7] Sepsis: treat it\nand [0123456789ab-8], year 2024-05-01"))
            await model.complete(ask("none"))
            ledger.close()
            await model.close()
    record = sending(tmp_path)
    assert record.is_whole
    assert [(s.tries, s.model, s.sources) for s in record.sent] == [(2, "m", {"0123456789ab": 1})] * 2
    assert {s.address.rstrip("/") for s in record.sent} == {server.openai_url, server.anthropic_url}
    assert all(s.bytes_sent > 100 and s.bytes_received > 10 for s in record.sent)


async def test_a_redirect_takes_no_prompt_elsewhere():

    with serve(lambda messages, tools: "yes") as other, redirecting(f"{other.openai_url}/chat/completions") as server:
        model = connect("openai", {"model": "m", "base_url": server, "retries": 0})
        with pytest.raises(ModelError):
            await model.complete(ask("secret"))
        await model.close()
    assert other.requests == []


def redirecting(target):
    """A server that answers everything with a redirect."""
    from contextlib import contextmanager
    from http.server import BaseHTTPRequestHandler, HTTPServer
    from threading import Thread

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(307)
            self.send_header("location", target)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *args):
            pass

    @contextmanager
    def running():
        server = HTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v1"
        finally:
            server.shutdown()
            server.server_close()

    return running()


def test_a_rollout_lists_it_and_a_command_shows_it(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = [
        "environments=[household]",
        "episodes=1",
        "agent=react",
        "limits.max_turns=2",
        "model=openai",
        "model.model=m",
    ]
    with serve(lambda messages, tools: "Thought: go\nAction: look {}") as server:
        rollout([*words, f"model.base_url={server.openai_url}", "--offline"])
    record = sending(tmp_path / "runs/quickstart")
    assert record.is_whole and record.sent[0].tries == len(server.requests) > 0
    assert knowledge(["sent", "runs/quickstart"]) == 0
    assert "127.0.0.1" in capsys.readouterr().out
    (tmp_path / "runs/quickstart/sent.json").write_text(json.dumps({"sent": 3}))
    assert knowledge(["sent", "runs/quickstart"]) == 1


def test_a_folder_whose_models_have_no_address_gets_no_list(tmp_path):
    Ledger(tmp_path, [None, connect("scripted", {})]).close()
    assert sending(tmp_path) is None


def test_what_was_sent_before_is_added_to(tmp_path):
    for _ in range(2):
        outbox = Outbox("http://localhost/")
        ledger = Ledger(tmp_path, [outbox])
        outbox.send("m", b"0123456789ab-1 and xx0123456789ab-2")
        ledger.close()
    assert sending(tmp_path).sent == tuple(together(sending(tmp_path).sent))
    assert (sending(tmp_path).sent[0].tries, sending(tmp_path).sent[0].sources) == (2, {"0123456789ab": 2})


def test_the_command_says_where_nothing_was_sent_and_where_the_work_goes_on(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "quiet").mkdir()
    (tmp_path / "busy").mkdir()
    outbox = Outbox("http://localhost/")
    outbox.send("m", b"0123456789ab-1")
    Ledger(tmp_path / "busy", [outbox])
    assert knowledge(["sent", "quiet", "busy"]) == 0
    shown = capsys.readouterr()
    told = [line for line in shown.out.splitlines() if "quiet" in line or "busy" in line]
    assert "nothing was sent" in told[0] and "http://localhost/" in told[1] and "0123456789ab (1)" in told[1]
    assert "busy: the work goes on or was killed; it sent at least this" in shown.err and "quiet" not in shown.err
    assert knowledge(["sent"]) == 2
    assert "expected a run folder or a fine-tune" in capsys.readouterr().err


def test_what_was_killed_once_was_at_least_this_for_ever(tmp_path):
    def work(*, is_killed):
        outbox = Outbox("http://localhost/")
        ledger = Ledger(tmp_path, [outbox, outbox])
        outbox.send("m", b"x")
        if not is_killed:
            ledger.close()

    work(is_killed=True)
    assert not sending(tmp_path).is_whole and sending(tmp_path).sent == ()
    work(is_killed=False)
    assert not sending(tmp_path).is_whole
    assert [(s.tries, s.bytes_sent) for s in sending(tmp_path).sent] == [(1, 1)]
