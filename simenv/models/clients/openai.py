"""OpenAI, and every server that speaks a protocol of its (vLLM, SGLang, Ollama, llama.cpp, OpenRouter, DeepSeek …)."""

from __future__ import annotations

from typing import Literal

import openai
from pydantic import Field, ValidationError

from simenv.model import Request
from simenv.models.budget import Budget
from simenv.models.chat_completions import ChatCompletions
from simenv.models.concessions import Concessions
from simenv.models.keys import Variable, key
from simenv.models.limits import Client, Transient
from simenv.models.openai_protocol import Protocol, Sampling, Tokens
from simenv.models.outbox import Sent
from simenv.models.responses import Responses
from simenv.models.wire import Wire
from simenv.options import explain_validation
from simenv.types import Reply, Usage

PROTOCOLS: dict[str, Protocol] = {"chat_completions": ChatCompletions(), "responses": Responses()}


class OpenAI(Client):
    """One try is one POST, or a few where the server refuses a field that may be left out."""

    class Options(Sampling):
        api: Literal["chat_completions", "responses"] = Field(
            default="chat_completions", exclude_if=lambda api: api == "chat_completions"
        )
        """The protocol. `responses` is OpenAI's own newer one, with which its reasoning models keep their reasoning."""
        api_key_env: Variable = "OPENAI_API_KEY"
        """Name of the environment variable with the key; servers with a base_url may do without."""

    options: Options

    def __init__(self, options: Options, budget: Budget | None = None) -> None:
        super().__init__(options, budget)
        secret = key(options.api_key_env, options.base_url)
        connections = openai.DefaultAsyncHttpxClient(timeout=options.timeout)
        client = openai.AsyncOpenAI(api_key=secret, base_url=options.base_url, http_client=connections)
        self._wire = Wire(client, connections, secret)
        self._concessions = Concessions(self.label)
        self._protocol = PROTOCOLS[options.api]

    @property
    def sent(self) -> tuple[Sent, ...]:
        return self._wire.outbox.sent

    async def attempt(self, request: Request) -> Reply:
        fields = self._protocol.body(request, self.options) | self.options.extra_body
        body = {name: value for name, value in fields.items() if value is not None}
        content = await self._concessions.post(self._wire, self._protocol.path, body)
        try:
            read = self._protocol.read(content, f"call_{len(request.messages)}")
        except ValidationError as e:
            raise Transient(explain_validation(e, "the answer is no chat completion"), "malformed answer") from e
        except Transient as e:
            raise Transient(self._wire.blotted(str(e)), e.kind) from None
        text = self._concessions.stopped(read.text, request.stop)
        usage = self._usage(read.tokens) if read.tokens else Usage()
        return Reply(text=text, reasoning=read.reasoning, calls=read.calls, finish=read.finish, usage=usage)

    def _usage(self, tokens: Tokens) -> Usage:
        sent, written, cached, reasoned = tokens
        cost = self.price.cost(sent - cached, written, cached) if self.price else 0.0
        return Usage(input_tokens=sent, output_tokens=written, reasoning_tokens=reasoned, cost=cost)

    async def close(self) -> None:
        await self._wire.close()
