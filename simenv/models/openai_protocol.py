"""What the two protocols of OpenAI's servers share: the settings of a request, and what is read of an answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Literal, NamedTuple

from pydantic import Field

from simenv.model import Request
from simenv.models.keys import Address
from simenv.models.limits import Settings
from simenv.reasoning import Reasoning
from simenv.types import Call

Body = dict[str, Any]


def _usual(value: Any) -> bool:
    """Whether an option has the value that it had before there was one; it is then in no identity."""
    return value in (None, "loop", "chat_completions")


class Sampling(Settings):
    """The options that shape a request."""

    model: str
    """The model's name with the server."""
    base_url: Address | None = None
    """None is OpenAI itself. It shapes no answer: a recording made from one server serves for another."""
    seed: int | None = None
    """Passed to providers that take one."""
    max_tokens_name: Literal["max_tokens", "max_completion_tokens"] | None = None
    """How the server calls the bound; by default the new name for OpenAI, the old one for other servers."""
    parallel_tool_calls: bool | None = Field(default=None, exclude_if=_usual)
    """Whether a turn may hold several calls; sent where there are tools. None leaves it to the server."""
    reasoning: Literal["loop", "all", "none"] = Field(default="loop", exclude_if=_usual)
    """Which turns are sent back with their reasoning: those of the tool loop that is going on, all, or none."""
    extra_body: dict[str, Any] = {}
    """Further fields of the request's body, such as top_k for vLLM; null takes a field away."""


class Tokens(NamedTuple):
    """Tokens sent and written, and how many of them were read from a cache, or went into reasoning."""

    sent: int
    written: int
    cached: int
    reasoned: int


class Read(NamedTuple):
    """An answer, read; `tokens` is None where the server does not say."""

    text: str
    reasoning: tuple[Reasoning, ...]
    calls: tuple[Call, ...]
    finish: str
    tokens: Tokens | None


class Protocol(ABC):
    """How a request is written and an answer is read. Stateless."""

    path: ClassVar[str]

    @abstractmethod
    def body(self, request: Request, options: Sampling) -> Body:
        """The fields of the POST; None is not sent."""

    @abstractmethod
    def read(self, content: bytes, place: str) -> Read:
        """An answer. Transient or ValidationError where it is none; `place` makes ids for calls that have none."""


def sampled(request: Request, options: Sampling) -> Body:
    """The fields that say how an answer is drawn."""
    seed = options.seed if request.seed is None else request.seed
    return {
        "temperature": options.temperature if request.temperature is None else request.temperature,
        "top_p": options.top_p,
        # A server that honours seeds would give every sample of a prompt the same answer.
        "seed": None if seed is None else seed + request.sample,
    }
