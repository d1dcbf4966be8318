"""The teacher of the operating system: tasks of eight kinds on machines made from a seed, and the expert that solves any."""

from __future__ import annotations

import re
from typing import Any, get_args

from numpy.random import Generator
from pydantic import Field

from simenv.errors import WorldError
from simenv.options import Options as Settings
from simenv.source import Expert, TaskGenerator
from simenv.types import Action, Move, Task
from simenv.world import Engine

from .engine.goal import Goal, Machine
from .tasks import changes, questions
from .tasks.scenario import Kind, Maker, bash, pick
from .world import OS

MAKERS: dict[Kind, tuple[Maker, ...]] = {
    "count": (questions.count_files, questions.count_lines, questions.count_addresses),
    "find": (questions.find_token, questions.find_largest),
    "permissions": (changes.make_executable, changes.hand_over),
    "text": (questions.sum_column, changes.replace_setting, changes.sort_names),
    "users": (questions.count_shells, changes.add_user, changes.join_group),
    "archives": (changes.unpack_archive, changes.make_archive),
    "processes": (questions.count_processes, questions.read_argument),
    "environment": (questions.read_variable, changes.export_variable),
}
_ASIDE = ("ls -la /", "pwd", "cat /etc/os-release", "df -h /", "whoami", "ls /home", "uname -a", "history")
"""What people try who have lost the thread; it changes nothing."""


class Teacher(TaskGenerator):
    """Every task is a machine, something to find out or to change there, and the commands that do it."""

    class Options(Settings):
        """difficulty: how many files, folders, lines, users there are, and how deep; 1 shows them at a glance."""

        difficulty: int = Field(2, ge=1, le=5)
        kinds: tuple[Kind, ...] = Field(get_args(Kind), min_length=1)

    options: Options

    def make(self, id: str, rng: Generator) -> Task:
        kind = pick(rng, self.options.kinds)
        plot = pick(rng, MAKERS[kind])(rng, self.options.difficulty)
        return Task(
            id=id,
            environment="os",
            instruction=plot.instruction,
            spec=plot.spec,
            goal=plot.goal,
            solution=plot.moves,
            kind=kind,
            source="procedural",
        )


class Solver(Expert):
    """Goes by the task's solution, or by its example; what is done already is not done again."""

    def plan(self, engine: Engine, task: Task) -> tuple[Move, ...] | None:
        """A solution that did not lead to the goal is gone through again: its commands bear it."""
        world = _machine(engine)
        moves = task.solution or _by_example(world, task)
        if not moves:
            return None
        *work, last = moves
        if last.action.name == "answer":
            return (*_left(world, work), last)
        if _reached(world, task):
            return (last,)
        return (*(_left(world, work) or work), last)

    def perturb(self, engine: Engine, task: Task, move: Move, rng: Generator) -> Move:
        """The right command on the wrong thing, a wrong option, or an answer that is off. Nothing is destroyed by it."""
        if move.action.name == "answer":
            right = str(move.action.arguments.get("answer", ""))
            return Move(
                thought="That should be it.", action=Action(name="answer", arguments={"answer": _off(right, rng)})
            )
        script = str(move.action.arguments.get("script", ""))
        if move.action.name != "bash" or rng.random() < 0.3 or not (wrong := _mistaken(script, rng)):
            return bash("Let me look around first.", pick(rng, _ASIDE))
        return bash("I think this command does it.", wrong)


def _machine(engine: Engine) -> OS:
    if not isinstance(engine, OS):
        raise WorldError(f"os: the expert plans in an OS, not in a {type(engine).__name__}")
    return engine


def _left(world: OS, moves: list[Move]) -> list[Move]:
    """What of the moves was not made yet, in their order."""
    return [m for m in moves if m.action.arguments.get("script") not in world.ran]


def _reached(world: OS, task: Task) -> bool:
    goal = Goal.read(task.goal)
    if goal.state:
        machine = Machine(world.sandbox)
        if not all(c.holds(machine) for c in goal.state):
            return False
    return world.score(task.goal, None).success if goal.checks else True


def _by_example(world: OS, task: Task) -> tuple[Move, ...]:
    """The moves of an AgentBench record with an example; where its output is the answer, as it comes out now."""
    goal = Goal.read(task.goal)
    if goal.example is None:
        return ()
    code = goal.example.code
    script = code if goal.example.language == "bash" else f"python3 - <<'END'\n{code}\nEND"
    look = bash("This command gives what is asked for.", script)
    if None not in goal.checks:
        done = Action(name="finish")
        return (look, Move(thought="It is set up as it should be, so I am done.", action=done))
    found = world.sandbox.check([goal.example], ["None"])[0].output.strip()
    said = Action(name="answer", arguments={"answer": found})
    return (look, Move(thought="What it printed is the answer.", action=said))


def _off(right: str, rng: Generator) -> str:
    """An answer near the right one."""
    if right.lstrip("-").isdigit():
        return str(int(right) + pick(rng, (-1, 1, 2, 10)))
    stem, dot, ending = right.rpartition(".")
    return pick(rng, (f"{stem or right}s{dot}{ending if dot else ''}", f"/{right}", right.upper() + "?"))


_READING = re.compile(r"^(find|grep|ls|head|tail|wc|cut|awk|cat|stat|ps|pgrep|getent|id|env|printenv|tar -tf)\b")


def _mistaken(script: str, rng: Generator) -> str:
    """The command with a slip in it; '' where there is none that is sure to do no harm."""
    path = next(iter(re.findall(r"/(?:root|srv|opt|home|var|etc)/[\w./-]+", script)), "")
    options: list[Any] = []
    if path:
        options.append(script.replace(path, f"{path}s"))
    if _READING.match(script) and ">" not in script and "-exec" not in script:
        options += [
            script.replace(" -type f", " -type d"),
            script.replace("grep -c", "grep -vc"),
            script.replace(" -u", ""),
        ]
        options += [script.replace("sort -n", "sort"), script.partition(" |")[0]]
    else:
        options = [f"cat {path}s"] if path else []
    changed = [o for o in options if o != script]
    return pick(rng, changed) if changed else ""
