"""What is to be reached on a machine: an answer, a state of files and accounts, scripts that must pass."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from simenv.errors import WorldError
from simenv.options import explain_validation
from simenv.types import Data, Grade

from .accounts import Accounts
from .sandbox import Entry, Sandbox, Script


class Wanted(Data):
    """Of the answer."""

    equals: str | None = None
    regex: str | None = None
    strip: bool = True

    def holds(self, answer: Any) -> bool:
        if answer is None:
            return False
        text = str(answer).strip() if self.strip else str(answer)
        if self.regex is not None:
            return re.search(self.regex, text) is not None
        return text == (self.equals or "").strip() if self.strip else text == self.equals


class Condition(Data):
    """Of one path, one user or one group: exactly one of the three is given."""

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
        """What it is about, in words."""
        wants = self.model_dump(exclude_unset=True, exclude={"path", "user"} | (set() if self.path else {"group"}))
        about = self.path or (f"user {self.user}" if self.user else f"group {self.group}")
        said = ", ".join(f"{k} {v!r:.40}" for k, v in wants.items()) or "exists"
        return f"{about}: {said}"

    def holds(self, machine: Machine) -> bool:
        """Whether it is so; nothing is run to find out."""
        if self.path is not None:
            return all(self._of_path(machine, self.path))
        if self.user is not None:
            return all(self._of_user(machine.accounts, self.user))
        known = machine.accounts.groups.get(self.group or "")
        if known is None or not self.exists:
            return (known is not None) == self.exists
        return self.gid is None or known.gid == self.gid

    def _of_path(self, machine: Machine, path: str) -> Iterator[bool]:
        entry = machine.tree.get(path.rstrip("/") or "/")
        yield (entry is not None) == self.exists
        if entry is None or not self.exists:
            return
        yield self.kind is None or entry.kind == self.kind
        yield self.mode is None or entry.mode == int(self.mode, 8)
        yield self.owner is None or machine.accounts.user(entry.uid) == self.owner
        yield self.group is None or machine.accounts.group(entry.gid) == self.group
        yield self.target is None or (entry.kind == "link" and entry.content == self.target)
        if any(x is not None for x in (self.equals, self.contains, self.lacks, self.matches)):
            text = machine.text(path)
            yield text is not None
            yield from self._of_text(text or "")

    def _of_text(self, text: str) -> Iterator[bool]:
        yield self.equals is None or text.rstrip("\n") == self.equals.rstrip("\n")
        yield self.contains is None or self.contains in text
        yield self.lacks is None or self.lacks not in text
        yield self.matches is None or re.search(self.matches, text, re.MULTILINE) is not None

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
    """The goal, read; see goal.schema.json."""

    answer: Wanted | None = None
    checks: tuple[Script | None, ...] = ()
    example: Script | None = None
    state: tuple[Condition, ...] = ()

    @classmethod
    def read(cls, goal: dict[str, Any]) -> Goal:
        """From JSON; WorldError names the field."""
        try:
            read = cls.model_validate(goal)
            if None in read.checks and read.example is None:
                raise WorldError("os goal: $.checks: null stands for the example, and there is none")
            for pattern in (read.answer and read.answer.regex, *(c.matches for c in read.state)):
                re.compile(pattern or "")
        except ValidationError as e:
            raise WorldError(explain_validation(e, "os goal", whole="$")) from e
        except re.error as e:
            raise WorldError(f"os goal: no regular expression: {e}") from e
        return read

    @property
    def scripts(self) -> list[Script]:
        """The chain of checks with the example in its places."""
        return [s for s in (c or self.example for c in self.checks) if s is not None]


class Machine:
    """A sandbox as conditions see it: read once."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.tree: dict[str, Entry] = sandbox.tree()
        self.accounts = Accounts.read(sandbox)

    def text(self, path: str) -> str | None:
        """The contents of a file, up to a million bytes."""
        content = self._sandbox.read(path)
        return None if content is None else content.decode("utf-8", "replace")


def grade(goal: Goal, sandbox: Sandbox, answer: Any) -> Grade:
    """Progress is the share of conditions that hold; answer and checks count as one each."""
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
    """AgentBench's judge: `None` stands for no answer, as there."""
    ran = sandbox.check(scripts, [str(answer).replace("\0", "")])
    last = ran[-1]
    if len(ran) == len(scripts) and last.status == 0:
        return True, ""
    said = (last.errors or last.output).strip().splitlines()
    return False, f"check {len(ran)} ended with {last.status}" + (f": {said[-1][:200]}" if said else "")
