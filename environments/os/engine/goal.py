"""Goals on a machine: an answer, a state of files and accounts, scripts that must pass; and their grading."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from simenv import patterns
from simenv.errors import WorldError
from simenv.options import explain_validation
from simenv.types import Data, Grade

from .accounts import Accounts
from .sandbox import Entry, Sandbox, Script


class AnswerCondition(Data):
    """The condition on the answer."""

    equals: str | None = None
    regex: str | None = None
    strip: bool = True

    def holds(self, answer: Any) -> bool:
        """Whether an answer is right; None never is."""
        if answer is None:
            return False
        text = str(answer).strip() if self.strip else str(answer)
        if self.regex is not None:
            return patterns.matches(self.regex, text)
        return text == (self.equals or "").strip() if self.strip else text == self.equals


class Condition(Data):
    """A condition on one path, one user or one group; exactly one of the three is set."""

    path: str | None = None
    user: str | None = None
    group: str | None = None
    exists: bool = True
    kind: str | None = None
    mode: str | None = None
    owner: str | None = None
    target: str | None = None
    equals: str | None = None
    contains: str | None = None
    lacks: str | None = None
    matches: str | None = None
    uid: int | None = None
    gid: int | None = None
    home: str | None = None
    shell: str | None = None
    groups: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The condition in words, as sub-goals are named."""
        fields = self.model_dump(exclude_unset=True, exclude={"path", "user"} | (set() if self.path else {"group"}))
        about = self.path or (f"user {self.user}" if self.user else f"group {self.group}")
        description = ", ".join(f"{k} {v!r:.40}" for k, v in fields.items()) or "exists"
        return f"{about}: {description}"

    def holds(self, machine: Machine) -> bool:
        """Whether the condition holds. Nothing is run on the machine."""
        if self.path is not None:
            return all(self._of_path(machine, self.path))
        if self.user is not None:
            return all(self._of_user(machine.accounts, self.user))
        group = machine.accounts.groups.get(self.group or "")
        if group is None or not self.exists:
            return (group is not None) == self.exists
        return self.gid is None or group.gid == self.gid

    def _of_path(self, machine: Machine, path: str) -> Iterator[bool]:
        entry = machine.tree.get(path.rstrip("/") or "/")
        yield (entry is not None) == self.exists
        if entry is None or not self.exists:
            return
        yield self.kind is None or entry.kind == self.kind
        yield self.mode is None or entry.mode == int(self.mode, 8)
        yield self.owner is None or machine.accounts.user_name(entry.uid) == self.owner
        yield self.group is None or machine.accounts.group_name(entry.gid) == self.group
        yield self.target is None or (entry.kind == "link" and entry.content == self.target)
        if any(x is not None for x in (self.equals, self.contains, self.lacks, self.matches)):
            text = machine.text(path)
            yield text is not None
            yield from self._of_text(text or "")

    def _of_text(self, text: str) -> Iterator[bool]:
        yield self.equals is None or text.rstrip("\n") == self.equals.rstrip("\n")
        yield self.contains is None or self.contains in text
        yield self.lacks is None or self.lacks not in text
        yield self.matches is None or patterns.matches(self.matches, text, multiline=True)

    def _of_user(self, accounts: Accounts, name: str) -> Iterator[bool]:
        user = accounts.users.get(name)
        yield (user is not None) == self.exists
        if user is None or not self.exists:
            return
        yield self.uid is None or user.uid == self.uid
        yield self.home is None or user.home == self.home
        yield self.shell is None or user.shell == self.shell
        yield set(self.groups) <= set(accounts.groups_of(name))


class Goal(Data):
    """A goal; see goal.schema.json."""

    answer: AnswerCondition | None = None
    checks: tuple[Script | None, ...] = ()
    example: Script | None = None
    state: tuple[Condition, ...] = ()

    @classmethod
    def read(cls, goal: dict[str, Any]) -> Goal:
        """Read a goal from JSON; WorldError names the wrong field."""
        try:
            parsed_goal = cls.model_validate(goal)
            if None in parsed_goal.checks and parsed_goal.example is None:
                raise WorldError("os goal: $.checks: null stands for the example, and there is none")
            for pattern in (parsed_goal.answer and parsed_goal.answer.regex, *(c.matches for c in parsed_goal.state)):
                patterns.check(pattern or "", "os goal")
        except ValidationError as e:
            raise WorldError(explain_validation(e, "os goal", whole="$")) from e
        return parsed_goal

    @property
    def scripts(self) -> list[Script]:
        """The checks in order, with the example in place of each null."""
        return [s for s in (c or self.example for c in self.checks) if s is not None]


class Machine:
    """Tree and accounts of a sandbox, read once, for conditions."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.tree: dict[str, Entry] = sandbox.tree(strict=True)
        self.accounts = Accounts.read(sandbox)

    def text(self, path: str) -> str | None:
        """The text of a file, up to a million bytes; None if there is no such file."""
        content = self._sandbox.read(path)
        return None if content is None else content.decode("utf-8", "replace")


def grade(goal: Goal, sandbox: Sandbox, answer: Any) -> Grade:
    """The grade. Progress is the share of conditions that hold; the answer and all checks together count as one each."""
    subgoals: dict[str, bool] = {}
    reasons: list[str] = []
    if goal.state:
        machine = Machine(sandbox)
        subgoals |= {c.name: c.holds(machine) for c in goal.state}
    if goal.answer is not None:
        subgoals["answer"] = goal.answer.holds(answer)
    if goal.checks and all(subgoals.values()):
        subgoals["checks"], reason = _chain(goal.scripts, sandbox, answer)
        reasons += [reason] if reason else []
    elif goal.checks:
        subgoals["checks"] = False
    success = all(subgoals.values())
    reasons = [f"not so: {name}" for name, holds in subgoals.items() if not holds] + reasons
    progress = 1.0 if success else sum(subgoals.values()) / len(subgoals)
    return Grade(success=success, progress=progress, subgoals=subgoals, reasons=tuple(reasons))


def _chain(scripts: list[Script], sandbox: Sandbox, answer: Any) -> tuple[bool, str]:
    """Run the checks in a chain, as AgentBench does; there too `None` stands for no answer."""
    results = sandbox.check(scripts, [str(answer).replace("\0", "")])
    last = results[-1]
    if len(results) == len(scripts) and last.status == 0:
        return True, ""
    message = (last.errors or last.output).strip().splitlines()
    return False, f"check {len(results)} ended with {last.status}" + (f": {message[-1][:200]}" if message else "")
