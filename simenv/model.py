"""What a language model is to simenv: a request in, a reply out. The clients are in simenv/models, one file each."""

from __future__ import annotations

import inspect
import json
import re
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, overload

from jsonschema import Draft202012Validator
from jsonschema.exceptions import relevance
from pydantic import BaseModel, ValidationError

from simenv.errors import Unusable
from simenv.options import explain_fault
from simenv.prompts import render
from simenv.reply_text import reasoning_apart
from simenv.types import Data, Message, Reply, Usage, canonical

S = TypeVar("S", bound=BaseModel)
HERE = Path(__file__).parent / "models"
THOUGHT = re.compile(r"<think>.*?(</think>|\Z)", re.DOTALL)
OPENING = {"array": re.compile(r"\["), "object": re.compile(r"\{")}
STARTED = re.compile(r'\{\s*"|\[\s*[{\["]')
"""Where JSON begins beyond doubt: if it breaks off there, what lies inside is no answer either."""
QUOTED = 200
"""Characters of an unusable answer that an error repeats."""
SHOWN = 10
"""Violations of one answer that are sent back."""
AROUND = 30
"""Characters before and after an error in JSON that are sent back."""
DEEPEST = 64
"""Levels of JSON that are taken for an answer of a JSON Schema."""
Schema = Mapping[str, Any]


class Request(Data):
    """All that shapes an answer; equal requests may be answered from a cassette.

    `sample` tells apart several samples of one prompt. `seed` is passed to providers that take one.
    """

    messages: tuple[Message, ...]
    tools: tuple[dict[str, Any], ...] = ()
    temperature: float | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None
    sample: int = 0


class Model(ABC):
    """A language model. One instance serves all concurrent episodes of a run."""

    @abstractmethod
    async def complete(self, request: Request) -> Reply:
        """Answer. ContextLimit where the prompt does not fit, BudgetSpent at the cap, ModelError for the rest."""

    async def stream(self, request: Request) -> AsyncIterator[str]:
        """The answer's text in pieces, as it is written; all of it at once from a client that cannot tell earlier."""
        yield (await self.complete(request)).text

    async def close(self) -> None:
        """Release connections. Idempotent."""

    @property
    def identity(self) -> dict[str, Any]:
        """What shapes its answers beside the request (client, model name, sampling), as JSON; no keys, no addresses."""
        return {"client": type(self).__name__}

    @property
    def counts(self) -> dict[str, int]:
        """What happened so far, for the report: calls, tries, retries by cause, replies without usage …"""
        return {}


@overload
async def ask(
    model: Model,
    prompt: str | Request,
    shape: type[S],
    *,
    tries: int = 3,
    spent: Callable[[Usage], None] | None = None,
    faults: Callable[[S], list[str] | Awaitable[list[str]]] | None = None,
    shows_schema: bool = False,
) -> S: ...
@overload
async def ask(
    model: Model,
    prompt: str | Request,
    shape: Schema,
    *,
    tries: int = 3,
    spent: Callable[[Usage], None] | None = None,
    faults: Callable[[Any], list[str] | Awaitable[list[str]]] | None = None,
    shows_schema: bool = False,
) -> Any: ...
async def ask(
    model: Model,
    prompt: str | Request,
    shape: Any,
    *,
    tries: int = 3,
    spent: Callable[[Usage], None] | None = None,
    faults: Callable[[Any], list[str] | Awaitable[list[str]]] | None = None,
    shows_schema: bool = False,
) -> Any:
    """A model's answer as data: JSON of a pydantic shape or a JSON Schema, which is put under the prompt
    unless that shows it (`shows_schema`).

    An answer that does not fit, or in which `faults` finds any, is sent back with what is wrong about it; Unusable after
    `tries` answers. `spent` is told the usage of each. What the model wrote is data throughout: it is
    validated, quoted, never evaluated.
    """
    request = prompt if isinstance(prompt, Request) else Request(messages=(Message(role="user", content=prompt),))
    *before, last = request.messages
    first = last.content if shows_schema else posed(last.content, shape)
    chat = [*before, last.model_copy(update={"content": first})]
    violations, text = ["no answer was asked for"], ""
    for _ in range(tries):
        reply = await model.complete(request.model_copy(update={"messages": tuple(chat)}))
        if spent:
            spent(reply.usage)
        text = reply.text
        value, violations = fit(text, shape)
        if value is not None:
            found = faults(value) if faults else []
            violations = await found if inspect.isawaitable(found) else found
            if not violations:
                return value
        elif reply.finish == "length":
            violations = ["it was cut off at the limit of its length; be briefer", *violations]
        again = render(HERE / "ask_again.j2", violations=violations)
        answered = Message(role="assistant", content=text, reasoning=reply.reasoning, author="model")
        chat += [answered, Message(role="user", content=again)]
    shown = text if len(text) <= QUOTED else text[:QUOTED] + "…"
    name = shape.get("title", "answer") if isinstance(shape, Mapping) else shape.__name__
    told = f"no {name} in {tries} answers: {'; '.join(violations)}; the last was {shown!r}"
    raise Unusable(told, violations, text)


def failure(reply: Reply) -> str:
    """Why a reply is the model's failure and no turn of an agent; "" where it is one."""
    if reply.finish in ("error", "content_filter", "sensitive"):
        return f"its provider took the answer away: finish reason {reply.finish!r}"
    if reply.finish == "length" and not reply.calls and not reasoning_apart(reply.text)[0].strip():
        return "it was cut off at the bound of tokens before it said anything; raise max_tokens or let it think less"
    return ""


def posed(prompt: str, shape: Any) -> str:
    """A prompt as `ask` puts it to a model: with the schema of the answer below."""
    return render(HERE / "ask.j2", prompt=prompt, schema=canonical(_schema(shape)))


def fit(text: str, shape: Any) -> tuple[Any, list[str]]:
    """The last JSON value in a text that fits a shape, or what is wrong: the violations of the last one there is."""
    violations = [_none(shape)]
    fitting = None
    for part in json_in(THOUGHT.sub("", text), OPENING[_kind(shape)]):
        value, found = _read(part, shape)
        fitting, violations = (value, []) if not found else (fitting, found)
    return fitting, [] if fitting is not None else violations


def _schema(shape: Any) -> Schema:
    return shape if isinstance(shape, Mapping) else _described(shape)


@cache
def _described(shape: type[BaseModel]) -> Schema:
    return shape.model_json_schema()


def _kind(shape: Any) -> str:
    return "array" if _schema(shape).get("type") == "array" else "object"


def _none(shape: Any) -> str:
    return f"it holds no JSON {_kind(shape)}"


def _read(part: str, shape: Any) -> tuple[Any, list[str]]:
    """A JSON text as data of the shape, or what is wrong with it."""
    if isinstance(shape, Mapping):
        try:
            value = json.loads(part, strict=False, parse_constant=_no_constant)
        except (ValueError, RecursionError) as e:
            return None, [f"the whole: no JSON: {e}{_around(e)}"]
        if _deep(value):
            return None, [f"the whole: nested deeper than {DEEPEST} levels"]
        if r"\ud" in part.lower():  # lone surrogates, which nothing could write down
            value = json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
        errors = sorted(Draft202012Validator(shape).iter_errors(value), key=relevance, reverse=True)
        return value, [f"{e.json_path}: {e.message:.300}" for e in errors[:SHOWN]]
    try:
        return shape.model_validate_json(part), []
    except ValidationError as e:
        return None, [explain_fault(fault, value=True) for fault in e.errors(include_url=False)[:SHOWN]]


def _around(error: Exception) -> str:
    """The text on both sides of the place where JSON breaks off, with a mark at the place."""
    if not isinstance(error, json.JSONDecodeError):
        return ""
    before, after = error.doc[max(0, error.pos - AROUND) : error.pos], error.doc[error.pos : error.pos + AROUND]
    return f"; it stands at the mark: {before}⟨here⟩{after}"


def _deep(value: Any) -> bool:
    level = [value]
    for _ in range(DEEPEST):
        level = [v for x in level if isinstance(x, dict | list) for v in (x.values() if isinstance(x, dict) else x)]
        if not level:
            return False
    return True


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON value")


def json_in(text: str, opening: re.Pattern[str]) -> Iterator[str]:
    """The JSON values in a text, in order, whether fenced, bare, or amid prose. One that breaks off comes as it is."""
    decoder, at = json.JSONDecoder(strict=False), 0
    while start := opening.search(text, at):
        try:
            _, at = decoder.raw_decode(text, start.start())
        except (ValueError, RecursionError):
            at = start.end()
            if STARTED.match(text, start.start()):
                at = len(text)
        else:
            yield text[start.start() : at]
            continue
        if at == len(text):
            yield text[start.start() :]
