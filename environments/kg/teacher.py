"""The knowledge graph's teacher: generates graphs of one domain with a question, and plans the calls that answer it."""

from __future__ import annotations

from typing import Any, get_args

from numpy.random import Generator
from pydantic import Field

from simenv.errors import WorldError
from simenv.options import Options as Settings
from simenv.source import Expert, TaskGenerator
from simenv.types import Action, Move, Task
from simenv.world import Engine

from .engine.logical_forms import LogicalForm, parse
from .tasks.domains import DOMAINS, Topic
from .tasks.graph_builder import build_graph, pick
from .tasks.perturbations import wrong_calls
from .tasks.planner import plan
from .tasks.questions import Kind, QuestionSampler, QuestionWriter, topic_entities
from .tasks.thoughts import thought
from .world import KG

_MAX_DRAWS = 400
"""Most draws of a question in one graph; most questions take fewer than ten."""
_MAX_GRAPHS = 5
"""Most graphs tried for one task."""
_EXAMPLE_SIZE = 24
"""Entities of an example's graph."""


def with_thoughts(actions: list[Action], salt: str) -> tuple[Move, ...]:
    """Calls as moves, each with a thought; `salt` chooses the wording."""
    return tuple(Move(thought=thought(call, salt), action=call) for call in actions)


class Teacher(TaskGenerator):
    """Generates questions of one to three hops, with intersections, counts and superlatives, each over its own graph."""

    class Options(Settings):
        """difficulty: 1 has questions of one or two hops in a graph of forty entities; 5 has up to three hops, intersections,
        counts and superlatives in a graph of six hundred. The other fields override values of the difficulty."""

        difficulty: int = Field(2, ge=1, le=5)
        """1 has one or two hops among forty entities, 5 intersections, counts and superlatives among six hundred"""
        kinds: tuple[Kind, ...] | None = Field(None, min_length=1)
        """kinds of questions, in place of the difficulty's"""
        domains: tuple[Topic, ...] = Field(get_args(Topic), min_length=1)
        """what the graph is about"""
        entities: int | None = Field(None, ge=20, le=100_000)
        """entities of the graph, in place of the difficulty's"""
        hops: int | None = Field(None, ge=1, le=3)
        """longest chain within an intersection, count or superlative"""

    options: Options

    def make(self, id: str, rng: Generator) -> Task:
        for _ in range(_MAX_GRAPHS):
            domain = DOMAINS[pick(rng, self.options.domains)]
            spec = build_graph(domain, self._size, rng)
            graph, kind = KG.graphs.graph(spec), pick(rng, self._kinds)
            sampler = QuestionSampler(domain, graph, self._hops, rng)
            form = next((e for e in (sampler.draw(kind) for _ in range(_MAX_DRAWS)) if e is not None), None)
            if form is not None:
                return self._task(id, kind, form, spec, QuestionWriter(domain, graph).question(form, rng))
        raise WorldError(f"kg: task {id}: no question of kind {kind} in {_MAX_GRAPHS} graphs of {self._size} entities")

    def example(self, id: str, rng: Generator) -> Task:
        """A question in a graph that is small enough to be read."""
        options = self.options.model_copy(update={"entities": self.options.entities or _EXAMPLE_SIZE})
        return type(self)(options).make(id, rng)

    def _task(self, id: str, kind: Kind, target: LogicalForm, graph: dict[str, Any], question: str) -> Task:
        names = {graph["entities"][e]["name"]: e for e in topic_entities(target)}
        world, spec = KG(), {"mentions": names, "graph": graph}
        world.begin(spec)
        return Task(
            id=id,
            environment="kg",
            instruction=question,
            spec=spec,
            goal={"answers": world.graph.answer(target), "expression": target.text},
            solution=with_thoughts(plan(world, target), id),
            kind=kind,
            source="procedural",
        )

    @property
    def _size(self) -> int:
        return self.options.entities or (40, 80, 160, 320, 600)[self.options.difficulty - 1]

    @property
    def _hops(self) -> int:
        return self.options.hops or (1, 1, 2, 2, 3)[self.options.difficulty - 1]

    @property
    def _kinds(self) -> tuple[Kind, ...]:
        if self.options.kinds:
            return self.options.kinds
        excluded_kinds = {1: ("3-hop", "intersection", "superlative"), 5: ("1-hop",)}.get(self.options.difficulty, ())
        return tuple(kind for kind in get_args(Kind) if kind not in excluded_kinds)


class Answerer(Expert):
    """Builds the missing parts of the goal's logical form."""

    def plan(self, engine: Engine, task: Task) -> tuple[Move, ...] | None:
        """The moves to success; None if the goal has no expression, since its answers alone show no way to them."""
        target = _target(task)
        return with_thoughts(plan(_kg(engine), target), task.id) if target else None

    def perturb(self, engine: Engine, task: Task, move: Move, rng: Generator) -> Move:
        """A call with the wrong relation, attribute, direction or order of arguments, without a needed list, or too early."""
        world, target = _kg(engine), _target(task)
        if target is None:
            return move
        options = wrong_calls(world, target, move.action, plan(world, target))
        call = pick(rng, options) if options else Action(name="get_attributes", arguments={"variable": "#0"})
        return Move(thought=thought(call, task.id), action=call)

    def answers(self, task: Task) -> tuple[str, ...]:
        """The answers, entities both by id and by name."""
        ids = super().answers(task)
        entities = task.spec.get("graph", {}).get("entities", {})
        return ids + tuple(name for i in ids if (name := entities.get(i, {}).get("name")))


def _target(task: Task) -> LogicalForm | None:
    return parse(task.goal["expression"], lambda relation: "") if "expression" in task.goal else None


def _kg(engine: Engine) -> KG:
    if not isinstance(engine, KG):
        raise WorldError(f"kg: the expert plans in a KG, not in a {type(engine).__name__}")
    return engine
