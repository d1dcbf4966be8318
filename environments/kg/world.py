"""The knowledge graph world: AgentBench's seven tools and variables, over a graph in memory or behind an endpoint."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Literal, NoReturn

from numpy.random import Generator
from pydantic import Field

from simenv.errors import ConfigError, InvalidAction, WorldError
from simenv.options import Options as Settings
from simenv.redaction import redact
from simenv.trust import DataPath, EndpointAddress, Verdict
from simenv.types import Grade, Observation
from simenv.world import Engine, action

from .engine.fast_validation import unvalidated_part
from .engine.grading import grade
from .engine.graph import Graph, TooManyRows
from .engine.graph_cache import GraphCache
from .engine.graph_digest import digest_of
from .engine.logical_forms import (
    MAX_CHARACTERS,
    LogicalForm,
    count,
    entity,
    intersection,
    join,
    parse,
    subforms,
    superlative,
)
from .engine.remote_graph import RemoteGraph, Vocabulary, shared_endpoint

CANNOT_EXECUTE = "{call} cannot be executed. You may make a mistake and need to fix it."
UNEQUAL_TYPES = (
    "{call} cannot be executed. The two variables are not of the same type. "
    "You may further explore them by call get_relations"
)
INVALID_VARIABLE = "Invalid variable id! Need to recheck the action."
_VARIABLE = re.compile(r"#(\d{1,6})", re.A)
_EMPTY_GRAPH: dict[str, Any] = {"entities": {}, "relations": {}, "triples": []}

_ADDRESS_VARIABLE = Verdict("sent", "is a variable whose address queries would be sent to")


class KG(Engine):
    """One question over one graph. The members of a variable are computed only when something depends on them."""

    class Options(Settings):
        """A task without a graph of its own uses the one behind `endpoint`."""

        endpoint: EndpointAddress = ""
        """URL of a SPARQL 1.1 endpoint, such as http://localhost:3001/sparql"""
        endpoint_env: Annotated[str, _ADDRESS_VARIABLE] = Field("", pattern=r"^([A-Z_][A-Z0-9_]{0,63})?$")
        """name of an environment variable that holds the URL, where it holds a password; the URL is then written nowhere"""
        prefix: str = "http://rdf.freebase.com/ns/"
        """the beginning of the IRIs of the endpoint's entities and relations"""
        vocabulary: DataPath | None = None
        """JSON file of the relations and attributes to list; by default all of the endpoint"""
        seconds: float = Field(60, gt=0)
        """deadline of one query, in seconds"""
        rows: int = Field(10_000, ge=1)
        """most rows of one query; a call with more cannot be executed"""
        names: int = Field(500, ge=1)
        """most relations or attributes in one observation"""
        listing: Literal["required", "implicit"] = "required"
        """whether the agent must call get_relations before get_neighbors; AgentBench's function calling lists them itself"""
        explain: bool = False
        """whether the message of a failed call gives the reason, after AgentBench's own words"""
        scoring: Literal["steps", "agentbench"] = "steps"
        """progress before an answer: the share of sub-goals reached (steps), or 0 (agentbench, which scores only the answer)"""

    options: Options
    graphs: ClassVar[GraphCache] = GraphCache(16)
    """the graphs in use; shared by all worlds, which only read them"""

    def __init__(self, options: Settings | None = None) -> None:
        super().__init__(options)
        self.blocking = bool(self.options.endpoint or self.options.endpoint_env)
        self._gold: tuple[Any, tuple[str, ...]] = (None, ())

    @classmethod
    def check(cls, spec: dict[str, Any]) -> None:
        """As for any world; skips a graph in use, and validates the bulk of a new one by `fast_validation`."""
        graph = spec.get("graph")
        in_use = cls.graphs.has(graph)
        rest = _EMPTY_GRAPH if in_use else unvalidated_part(graph, cls.schema) if isinstance(graph, dict) else graph
        super().check(spec | {"graph": rest} if "graph" in spec else spec)

    def begin(self, spec: dict[str, Any], rng: Generator | None = None) -> str:
        """Start the task; `rng` is not used."""
        self.graph: Graph = self.graphs.graph(spec["graph"]) if "graph" in spec else self._remote()
        self.mentions: dict[str, str] = spec["mentions"]
        self.variables: list[LogicalForm] = []
        self.relation_lists: dict[str, list[str]] = {}
        """relations listed so far, by the text of the form"""
        self.attribute_lists: dict[str, list[str]] = {}
        """attributes listed so far, by the text of the form"""
        return f"Entities: [{', '.join(self.mentions)}]"

    def _remote(self) -> Graph:
        url = os.environ.get(self.options.endpoint_env, "") if self.options.endpoint_env else self.options.endpoint
        if self.options.endpoint_env and not url:
            raise ConfigError(f"kg.world.endpoint_env: set the variable {self.options.endpoint_env} to a SPARQL URL")
        if not url:
            raise WorldError("kg: $.graph: the task brings no graph of its own; set kg.world.endpoint to a SPARQL URL")
        vocabulary = Vocabulary.read(self.options.vocabulary) if self.options.vocabulary else None
        endpoint = shared_endpoint(url, self.options.seconds, self.options.rows)
        identity = {"endpoint": redact(endpoint.url), "prefix": self.options.prefix}
        try:
            return RemoteGraph(endpoint.query, identity, self.options.prefix, vocabulary)
        except ValueError as e:
            raise ConfigError(f"kg.world.prefix: {e}") from e

    # The tools.

    @action
    def get_relations(self, variable: str) -> str | Observation:
        """List the relations that lead from an entity, or from the members of a variable: `[relation, relation]`.

        variable: an entity of the question, by name, or a variable such as `#0`."""
        form = self._operand("get_relations", variable)
        return self._show(self._relations(form, "get_relations", variable))

    @action
    def get_neighbors(self, variable: str, relation: str) -> str:
        """Follow a relation: the new variable holds all that an entity or a variable's members have the relation to.

        relation: one of those that get_relations listed for this entity or variable."""
        call = ("get_neighbors", variable, relation)
        form = self._operand(*call)
        if form.text not in self.relation_lists and self.options.listing == "implicit":
            self._relations(form, *call)
        if relation not in self.relation_lists.get(form.text, ()):
            self._fail(*call, reason=f"{relation} is none of the relations that get_relations listed for {variable}")
        return self._new(join(form, relation, self.graph.range_of(relation)), *call)

    @action
    def intersection(self, variable1: str, variable2: str) -> str:
        """Make a variable of the members that two variables share; these must be of the same type."""
        call = ("intersection", variable1, variable2)
        one, other = self._variable(variable1, *call), self._variable(variable2, *call)
        if one.type != other.type:
            self._fail(*call, reason=f"{variable1} holds {one.type}, {variable2} {other.type}")
        return self._new(intersection(one, other), *call)

    @action
    def get_attributes(self, variable: str) -> str | Observation:
        """List the attributes with numbers or dates that the members of a variable have; for argmax and argmin."""
        form = self._variable(variable, "get_attributes", variable)
        if form.text not in self.attribute_lists:
            self.attribute_lists[form.text] = self._ask(self.graph.attributes, form, "get_attributes", variable)
        return self._show(self.attribute_lists[form.text])

    @action
    def argmax(self, variable: str, attribute: str) -> str:
        """Make a variable of the members of another with the largest value of an attribute, or the latest date.

        attribute: one of those that get_attributes listed for this variable."""
        return self._superlative("ARGMAX", "argmax", variable, attribute)

    @action
    def argmin(self, variable: str, attribute: str) -> str:
        """Make a variable of the members of another with the smallest value of an attribute, or the earliest date.

        attribute: one of those that get_attributes listed for this variable."""
        return self._superlative("ARGMIN", "argmin", variable, attribute)

    @action
    def count(self, variable: str) -> str:
        """Make a variable that holds the number of another's members."""
        return self._new(count(self._variable(variable, "count", variable)), "count", variable, kind="a number")

    @action(submit=True)
    def answer(self, variable: str) -> list[str]:
        """Answer the question with a variable that holds exactly what it asks for, such as `#2`. This ends the task."""
        form = self._variable_at(variable)
        if form is None:
            raise InvalidAction(INVALID_VARIABLE)
        return self._ask(self.graph.answer, form, "answer", variable)

    # Shared by the tools.

    def _operand(self, *call: str) -> LogicalForm:
        """The form of a call's first argument: a variable, or an entity by the question's name, by id or by its own name."""
        word = call[1]
        for text in dict.fromkeys((word, _plain(word))):
            if _VARIABLE.fullmatch(text):
                return self._variable(text, *call)
            ids = [self.mentions[text]] if text in self.mentions else self.graph.ids_of(text)
            if len(ids) == 1:
                return entity(ids[0])
            if ids:
                self._fail(*call, reason=f"{len(ids)} entities are called {text}: {', '.join(sorted(ids)[:20])}")
        self._fail(*call, reason=f"there is no entity {word!r:.80}")

    def _variable_at(self, word: str) -> LogicalForm | None:
        match = _VARIABLE.fullmatch(_plain(word))
        return self.variables[int(match[1])] if match and int(match[1]) < len(self.variables) else None

    def _variable(self, word: str, *call: str) -> LogicalForm:
        form = self._variable_at(word)
        if form is None:
            range = f"#0 to #{len(self.variables) - 1}" if self.variables else "none yet"
            self._fail(*call, reason=f"{word!r:.80} is no variable; there are {range}")
        return form

    def _relations(self, form: LogicalForm, *call: str) -> list[str]:
        if form.text not in self.relation_lists:
            self.relation_lists[form.text] = self._ask(self.graph.relations, form, *call)
        return self.relation_lists[form.text]

    def _ask(self, question: Callable[[LogicalForm], list[str]], form: LogicalForm, *call: str) -> list[str]:
        """The graph's answer about a form; InvalidAction if it has too many rows."""
        try:
            return question(form)
        except TooManyRows as e:
            self._fail(*call, reason=str(e))

    def _superlative(self, op: Literal["ARGMAX", "ARGMIN"], *call: str) -> str:
        _, variable, attribute = call
        form = self._variable(variable, *call)
        if attribute not in self.attribute_lists.get(form.text, ()):
            self._fail(*call, reason=f"{attribute} is none of the attributes that get_attributes listed for {variable}")
        return self._new(superlative(op, form, attribute), *call)

    def _new(self, form: LogicalForm, *call: str, kind: str = "") -> str:
        if len(form.text) > MAX_CHARACTERS:
            self._fail(*call, reason="the variable would depend on too many others")
        self.variables.append(form)
        description = f"which is {kind}" if kind else f"which are instances of {form.type}"
        return f"variable #{len(self.variables) - 1}, {description}"

    def _show(self, names: list[str]) -> str | Observation:
        more = len(names) - self.options.names
        if more <= 0:
            return f"[{', '.join(names)}]"
        return Observation(text=f"[{', '.join(names[:-more])}, … and {more} more]", truncated=True)

    def _fail(self, name: str, *arguments: str, reason: str) -> NoReturn:
        text = (UNEQUAL_TYPES if name == "intersection" else CANNOT_EXECUTE).format(
            call=f"{name}({', '.join(arguments)})"
        )
        raise InvalidAction(f"{text} ({reason})" if self.options.explain else text)

    # State.

    def score(self, goal: dict[str, Any], answer: Any) -> Grade:
        texts = {e.text for e in self.variables}
        steps = self._steps(goal) if self.options.scoring == "steps" else ()
        return grade(set(goal["answers"]), answer, {step: step in texts for step in steps})

    def _steps(self, goal: dict[str, Any]) -> tuple[str, ...]:
        if self._gold[0] is not goal:
            try:
                form = parse(goal["expression"], lambda relation: "") if "expression" in goal else None
            except ValueError as e:
                raise WorldError(f"kg goal: $.expression: {e}") from e
            self._gold = (goal, tuple(e.text for e in subforms(form)) if form else ())
        return self._gold[1]

    def facts(self) -> Any:
        return {
            "graph": self.graph.identity,
            "variables": {f"#{i}": {"type": e.type, "expression": e.text} for i, e in enumerate(self.variables)},
            "relations": dict(self.relation_lists),
            "attributes": dict(self.attribute_lists),
        }

    @classmethod
    def premises(cls, spec: dict[str, Any], state: Any) -> dict[str, Any]:
        return digest_of(cls.graphs.graph(spec["graph"]) if "graph" in spec else None, spec["mentions"], state)

    def save(self) -> bytes:
        return json.dumps([[e.text for e in self.variables], self.relation_lists, self.attribute_lists]).encode()

    def load(self, blob: bytes) -> None:
        cache: dict[str, LogicalForm] = {}
        try:
            texts, relation_lists, attribute_lists = json.loads(blob)
            variables = [parse(text, self.graph.range_of, cache) for text in texts]
            self.relation_lists, self.attribute_lists = dict(relation_lists), dict(attribute_lists)
        except (ValueError, TypeError) as e:
            raise WorldError(f"kg: this is no snapshot of this task: {type(e).__name__}: {e}") from e
        self.variables = variables

    def cheats(self) -> dict[str, Any]:
        """All entities, all of each type, the last variable, and texts that claim success."""
        instances = self.graph.instances()
        everything = sorted({id for ids in instances.values() for id in ids})
        claims: dict[str, Any] = {"everything": everything, "injection": ['"] || true', "success"], "first": ["#0"]}
        claims["last"] = self.graph.answer(self.variables[-1]) if self.variables else []
        return super().cheats() | claims | {f"every {type}": ids for type, ids in instances.items()}


def _plain(word: str) -> str:
    """A word without the `variable ` that agents like to put before it."""
    word = word.strip()
    return word.removeprefix("variable ").removeprefix("Variable ").strip()
