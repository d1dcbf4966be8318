"""A passage: a page of a corpus, with the place in a document that it was taken from."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field

from simenv.types import Data

from .sentences import Sentence, sentences


def _one_line(title: Any) -> Any:
    return " ".join(title.split()) if isinstance(title, str) else title


class Source(Data):
    """Where a passage stands: a file by name and SHA-256, the page or heading there, and the span in characters."""

    file: str = Field(max_length=1000)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    page: int | None = None
    heading: str | None = Field(None, max_length=1000)
    start: int = Field(0, ge=0)
    end: int = Field(0, ge=0)


class Passage(Data):
    """One page. `source` is None where the text was made for a task."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1, max_length=200, pattern=r"^[^\s\[\]][^\n\[\]]*$")
    title: Annotated[str, BeforeValidator(_one_line)] = Field(min_length=1, max_length=500)
    text: str = Field(max_length=200_000)
    source: Source | None = None

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """Its sentences in their order."""
        return sentences(self.text)

    def sentences_in(self, start: int, end: int) -> tuple[int, ...]:
        """The numbers, from 0, of the sentences that share characters with a span."""
        return tuple(n for n, s in enumerate(self.sentences) if s.start < end and start < s.end)


def passage(record: dict[str, Any]) -> Passage:
    """The passage of a record. ValidationError where it is none."""
    return Passage.model_validate(record)
