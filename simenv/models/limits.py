"""What surrounds every call of a model: slots, rates, retries, deadlines, spend cap. Nothing here knows a provider."""

from __future__ import annotations

import asyncio
import time
from abc import abstractmethod
from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar

from aiolimiter import AsyncLimiter
from pydantic import Field
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from simenv.errors import ConfigError, ModelError, NoService
from simenv.model import Model, Request
from simenv.models.budget import Budget
from simenv.models.outbox import Sent
from simenv.models.prices import FREE, Price, price
from simenv.options import Options
from simenv.reply_text import reasoning_apart
from simenv.trust import DataPath
from simenv.types import Reply, canonical, digest

LONGEST_PAUSE = 60.0
"""Seconds; no back-off of our own choosing is longer."""
BROKEN = frozenset({"error", "abort", "network_error", "insufficient_system_resource"})
"""Finish reasons with which a provider says that it failed in the middle of its answer."""
UNBOUNDED_OUTPUT = 4096
"""Tokens an answer is reckoned with when neither request nor options bound it."""
UNREACHED = "connection refused"
"""The kind of a failure to which nobody answered at all."""
MOST_UNREACHED = 3
"""Such tries, the first of all, after which no call can succeed."""


class Transient(ModelError):
    """One try failed in a way another may not. `after`: seconds the server asked to wait. `kind` is counted."""

    def __init__(self, message: str, kind: str, after: float | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.after = after


class Limits(Options):
    """Options that every client has; none of them shapes an answer."""

    timeout: float = Field(default=120, gt=0)
    """Seconds for one try."""
    deadline: float = Field(default=600, gt=0)
    """Seconds for one call over all its tries and pauses. Waiting for a slot, the budget or the rate is not counted."""
    retries: int = Field(default=6, ge=0)
    """Tries after the first that failed in a way another may not."""
    backoff: float = Field(default=0.5, ge=0)
    """Seconds; the n-th pause is random below backoff · 2ⁿ, unless the server says how long to wait."""
    concurrency: int = Field(default=16, ge=1)
    """Calls at once."""
    requests_per_minute: float | None = Field(default=None, gt=0)
    """Spread evenly: one request each 60 / n seconds. Retries count."""
    tokens_per_minute: float | None = Field(default=None, gt=0)
    """Reckoned before the call (`size`), as a bucket that holds one minute's worth."""
    usd_per_million_in: float | None = Field(default=None, ge=0)
    """US dollars for a million tokens of prompts, where simenv's table has no price."""
    usd_per_million_out: float | None = Field(default=None, ge=0)
    """The same for tokens of answers."""
    prices: DataPath | None = None
    """A file like prices.yaml, asked before it."""


class Settings(Limits):
    """The options that shape answers and that all clients share; a Request's own value goes before them."""

    model: str = ""
    """The model's name with the provider."""
    temperature: float | None = Field(default=None, ge=0)
    """Of the answers; none: the provider's own."""
    top_p: float | None = Field(default=None, gt=0, le=1)
    """Share of the likeliest tokens that are drawn from."""
    max_tokens: int | None = Field(default=None, ge=1)
    """Tokens of the answer."""


def size(request: Request) -> int:
    """Tokens of a prompt, reckoned on the high side without a tokenizer: one for each three bytes, four a message."""
    texts = [m.content + m.thought + "".join(c.name + c.arguments for c in m.calls) for m in request.messages]
    tools = canonical(request.tools) if request.tools else ""
    return sum(len(t.encode("utf-8", "surrogatepass")) // 3 + 4 for t in [*texts, tools])


class Client(Model):
    """A model that is called: subclasses make one try, everything around it is done here."""

    Options: ClassVar[type[Settings]] = Settings
    free: ClassVar[bool] = False
    """Whether calls cost nothing unless a price is given."""
    price: Price | None
    """None where nobody said what the model costs; its calls then count as free."""

    def __init__(self, options: Settings, budget: Budget | None = None) -> None:
        self.options = options
        self.budget = budget
        self.price = self._price() or (FREE if self.free else None)
        self.tally: Counter[str] = Counter()
        self._unreached = 0
        self._slots = asyncio.Semaphore(options.concurrency)
        rpm, tpm = options.requests_per_minute, options.tokens_per_minute
        self._rate = AsyncLimiter(1, 60 / rpm) if rpm else None
        self._flow = AsyncLimiter(tpm, 60) if tpm else None
        if budget is not None and self.price is None:
            raise ConfigError(
                f"{self.label}: a budget needs a price and none is known; set usd_per_million_in and "
                "usd_per_million_out (0 for a server of your own), or add the model to a file and set prices"
            )

    @property
    def label(self) -> str:
        """What errors call this model."""
        return f"{type(self).__name__} {self.options.model}".strip()

    @property
    def identity(self) -> dict[str, Any]:
        return identity(type(self), self.options)

    @property
    def counts(self) -> dict[str, int]:
        return dict(sorted(self.tally.items()))

    @property
    def sent(self) -> tuple[Sent, ...]:
        """What went to servers so far."""
        return ()

    @abstractmethod
    async def attempt(self, request: Request) -> Reply:
        """One try. Transient for what another try may heal, ContextLimit and ModelError for what it will not."""

    async def complete(self, request: Request) -> Reply:
        tokens = size(request) if self.budget or self._flow else 0
        async with self._slots:
            if self.budget is None or self.price is None:
                reply = await self._persist(request, tokens)
            else:
                reply = await self._complete_within_budget(request, tokens, self.budget, self.price)
        self.tally["calls"] += 1
        return reply.model_copy(update={"usage": reply.usage.model_copy(update={"calls": 1})})

    async def _complete_within_budget(self, request: Request, tokens: int, budget: Budget, price: Price) -> Reply:
        max_tokens = request.max_tokens or self.options.max_tokens or UNBOUNDED_OUTPUT
        estimate = price.cost(tokens, max_tokens)
        async with budget.reserve(estimate) as charge:
            reply = await self._persist(request, tokens)
            # A server that does not say what it used must not make the cap endless.
            charge(reply.usage.cost if reply.usage.input_tokens or reply.usage.output_tokens else estimate)
        return reply

    async def _persist(self, request: Request, tokens: int) -> Reply:
        """Try until it works, the retries are used up, or the deadline would pass."""
        start, options = time.monotonic(), self.options
        failures: list[Transient] = []
        try:
            async with asyncio.timeout(options.deadline) as clock:
                retrying = AsyncRetrying(
                    retry=retry_if_exception_type(Transient),
                    stop=lambda state: stop_after_attempt(options.retries + 1)(state) or _too_late(state, clock),
                    wait=_pause(options.backoff),
                    before_sleep=lambda state: self._note(state, failures),
                    reraise=True,
                )
                return await retrying(self._try, request, tokens, clock)
        except Transient as e:
            tries = len(failures) + 1
            late = f"; the next would pass the deadline of {options.deadline:g} s" if tries <= options.retries else ""
            seconds = time.monotonic() - start
            raise ModelError(f"{self.label}: no answer after {tries} tries in {seconds:.1f} s: {e}{late}") from e
        except TimeoutError as e:
            last = f"; the last try failed: {failures[-1]}" if failures else ""
            raise ModelError(f"{self.label}: no answer within the deadline of {options.deadline:g} s{last}") from e

    async def _try(self, request: Request, tokens: int, clock: asyncio.Timeout) -> Reply:
        await self._turn(tokens, clock)
        self.tally["tries"] += 1
        try:
            async with asyncio.timeout(self.options.timeout) as try_clock:
                reply = await self.attempt(request)
        except Transient as e:
            self._check_reached(e)
            raise
        except TimeoutError as e:
            if not try_clock.expired():
                raise
            raise Transient(f"no answer within {self.options.timeout:g} s", "timeout") from e
        if reply.finish in BROKEN:
            raise Transient(f"the answer broke off: finish reason {reply.finish!r}", "broken answer")
        if not (reply.usage.input_tokens or reply.usage.output_tokens):
            self.tally["replies without usage"] += 1
        return _apart(reply)

    def _check_reached(self, failure: Transient) -> None:
        """NoService where nobody ever answered, and nobody answered the first tries."""
        if failure.kind != UNREACHED or self.tally["calls"]:
            return
        self._unreached += 1
        if self._unreached >= MOST_UNREACHED:
            raise NoService(f"{self.label}: {failure}; the first {self._unreached} tries failed so") from failure

    async def _turn(self, tokens: int, clock: asyncio.Timeout) -> None:
        """Wait for the rate limits with the deadline's clock standing still."""
        if not (self._rate or self._flow):
            return
        loop = asyncio.get_running_loop()
        seconds = (clock.when() or 0) - loop.time()
        clock.reschedule(None)
        if self._rate:
            await self._rate.acquire()
        if self._flow:
            await self._flow.acquire(min(tokens, self._flow.max_rate))
        clock.reschedule(loop.time() + seconds)

    def _note(self, state: RetryCallState, failures: list[Transient]) -> None:
        failure = state.outcome.exception() if state.outcome else None
        assert isinstance(failure, Transient)
        failures.append(failure)
        self.tally["retries"] += 1
        self.tally[f"retries: {failure.kind}"] += 1

    def _price(self) -> Price | None:
        options = self.options
        listed_price = price(options.model, options.prices)
        own_prices = options.usd_per_million_in, options.usd_per_million_out
        if own_prices == (None, None):
            return listed_price
        first = own_prices[0] if own_prices[0] is not None or listed_price is None else listed_price.input
        second = own_prices[1] if own_prices[1] is not None or listed_price is None else listed_price.output
        if first is None or second is None:
            raise ConfigError(f"{self.label}: set both usd_per_million_in and usd_per_million_out")
        # A price of one's own says nothing about caches, so the table's cache prices no longer hold.
        return Price(input=first, output=second)


def identity(client: type[Client], options: Settings) -> dict[str, Any]:
    """What shapes a client's answers beside the request: its module and all options but limits, key and address."""
    elsewhere = {*Limits.model_fields, "base_url", "api_key_env"}
    shaping = options.model_dump(mode="json", exclude=elsewhere)
    if extra := shaping.pop("extra_body", None):
        # Only its digest: nobody knows what users put there.
        shaping["extra_body"] = digest(extra)
    return {"client": client.__module__.rpartition(".")[2], **shaping}


def _apart(reply: Reply) -> Reply:
    """The reply with the thinking that stands in its text taken out of it."""
    text, parts = reasoning_apart(reply.text)
    return reply.model_copy(update={"text": text, "reasoning": (*reply.reasoning, *parts)}) if parts else reply


def _pause(backoff: float) -> Callable[[RetryCallState], float]:
    jitter = wait_random_exponential(multiplier=backoff, max=LONGEST_PAUSE)

    def seconds(state: RetryCallState) -> float:
        failure = state.outcome.exception() if state.outcome else None
        pause = failure.after if isinstance(failure, Transient) and failure.after is not None else 0.0
        # The jitter also goes on top of what the server asks for, or all callers come back in the same instant.
        return pause + jitter(state) if pause else jitter(state)

    return seconds


def _too_late(state: RetryCallState, clock: asyncio.Timeout) -> bool:
    """Whether the pause would outlast the deadline, so that waiting for it is idle."""
    return asyncio.get_running_loop().time() + state.upcoming_sleep >= (clock.when() or 0)
