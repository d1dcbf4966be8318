"""What a language model is to simenv: a request in, a reply out. The clients are in simenv/models, one file each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from simenv.types import Data, Message, Reply


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
