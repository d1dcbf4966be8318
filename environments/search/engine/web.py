"""Web searches as a searcher: pages made from what SerpAPI or Tavily answer, each answer kept in a file and played back.

The file is the record of a run: with `mode=replay` the same questions give the same pages, without a key and without a network.
"""

from __future__ import annotations

import hashlib
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from simenv.documents import json_lines
from simenv.errors import ConfigError, Unreadable, WorldError
from simenv.files import append_line
from simenv.options import Options, explain_validation
from simenv.trust import DataPath, EndpointAddress, Verdict
from simenv.types import Data

from .passages import Passage, Source
from .web_clients import CLIENTS, WebPage
from .words import plain

_LONGEST = 20_000
"""Characters of a page that are kept."""
_MOST = 50
"""Pages of an answer that are kept."""


_Variable = Annotated[
    str, Field(pattern=r"^[A-Z_][A-Z0-9_]{0,63}$"), Verdict("sent", "is a variable whose value would be sent as a key")
]


class WebOptions(Options):
    """Which web search is asked, and the file in which its answers are kept."""

    provider: Literal["serpapi", "tavily"]
    cassette: DataPath
    """the file of answers, one JSON object a line"""
    mode: Literal["auto", "replay"] = "auto"
    """auto: ask for what the file does not hold; replay: never ask, and what is not in the file is an error"""
    api_key_env: _Variable | None = None
    """the variable that holds the key; by default SERPAPI_API_KEY or TAVILY_API_KEY"""
    base_url: Annotated[EndpointAddress, Field(pattern=r"^https?://")] | None = None
    """None is the provider itself"""
    quota: int = Field(default=1000, ge=0)
    """questions that this process asks the provider at most"""
    timeout: float = Field(default=20, gt=0, le=300)
    """seconds that an answer may take"""


class Answer(Data):
    """What a provider answered to a query: a line of the file."""

    provider: str
    query: str
    limit: int
    pages: tuple[Passage, ...]


class Answers:
    """The answers of one provider in one file, shared by all worlds of a process. Equal queries are asked once."""

    def __init__(self, options: WebOptions) -> None:
        self.options = options
        self.asked = 0
        """questions that were put to the provider"""
        self._lock = Lock()
        self._asking: dict[tuple[str, int], Lock] = {}
        self._answers = _read(options.cassette, options.provider)
        self._pages = {p.id: p for pages in self._answers.values() for p in pages}
        self._ask = CLIENTS[options.provider](options) if options.mode != "replay" else None

    def find(self, query: str, limit: int) -> tuple[Passage, ...]:
        """The pages for a query. WorldError where it cannot be answered: no recording, quota, key, time, network."""
        key = (" ".join(query.split()), limit)
        with self._lock:
            gate = self._asking.setdefault(key, Lock())
        with gate:
            if key not in self._answers:
                self._keep(key, self._fetch(*key))
            return self._answers[key]

    def page(self, id: str) -> Passage | None:
        """The page of an id among all that were found."""
        return self._pages.get(id)

    def _fetch(self, query: str, limit: int) -> tuple[Passage, ...]:
        if self._ask is None:
            raise WorldError(self._missing(query))
        if not query:
            return ()
        with self._lock:
            if self.asked >= self.options.quota:
                raise WorldError(
                    f"search: web.quota: {self.options.quota} questions were asked, and no more are allowed; raise it, or "
                    f"play back {self.options.cassette} with web.mode=replay"
                )
            self.asked += 1
        pages = (_passage(page) for page in self._ask(query, limit)[:_MOST])
        return tuple({p.id: p for p in pages if p}.values())[:limit]

    def _missing(self, query: str) -> str:
        near = get_close_matches(query, [q for q, _ in self._answers][-1000:], n=1, cutoff=0.0)
        hint = f"; the nearest that it holds is {near[0]!r:.200}" if near else "; it holds none"
        return f"search: web.mode=replay: {self.options.cassette} holds no answer to {query!r:.200}{hint}"

    def _keep(self, key: tuple[str, int], pages: tuple[Passage, ...]) -> None:
        answer = Answer(provider=self.options.provider, query=key[0], limit=key[1], pages=pages)
        line = answer.model_dump_json(exclude_none=True).encode("utf-8", "backslashreplace") + b"\n"
        with self._lock:
            _append(self.options.cassette, line)
            self._answers[key] = pages
            self._pages |= {p.id: p for p in pages}


class WebSearcher:
    """The web as one episode knows it: titles are those of pages that it found."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._found: dict[str, Passage] = {}
        self.identity = {"web": answers.options.provider}

    def search(self, query: str, limit: int) -> tuple[Passage, ...]:
        pages = self._answers.find(query, limit)
        self._found |= {p.id: p for p in pages}
        return pages

    def page(self, id: str) -> Passage | None:
        return self._answers.page(id)

    def titled(self, title: str) -> tuple[Passage, ...]:
        wanted = plain(title)
        return tuple(p for p in self._found.values() if wanted and plain(p.title) == wanted)


def web_searcher(options: WebOptions) -> WebSearcher:
    """A searcher for one episode. ConfigError without a key or the provider's package."""
    with _opening:
        return WebSearcher(_answers(options.model_dump_json()))


_opening = Lock()


@lru_cache(maxsize=8)
def _answers(options: str) -> Answers:
    return Answers(WebOptions.model_validate_json(options))


def _passage(page: WebPage) -> Passage | None:
    """A page with an id of its own text, so that the same id is the same page for ever; None where it says nothing."""
    title, text = " ".join(page.title.split())[:500], page.text.strip()[:_LONGEST]
    if not text:
        return None
    sha256 = hashlib.sha256(f"{page.address}\n{title}\n{text}".encode("utf-8", "replace")).hexdigest()
    place = Source(file=page.address[:1000] or "web", sha256=sha256, heading=None, start=0, end=len(text))
    return Passage(id=f"w{sha256[:12]}", title=title or page.address[:500] or "untitled", text=text, source=place)


def _read(path: Path, provider: str) -> dict[tuple[str, int], tuple[Passage, ...]]:
    """The answers of a file by query and limit; {} where there is none yet. ConfigError for a line that is no answer."""
    answers: dict[tuple[str, int], tuple[Passage, ...]] = {}
    if not path.exists():
        return answers
    for number, record in json_lines(path):
        if isinstance(record, Unreadable):
            continue  # torn, as a process that is killed leaves it
        try:
            answer = Answer.model_validate(record)
        except ValidationError as e:
            raise ConfigError(
                explain_validation(e, f"search: web.cassette {path}:{number}: no answer of a search")
            ) from e
        if answer.provider == provider:
            answers[answer.query, answer.limit] = answer.pages
    return answers


def _append(path: Path, line: bytes) -> None:
    try:
        append_line(path, line)
    except OSError as e:
        raise WorldError(f"search: web.cassette {path}: cannot write: {e.strerror}") from e
