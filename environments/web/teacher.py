"""The web's teacher: makes shops, bookings, forms and WebShop from a seed; and the expert, which plans from any state."""

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
from .tasks import bookings, forms, shops
from .tasks.draft import Sampler
from .tasks.labels import with_labels
from .tasks.miniwob_tasks import chosen_pages, miniwob_task
from .tasks.navigation import Unreachable
from .tasks.planner import Planner
from .tasks.thoughts import ThoughtWriter
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
    "miniwob",
]
TASK_MAKERS = {**shops.KINDS, **bookings.KINDS, **forms.KINDS, "webshop": webshop}

MOST_MOVES = 120
"""Moves of a plan; a longer one counts as endless."""


class Teacher(TaskGenerator):
    """Makes small sites with one task on each. The target always exists, and the instruction identifies it."""

    class Options(Settings):
        """How hard tasks are, and of which kinds."""

        difficulty: int = Field(default=2, ge=1, le=5)
        """1: a dozen products, everything in the menu; 5: sixty, filters, hidden pages, several things to order, logins"""
        kinds: tuple[Kind, ...] = Field(default=tuple(k for k in get_args(Kind) if k != "miniwob"), min_length=1)
        """kinds of tasks, taken with equal chance; miniwob: pages of the package miniwob, for web.world.engine=chromium"""
        pages: tuple[str, ...] = ()
        """pages of MiniWoB++, taken with equal chance; () for all that can be played by numbers of elements"""

    options: Options

    def __init__(self, options: Settings | None = None) -> None:
        super().__init__(options)
        self._fake = Faker("en_US")
        self._pages = chosen_pages(self.options.pages) if "miniwob" in self.options.kinds else ()

    def make(self, id: str, rng: Generator) -> Task:
        sampler = Sampler(rng, self._fake, self.options.difficulty)
        kind: Kind = sampler.choice(self.options.kinds)
        if kind == "miniwob":
            return miniwob_task(id, sampler.choice(self._pages), int(rng.integers(2**32)))
        draft = TASK_MAKERS[kind](sampler)
        task = Task(
            id=id,
            environment="web",
            instruction=draft.instruction,
            spec=draft.spec,
            goal={k: v for k, v in draft.goal.items() if v},
            kind=kind,
            source="procedural",
        )
        world = Web()
        world.task = task
        world.begin(task.spec, rng)
        moves = plan(world, task)
        if not moves:
            raise WorldError(f"web: task {id} ({kind}) came out unsolvable: a bug")
        return task.model_copy(update={"solution": moves})

    def example(self, id: str, rng: Generator) -> Task:
        """A task whose solution names elements by what is written on them; numbers are known only on the page."""
        task = self.make(id, rng)
        return task.model_copy(update={"solution": with_labels(task)})


def trial_copy(world: Web, task: Task) -> Web:
    """A copy of the visit to try moves in, in a browser without scripts where the pages allow it."""
    copy = Web(world.options if "miniwob" in task.spec else world.options.model_copy(update={"engine": "dom"}))
    copy.task = task
    copy.open(world.tab.site)
    copy.load(world.save())
    return copy


def plan(world: Web, task: Task) -> tuple[Move, ...] | None:
    """The moves from the present state to success; None if it cannot be reached. The world is not changed."""
    trial = trial_copy(world, task)
    try:
        return _plan(trial, task)
    finally:
        trial.end()


def _plan(trial: Web, task: Task) -> tuple[Move, ...] | None:
    moves: list[Move] = []
    planner = Planner(trial, ThoughtWriter(task.id))
    for _ in range(MOST_MOVES):
        try:
            move = _as_choice(trial, planner.next())
            answer = _execute(trial, move.action)
        except (Unreachable, InvalidAction):
            return None
        moves.append(move)
        if answer is not None:
            return tuple(moves) if trial.score(task.goal, answer[0]).success else None
    return None


def _execute(world: Web, action: Action) -> tuple[Any] | None:
    """Perform an action without the episode loop; the answer, in a tuple, if the episode is over."""
    spec = world.actions[action.name]
    observation = getattr(world, spec.name)(**spec.read(action.arguments))
    if spec.submit:
        return (observation,)
    over = observation.stop is Stop.done or (world.ends_at_goal and world.score(world.task.goal, None).success)
    return (None,) if over else None


def _as_choice(world: Web, move: Move) -> Move:
    """The move as an answer to the present question of Mind2Web's multiple choice; else the move itself."""
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


class WebExpert(Expert):
    """Knows the goal, and acts as a careful visitor would."""

    def plan(self, engine: Engine, task: Task) -> tuple[Move, ...] | None:
        return plan(_web(engine), task)

    def perturb(self, engine: Engine, task: Task, move: Move, rng: Generator) -> Move:
        """A wrong link, option or value, or a form sent too early."""
        world = _web(engine)
        options = list(_mistakes(world, move))
        if not options:
            return Move(thought="Let me look at the page before.", action=Action(name="go_back", arguments={}))
        thought, action = options[int(rng.integers(len(options)))]
        return Move(thought=thought, action=action)


def _mistakes(world: Web, move: Move) -> list[tuple[str, Action]]:
    """Thought and action of plausible mistakes in place of a move."""
    elements, arguments = world.tab.document.elements, move.action.arguments
    right = arguments.get("element")
    mistakes: list[tuple[str, Action]] = []
    if world.rounds is not None:
        letters = [x for x in world.rounds.letters if x != right]
        return [("This looks like the one.", Action(name="click", arguments={"element": x})) for x in letters]
    target = world.find(right) if right is not None else None
    same = [e for e in elements if target is not None and e is not target and e.role == target.role and not e.disabled]
    if move.action.name == "click":
        mistakes += [
            (f"“{e.label}” should be it.", Action(name="click", arguments={"element": e.number})) for e in same
        ]
    elif move.action.name == "select" and target is not None:
        for _, label in target.options():
            if label != arguments["option"]:
                mistakes.append(
                    (f"I choose “{label}”.", Action(name="select", arguments={**arguments, "option": label}))
                )
    elif move.action.name == "type":
        text = str(arguments["text"])
        wrong = str(int(text) + 1) if text.isdecimal() and len(text) < 9 else " ".join(text.split()[:-1]) or text[:-1]
        if target is not None and kind(target.node) != "date":
            mistakes.append((f"I write “{wrong}”.", Action(name="type", arguments={**arguments, "text": wrong})))
    elif move.action.name == "search":
        short = " ".join(str(arguments["query"]).split()[-1:])
        mistakes.append((f"I search for “{short}”.", Action(name="search", arguments={"query": short})))
    elif move.action.name == "answer":
        mistakes.append(("I think that is all.", Action(name="answer", arguments={"text": "unknown"})))
    send = [
        e
        for e in elements
        if target is not None and e.form == target.form >= 0 and e.role == "button" and e is not target
    ]
    mistakes += [("That should be enough.", Action(name="click", arguments={"element": e.number})) for e in send]
    return mistakes


def _web(engine: Engine) -> Web:
    if not isinstance(engine, Web):
        raise WorldError(f"web: the expert was given a {type(engine).__name__}")
    return engine
