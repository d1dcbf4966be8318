"""A graph behind a SPARQL endpoint (Virtuoso, Fuseki …): Freebase, as AgentBench has it, or any other."""

from __future__ import annotations

import json
import re
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import httpx2

from simenv.errors import ConfigError, WorldError

from .expressions import Expr
from .graph import Graph, TooMany
from .sparql import Writer
from .terms import Term, rankable, written

Rows = list[dict[str, Term]]
Ask = Callable[[str], Rows]

MID = re.compile(r"[mf]\.[A-Za-z0-9_]+")
"""What AgentBench takes for an entity's id."""
EXPECTED = "type.property.expected_type"
"""Freebase's own word for the type that a property leads to."""
_LARGEST = 50_000_000
"""Bytes of one answer."""
_KEPT = 2000
"""Answers kept."""


class Endpoint:
    """Asks one endpoint. Answers are kept: a graph is read only, and episodes of one question ask the same."""

    def __init__(self, url: str, seconds: float, rows: int) -> None:
        self.url, self.seconds, self.rows = url, seconds, rows
        self._kept: OrderedDict[str, Rows] = OrderedDict()
        self._client = httpx2.Client(timeout=seconds, transport=httpx2.HTTPTransport(retries=1))

    def query(self, sparql: str) -> Rows:
        """A SELECT's rows. TooMany where they are more than `rows`; WorldError where the endpoint fails or is late."""
        if sparql in self._kept:
            self._kept.move_to_end(sparql)
            return self._kept[sparql]
        found = self._read(self._fetch(f"{sparql} LIMIT {self.rows + 1}"))
        if len(found) > self.rows:
            raise TooMany(f"more than {self.rows} rows")
        self._kept[sparql] = found
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return found

    def _fetch(self, sparql: str) -> bytes:
        deadline, body = time.monotonic() + self.seconds, bytearray()
        accept = {"accept": "application/sparql-results+json"}
        try:
            with self._client.stream("POST", self.url, data={"query": sparql}, headers=accept) as response:
                for chunk in response.iter_bytes():
                    body += chunk
                    if time.monotonic() > deadline:
                        raise WorldError(f"kg: {self.url}: no answer within {self.seconds:g} s")
                    if len(body) > _LARGEST:
                        raise WorldError(f"kg: {self.url}: an answer of more than {_LARGEST} bytes")
        except httpx2.TimeoutException as e:
            raise WorldError(f"kg: {self.url}: no answer within {self.seconds:g} s") from e
        except (httpx2.HTTPError, httpx2.InvalidURL) as e:
            raise WorldError(f"kg: {self.url}: {type(e).__name__}: {e}") from e
        if response.status_code != 200:
            shown = bytes(body[:200]).decode("utf-8", "replace")
            raise WorldError(f"kg: {self.url}: HTTP {response.status_code}: {shown}")
        return bytes(body)

    def _read(self, body: bytes) -> Rows:
        """SPARQL 1.1 Query Results JSON Format."""
        try:
            rows = json.loads(body)["results"]["bindings"]
            return [{name: _term(value) for name, value in row.items()} for row in rows]
        except (ValueError, KeyError, TypeError, AttributeError) as e:
            shown = body[:120].decode("utf-8", "replace")
            raise WorldError(f"kg: {self.url}: expected SPARQL results in JSON, found {shown!r}") from e


def _term(value: dict[str, Any]) -> Term:
    kind = "literal" if value["type"] == "typed-literal" else value["type"]
    return Term(kind, value["value"], value.get("datatype", ""))


class Vocabulary:
    """The relations and attributes that are listed, and where relations lead; without one, all that the graph has.

    A JSON file: {"relations": names or {name: range}, "attributes": names}.
    """

    def __init__(self, relations: dict[str, str], attributes: frozenset[str]) -> None:
        self.relations, self.attributes = relations, attributes

    @classmethod
    @lru_cache(maxsize=8)
    def read(cls, path: Path) -> Vocabulary:
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            relations, attributes = found["relations"], found["attributes"]
            ranges = relations if isinstance(relations, dict) else dict.fromkeys(relations, "")
            if all(isinstance(text, str) for text in (*ranges, *ranges.values(), *attributes)):
                return cls(ranges, frozenset(attributes))
        except (OSError, ValueError, KeyError, TypeError) as e:
            raise ConfigError(f"kg.world.vocabulary: {path}: {type(e).__name__}: {e}") from e
        raise ConfigError(f"kg.world.vocabulary: {path}: relations and attributes must be names")


class Remote(Graph):
    """A graph that answers SPARQL. An entity is an id such as `m.02mjmr`; its names are the question's own."""

    def __init__(self, ask: Ask, identity: Any, prefix: str, vocabulary: Vocabulary | None = None) -> None:
        self.identity = identity
        self._ask, self._vocabulary, self._sparql = ask, vocabulary, Writer(prefix)

    def find(self, name: str) -> list[str]:
        return [name] if MID.fullmatch(name) else []

    def relations(self, of: Expr) -> list[str]:
        rows = self._ask(self._sparql.relations(of))
        return self._listed((row["p"] for row in rows), self._vocabulary.relations if self._vocabulary else None)

    def attributes(self, of: Expr) -> list[str]:
        if self._vocabulary:
            rows = self._ask(self._sparql.relations(of))
            return self._listed((row["p"] for row in rows), self._vocabulary.attributes)
        rows = self._ask(self._sparql.attributes(of))
        return self._listed(row["p"] for row in rows if rankable(Term("literal", "", row.get("d", _NONE).value)))

    def _listed(self, terms: Any, known: Any = None) -> list[str]:
        """The names among some IRIs that are known, or at least could stand in a query."""
        names = {self._text(term) for term in terms}
        return sorted(n for n in names if (n in known if known is not None else self._nameable(n)))

    def _nameable(self, name: str) -> bool:
        try:
            return bool(self._sparql.iri(name))
        except ValueError:
            return False

    def ends_in(self, relation: str) -> str:
        if self._vocabulary and (given := self._vocabulary.relations.get(relation)):
            return given
        expected = self._ask(self._sparql.objects(relation, EXPECTED))
        return min((self._text(row["x"]) for row in expected), default="entity")

    def answer(self, of: Expr) -> list[str]:
        if of.members is None:
            of.members = sorted({self._text(row["x"]) for row in self._ask(self._sparql.members(of)) if "x" in row})
        return list(of.members)

    def _text(self, term: Term) -> str:
        return term.value.removeprefix(self._sparql.prefix) if term.kind == "uri" else written(term)


_NONE = Term("uri", "")
