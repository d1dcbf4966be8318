"""Topics: what dialogues and worlds should be about, as keywords, sentences, or lines of a file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

from simenv.documents import file_text, is_file
from simenv.errors import ConfigError
from simenv.types import Data, Text

LONGEST_TOPIC = 2000
"""Characters."""
KEYWORDS = 4
"""The most words of a topic that is a keyword; a longer one is a sentence."""


class Topic(Data):
    """A subject in the user's words; `origin` is the file and line, or `topics` of the command."""

    id: str
    text: Text
    kind: Literal["keyword", "sentence"]
    origin: str


def topics(given: Iterable[str]) -> Iterator[Topic]:
    """The topics of a list in which a text may name a file with one topic a line. ConfigError for one that is too long."""
    for text in given:
        path = Path(text)
        if path.suffix in (".txt", ".md") and is_file(path):
            lines = (line.strip().lstrip("-*").strip() for line in file_text(path).splitlines())
            yield from (_topic(line, f"{path}:{n}") for n, line in enumerate(lines, 1) if line and line[0] != "#")
        elif text.strip():
            yield _topic(text.strip(), "topics")


def _topic(text: str, origin: str) -> Topic:
    if len(text) > LONGEST_TOPIC:
        raise ConfigError(
            f"topics: {origin}: {len(text)} characters ({text[:60]!r} …); expected at most {LONGEST_TOPIC}; a longer text is a "
            "document: documents=[FILE]"
        )
    plain = " ".join(text.casefold().split())
    kind: Literal["keyword", "sentence"] = "keyword" if len(plain.split()) <= KEYWORDS else "sentence"
    return Topic(id=hashlib.sha256(plain.encode()).hexdigest()[:12], text=text, kind=kind, origin=origin)
