"""A graph behind a SPARQL endpoint (Virtuoso, Fuseki …): AgentBench's Freebase, or any other."""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from collections.abc import Callable, Container, Iterable
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import httpx2

from simenv.documents import object_file, parse
from simenv.errors import ConfigError, ServiceDown, Unreadable, WorldError
from simenv.network import reach

from .graph import Graph, TooManyRows
from .logical_forms import LogicalForm
from .sparql import SparqlWriter
from .terms import Term, as_text, rankable

Rows = list[dict[str, Term]]
Query = Callable[[str], Rows]
"""Runs a SELECT and returns its rows."""

MID = re.compile(r"[mf]\.[A-Za-z0-9_]+")
"""An entity's id, as AgentBench recognises it."""
EXPECTED_TYPE = "type.property.expected_type"
"""Freebase's predicate for the type of a property's objects."""
_MAX_BYTES = 50_000_000
"""Most bytes of one answer."""
_CACHE_SIZE = 2000
"""Most answers in the cache."""


class Endpoint:
    """Queries one endpoint and caches the answers, since the graph is read-only and episodes of one task ask the same.

    `seconds` is the deadline of one query, `rows` the most rows of one answer.
    """

    def __init__(self, url: str, seconds: float, rows: int) -> None:
        reach(url)
        self.url, self.seconds, self.rows = url, seconds, rows
        self._cache: OrderedDict[str, Rows] = OrderedDict()
        self._client = httpx2.Client(timeout=seconds, transport=httpx2.HTTPTransport(retries=1))

    def query(self, sparql: str) -> Rows:
        """The rows of a SELECT. TooManyRows if they exceed `rows`; WorldError if the endpoint fails or is late."""
        if sparql in self._cache:
            self._cache.move_to_end(sparql)
            return self._cache[sparql]
        rows = self._read(self._fetch(f"{sparql} LIMIT {self.rows + 1}"))
        if len(rows) > self.rows:
            raise TooManyRows(f"more than {self.rows} rows")
        self._cache[sparql] = rows
        if len(self._cache) > _CACHE_SIZE:
            self._cache.popitem(last=False)
        return rows

    def _fetch(self, sparql: str) -> bytes:
        deadline, body = time.monotonic() + self.seconds, bytearray()
        accept = {"accept": "application/sparql-results+json"}
        try:
            with self._client.stream("POST", self.url, data={"query": sparql}, headers=accept) as response:
                for chunk in response.iter_bytes():
                    body += chunk
                    if time.monotonic() > deadline:
                        raise WorldError(f"kg: {self.url}: no answer within {self.seconds:g} s")
                    if len(body) > _MAX_BYTES:
                        raise WorldError(f"kg: {self.url}: an answer of more than {_MAX_BYTES} bytes")
        except httpx2.TimeoutException as e:
            raise WorldError(f"kg: {self.url}: no answer within {self.seconds:g} s") from e
        except httpx2.TransportError as e:
            raise ServiceDown(f"kg: {self.url}: {type(e).__name__}: {e}") from e
        except (httpx2.HTTPError, httpx2.InvalidURL) as e:
            raise WorldError(f"kg: {self.url}: {type(e).__name__}: {e}") from e
        if response.status_code != 200:
            excerpt = bytes(body[:200]).decode("utf-8", "replace")
            raise WorldError(f"kg: {self.url}: HTTP {response.status_code}: {excerpt}")
        return bytes(body)

    def _read(self, body: bytes) -> Rows:
        """SPARQL 1.1 Query Results JSON Format."""
        try:
            rows = parse(body, self.url)["results"]["bindings"]
            return [{name: _term(value) for name, value in row.items()} for row in rows]
        except (Unreadable, KeyError, TypeError, AttributeError) as e:
            excerpt = body[:120].decode("utf-8", "replace")
            raise WorldError(f"kg: {self.url}: expected SPARQL results in JSON, found {excerpt!r}") from e


def _term(value: dict[str, Any]) -> Term:
    kind = "literal" if value["type"] == "typed-literal" else value["type"]
    return Term(kind, value["value"], value.get("datatype", ""))


@cache
def shared_endpoint(url: str, seconds: float, rows: int) -> Endpoint:
    """One endpoint for all worlds, so that they share its cached answers."""
    return Endpoint(url, seconds, rows)


class Vocabulary:
    """The relations and attributes that an endpoint's graph shows, and the ranges of relations.

    `relations` maps a name to its range, '' if unknown.
    """

    def __init__(self, relations: dict[str, str], attributes: frozenset[str]) -> None:
        self.relations, self.attributes = relations, attributes

    @classmethod
    @lru_cache(maxsize=8)
    def read(cls, path: Path) -> Vocabulary:
        """A vocabulary from a JSON file: {"relations": names or {name: range}, "attributes": names}.

        ConfigError if it is no such file.
        """
        try:
            content = object_file(path)
            relations, attributes = content["relations"], content["attributes"]
            ranges = relations if isinstance(relations, dict) else dict.fromkeys(relations, "")
            if all(isinstance(text, str) for text in (*ranges, *ranges.values(), *attributes)):
                return cls(ranges, frozenset(attributes))
        except (Unreadable, KeyError, TypeError) as e:
            raise ConfigError(f"kg.world.vocabulary: {path}: {type(e).__name__}: {e}") from e
        raise ConfigError(f"kg.world.vocabulary: {path}: relations and attributes must be names")


class RemoteGraph(Graph):
    """A graph that answers SPARQL. Entities are ids such as `m.02mjmr`; only the question gives them names.

    Names of the graph are IRIs below `prefix`. Without a vocabulary all relations and attributes of the graph show.
    """

    def __init__(self, query: Query, identity: Any, prefix: str, vocabulary: Vocabulary | None = None) -> None:
        self.identity = identity
        self._query, self._vocabulary, self._sparql = query, vocabulary, SparqlWriter(prefix)

    def ids_of(self, name: str) -> list[str]:
        return [name] if MID.fullmatch(name) else []

    def relations(self, form: LogicalForm) -> list[str]:
        rows = self._query(self._sparql.relations(form))
        return self._names((row["p"] for row in rows), self._vocabulary.relations if self._vocabulary else None)

    def attributes(self, form: LogicalForm) -> list[str]:
        if self._vocabulary:
            rows = self._query(self._sparql.relations(form))
            return self._names((row["p"] for row in rows), self._vocabulary.attributes)
        rows = self._query(self._sparql.attributes(form))
        return self._names(row["p"] for row in rows if rankable(Term("literal", "", row.get("d", _NONE).value)))

    def _names(self, terms: Iterable[Term], vocabulary: Container[str] | None = None) -> list[str]:
        """The names of some IRIs that are in the vocabulary; without one, those that can stand in a query."""
        names = {self._text(term) for term in terms}
        return sorted(n for n in names if (n in vocabulary if vocabulary is not None else self._is_name(n)))

    def _is_name(self, name: str) -> bool:
        try:
            return bool(self._sparql.iri(name))
        except ValueError:
            return False

    def range_of(self, relation: str) -> str:
        if self._vocabulary and (range := self._vocabulary.relations.get(relation)):
            return range
        rows = self._query(self._sparql.objects(relation, EXPECTED_TYPE))
        return min((self._text(row["x"]) for row in rows), default="entity")

    def answer(self, form: LogicalForm) -> list[str]:
        if form.members is None:
            form.members = sorted(
                {self._text(row["x"]) for row in self._query(self._sparql.members(form)) if "x" in row}
            )
        return list(form.members)

    def _text(self, term: Term) -> str:
        return term.value.removeprefix(self._sparql.prefix) if term.kind == "uri" else as_text(term)


_NONE = Term("uri", "")
