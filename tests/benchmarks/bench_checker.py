"""Measures the checker: `python tests/benchmarks/bench_checker.py [ENVIRONMENT …] [--steps 2000] [--seed 0] [--hostile 0.2]`.

Real engines live through procedural tasks, driven by the expert with slips, at random, and by an adversary. Of each step an
environment's Flaws make every error there is room for, and as many harmless variants; its Comparison judges them. What was
made wrong and is called a match is missed, what is right and called a drift is a false alarm. Prints Markdown.
"""

from __future__ import annotations

import argparse
import asyncio
import time
import zlib
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

from numpy.random import Generator, SeedSequence, default_rng

from simenv.compare import Comparison, Flaws, Judgement, Prediction, Transition
from simenv.plugins import Environment, environment
from simenv.testing import GARBAGE
from simenv.types import Action, Flaw, Stop, Task
from simenv.world import Engine

FLAWS: tuple[Flaw, ...] = get_args(Flaw)
LONGEST = 20
"""Steps of one episode."""
_VARIABLES = ("nobody", "#99", "#0", "variable #0", "# 1")
HOSTILE = {
    "execute_sql": (
        "DROP TABLE no_such_table", "SELEC 1", "CREATE TABLE notes (id INT)", "SELECT 1; SELECT 2", "DELETE FROM nowhere",
        "SELECT * FORM t", "", "GRANT ALL ON *.* TO 'me'", "SELECT RAND()", "CREATE DATABASE shop", "SHOW TABLES",
        "SELECT 1/0", "UPDATE t SET", "SELECT NULL", "SELECT (1", "CREATE USER me", "SELECT 'a' UNION SELECT 'b'",
        "SELECT NOW(), UUID()",
    ),
    "take_action": (
        "go to the moon", "open", "take everything", "fly", "look", "inventory", "help", "examine self", "use lamp",
        "go to fridge 99", "put it down", "", "look around you", "clean the house with love",
    ),
    "open": ("no such page", "p9999", "", "[p1", "../../etc/passwd", "p0"), "lookup": ("", "zzz", "the", "a", "page", "in "),
    "search": ("zzzz qqqq", "", "the of and", "DROP TABLE pages", "19"),
    "get_relations": _VARIABLES, "get_attributes": _VARIABLES, "count": _VARIABLES, "intersection": _VARIABLES,
    "bash": (
        "rm -rf /", "cat /etc/shadow", "ls /no/such/place", "if", "echo 'a", "find /etc -name 'pass*'", "fals", "date",
    ),
}  # fmt: skip
"""What somebody may try by an action's first argument, beside garbage and broken forms of what an expert does."""


@dataclass
class Measured:
    """Counts of one environment. `named`: by the class that was made, what the comparison called it."""

    scenes: int = 0
    blind: int = 0
    caught: int = 0
    missed: int = 0
    matched: int = 0
    alarms: int = 0
    calls: int = 0
    seconds: float = 0.0
    refused: int = 0
    barred: int = 0
    named: dict[Flaw, Counter[str]] = field(default_factory=lambda: {flaw: Counter() for flaw in FLAWS})
    why: Counter[str] = field(default_factory=Counter)
    shown: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        return self.caught / max(1, self.caught + self.missed)

    @property
    def precision(self) -> float:
        return self.caught / max(1, self.caught + self.alarms)

    @property
    def unverifiable(self) -> float:
        """Share of the steps of which some claim could not be told, and that a model would be asked."""
        return self.blind / max(1, self.scenes)


async def scenes(env: Environment, steps: int, seed: int = 0, hostile: float = 0.2) -> AsyncIterator[Transition]:
    """Steps of procedural tasks of all difficulties as the real engine lived through them. `hostile`: the share of
    actions that somebody takes who means no good."""
    assert env.procedural is not None and issubclass(env.world, Engine), f"{env.name} has no engine or no teacher"
    leveled = "difficulty" in env.procedural.Options.model_fields
    made = number = 0
    world = env.world()
    try:
        while made < steps:
            rng = default_rng(SeedSequence([seed, zlib.crc32(env.name.encode()), number]))
            teacher = env.procedural(env.procedural.Options(difficulty=number % 5 + 1) if leveled else None)
            task = teacher.make(f"{env.name}-check-{number}", rng)
            number += 1
            async for scene in episode(env, world, task, rng, hostile):
                yield scene
                made += 1
                if made == steps:
                    break
    finally:
        await world.close()


async def episode(
    env: Environment, world: Engine, task: Task, rng: Generator, hostile: float
) -> AsyncIterator[Transition]:
    """What an answer that ends the episode shows is nothing, so those steps are left out."""
    choices = (await world.reset(task)).choices
    before = await world.state()
    for _ in range(LONGEST):
        against = rng.random() < hostile
        action = (
            _hostile(_pick(rng, task.solution).action, rng)
            if against
            else await _action(env, world, task, choices, rng)
        )
        truth = await world.step(action)
        after = await world.state()
        if truth.stop is not Stop.submitted:
            yield Transition(spec=task.spec, action=action, before=before, after=after, truth=truth)
        if truth.stop is not None:
            return
        before, choices = after, truth.choices


async def _action(env: Environment, world: Engine, task: Task, choices: tuple[str, ...], rng: Generator) -> Action:
    """Three in four as the expert would, a quarter of these with a slip; the rest at random."""
    way = rng.random()
    planned = task.solution[int(rng.integers(len(task.solution)))].action
    if way < 0.75 and env.expert and (plan := await world.call(env.expert().plan, world, task)):
        slips = way < 0.19
        return (await world.call(env.expert().perturb, world, task, plan[0], rng) if slips else plan[0]).action
    if choices and env.world.ends_at_goal:
        return planned.model_copy(update={"arguments": {next(iter(planned.arguments)): _pick(rng, choices)}})
    return planned


def _pick(rng: Generator, options: Sequence[Any]) -> Any:
    return options[int(rng.integers(len(options)))]


def _hostile(action: Action, rng: Generator) -> Action:
    """A known trick, garbage, a broken form of a good action, or one that does not exist."""
    way = rng.random()
    first = next(iter(action.arguments), None)
    tricks = HOSTILE.get(action.name, ())
    if way < 0.05 or first is None:
        return Action(name="no_such_action", arguments={})
    if way < 0.15:
        return action.model_copy(update={"arguments": action.arguments | {first: _pick(rng, GARBAGE)}})
    if way < 0.55 and tricks:
        return action.model_copy(update={"arguments": action.arguments | {first: _pick(rng, tricks)}})
    key = _pick(rng, list(action.arguments))
    return action.model_copy(update={"arguments": action.arguments | {key: _broken(action.arguments[key], rng)}})


def _broken(value: Any, rng: Generator) -> Any:
    """A text that lost, repeated or swapped a word, or lost a letter."""
    words = value.split(" ") if isinstance(value, str) else []
    if not words:
        return value
    at = int(rng.integers(len(words)))
    way = int(rng.integers(4))
    if way == 0 and len(words) > 1:
        del words[at]
    elif way == 1:
        words.insert(at, words[at])
    elif way == 2 and len(words) > 1:
        other = int(rng.integers(len(words)))
        words[at], words[other] = words[other], words[at]
    else:
        words[at] = words[at][1:]
    return " ".join(words)


def judged(comparison: Comparison, scene: Transition, claim: Prediction) -> Judgement:
    """Observation and, where there is one, state: the first drift of the two, else the first that is not told."""
    seen = comparison.observation(scene, claim.observation)
    if claim.state is None or seen.label == "drift":
        return seen
    state = comparison.state(scene, claim.state)
    return state if state.label == "drift" else seen


async def measure(name: str, steps: int = 2000, seed: int = 0, show: int = 0, hostile: float = 0.2) -> Measured:
    """One environment's Comparison on its own Flaws."""
    env = environment(name)
    assert env.flaws is not None, f"{name} has no flaws.py"
    comparison, flaws, found = env.comparison(), env.flaws(), Measured()
    rng = default_rng(SeedSequence([seed, 1, zlib.crc32(name.encode())]))
    async for scene in scenes(env, steps, seed, hostile):
        _measure(scene, comparison, flaws, found, rng, show)
    return found


def _measure(
    scene: Transition, comparison: Comparison, flaws: Flaws, found: Measured, rng: Generator, show: int
) -> None:
    def judge(claim: Prediction) -> Judgement:
        began = time.process_time()
        finding = judged(comparison, scene, claim)
        found.seconds += time.process_time() - began
        found.calls += 1
        return finding

    def tell(what: str, claim: Prediction, finding: Judgement) -> None:
        if len(found.shown) < show:
            state = (
                ""
                if claim.state is None or finding.error != "forgot_change"
                else f"\n  state  {str(claim.state)[:600]}\n  after  {str(scene.after)[:600]}"
            )
            found.shown.append(
                f"{what}: {str(scene.action.arguments)[:300]}\n"
                f"  truth  {scene.truth.text!r}\n  claim  {claim.observation.text!r}"
                f"{state}\n  found  {finding.label} {finding.error} {finding.reason}"
            )

    found.scenes += 1
    reason = comparison.malformed(scene.action)
    itself = judge(Prediction(observation=scene.truth, state=scene.after))
    found.refused += bool(reason)
    if reason and not scene.truth.invalid and itself.label == "match":
        found.barred += 1
        tell(f"runs, but called malformed: {reason}", Prediction(observation=scene.truth), itself)
    unknown: list[str] = []
    rights = [(itself, Prediction(observation=scene.truth, state=scene.after))]
    for flaw in FLAWS:
        claim = flaws.corrupt(flaw, scene, rng)
        if claim is None:
            continue
        finding = judge(claim)
        if finding.label == "unverifiable":
            unknown.append(finding.reason)
        found.named[flaw][finding.error or finding.label] += 1
        if finding.label == "drift":
            found.caught += 1
        elif finding.label == "match":
            found.missed += 1
            tell(f"missed {flaw}", claim, finding)
        other = Prediction(observation=flaws.vary(scene, rng), state=flaws.restate(scene, rng))
        rights.append((judge(other), other))
    unknown += [f.reason for f, _ in rights if f.label == "unverifiable"]
    if unknown and not reason:
        found.blind += 1
        found.why[unknown[0]] += 1
    for finding, claim in rights:
        found.matched += finding.label == "match"
        if finding.label == "drift":
            found.alarms += 1
            tell("false alarm", claim, finding)


def _table(results: dict[str, Measured]) -> None:
    print(
        "| environment | steps | wrong | recall | right | precision | unverifiable | malformed (runs) | a comparison |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for name, m in results.items():
        print(
            f"| {name} | {m.scenes} | {m.caught + m.missed} | {m.recall:.4f} | {m.matched + m.alarms} | {m.precision:.4f} "
            f"| {m.unverifiable:.2%} | {m.refused} ({m.barred}) | {m.seconds / max(1, m.calls) * 1e6:.0f} µs |"
        )
    called = [*FLAWS, "match", "unverifiable"]
    for name, m in results.items():
        print(
            f"\n{name}: what was made, and what it was called\n\n| made | {' | '.join(called)} |\n|{'---|' * (len(called) + 1)}"
        )
        for flaw in FLAWS:
            print(f"| {flaw} | {' | '.join(str(m.named[flaw][c]) for c in called)} |")
        for reason, count in m.why.most_common():
            print(f"- unverifiable, {count} steps: {reason}")
        for text in m.shown:
            print(f"\n{text}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("environments", nargs="*", default=["db", "household", "kg", "os", "search", "web"])
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--hostile", type=float, default=0.2, help="share of actions that mean no good")
    parser.add_argument("--show", type=int, default=0, help="misses and false alarms to print, of each environment")
    chosen = parser.parse_args()
    _table(
        {
            n: asyncio.run(measure(n, chosen.steps, chosen.seed, chosen.show, chosen.hostile))
            for n in chosen.environments
        }
    )


if __name__ == "__main__":
    main()
