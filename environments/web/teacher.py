"""The web's teacher: shops, bookings, forms and WebShop from a seed, and the expert that solves what can still be solved."""

from __future__ import annotations

from typing import Any, Literal, get_args

from faker import Faker
from numpy.random import Generator
from pydantic import Field

from simenv.errors import InvalidAction, WorldError
from simenv.options import Options as Settings
from simenv.source import Expert, TaskGenerator
from simenv.types import Action, Move, Stop, Task
from simenv.world import Engine

from .engine.document import kind
from .engine.tab import Dom
from .tasks import bookings, forms, shops
from .tasks.draft import Pen
from .tasks.navigation import Stuck
from .tasks.planner import Planner
from .tasks.thoughts import Voice
from .tasks.webshop_tasks import webshop
from .world import Web

Kind = Literal[
    "buy",
    "compare",
    "question",
    "cancel",
    "hotel",
    "restaurant",
    "flight",
    "register",
    "contact",
    "settings",
    "webshop",
]
WRITERS = {**shops.KINDS, **bookings.KINDS, **forms.KINDS, "webshop": webshop}

MOST_MOVES = 120
"""Moves of a plan; more are taken for running in circles."""


class Teacher(TaskGenerator):
    """Small sites with one thing to do on each. What is wanted is always there, and told apart by what the task says."""

    class Options(Settings):
        difficulty: int = Field(2, ge=1, le=5)
        """1: a dozen products, everything in the menu; 5: sixty, filters, hidden pages, several things to order, logins"""
        kinds: tuple[Kind, ...] = Field(get_args(Kind), min_length=1)
        """kinds of tasks, taken with equal chance"""

    options: Options

    def __init__(self, options: Settings | None = None) -> None:
        super().__init__(options)
        self._fake = Faker("en_US")

    def make(self, id: str, rng: Generator) -> Task:
        pen = Pen(rng, self._fake, self.options.difficulty)
        chosen: Kind = pen.pick(self.options.kinds)
        draft = WRITERS[chosen](pen)
        task = Task(
            id=id,
            environment="web",
            instruction=draft.instruction,
            spec=draft.spec,
            goal={k: v for k, v in draft.goal.items() if v},
            kind=chosen,
            source="procedural",
        )
        world = Web()
        world.task = task
        world.begin(task.spec, rng)
        moves = plan(world, task)
        if not moves:
            raise WorldError(f"web: task {id} ({chosen}) came out unsolvable: a bug")
        return task.model_copy(update={"solution": moves})


def twin(world: Web, task: Task) -> Web:
    """The same visitor in a browser without scripts, to try things in."""
    copy = Web(world.options.model_copy(update={"engine": "dom"}))
    copy.task = task
    site = world.tab.site
    copy.enter(Dom(site, site.start()))
    copy.load(world.save())
    return copy


def plan(world: Web, task: Task) -> tuple[Move, ...] | None:
    """The policy's moves from the present state to success."""
    trial, moves = twin(world, task), []
    policy = Planner(trial, Voice(task.id))
    for _ in range(MOST_MOVES):
        try:
            move = _lettered(trial, policy.next())
            seen = _act(trial, move.action)
        except (Stuck, InvalidAction):
            return None
        moves.append(move)
        if seen is not None:
            return tuple(moves) if trial.score(task.goal, seen[0]).success else None
    return None


def _act(world: Web, action: Action) -> tuple[Any] | None:
    """Act without the loop around it; the answer, in a tuple, where the episode is over."""
    spec = world.actions[action.name]
    seen = getattr(world, spec.name)(**spec.read(action.arguments))
    if spec.submit:
        return (seen,)
    over = seen.stop is Stop.done or (world.ends_at_goal and world.score(world.task.goal, None).success)
    return (None,) if over else None


def _lettered(world: Web, move: Move) -> Move:
    """In Mind2Web's multiple choice, the answer to the present question that leads to a move."""
    if world.rounds is None or not isinstance(number := move.action.arguments.get("element"), int):
        return move
    letter = world.rounds.letter(number)
    if letter == "A":
        return Move(
            thought="The element that I need is not among these.",
            action=Action(name="click", arguments={"element": "A"}),
        )
    return Move(
        thought=move.thought,
        action=Action(name=move.action.name, arguments=move.action.arguments | {"element": letter}),
    )


class Guide(Expert):
    """Knows the goal, and takes the way a careful visitor would."""

    def plan(self, engine: Engine, task: Task) -> tuple[Move, ...] | None:
        return plan(_web(engine), task)

    def perturb(self, engine: Engine, task: Task, move: Move, rng: Generator) -> Move:
        """The wrong link, option or value, or a field left out and the form sent."""
        world = _web(engine)
        options = list(_mistakes(world, move))
        if not options:
            return Move(thought="Let me look at the page before.", action=Action(name="go_back", arguments={}))
        thought, action = options[int(rng.integers(len(options)))]
        return Move(thought=thought, action=action)


def _mistakes(world: Web, move: Move) -> list[tuple[str, Action]]:
    """What somebody may do by mistake in place of a move."""
    elements, arguments = world.tab.document.elements, move.action.arguments
    right = arguments.get("element")
    found: list[tuple[str, Action]] = []
    if world.rounds is not None:
        letters = [x for x in world.rounds.letters if x != right]
        return [("This looks like the one.", Action(name="click", arguments={"element": x})) for x in letters]
    target = world.find(right) if right is not None else None
    same = [e for e in elements if target is not None and e is not target and e.role == target.role and not e.disabled]
    if move.action.name == "click":
        found += [(f"“{e.label}” should be it.", Action(name="click", arguments={"element": e.number})) for e in same]
    elif move.action.name == "select" and target is not None:
        for _, label in target.options():
            if label != arguments["option"]:
                found.append((f"I choose “{label}”.", Action(name="select", arguments={**arguments, "option": label})))
    elif move.action.name == "type":
        text = str(arguments["text"])
        wrong = str(int(text) + 1) if text.isdecimal() and len(text) < 9 else " ".join(text.split()[:-1]) or text[:-1]
        if target is not None and kind(target.node) != "date":
            found.append((f"I write “{wrong}”.", Action(name="type", arguments={**arguments, "text": wrong})))
    elif move.action.name == "search":
        short = " ".join(str(arguments["query"]).split()[-1:])
        found.append((f"I search for “{short}”.", Action(name="search", arguments={"query": short})))
    elif move.action.name == "answer":
        found.append(("I think that is all.", Action(name="answer", arguments={"text": "unknown"})))
    send = [
        e
        for e in elements
        if target is not None and e.form == target.form >= 0 and e.role == "button" and e is not target
    ]
    found += [("That should be enough.", Action(name="click", arguments={"element": e.number})) for e in send]
    return found


def _web(engine: Engine) -> Web:
    if not isinstance(engine, Web):
        raise WorldError(f"web: the expert was given a {type(engine).__name__}")
    return engine
