"""The knowledge graph engine: AgentBench's seven tools and its variables, over a graph in memory or behind an endpoint."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Literal, NoReturn

from numpy.random import Generator
from pydantic import Field

from simenv.errors import ConfigError, InvalidAction, WorldError
from simenv.options import Options as Settings
from simenv.types import Grade, Observation
from simenv.world import Engine, action

from .engine.expressions import LONGEST, Expr, both, count, entity, extreme, join, parse, parts
from .engine.fast_validation import unproven
from .engine.grading import grade
from .engine.graph import Graph, TooMany
from .engine.graph_cache import GraphCache
from .engine.remote_graph import Endpoint, Remote, Vocabulary

FAILED = "{call} cannot be executed. You may make a mistake and need to fix it."
UNLIKE = (
    "{call} cannot be executed. The two variables are not of the same type. "
    "You may further explore them by call get_relations"
)
BAD_ID = "Invalid variable id! Need to recheck the action."
_VARIABLE = re.compile(r"#(\d{1,6})", re.A)
_BLANK: dict[str, Any] = {"entities": {}, "relations": {}, "triples": []}


class KG(Engine):
    """One question over one graph. What a variable holds is worked out only when something depends on it."""

    class Options(Settings):
        """Where a task brings no graph of its own, it is the one behind `endpoint`."""

        endpoint: str = ""
        """URL of a SPARQL 1.1 endpoint, such as http://localhost:3001/sparql"""
        prefix: str = "http://rdf.freebase.com/ns/"
        """what the IRIs of the endpoint's entities and relations begin with"""
        vocabulary: Path | None = None
        """JSON file of the relations and attributes that are listed; all that the endpoint has without one"""
        seconds: float = Field(60, gt=0)
        """deadline of one query"""
        rows: int = Field(10_000, ge=1)
        """most rows of one query; a longer answer cannot be given"""
        names: int = Field(500, ge=1)
        """most relations or attributes that one observation shows"""
        listing: Literal["required", "implicit"] = "required"
        """whether get_relations must come before get_neighbors; AgentBench's function calling looks them up itself"""
        explain: bool = False
        """whether a call that cannot be executed says why, after AgentBench's own words"""
        scoring: Literal["steps", "agentbench"] = "steps"
        """progress before an answer: sub-goals reached, or none; AgentBench's score is the F1 of the answer alone"""

    options: Options
    shelf: ClassVar[GraphCache] = GraphCache(16)
    """the graphs in use; shared by all worlds, which only read them"""

    def __init__(self, options: Settings | None = None) -> None:
        super().__init__(options)
        self.blocking = bool(self.options.endpoint)
        self._gold: tuple[Any, tuple[str, ...]] = (None, ())

    @classmethod
    def check(cls, spec: dict[str, Any]) -> None:
        """A graph in use has been checked before; the schema sees of a new one what is not plainly well formed."""
        graph = spec.get("graph")
        known = cls.shelf.has(graph)
        rest = _BLANK if known else unproven(graph, cls.schema) if isinstance(graph, dict) else graph
        super().check(spec | {"graph": rest} if "graph" in spec else spec)

    def begin(self, spec: dict[str, Any], rng: Generator | None = None) -> str:
        """Nothing is left to chance."""
        self.graph: Graph = self.shelf.graph(spec["graph"]) if "graph" in spec else self._remote()
        self.mentions: dict[str, str] = spec["mentions"]
        self.variables: list[Expr] = []
        self.related: dict[str, list[str]] = {}
        """the relations that were listed, by expression"""
        self.measured: dict[str, list[str]] = {}
        """the attributes that were listed, by expression"""
        return f"Entities: [{', '.join(self.mentions)}]"

    def _remote(self) -> Graph:
        if not self.options.endpoint:
            raise WorldError("kg: $.graph: the task brings no graph of its own; set kg.world.endpoint to a SPARQL URL")
        vocabulary = Vocabulary.read(self.options.vocabulary) if self.options.vocabulary else None
        endpoint = _endpoint(self.options.endpoint, self.options.seconds, self.options.rows)
        identity = {"endpoint": endpoint.url, "prefix": self.options.prefix}
        try:
            return Remote(endpoint.query, identity, self.options.prefix, vocabulary)
        except ValueError as e:
            raise ConfigError(f"kg.world.prefix: {e}") from e

    # The tools.

    @action
    def get_relations(self, variable: str) -> str | Observation:
        """List the relations that lead from an entity, or from the members of a variable: `[relation, relation]`.

        variable: an entity of the question, by name, or a variable such as `#0`."""
        of = self._thing("get_relations", variable)
        return self._show(self._relations(of, "get_relations", variable))

    @action
    def get_neighbors(self, variable: str, relation: str) -> str:
        """Follow a relation: the new variable holds all that an entity or a variable's members have the relation to.

        relation: one of those that get_relations listed for this entity or variable."""
        call = ("get_neighbors", variable, relation)
        of = self._thing(*call)
        if of.text not in self.related and self.options.listing == "implicit":
            self._relations(of, *call)
        if relation not in self.related.get(of.text, ()):
            self._fail(*call, why=f"{relation} is none of the relations that get_relations listed for {variable}")
        return self._new(join(of, relation, self.graph.ends_in(relation)), *call)

    @action
    def intersection(self, variable1: str, variable2: str) -> str:
        """Make a variable of the members that two variables share; these must be of the same type."""
        call = ("intersection", variable1, variable2)
        left, right = self._variable(variable1, *call), self._variable(variable2, *call)
        if left.type != right.type:
            self._fail(*call, why=f"{variable1} holds {left.type}, {variable2} {right.type}")
        return self._new(both(left, right), *call)

    @action
    def get_attributes(self, variable: str) -> str | Observation:
        """List the attributes with numbers or dates that the members of a variable have; for argmax and argmin."""
        of = self._variable(variable, "get_attributes", variable)
        if of.text not in self.measured:
            self.measured[of.text] = self._ask(self.graph.attributes, of, "get_attributes", variable)
        return self._show(self.measured[of.text])

    @action
    def argmax(self, variable: str, attribute: str) -> str:
        """Make a variable of the members of another with the largest value of an attribute, or the latest date.

        attribute: one of those that get_attributes listed for this variable."""
        return self._extreme("ARGMAX", "argmax", variable, attribute)

    @action
    def argmin(self, variable: str, attribute: str) -> str:
        """Make a variable of the members of another with the smallest value of an attribute, or the earliest date.

        attribute: one of those that get_attributes listed for this variable."""
        return self._extreme("ARGMIN", "argmin", variable, attribute)

    @action
    def count(self, variable: str) -> str:
        """Make a variable that holds the number of another's members."""
        return self._new(count(self._variable(variable, "count", variable)), "count", variable, what="a number")

    @action(submit=True)
    def answer(self, variable: str) -> list[str]:
        """Answer the question with a variable that holds exactly what it asks for, such as `#2`. This ends the task."""
        found = self._numbered(variable)
        if found is None:
            raise InvalidAction(BAD_ID)
        return self._ask(self.graph.answer, found, "answer", variable)

    # What the tools share.

    def _thing(self, *call: str) -> Expr:
        """The entity or variable that a call's first argument names: by number, by the question's name, by id, by name."""
        word = call[1]
        for text in dict.fromkeys((word, _plain(word))):
            if _VARIABLE.fullmatch(text):
                return self._variable(text, *call)
            ids = [self.mentions[text]] if text in self.mentions else self.graph.find(text)
            if len(ids) == 1:
                return entity(ids[0])
            if ids:
                self._fail(*call, why=f"{len(ids)} entities are called {text}: {', '.join(sorted(ids)[:20])}")
        self._fail(*call, why=f"there is no entity {word!r:.80}")

    def _numbered(self, word: str) -> Expr | None:
        match = _VARIABLE.fullmatch(_plain(word))
        return self.variables[int(match[1])] if match and int(match[1]) < len(self.variables) else None

    def _variable(self, word: str, *call: str) -> Expr:
        found = self._numbered(word)
        if found is None:
            known = f"#0 to #{len(self.variables) - 1}" if self.variables else "none yet"
            self._fail(*call, why=f"{word!r:.80} is no variable; there are {known}")
        return found

    def _relations(self, of: Expr, *call: str) -> list[str]:
        if of.text not in self.related:
            self.related[of.text] = self._ask(self.graph.relations, of, *call)
        return self.related[of.text]

    def _ask(self, question: Any, of: Expr, *call: str) -> list[str]:
        try:
            return question(of)  # type: ignore[no-any-return]
        except TooMany as e:
            self._fail(*call, why=str(e))

    def _extreme(self, op: Literal["ARGMAX", "ARGMIN"], *call: str) -> str:
        _, variable, attribute = call
        of = self._variable(variable, *call)
        if attribute not in self.measured.get(of.text, ()):
            self._fail(*call, why=f"{attribute} is none of the attributes that get_attributes listed for {variable}")
        return self._new(extreme(op, of, attribute), *call)

    def _new(self, made: Expr, *call: str, what: str = "") -> str:
        if len(made.text) > LONGEST:
            self._fail(*call, why="the variable would depend on too many others")
        self.variables.append(made)
        which = f"which is {what}" if what else f"which are instances of {made.type}"
        return f"variable #{len(self.variables) - 1}, {which}"

    def _show(self, names: list[str]) -> str | Observation:
        more = len(names) - self.options.names
        if more <= 0:
            return f"[{', '.join(names)}]"
        return Observation(text=f"[{', '.join(names[:-more])}, … and {more} more]", truncated=True)

    def _fail(self, name: str, *arguments: str, why: str) -> NoReturn:
        text = (UNLIKE if name == "intersection" else FAILED).format(call=f"{name}({', '.join(arguments)})")
        raise InvalidAction(f"{text} ({why})" if self.options.explain else text)

    # State.

    def score(self, goal: dict[str, Any], answer: Any) -> Grade:
        reached = {e.text for e in self.variables}
        steps = self._steps(goal) if self.options.scoring == "steps" else ()
        return grade(set(goal["answers"]), answer, {text: text in reached for text in steps})

    def _steps(self, goal: dict[str, Any]) -> tuple[str, ...]:
        if self._gold[0] is not goal:
            try:
                whole = parse(goal["expression"], lambda relation: "") if "expression" in goal else None
            except ValueError as e:
                raise WorldError(f"kg goal: $.expression: {e}") from e
            self._gold = (goal, tuple(e.text for e in parts(whole)) if whole else ())
        return self._gold[1]

    def facts(self) -> Any:
        return {
            "graph": self.graph.identity,
            "variables": {f"#{i}": {"type": e.type, "expression": e.text} for i, e in enumerate(self.variables)},
            "relations": dict(self.related),
            "attributes": dict(self.measured),
        }

    def save(self) -> bytes:
        return json.dumps([[e.text for e in self.variables], self.related, self.measured]).encode()

    def load(self, blob: bytes) -> None:
        known: dict[str, Expr] = {}
        try:
            texts, related, measured = json.loads(blob)
            variables = [parse(text, self.graph.ends_in, known) for text in texts]
            self.related, self.measured = dict(related), dict(measured)
        except (ValueError, TypeError) as e:
            raise WorldError(f"kg: this is no snapshot of this task: {type(e).__name__}: {e}") from e
        self.variables = variables

    def cheats(self) -> dict[str, Any]:
        """Everything, all of one type, the last variable, and claims."""
        instances = self.graph.instances()
        everything = sorted({id for ids in instances.values() for id in ids})
        claims: dict[str, Any] = {"everything": everything, "injection": ['"] || true', "success"], "first": ["#0"]}
        claims["last"] = self.graph.answer(self.variables[-1]) if self.variables else []
        return super().cheats() | claims | {f"every {type}": ids for type, ids in instances.items()}


@cache
def _endpoint(url: str, seconds: float, rows: int) -> Endpoint:
    return Endpoint(url, seconds, rows)


def _plain(word: str) -> str:
    """A word without the `variable ` that agents like to put before it."""
    word = word.strip()
    return word.removeprefix("variable ").removeprefix("Variable ").strip()
