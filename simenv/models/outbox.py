"""What left this process for a model's server: how often, how many bytes, and which sources of a pool were quoted."""

from __future__ import annotations

import re
from collections.abc import Iterable

from simenv.types import Data

_NUMBER = re.compile(rb"-[0-9]")
_SOURCE = re.compile(rb"[0-9a-f]{12}")
"""The first digits of a source's SHA-256. The id of each of its items begins with them: `0123456789ab-7`."""


class Sent(Data):
    """What was sent to one address for one model. `tries` counts requests, failed ones too; `sources`: the requests in which
    items of a source stood, by the first twelve digits of its SHA-256."""

    address: str
    model: str
    tries: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0
    sources: dict[str, int] = {}

    def plus(self, other: Sent) -> Sent:
        """Both together."""
        sources = {s: self.sources.get(s, 0) + other.sources.get(s, 0) for s in {**self.sources, **other.sources}}
        return self.model_copy(
            update={
                "tries": self.tries + other.tries,
                "bytes_sent": self.bytes_sent + other.bytes_sent,
                "bytes_received": self.bytes_received + other.bytes_received,
                "sources": sources,
            }
        )


class Outbox:
    """Counts what goes to one address."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._by_model: dict[str, Sent] = {}

    def send(self, model: str, body: bytes) -> None:
        """Count a request before it leaves."""
        sources = dict.fromkeys(_sources(body), 1)
        self._add(Sent(address=self.address, model=model, tries=1, bytes_sent=len(body), sources=sources))

    def receive(self, model: str, body: bytes) -> None:
        """Count the answer."""
        self._add(Sent(address=self.address, model=model, bytes_received=len(body)))

    def _add(self, more: Sent) -> None:
        old = self._by_model.get(more.model)
        self._by_model[more.model] = old.plus(more) if old else more

    @property
    def sent(self) -> tuple[Sent, ...]:
        """What was sent so far, by model; one empty entry where nothing was."""
        return tuple(self._by_model.values()) or (Sent(address=self.address, model=""),)


def _sources(body: bytes) -> set[str]:
    # The number of an item is looked for first: a search for twelve digits takes ten times as long.
    before = (body[max(0, m.start() - 12) : m.start()] for m in _NUMBER.finditer(body))
    return {digits.decode() for digits in before if _SOURCE.fullmatch(digits)}


def together(entries: Iterable[Sent]) -> list[Sent]:
    """Entries of the same address and model as one."""
    by_key: dict[tuple[str, str], Sent] = {}
    for entry in entries:
        if entry.tries:
            key = entry.address, entry.model
            by_key[key] = by_key[key].plus(entry) if key in by_key else entry
    return [by_key[key] for key in sorted(by_key)]
