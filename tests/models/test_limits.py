"""Slots, rates, budgets and the reading of refusals, with scripted models."""

import asyncio
import time
from email.utils import formatdate

import pytest

from simenv.errors import BudgetSpent, ContextLimit, ModelError, NoService
from simenv.model import Request
from simenv.models import connect
from simenv.models.budget import Budget
from simenv.models.clients.scripted import scripted
from simenv.models.failures import refusal, retry_after, too_long
from simenv.models.limits import Transient
from simenv.models.prices import price
from simenv.types import Message, Reply, Usage

HELLO = Request(messages=(Message(role="user", content="hello"),))
PRICED = {"usd_per_million_in": 0, "usd_per_million_out": 10_000, "max_tokens": 10}
"""A call costs up to ten cents."""


def paid(cap, used=10, **options):
    budget = Budget(cap)
    script = {"replies": ["done"], "repeat": True, "usage": Usage(input_tokens=1, output_tokens=used)}
    return connect("scripted", PRICED | script | options, budget=budget), budget


async def outcomes(model, n):
    return await asyncio.gather(*(model.complete(HELLO) for _ in range(n)), return_exceptions=True)


async def test_concurrent_calls_never_pass_the_cap():
    model, budget = paid(1.0, latency=0.01)
    results = await outcomes(model, 50)
    assert sum(isinstance(r, Reply) for r in results) == 10
    assert sum(isinstance(r, BudgetSpent) for r in results) == 40
    assert budget.spent == pytest.approx(1.0)
    assert len(model.requests) == 10


async def test_calls_wait_for_reservations_instead_of_giving_up():
    model, budget = paid(1.0, used=2, latency=0.01)
    results = await outcomes(model, 40)
    assert all(isinstance(r, Reply) for r in results)
    assert budget.spent == pytest.approx(0.8)
    assert budget.reserved == pytest.approx(0)


async def test_an_overshoot_is_at_most_what_was_in_flight():
    model, budget = paid(1.0, used=15, latency=0.01)
    await outcomes(model, 50)
    assert 1.0 <= budget.spent <= 1.0 + 10 * 0.05 + 1e-9


async def test_failed_and_cancelled_calls_give_their_reservation_back():
    model, budget = paid(1.0, latency=60)
    waiting = asyncio.create_task(model.complete(HELLO))
    await asyncio.sleep(0.01)
    assert budget.reserved == pytest.approx(0.1)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert (budget.reserved, budget.spent) == (pytest.approx(0), 0)


async def test_an_answer_without_usage_is_charged_as_reckoned():
    model, budget = paid(1.0, used=0)
    model = connect("scripted", PRICED | {"replies": ["done"]}, budget=budget)
    await model.complete(HELLO)
    assert budget.spent == pytest.approx(0.1)


async def test_two_models_share_one_budget():
    budget = Budget(0.3)
    usage = Usage(input_tokens=1, output_tokens=10)
    models = [connect("scripted", PRICED | {"replies": ["a"] * 9, "usage": usage}, budget=budget) for _ in range(2)]
    await models[0].complete(HELLO)
    await models[1].complete(HELLO)
    await models[0].complete(HELLO)
    with pytest.raises(BudgetSpent, match=r"spend cap \$0\.3: \$0\.3 is spent"):
        await models[1].complete(HELLO)


async def test_no_more_calls_are_in_hand_than_there_are_slots():
    at_once = []

    async def script(request):
        at_once.append(1)
        seen = len(at_once)
        await asyncio.sleep(0.01)
        at_once.pop()
        return str(seen)

    replies = await outcomes(scripted(script, concurrency=3), 20)
    assert max(int(r.text) for r in replies) == 3


async def test_the_rate_spreads_requests_and_its_wait_is_not_counted_to_the_deadline():
    model = scripted("a", repeat=True, requests_per_minute=600, deadline=0.3)
    started = time.monotonic()
    replies = await outcomes(model, 6)
    assert all(isinstance(r, Reply) for r in replies)
    assert time.monotonic() - started >= 0.4


async def test_a_server_that_asks_to_wait_past_the_deadline_is_not_waited_for():
    def busy(request):
        raise Transient("HTTP 429: busy", "HTTP 429", after=500)

    with pytest.raises(ModelError, match=r"after 1 tries.*busy; the next would pass the deadline"):
        await scripted(busy, deadline=5).complete(HELLO)


async def test_a_pause_is_at_least_as_long_as_the_server_asks():
    times = []

    def busy(request):
        times.append(time.monotonic())
        if len(times) == 1:
            raise Transient("busy", "HTTP 429", after=0.2)
        return "done"

    model = scripted(busy, backoff=0.001)
    await model.complete(HELLO)
    assert times[1] - times[0] >= 0.2
    assert model.counts == {"calls": 1, "replies without usage": 1, "retries": 1, "retries: HTTP 429": 1, "tries": 2}


def test_retry_after_is_seconds_or_a_date():
    assert retry_after({"retry-after": "2.5"}) == 2.5
    assert retry_after({"retry-after-ms": "1500", "retry-after": "9"}) == 1.5
    assert 25 < retry_after({"retry-after": formatdate(time.time() + 30, usegmt=True)}) <= 30
    assert retry_after({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0
    assert retry_after({"retry-after": "soon"}) is None
    assert retry_after({}) is None


@pytest.mark.parametrize(
    "text",
    [
        "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
        "prompt is too long: 210000 tokens > 200000 maximum",
        "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000",
        "the request exceeds the available context size. try increasing the context size",
        "The input (9000 tokens) is longer than the model's context length (8192 tokens).",
        "`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` tokens",
        "'max_tokens' is too large: 9000. This model's maximum context length is 8192 tokens",
    ],
)
def test_prompts_that_are_too_long_are_known_by_their_words(text):
    assert too_long(text)


@pytest.mark.parametrize(
    "text",
    [
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        "max_tokens: 100000 > 64000, which is the maximum allowed number of output tokens for this model",
        "prompt_cache_key is not supported",
        "Invalid value for temperature: expected at most 2",
    ],
)
def test_other_refusals_are_not_taken_for_it(text):
    assert not too_long(text)


def test_refusals_are_read_in_every_servers_form():
    def read(status, body):
        return refusal(status, {}, body)

    assert type(read(400, b'{"error": {"message": "no", "code": "context_length_exceeded"}}')) is ContextLimit
    assert type(read(400, b'{"object": "error", "message": "context too long", "code": 400}')) is ContextLimit
    assert type(read(413, b"")) is ContextLimit
    assert type(read(429, b'{"error": {"message": "pay", "code": "insufficient_quota"}}')) is NoService
    assert type(read(422, b'{"detail": [{"input": "a prompt that is too long"}]}')) is ModelError
    assert type(read(400, b'{"error": {"message": "max context", "code": "unsupported_parameter"}}')) is ModelError
    assert type(read(500, b'{"error": "prompt too long"}')) is Transient
    assert str(read(404, b"[" * 100_000)).startswith("the server knows no such model")


def test_dated_names_have_the_price_of_their_model_and_others_none():
    assert price("gpt-4.1-mini-2025-04-14") == price("gpt-4.1-mini")
    assert price("gpt-4.1-huge") is None
