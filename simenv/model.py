"""What a language model is to simenv: a request in, a reply out. The clients are in simenv/models, one file each."""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from simenv.errors import Unusable
from simenv.prompts import render
from simenv.types import Data, Message, Reply, Usage, canonical

S = TypeVar("S", bound=BaseModel)
HERE = Path(__file__).parent
THOUGHT = re.compile(r"<think>.*?(</think>|\Z)", re.DOTALL)
OPENING = {"array": re.compile(r"\["), "object": re.compile(r"\{")}
STARTED = re.compile(r'\{\s*"|\[\s*[{\["]')
"""Where JSON begins beyond doubt: if it breaks off there, what lies inside is no answer either."""
QUOTED = 200
"""Characters of an unusable answer that an error repeats."""


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


async def ask(
    model: Model,
    prompt: str | Request,
    shape: type[S],
    *,
    tries: int = 3,
    spent: Callable[[Usage], None] | None = None,
    faults: Callable[[S], list[str]] | None = None,
) -> S:
    """A model's answer as data: JSON of a pydantic shape, whose schema is put under the prompt.

    An answer that does not fit, or in which `faults` finds any, is sent back with what is wrong about it; Unusable after
    `tries` answers. `spent` is told the usage of each. What the model wrote is data throughout: it is validated, quoted,
    never evaluated.
    """
    request = prompt if isinstance(prompt, Request) else Request(messages=(Message(role="user", content=prompt),))
    *before, last = request.messages
    schema = canonical(shape.model_json_schema())
    posed = last.model_copy(update={"content": render(HERE / "ask.j2", prompt=last.content, schema=schema)})
    chat = [*before, posed]
    violations, text = ["no answer was asked for"], ""
    for _ in range(tries):
        reply = await model.complete(request.model_copy(update={"messages": tuple(chat)}))
        if spent:
            spent(reply.usage)
        text = reply.text
        value, violations = fit(text, shape)
        if value is not None:
            violations = faults(value) if faults else []
            if not violations:
                return value
        elif reply.finish == "length":
            violations = ["it was cut off at the limit of its length; be briefer", *violations]
        again = render(HERE / "ask_again.j2", violations=violations)
        chat += [Message(role="assistant", content=text, author="model"), Message(role="user", content=again)]
    shown = text if len(text) <= QUOTED else text[:QUOTED] + "…"
    told = f"no {shape.__name__} in {tries} answers: {'; '.join(violations)}; the last was {shown!r}"
    raise Unusable(told, violations, text)


def fit(text: str, shape: type[S]) -> tuple[S | None, list[str]]:
    """The last JSON value in a text that fits a shape, or what is wrong: the violations of the last one there is."""
    kind = "array" if shape.model_json_schema().get("type") == "array" else "object"
    violations = [f"it holds no JSON {kind}"]
    fitting: S | None = None
    for part in json_in(THOUGHT.sub("", text), OPENING[kind]):
        try:
            fitting = shape.model_validate_json(part)
        except ValidationError as e:
            violations = [_violation(error) for error in e.errors(include_url=False)[:10]]
    return fitting, [] if fitting is not None else violations


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


def _violation(error: Any) -> str:
    where = ".".join(map(str, error["loc"])) or "the whole"
    given = "" if error["type"] in ("missing", "json_invalid") else f" (got {str(error['input'])[:80]!r})"
    return f"{where}: {error['msg']}{given}"
