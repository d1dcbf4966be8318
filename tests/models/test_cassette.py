"""Recording and replaying: against a real server, concurrently, through a kill, and what a miss says."""

import asyncio
import os
import signal
import subprocess
import sys
import time

import pytest

from simenv.errors import ConfigError, ModelError
from simenv.model import Request
from simenv.models import connect
from simenv.models.clients.cassette import Cassette
from simenv.models.clients.scripted import scripted
from simenv.types import Call, Message, Reply
from tests.helpers.model_server import serve


def ask(text, **settings):
    return Request(messages=(Message(role="user", content=text),), **settings)


def around(model, path, mode="auto"):
    return Cassette(Cassette.Options(path=path, mode=mode), model=model)


def counting():
    said = []

    def script(request):
        said.append(request)
        return f"answer {len(said)}"

    return scripted(script)


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
async def test_what_was_recorded_plays_with_the_server_down_and_without_a_key(provider, tmp_path, monkeypatch):
    monkeypatch.setenv("SIMENV_TEST_KEY", "sk-very-secret")
    tape = tmp_path / "tape.jsonl"
    shape = {"model": "m", "max_tokens": 50}

    def answer(messages, tools):
        return f"You said {messages[-1]['content']}"

    with serve(answer, key="sk-very-secret") as server:
        url = server.openai_url if provider == "openai" else server.anthropic_url
        options = shape | {"base_url": url, "api_key_env": "SIMENV_TEST_KEY", "timeout": 5}
        recorder = connect("cassette", {"path": str(tape), "of": provider, "options": options})
        first = await asyncio.gather(*(recorder.complete(ask(str(i))) for i in range(20)))
        await recorder.close()
    monkeypatch.delenv("SIMENV_TEST_KEY")
    player = connect("cassette", {"path": str(tape), "mode": "replay", "of": provider, "options": shape})
    assert await asyncio.gather(*(player.complete(ask(str(i))) for i in range(20))) == first
    assert player.counts == {"played": 20, "missed": 0}
    assert "very-secret" not in tape.read_text() and "127.0.0.1" not in tape.read_text()


async def test_a_request_asked_twice_at_once_is_asked_and_recorded_once(tmp_path):
    model = scripted("first", "second", latency=0.05)
    tape = around(model, tmp_path / "tape.jsonl")
    replies = await asyncio.gather(*(tape.complete(ask("hello")) for _ in range(50)))
    assert {r.text for r in replies} == {"first"}
    assert len(model.requests) == 1
    assert len((tmp_path / "tape.jsonl").read_text().splitlines()) == 1


async def test_a_cancelled_caller_does_not_take_the_answer_from_the_others(tmp_path):
    tape = around(scripted("first", latency=0.05), tmp_path / "tape.jsonl")
    one, other = (asyncio.create_task(tape.complete(ask("hello"))) for _ in range(2))
    await asyncio.sleep(0.01)
    one.cancel()
    assert (await other).text == "first"


async def test_everything_that_shapes_an_answer_makes_another_recording(tmp_path):
    tape = around(counting(), tmp_path / "tape.jsonl")
    tool = {"type": "function", "function": {"name": "f", "parameters": {}}}
    calls = Message(role="assistant", content="", calls=(Call(id="a", name="f", arguments="{}"),))
    requests = [
        ask("a"), ask("b"), ask("a", sample=1), ask("a", seed=1), ask("a", temperature=0.0), ask("a", max_tokens=5),
        ask("a", stop=("x",)), ask("a", tools=(tool,)), Request(messages=(Message(role="system", content="a"),)),
        Request(messages=(calls,)),
        Request(messages=(calls.model_copy(update={"calls": (Call(id="a", name="f", arguments='{"x":1}'),)}),)),
    ]  # fmt: skip
    texts = [(await tape.complete(r)).text for r in requests]
    assert len(set(texts)) == len(requests)
    assert [(await tape.complete(r)).text for r in requests] == texts
    other = around(scripted(lambda request: "other", temperature=0.5), tmp_path / "tape.jsonl")
    assert (await other.complete(ask("a"))).text == "other"
    assert (await other.complete(ask("a", temperature=0.0))).text == texts[requests.index(ask("a", temperature=0.0))]


async def test_who_wrote_a_message_and_how_calls_are_numbered_makes_no_other_recording(tmp_path):
    def chat(id, author):
        call = Call(id=id, name="f", arguments="{}")
        said = Message(role="assistant", content="", calls=(call,), author=author, train=author == "agent")
        return Request(messages=(said, Message(role="tool", content="ok", call_id=id)))

    tape = around(counting(), tmp_path / "tape.jsonl")
    assert await tape.complete(chat("a", "agent")) == await tape.complete(chat("b", "teacher"))


async def test_a_miss_names_the_key_and_the_nearest_prompt_or_the_setting_that_differs(tmp_path):
    tape = around(counting(), tmp_path / "tape.jsonl")
    await tape.complete(ask("open the red door"))
    await tape.complete(ask("count all the stars"))
    await tape.close()
    player = around(scripted(lambda request: ""), tmp_path / "tape.jsonl", "replay")
    with pytest.raises(ModelError, match=r"no recording [0-9a-f]{16} among 2 .*nearest recorded .*open the red door"):
        await player.complete(ask("open the blue door"))
    with pytest.raises(ModelError, match=r"other settings: temperature None instead of 0\.5"):
        await player.complete(ask("open the red door", temperature=0.5))


async def test_failures_are_not_recorded(tmp_path):
    def script(request):
        if len(model.requests) == 1:
            raise ModelError("down")
        return "up"

    model = scripted(script)
    tape = around(model, tmp_path / "tape.jsonl")
    with pytest.raises(ModelError):
        await tape.complete(ask("hello"))
    assert (await tape.complete(ask("hello"))).text == "up"


async def test_recording_asks_anew_and_the_mode_auto_does_not(tmp_path):
    path = tmp_path / "tape.jsonl"
    for mode, text in [("auto", "one"), ("auto", "one"), ("record", "two")]:
        tape = around(scripted(lambda request, mode=mode: "one" if mode == "auto" else "two"), path, mode)
        assert (await tape.complete(ask("hello"))).text == text
        await tape.close()
    assert (await around(scripted(lambda request: "x"), path, "replay").complete(ask("hello"))).text == "two"


async def test_a_torn_last_line_is_passed_over_and_the_next_recording_is_whole(tmp_path):
    path = tmp_path / "tape.jsonl"
    tape = around(counting(), path)
    await tape.complete(ask("a"))
    await tape.close()
    with path.open("ab") as file:
        file.write(path.read_bytes()[:80])
    tape = around(scripted(lambda request: "b"), path)
    assert (await tape.complete(ask("b"))).text == "b"
    await tape.close()
    player = around(scripted(lambda request: "x"), path, "replay")
    assert [(await player.complete(ask(t))).text for t in "ab"] == ["answer 1", "b"]


def test_a_file_that_is_no_cassette_is_refused_by_its_line(tmp_path):
    path = tmp_path / "tape.jsonl"
    path.write_text('{"key": "a"}\n')
    with pytest.raises(ConfigError, match=r"tape\.jsonl:1: no recording"):
        around(scripted("x"), path)


KILLED = """
import asyncio, sys
from pathlib import Path
from simenv.model import Request
from simenv.models.clients.cassette import Cassette
from simenv.models.clients.scripted import scripted
from simenv.types import Message

async def main():
    tape = Cassette(Cassette.Options(path=Path(sys.argv[1])), model=scripted(lambda r: r.messages[0].content * 500))
    for i in range(10**6):
        await tape.complete(Request(messages=(Message(role="user", content=str(i)),)))

asyncio.run(main())
"""


async def test_a_killed_process_leaves_whole_recordings(tmp_path):
    path = tmp_path / "tape.jsonl"
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(path)])
    until = time.monotonic() + 60
    while (not path.exists() or path.stat().st_size < 100_000) and time.monotonic() < until:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    player = around(scripted(lambda request: ""), path, "replay")
    whole = len(path.read_bytes().split(b"\n")) - 1
    assert whole > 10
    for i in range(whole):
        assert await player.complete(ask(str(i))) == Reply(text=str(i) * 500, usage={"calls": 1})
