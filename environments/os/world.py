"""The operating system environment: a real shell on a machine made from a spec. It joins sandbox, terminal and goal."""

from __future__ import annotations

import json
import shlex
import struct
import time
from typing import Any, Literal

from numpy.random import Generator

from simenv.errors import InvalidAction, WorldError
from simenv.options import Options as Settings
from simenv.trust import ImageName
from simenv.types import Grade, Observation, Text
from simenv.world import Engine, Protection, action

from .engine.accounts import Accounts
from .engine.bubblewrap import Bubblewrap
from .engine.containers import Container
from .engine.goal import Goal, grade
from .engine.sandbox import Entry, Limits, MachineBroken, Output, Sandbox
from .engine.terminal import clean, cut

_LONGEST = 100_000
"""Characters of one script."""
_HOME = "/root"
_INIT = 4
"""All scripts of `init` together have this many times the seconds of one command; one of them may take all."""
_WRECK = b""
"""Stands in a snapshot for a machine that the agent broke."""
_BROKEN = "[the machine is broken: it can run no more commands]"
NOTICES = {
    "done": "",
    "timeout": "[the command was stopped: it ran for more than {seconds:g} seconds]",
    "flood": "[the command was stopped: it wrote too much]",
    "died": "[the shell has ended]",
    "crowded": "[too many processes were left: all have been ended]",
}


class OS(Engine):
    """One machine with one root shell, and one script a turn.

    A snapshot holds the file tree, and folder, variables, functions and options of the shell, but no processes: a restore
    ends all processes and runs the spec's `start` command again.
    """

    class Options(Settings):
        """Where the machine runs, and its limits."""

        engine: Literal["bubblewrap", "docker"] = "bubblewrap"
        """bubblewrap: on this host; docker: in a container (it needs a running engine, and simenv[docker])"""
        image: ImageName = "debian:12"
        """image of the container, with docker"""
        limits: Limits = Limits()
        """limits of the sandbox"""

    options: Options
    blocking = True
    max_turns = 8
    sandbox: Sandbox
    scripts: list[str]
    """the scripts run so far"""
    broken: str
    """why the machine of a snapshot cannot be had, '' if it can"""

    def missing(self) -> str:
        return Bubblewrap.missing() if self.options.engine == "bubblewrap" else ""

    @classmethod
    def protections(cls) -> dict[str, Protection]:
        return Bubblewrap.protections()

    def begin(self, spec: dict[str, Any], rng: Generator) -> str:
        self.end()
        self.sandbox = self._sandbox()
        self.spec, self.scripts, self.broken = spec, [], ""
        parts = {k: v for k, v in spec.items() if k in ("files", "directories", "links", "users", "groups")}
        self.sandbox.start(parts, self._home, spec.get("environment", {}))
        try:
            deadline = time.monotonic() + _INIT * self.options.limits.seconds
            for number, script in enumerate(spec.get("init", [])):
                self._initialise(number, script, deadline - time.monotonic())
            self._start()
        except WorldError:
            self.end()
            raise
        return ""

    @property
    def _home(self) -> str:
        """The folder in which the shell begins, and every script of the task."""
        return str(self.spec.get("cwd", _HOME))

    def _sandbox(self) -> Sandbox:
        limits = self.options.limits
        return Bubblewrap(limits) if self.options.engine == "bubblewrap" else Container(limits, self.options.image)

    def _initialise(self, number: int, script: dict[str, str], seconds: float) -> None:
        program = "python3" if script.get("language") == "python" else "bash"
        output = self.sandbox.run(
            f"(cd {shlex.quote(self._home)} && {program} -c {shlex.quote(script['code'])})", max(0.0, seconds)
        )
        if output.ending != "done" or output.status != 0:
            reason = f"ended with {output.status}" if output.ending == "done" else output.ending
            raise WorldError(f"os spec: $.init[{number}] {reason}: {clean(output.text)[-300:]}")

    def _start(self) -> None:
        if start := self.spec.get("start"):
            self.sandbox.run(start)

    @action
    def bash(self, script: Text) -> Observation:
        """Run a bash script in the machine's shell. Its folder, variables and functions stay for the next one. The
        answer is what it printed; more than 800 characters are cut."""
        if len(script) > _LONGEST:
            raise InvalidAction(f"bash: the script has {len(script)} characters; at most {_LONGEST} can be run")
        if "\0" in script:
            raise InvalidAction("bash: a script cannot hold a NUL character")
        self.scripts.append(script)
        try:
            return self._show(self._machine().run(script))
        except MachineBroken:
            return Observation(text=_BROKEN)

    def _show(self, output: Output) -> Observation:
        text, is_cut = cut(clean(output.text))
        notice = NOTICES[output.ending].format(seconds=self.options.limits.seconds)
        if output.restarted:
            notice += f"\n[a new shell was started in {self._home}]"
        return Observation(text="\n".join(filter(None, (text, notice))), truncated=is_cut or not output.complete)

    @action(submit=True)
    def answer(self, answer: Text) -> str:
        """Give the answer to the question. Ends the task."""
        return answer

    @action(submit=True)
    def finish(self) -> None:
        """Say that the task is done, where it asks for no answer. Ends the task."""
        return None

    def score(self, goal: dict[str, Any], answer: Any) -> Grade:
        parsed_goal = Goal.read(goal)
        try:
            return grade(parsed_goal, self._machine(), answer)
        except MachineBroken as e:
            self._blame(e)
            return Grade(success=False, progress=0.0, reasons=(f"the agent broke the machine: {e}",))

    def _machine(self) -> Sandbox:
        if self.broken:
            raise MachineBroken(self.broken)
        return self.sandbox

    def _blame(self, fault: MachineBroken) -> None:
        """Raise a fault unless an agent's script came before it."""
        if not self.scripts:
            raise fault

    def facts(self) -> Any:
        """Differences from the base machine, the users, and the folder of the shell. No times, no processes. Of a machine
        that the agent broke, why it is so."""
        try:
            return self._facts()
        except MachineBroken as e:
            self._blame(e)
            return {"cwd": "", "files": {}, "removed": [], "users": {}, "broken": str(e)}

    def _facts(self) -> dict[str, Any]:
        tree, base_tree = self._machine().tree(), self.sandbox.base_tree()
        accounts = Accounts.read(self.sandbox)
        shown_users = {n: u for n, u in accounts.users.items() if u.uid == 0 or 1000 <= u.uid < 60_000}
        return {
            "cwd": self.sandbox.cwd(),
            "files": {p: _describe_entry(e, accounts) for p, e in sorted(tree.items()) if base_tree.get(p) != e},
            "removed": sorted(base_tree.keys() - tree.keys()),
            "users": {n: u._asdict() | {"groups": accounts.groups_of(n)} for n, u in sorted(shown_users.items())},
        }

    def save(self) -> bytes:
        scripts = json.dumps(self.scripts).encode()
        try:
            machine = self._machine().save()
        except MachineBroken as e:
            self._blame(e)
            machine = _WRECK
        return struct.pack(">I", len(scripts)) + scripts + machine

    def load(self, blob: bytes) -> None:
        try:
            (length,) = struct.unpack_from(">I", blob)
            scripts = json.loads(blob[4 : 4 + length])
        except (ValueError, struct.error) as e:
            raise WorldError(f"os: this is no snapshot: {type(e).__name__}: {e}") from e
        self.scripts, self.broken = scripts, ""
        try:
            self.sandbox.load(blob[4 + length :])
            if start := self.spec.get("start"):
                self.sandbox.run(f"(cd {shlex.quote(self._home)}\n{start}\n)")
        except MachineBroken as e:
            self._blame(e)
            self.broken = str(e)

    def end(self) -> None:
        if hasattr(self, "sandbox"):
            self.sandbox.close()

    def cheats(self) -> dict[str, Any]:
        claims = {
            "everything": "0 1 2 3 4 5 6 7 8 9 yes no",
            "command": "$(exit 0)",
            "injection": "0'; exit 0; #\"); exit(0)",
            "program": "exit(0)",
        }
        return super().cheats() | claims


def _describe_entry(entry: Entry, accounts: Accounts) -> dict[str, Any]:
    description: dict[str, Any] = {
        "kind": entry.kind,
        "mode": f"{entry.mode:04o}",
        "owner": accounts.user_name(entry.uid),
        "group": accounts.group_name(entry.gid),
    }
    if entry.kind == "file":
        description |= {"size": entry.size, "sha256": entry.content}
    elif entry.kind == "link":
        description |= {"target": entry.content}
    return description | ({"text": entry.text} if entry.text is not None else {})
