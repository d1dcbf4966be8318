"""Both network clients against a real server on a local socket, through the real SDKs."""

import asyncio
import traceback

import pytest

from simenv.errors import ConfigError, ContextLimit, ModelError
from simenv.model import Request
from simenv.models import connect
from simenv.types import Call, Message
from tests.helpers.model_server import Faults, Reply, serve

PROVIDERS = ["openai", "anthropic"]
QUICK = {"model": "gpt-4o-mini", "backoff": 0.01, "retries": 8, "timeout": 5, "concurrency": 64}
SEARCH = {
    "type": "function",
    "function": {
        "name": "search",
        "description": "Looks it up.",
        "parameters": {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]},
    },
}


def ask(text, **settings):
    return Request(messages=(Message(role="user", content=text),), **settings)


def model(provider, server, **options):
    url = server.openai_url if provider == "openai" else server.anthropic_url
    return connect(provider, QUICK | {"base_url": url} | options)


def echo(messages, tools):
    return f"You said {messages[-1]['content']}"


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_two_hundred_concurrent_calls_are_all_answered_though_a_third_of_the_tries_fail(provider):
    with serve(echo, Faults(rate=0.3, seed=7)) as server:
        client = model(provider, server)
        replies = await asyncio.gather(*(client.complete(ask(f"number {i}")) for i in range(200)))
        await client.close()
    assert [r.text for r in replies] == [f"You said number {i}" for i in range(200)]
    failed = sum(r.fault is not None for r in server.requests)
    assert failed > 40
    assert client.counts["calls"] == 200
    assert client.counts["tries"] >= 200 + client.counts["retries"]
    assert client.counts["retries"] <= failed
    assert server.most_at_once <= 64
    assert all(r.usage.calls == 1 and r.usage.input_tokens and r.usage.output_tokens for r in replies)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("fault", ["408", "409", "429", "500", "503", "529", "truncated", "cut", "reset", "html"])
async def test_a_passing_failure_is_tried_again(provider, fault):
    with serve(echo, [fault]) as server:
        client = model(provider, server)
        assert (await client.complete(ask("hello"))).text == "You said hello"
        await client.close()
    assert len(server.requests) == 2
    assert client.counts["retries"] == 1


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_server_that_asks_to_wait_past_the_deadline_is_an_error_at_once(provider):
    with serve(echo, Faults(plan=["429"], retry_after="500")) as server:
        client = model(provider, server, deadline=60)
        with pytest.raises(ModelError, match=r"after 1 tries .*429.*; the next would pass the deadline of 60 s"):
            await client.complete(ask("hello"))
        await client.close()


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_slow_try_is_given_up_and_made_again(provider):
    with serve(echo, Faults(plan=["slow"], slow=20)) as server:
        client = model(provider, server, timeout=0.5)
        assert (await client.complete(ask("hello"))).text == "You said hello"
        await client.close()
    assert client.counts["retries: timeout"] == 1


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_the_deadline_holds_over_all_tries(provider):
    with serve(echo, Faults(rate=1, kinds=["500"])) as server:
        client = model(provider, server, deadline=1, retries=10_000)
        with pytest.raises(ModelError, match="deadline of 1 s"):
            await asyncio.wait_for(client.complete(ask("hello")), 10)
        await client.close()


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_what_keeps_failing_is_an_error_that_says_how_often_and_why(provider):
    with serve(echo, Faults(rate=1, kinds=["503"])) as server:
        client = model(provider, server, retries=2)
        with pytest.raises(ModelError, match=r"gpt-4o-mini: no answer after 3 tries in .*HTTP 503: injected fault"):
            await client.complete(ask("hello"))
        await client.close()
    assert len(server.requests) == 3


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_prompt_that_does_not_fit_is_not_tried_again(provider):
    with serve(echo, ["context"]) as server:
        client = model(provider, server)
        with pytest.raises(ContextLimit, match="maximum context length is 8192"):
            await client.complete(ask("hello"))
        await client.close()
    assert len(server.requests) == 1


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    ("fault", "hint"), [("401", "key"), ("403", "may not use"), ("404", "base_url"), ("400", "400")]
)
async def test_a_lasting_refusal_is_an_error_at_once(provider, fault, hint):
    with serve(echo, [fault]) as server:
        client = model(provider, server)
        with pytest.raises(ModelError, match=hint):
            await client.complete(ask("hello"))
        await client.close()
    assert len(server.requests) == 1


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_the_key_comes_from_the_environment_and_is_shown_nowhere(provider, monkeypatch, caplog):
    monkeypatch.setenv("SIMENV_TEST_KEY", "sk-very-secret")
    caplog.set_level("DEBUG")
    with serve(echo, key="sk-other") as server:
        client = model(provider, server, api_key_env="SIMENV_TEST_KEY")
        with pytest.raises(ModelError, match=r"\[key\]") as refused:
            await client.complete(ask("hello"))
        await client.close()
    shown = (
        "".join(traceback.format_exception(refused.value)) + repr(client) + str(client.identity) + str(client.options)
    )
    assert "very-secret" not in shown + caplog.text
    assert "very-secret" in str(server.requests[0].headers)


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_the_right_key_opens(provider, monkeypatch):
    monkeypatch.setenv("SIMENV_TEST_KEY", "sk-very-secret")
    with serve(echo, key="sk-very-secret") as server:
        client = model(provider, server, api_key_env="SIMENV_TEST_KEY")
        assert (await client.complete(ask("hello"))).text == "You said hello"
        await client.close()


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_calls_and_their_results_go_there_and_back(provider):
    def answer(messages, tools):
        if messages[-1]["role"] == "tool":
            return f"found {messages[-1]['content']}"
        return Reply("I look.", [(tools[0]["function"]["name"], {"query": "Ümläut"})])

    with serve(answer) as server:
        client = model(provider, server)
        chat = (Message(role="system", content="Be brief."), Message(role="user", content="What is it?"))
        first = await client.complete(Request(messages=chat, tools=(SEARCH,)))
        assert (first.text, first.finish) == ("I look.", "tool_calls")
        assert [(c.name, c.arguments) for c in first.calls] == [("search", '{"query": "Ümläut"}')]
        said = Message(role="assistant", content=first.text, calls=first.calls, author="agent")
        result = Message(role="tool", content="42", call_id=first.calls[0].id)
        second = await client.complete(Request(messages=(*chat, said, result), tools=(SEARCH,)))
        await client.close()
    assert (second.text, second.finish) == ("found 42", "stop")


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_arguments_that_are_no_json_object_can_still_be_sent_back(provider):
    chat = (
        Message(role="user", content="go"),
        Message(role="assistant", content="", calls=(Call(id="a", name="search", arguments='{"query": '),)),
        Message(role="tool", content="cannot be read", call_id="a"),
    )
    with serve(lambda messages, tools: messages[-2]["tool_calls"][0]["function"]["arguments"]) as server:
        client = model(provider, server)
        assert (await client.complete(Request(messages=chat))).text == '{"malformed": "{\\"query\\": "}'
        await client.close()


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_request_goes_before_the_options(provider):
    with serve(echo) as server:
        old = {"version": "2023-06-01"} if provider == "anthropic" else {}
        client = model(provider, server, temperature=0.2, max_tokens=50, extra_body={"top_k": 5}, **old)
        await client.complete(ask("one"))
        await client.complete(ask("two", temperature=0.0, max_tokens=7, stop=("Observation:",)))
        await client.close()
    one, two = (r.body for r in server.requests)
    assert (one["temperature"], one["max_tokens"], one["top_k"]) == (0.2, 50, 5)
    assert (two["temperature"], two["max_tokens"]) == (0.0, 7)
    assert two["stop" if provider == "openai" else "stop_sequences"] == ["Observation:"]


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_an_answer_cut_at_its_bound_says_so(provider):
    finish = {"openai": "length", "anthropic": "max_tokens"}[provider]
    with serve(lambda messages, tools: Reply("half", finish=finish)) as server:
        client = model(provider, server)
        assert (await client.complete(ask("hello"))).finish == "length"
        await client.close()


async def test_openai_seeds_differ_between_samples_of_one_prompt():
    with serve(echo) as server:
        client = model("openai", server)
        for sample in (0, 1):
            await client.complete(ask("hello", seed=10, sample=sample))
        await client.close()
    assert [r.body["seed"] for r in server.requests] == [10, 11]


async def test_the_ways_of_other_servers_are_understood():
    quirks = ["no_usage", "no_ids", "dict_arguments", "null_content", "reasoning"]
    with serve(lambda messages, tools: [("search", {"query": "a"}), ("search", "{}")], quirks=quirks) as server:
        client = model("openai", server)
        reply = await client.complete(ask("hello"))
        await client.close()
    assert reply.text == ""
    assert reply.calls == (
        Call(id="call_1_0", name="search", arguments='{"query": "a"}'),
        Call(id="call_1_1", name="search", arguments="{}"),
    )
    assert (reply.usage.input_tokens, reply.usage.cost, client.counts["replies without usage"]) == (0, 0, 1)


async def test_text_in_parts_is_joined_and_an_answer_without_choices_is_tried_again():
    with serve(echo, quirks=["parts"]) as server:
        client = model("openai", server)
        assert (await client.complete(ask("hello"))).text == "You said hello"
        await client.close()
    with serve(echo, quirks=["no_choices"]) as server:
        client = model("openai", server, retries=1)
        with pytest.raises(ModelError, match=r"2 tries.*no choices.*upstream failed"):
            await client.complete(ask("hello"))
        await client.close()


async def test_anthropic_counts_cached_tokens_and_prices_them_apart():
    with serve(echo, quirks=["cache", "reasoning"]) as server:
        client = model("anthropic", server, model="claude-sonnet-4-5-20250929")
        reply = await client.complete(ask("hello"))
        await client.close()
    fresh = reply.usage.input_tokens - 110
    assert fresh > 0
    expected = (fresh * 3 + 100 * 0.3 + 10 * 3.75 + reply.usage.output_tokens * 15) / 1e6
    assert reply.usage.cost == pytest.approx(expected)


async def test_anthropic_gets_no_temperature_unless_an_old_version_is_asked_for():
    with serve(echo) as server:
        client = model("anthropic", server)
        await client.complete(ask("hello", temperature=0.5))
        await client.close()
        old = model("anthropic", server, version="2023-06-01")
        await old.complete(ask("hello", temperature=0.5))
        await old.close()
        with pytest.raises(ConfigError, match="no temperature"):
            model("anthropic", server, temperature=0.5)
    new_way, old_way = server.requests
    assert "temperature" not in new_way.body
    assert client.counts["temperatures not sent"] == 1
    assert (old_way.body["temperature"], old_way.headers["anthropic-version"]) == (0.5, "2023-06-01")


async def test_anthropic_chats_alternate_and_results_come_first():
    chat = (
        Message(role="user", content="a"),
        Message(role="user", content="b"),
        Message(role="assistant", content="", calls=(Call(id="x", name="search", arguments="{}"),)),
        Message(role="user", content="by the way"),
        Message(role="tool", content="", call_id="x"),
    )
    with serve(echo) as server:
        client = model("anthropic", server)
        await client.complete(Request(messages=chat))
        await client.close()
    sent = server.requests[0].body["messages"]
    assert [m["role"] for m in sent] == ["user", "assistant", "user"]
    assert [b["type"] for b in sent[2]["content"]] == ["tool_result", "text"]
    assert [b["text"] for b in sent[0]["content"]] == ["a", "b"]


async def test_a_server_that_is_not_there_is_a_model_error():
    with serve(echo) as server:
        pass
    client = model("openai", server, retries=1)
    with pytest.raises(ModelError, match="no connection"):
        await client.complete(ask("hello"))
    await client.close()


def test_no_key_and_no_address_is_a_config_error(monkeypatch):
    monkeypatch.delenv("SIMENV_TEST_KEY", raising=False)
    with pytest.raises(ConfigError, match="environment variable SIMENV_TEST_KEY"):
        connect("openai", {"model": "gpt-4o", "api_key_env": "SIMENV_TEST_KEY"})


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_request_says_of_itself_what_the_sdks_own_say_but_for_what_they_count(provider, monkeypatch):
    sdk = pytest.importorskip(provider)
    monkeypatch.setenv("OPENAI_ORG_ID", "my-org")
    with serve(echo) as server:
        client = model(provider, server)
        await client.complete(ask("hello"))
        await client.close()
        url = server.openai_url if provider == "openai" else server.anthropic_url
        theirs = sdk.AsyncOpenAI if provider == "openai" else sdk.AsyncAnthropic
        body = server.requests[0].body
        async with theirs(api_key="none", base_url=url) as own:
            await (own.chat.completions.create if provider == "openai" else own.messages.create)(**body)
    (mine, his) = (
        {k: v for k, v in r.headers.items() if not k.startswith("x-stainless-") and k != "content-length"}
        for r in server.requests
    )
    assert mine == his and ("openai-organization" in mine) is (provider == "openai")
    assert server.requests[0].path == server.requests[1].path


@pytest.mark.parametrize("base", ["/v1", "/v1/", "/a%2Fb/v1?api-version=3"])
def test_a_path_is_joined_to_a_base_with_its_escapes_and_query(base):
    client = connect("openai", QUICK | {"base_url": f"http://127.0.0.1:9{base}"})
    url = client._wire._request("/chat/completions", b"{}", None).url
    folder, mark, query = base.partition("?")
    assert url.raw_path.decode() == f"{folder.rstrip('/')}/chat/completions{mark}{query}"
