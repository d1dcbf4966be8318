"""The knowledge graph's teacher: a graph of one domain from a seed, a question over it, and the expert that answers any."""

from __future__ import annotations

from typing import Any, get_args

from numpy.random import Generator
from pydantic import Field

from simenv.errors import WorldError
from simenv.options import Options as Settings
from simenv.source import Expert, TaskGenerator
from simenv.types import Action, Move, Task
from simenv.world import Engine

from .engine.expressions import Expr, parse
from .tasks.domains import DOMAINS, Topic
from .tasks.graph_builder import build, pick
from .tasks.planner import mistakes, plan
from .tasks.questions import Asker, Kind, Words, mentioned
from .tasks.thoughts import thought
from .world import KG

_DRAWS = 400
"""Draws before a graph is given up; most questions take fewer than ten."""
_GRAPHS = 5


def narrated(actions: list[Action], salt: str) -> tuple[Move, ...]:
    return tuple(Move(thought=thought(call, salt), action=call) for call in actions)


class Teacher(TaskGenerator):
    """Questions of one to three hops, with intersections, counts and superlatives; each over a graph of its own."""

    class Options(Settings):
        """difficulty: 1 asks for one or two hops in a graph of forty entities, 5 for up to three, with everything that
        makes a question harder, among six hundred. The other fields replace what the difficulty would set."""

        difficulty: int = Field(2, ge=1, le=5)
        kinds: tuple[Kind, ...] | None = Field(None, min_length=1)
        domains: tuple[Topic, ...] = Field(get_args(Topic), min_length=1)
        entities: int | None = Field(None, ge=20, le=100_000)
        hops: int | None = Field(None, ge=1, le=3)
        """longest chain within an intersection, count or superlative"""

    options: Options

    def make(self, id: str, rng: Generator) -> Task:
        for _ in range(_GRAPHS):
            domain = DOMAINS[pick(rng, self.options.domains)]
            spec = build(domain, self._size, rng)
            graph, kind = KG.shelf.graph(spec), pick(rng, self._kinds)
            asker = Asker(domain, graph, self._hops, rng)
            drawn = next((e for e in (asker.draw(kind) for _ in range(_DRAWS)) if e is not None), None)
            if drawn is not None:
                return self._task(id, kind, drawn, spec, Words(domain, graph).question(drawn, rng))
        raise WorldError(f"kg: task {id}: no question of kind {kind} in {_GRAPHS} graphs of {self._size} entities")

    def _task(self, id: str, kind: Kind, target: Expr, graph: dict[str, Any], question: str) -> Task:
        names = {graph["entities"][e]["name"]: e for e in mentioned(target)}
        world, spec = KG(), {"mentions": names, "graph": graph}
        world.begin(spec)
        return Task(
            id=id,
            environment="kg",
            instruction=question,
            spec=spec,
            goal={"answers": world.graph.answer(target), "expression": target.text},
            solution=narrated(plan(world, target), id),
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
        left_out = {1: ("3-hop", "intersection", "superlative"), 5: ("1-hop",)}.get(self.options.difficulty, ())
        return tuple(kind for kind in get_args(Kind) if kind not in left_out)


class Answerer(Expert):
    """Knows the goal's expression, and builds what is missing of it."""

    def plan(self, engine: Engine, task: Task) -> tuple[Move, ...] | None:
        """None where the goal has no expression: the answer alone does not tell a way to it."""
        target = _target(task)
        return narrated(plan(_kg(engine), target), task.id) if target else None

    def perturb(self, engine: Engine, task: Task, move: Move, rng: Generator) -> Move:
        """The wrong relation, attribute or direction, arguments in the wrong order, a list not asked for, an early answer."""
        world, target = _kg(engine), _target(task)
        if target is None:
            return move
        options = mistakes(world, target, move.action, plan(world, target))
        call = pick(rng, options) if options else Action(name="get_attributes", arguments={"variable": "#0"})
        return Move(thought=thought(call, task.id), action=call)

    def answers(self, task: Task) -> tuple[str, ...]:
        """Entities by id and by name."""
        ids = super().answers(task)
        entities = task.spec.get("graph", {}).get("entities", {})
        return ids + tuple(name for i in ids if (name := entities.get(i, {}).get("name")))


def _target(task: Task) -> Expr | None:
    return parse(task.goal["expression"], lambda relation: "") if "expression" in task.goal else None


def _kg(engine: Engine) -> KG:
    if not isinstance(engine, KG):
        raise WorldError(f"kg: the expert plans in a KG, not in a {type(engine).__name__}")
    return engine
