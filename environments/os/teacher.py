"""The OS teacher: makes tasks of eight kinds on machines from a seed; and the expert, which solves them."""

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
from .tasks.draft import Kind, TaskMaker, bash, choice
from .world import OS

TASK_MAKERS: dict[Kind, tuple[TaskMaker, ...]] = {
    "count": (questions.count_files, questions.count_lines, questions.count_addresses),
    "find": (questions.find_token, questions.find_largest),
    "permissions": (changes.make_executable, changes.hand_over),
    "text": (questions.sum_column, changes.replace_setting, changes.sort_names),
    "users": (questions.count_shells, changes.add_user, changes.join_group),
    "archives": (changes.unpack_archive, changes.make_archive),
    "processes": (questions.count_processes, questions.read_argument),
    "environment": (questions.read_variable, changes.export_variable),
}
_LOOKING_AROUND = ("ls -la /", "pwd", "cat /etc/os-release", "df -h /", "whoami", "ls /home", "uname -a", "history")
"""Commands without effect, as a confused user types them."""


class Teacher(TaskGenerator):
    """Makes tasks: a machine, a question or a change to make, and the commands that solve it."""

    class Options(Settings):
        """How hard tasks are, and of which kinds."""

        difficulty: int = Field(default=2, ge=1, le=5)
        """number and depth of files, folders, lines and users; 1: visible at a glance"""
        kinds: tuple[Kind, ...] = Field(default=get_args(Kind), min_length=1)
        """kinds of tasks, taken with equal chance"""

    options: Options

    def make(self, id: str, rng: Generator) -> Task:
        kind = choice(rng, self.options.kinds)
        draft = choice(rng, TASK_MAKERS[kind])(rng, self.options.difficulty)
        return Task(
            id=id,
            environment="os",
            instruction=draft.instruction,
            spec=draft.spec,
            goal=draft.goal,
            solution=draft.moves,
            kind=kind,
            source="procedural",
        )


class OSExpert(Expert):
    """Plans by the task's solution or its example. It does not repeat commands that were run already."""

    def plan(self, engine: Engine, task: Task) -> tuple[Move, ...] | None:
        """If the whole solution was run without success, run it again: its commands can be repeated."""
        world = _machine(engine)
        moves = task.solution or _example_moves(world, task)
        if not moves:
            return None
        *work, last = moves
        if last.action.name == "answer":
            return (*_remaining(world, work), last)
        if _is_reached(world, task):
            return (last,)
        return (*(_remaining(world, work) or work), last)

    def perturb(self, engine: Engine, task: Task, move: Move, rng: Generator) -> Move:
        """The right command on a wrong path, a wrong option, or an answer near the right one. It destroys nothing."""
        if move.action.name == "answer":
            right = str(move.action.arguments.get("answer", ""))
            return Move(
                thought="That should be it.",
                action=Action(name="answer", arguments={"answer": _near_answer(right, rng)}),
            )
        script = str(move.action.arguments.get("script", ""))
        if move.action.name != "bash" or rng.random() < 0.3 or not (wrong_script := _mistaken_script(script, rng)):
            return bash("Let me look around first.", choice(rng, _LOOKING_AROUND))
        return bash("I think this command does it.", wrong_script)


def _machine(engine: Engine) -> OS:
    if not isinstance(engine, OS):
        raise WorldError(f"os: the expert plans in an OS, not in a {type(engine).__name__}")
    return engine


def _remaining(world: OS, moves: list[Move]) -> list[Move]:
    """The moves whose script was not run yet, in order."""
    return [m for m in moves if m.action.arguments.get("script") not in world.scripts]


def _is_reached(world: OS, task: Task) -> bool:
    goal = Goal.read(task.goal)
    if goal.state:
        machine = Machine(world.sandbox)
        if not all(c.holds(machine) for c in goal.state):
            return False
    return world.score(task.goal, None).success if goal.checks else True


def _example_moves(world: OS, task: Task) -> tuple[Move, ...]:
    """Moves that run the example of an AgentBench record; its present output is the answer if the task asks for one."""
    goal = Goal.read(task.goal)
    if goal.example is None:
        return ()
    code = goal.example.code
    script = code if goal.example.language == "bash" else f"python3 - <<'END'\n{code}\nEND"
    first_move = bash("This command gives what is asked for.", script)
    if None not in goal.checks and not any(_READS_ANSWER.search(check.code) for check in goal.scripts):
        finish_action = Action(name="finish")
        return (first_move, Move(thought="It is set up as it should be, so I am done.", action=finish_action))
    output = world.sandbox.check([goal.example], ["None"])[0].output.strip()
    answer = Action(name="answer", arguments={"answer": output})
    return (first_move, Move(thought="What it printed is the answer.", action=answer))


_READS_ANSWER = re.compile(r"\bargv\b|\$\{?[1@*]")
"""A check that looks at its parameters, of which the first is the answer."""


def _near_answer(answer: str, rng: Generator) -> str:
    """A wrong answer near the right one."""
    if answer.lstrip("-").isdigit():
        return str(int(answer) + choice(rng, (-1, 1, 2, 10)))
    stem, dot, ending = answer.rpartition(".")
    return choice(rng, (f"{stem or answer}s{dot}{ending if dot else ''}", f"/{answer}", answer.upper() + "?"))


_READ_ONLY = re.compile(r"^(find|grep|ls|head|tail|wc|cut|awk|cat|stat|ps|pgrep|getent|id|env|printenv|tar -tf)\b")


def _mistaken_script(script: str, rng: Generator) -> str:
    """The command with a mistake in it; '' if no mistake is sure to be harmless."""
    path = next(iter(re.findall(r"/(?:root|srv|opt|home|var|etc)/[\w./-]+", script)), "")
    options: list[Any] = []
    if path:
        options.append(script.replace(path, f"{path}s"))
    if _READ_ONLY.match(script) and ">" not in script and "-exec" not in script:
        options += [
            script.replace(" -type f", " -type d"),
            script.replace("grep -c", "grep -vc"),
            script.replace(" -u", ""),
        ]
        options += [script.replace("sort -n", "sort"), script.partition(" |")[0]]
    else:
        options = [f"cat {path}s"] if path else []
    alternatives = [o for o in options if o != script]
    return choice(rng, alternatives) if alternatives else ""
