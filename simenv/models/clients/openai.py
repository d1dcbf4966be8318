"""Chat completions of OpenAI and of every server that speaks its protocol (vLLM, SGLang, Ollama, llama.cpp …)."""

from __future__ import annotations

import json
from typing import Any, Literal

import openai
from pydantic import BaseModel, Field, ValidationError

from simenv.model import Request
from simenv.models.budget import Budget
from simenv.models.calls import arguments
from simenv.models.failures import refusal
from simenv.models.keys import Address, Variable, blot, key
from simenv.models.limits import Client, Settings, Transient
from simenv.options import explain_validation
from simenv.types import Call, Message, Reply, Usage


class OpenAI(Client):
    """One try is one POST to /chat/completions."""

    class Options(Settings):
        model: str
        base_url: Address | None = None
        """None is OpenAI itself. It shapes no answer: a recording made from one server serves for another."""
        api_key_env: Variable = "OPENAI_API_KEY"
        """Name of the environment variable with the key; servers with a base_url may do without."""
        seed: int | None = None
        max_tokens_name: Literal["max_tokens", "max_completion_tokens"] | None = None
        """How the server calls the bound; by default the new name for OpenAI, the old one for other servers."""
        extra_body: dict[str, Any] = {}
        """Further fields of the request's body, such as top_k for vLLM."""

    options: Options

    def __init__(self, options: Options, budget: Budget | None = None) -> None:
        super().__init__(options, budget)
        self._key = key(options.api_key_env, options.base_url)
        self._client = openai.AsyncOpenAI(
            api_key=self._key, base_url=options.base_url, timeout=options.timeout, max_retries=0
        )

    async def attempt(self, request: Request) -> Reply:
        try:
            raw = await self._client.chat.completions.with_raw_response.create(**body(request, self.options))
            return self._read(raw.http_response.content, request)
        except openai.APIStatusError as e:
            # Not `from e`: its text may quote the key.
            raise refusal(e.status_code, e.response.headers, blot(e.response.content, self._key)) from None
        except openai.APITimeoutError as e:
            raise Transient(f"no answer within {self.options.timeout:g} s", "timeout") from e
        except openai.APIConnectionError as e:
            raise Transient(f"no connection: {e.__cause__ or e}", "connection") from e
        except ValidationError as e:
            raise Transient(explain_validation(e, "the answer is no chat completion"), "malformed answer") from e

    def _read(self, content: bytes, request: Request) -> Reply:
        answer = Completion.model_validate_json(content)
        if not answer.choices:
            raise Transient(f"the answer has no choices: {blot(content, self._key)[:200]!r}", "malformed answer")
        choice = answer.choices[0]
        said = choice.message
        # Ids are made from the place in the chat, so that equal chats have equal ids.
        place = f"call_{len(request.messages)}"
        calls = tuple(
            Call(id=c.id or f"{place}_{i}", name=c.function.name, arguments=_text(c.function.arguments))
            for i, c in enumerate(said.tool_calls or ())
        )
        finish = "refusal" if said.refusal else choice.finish_reason or ("tool_calls" if calls else "stop")
        text = said.refusal or _plain(said.content)
        return Reply(text=text, calls=calls, finish=finish, usage=self._usage(answer.usage))

    def _usage(self, used: Used | None) -> Usage:
        if used is None:
            return Usage()
        details = used.prompt_tokens_details
        cached = min(details.cached_tokens or 0, used.prompt_tokens) if details else 0
        fresh = used.prompt_tokens - cached
        cost = self.price.cost(fresh, used.completion_tokens, cached) if self.price else 0.0
        return Usage(input_tokens=used.prompt_tokens, output_tokens=used.completion_tokens, cost=cost)

    async def close(self) -> None:
        await self._client.close()


class Function(BaseModel):
    name: str
    arguments: str | dict[str, Any] | None = None


class ToolCall(BaseModel):
    id: str | None = None
    function: Function


class Said(BaseModel):
    """The part of an assistant message that is used; reasoning fields are not."""

    content: str | list[dict[str, Any]] | None = None
    refusal: str | None = None
    tool_calls: list[ToolCall] | None = None


class Choice(BaseModel):
    message: Said
    finish_reason: str | None = None


class Details(BaseModel):
    cached_tokens: int | None = None


class Used(BaseModel):
    prompt_tokens: int = Field(default=0, ge=0)
    completion_tokens: int = Field(default=0, ge=0)
    prompt_tokens_details: Details | None = None


class Completion(BaseModel):
    """A chat completion as servers really send it: more lenient than the SDK's type, strict where it matters."""

    choices: list[Choice] | None = None
    usage: Used | None = None


def body(request: Request, options: OpenAI.Options) -> dict[str, Any]:
    """The fields of the POST; None is never sent."""
    limit_name = options.max_tokens_name or ("max_tokens" if options.base_url else "max_completion_tokens")
    seed = options.seed if request.seed is None else request.seed
    fields: dict[str, Any] = {
        "model": options.model,
        "messages": [message(m) for m in request.messages],
        "tools": list(request.tools) or None,
        "temperature": options.temperature if request.temperature is None else request.temperature,
        "top_p": options.top_p,
        limit_name: request.max_tokens or options.max_tokens,
        "stop": list(request.stop) or None,
        # A server that honours seeds would give every sample of a prompt the same answer.
        "seed": None if seed is None else seed + request.sample,
        "extra_body": options.extra_body or None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def message(m: Message) -> dict[str, Any]:
    """A message as the protocol writes it."""
    if m.role == "tool":
        return {"role": "tool", "tool_call_id": m.call_id or "", "content": m.content}
    if not m.calls:
        return {"role": m.role, "content": m.content}
    calls = [{"id": c.id, "type": "function", "function": function(c)} for c in m.calls]
    return {"role": m.role, "content": m.content or None, "tool_calls": calls}


def function(call: Call) -> dict[str, str]:
    """A call for sending back. Servers refuse a chat over arguments that are no JSON object, so those are quoted."""
    sound = arguments(call.arguments) != {"malformed": call.arguments}
    text = call.arguments if sound else json.dumps(arguments(call.arguments), ensure_ascii=False)
    return {"name": call.name, "arguments": text}


def _text(arguments: str | dict[str, Any] | None) -> str:
    if isinstance(arguments, dict):
        return json.dumps(arguments, ensure_ascii=False)
    return arguments or "{}"


def _plain(content: str | list[dict[str, Any]] | None) -> str:
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if part.get("type") == "text")
    return content or ""
