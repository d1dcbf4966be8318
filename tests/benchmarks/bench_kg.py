"""Measures the knowledge graph alone: `python tests/benchmarks/bench_kg.py`. Takes about a minute; prints Markdown.

Each tool call is set against the SPARQL query that asks the same, given to pyoxigraph as text. Wall times swing with the
machine; the ratios of one run are what to compare.
"""

from __future__ import annotations

import asyncio
import copy
import time
from statistics import median
from typing import Any

from numpy.random import default_rng
from timing import micros

from simenv.plugins.environments.kg.engine.local_graph import PREFIX, LocalGraph
from simenv.plugins.environments.kg.engine.logical_forms import parse
from simenv.plugins.environments.kg.engine.sparql import SparqlWriter
from simenv.plugins.environments.kg.teacher import Answerer, Teacher
from simenv.plugins.environments.kg.world import KG
from simenv.types import Action, Task

SPARQL = SparqlWriter(PREFIX)


def row(what: str, where: str, figure: str) -> None:
    print(f"| {what} | {where} | {figure} |", flush=True)


def teach(difficulty: int, **options: Any) -> Task:
    return Teacher(Teacher.Options(difficulty=difficulty, **options)).make("bench", default_rng(0))


async def calls(task: Task, where: str, repeat: int = 200) -> None:
    """Every call of the gold solution in a fresh world, and the raw query for what it works out."""
    world, spent = KG(), [[0.0] * len(task.solution) for _ in range(repeat)]
    for times in spent:
        await world.reset(task)
        for i, move in enumerate(task.solution):
            began = time.perf_counter()
            await world.step(move.action)
            times[i] = time.perf_counter() - began
    store = world.graph.store  # type: ignore[attr-defined]
    for i, move in enumerate(task.solution):
        query = _query(world, move.action)
        tool = median(times[i] for times in spent) * 1e6
        raw = micros(lambda: list(store.query(query)), repeat) if query else 0  # noqa: B023
        if move.action.name == "answer":
            row("the walk an answer makes", where, f"{micros(lambda: _walk(world)):.0f} µs")
        ratio = f"{tool / raw:.2f} × the {raw:.0f} µs of its query" if raw else "no query: it is worked out when needed"
        row(move.action.name, where, f"{tool:.0f} µs, {ratio}")


def _walk(world: KG) -> None:
    """Evaluates the last variable again, with nothing remembered: the pattern look-ups alone."""
    todo = [world.variables[-1]]
    while todo:
        e = todo.pop()
        e.members, todo = None, [*todo, *e.parts]
    world.graph.members(world.variables[-1])  # type: ignore[attr-defined]


def _query(world: KG, action: Action) -> str:
    """The SPARQL that asks what a call asks; '' where the call asks nothing."""
    if action.name not in ("get_relations", "get_attributes", "answer"):
        return ""
    word = str(action.arguments["variable"])
    id = world.mentions.get(word, word)
    of = world.variables[int(word[1:])] if word.startswith("#") else parse(id, world.graph.range_of)
    if action.name == "get_relations":
        return SPARQL.relations(of)
    if action.name == "get_attributes":
        return SPARQL.attributes(of)
    return SPARQL.members(of)


async def steps_per_second(task: Task, seconds: float = 2.0) -> float:
    """The gold solution over and over, resets included."""
    world, steps, began = KG(), 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        await world.reset(task)
        for move in task.solution:
            await world.step(move.action)
            steps += 1
    return steps / (time.perf_counter() - began)


def one(task: Task, where: str) -> None:
    graph, world = task.spec["graph"], KG()
    row("graph", where, f"{len(graph['entities'])} entities, {len(graph['triples']) + len(graph['values'])} triples")
    row(
        "check a new spec",
        where,
        f"{micros(lambda: KG.check(copy.copy(task.spec) | {'graph': dict(graph)}), 3):.0f} µs",
    )
    row("build the index", where, f"{micros(lambda: LocalGraph(graph), 3):.0f} µs")
    asyncio.run(world.reset(task))
    row("reset, graph in use", where, f"{micros(lambda: world.begin(task.spec)):.1f} µs")
    again = copy.deepcopy(task.spec)

    def other_copy() -> None:
        KG.graphs._specs.pop(id(again["graph"]), None)
        world.begin(again)

    row("reset, equal spec read anew", where, f"{micros(other_copy, 20):.0f} µs")
    for move in task.solution[:-1]:
        asyncio.run(world.step(move.action))
    blob = world.save()
    row("snapshot + restore", where, f"{micros(lambda: world.load(world.save())):.0f} µs, {len(blob)} bytes")
    row("plan", where, f"{micros(lambda: Answerer().plan(world, task)):.0f} µs")
    row("grade", where, f"{micros(lambda: world.score(task.goal, task.goal['answers'])):.0f} µs")
    asyncio.run(calls(task, where))
    row("steps with resets", where, f"{asyncio.run(steps_per_second(task)):.0f} a second")


def main() -> None:
    print("| knowledge graph | task | figure |\n|---|---|---|")
    for difficulty in (1, 3, 5):
        made = iter(range(1_000_000))
        teacher = Teacher(Teacher.Options(difficulty=difficulty))
        spent = micros(lambda: teacher.make("t", default_rng(next(made))), 15)  # noqa: B023
        row("make a task", f"difficulty {difficulty}", f"{spent:.0f} µs")
    one(teach(3, kinds=("superlative",)), "superlative, difficulty 3")
    one(teach(5, kinds=("intersection",)), "intersection, difficulty 5")
    one(teach(5, kinds=("3-hop",), entities=20_000), "3-hop, 20,000 entities")


if __name__ == "__main__":
    main()
