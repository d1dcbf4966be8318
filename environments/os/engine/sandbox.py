"""The interface of a sandbox: a machine with one shell in it, isolated from the host."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field

from simenv.errors import WorldError
from simenv.options import Options
from simenv.types import Data


class Limits(Options):
    """Resource limits of one sandbox."""

    seconds: float = Field(default=30, gt=0, le=600)
    """wall time of one command; then it is interrupted, and if that does not help killed with the shell"""
    memory: int = Field(default=512, ge=64, le=65_536)
    """MiB, of all processes together; if they use more, the largest is ended"""
    disk: int = Field(default=256, ge=8, le=65_536)
    """MiB, of all files together, and of each"""
    processes: int = Field(default=128, ge=16, le=4096)
    """processes and threads"""
    cpu: int = Field(default=60, ge=1, le=3600)
    """seconds of processor time of one process"""


Ending = Literal["done", "timeout", "flood", "died", "crowded"]


class Output(Data):
    """Output and ending of a script. `text`: at most 64 KiB of standard output and error together; `complete`: all of it.

    `ending`: done (by itself), timeout, flood (it wrote too much), died (the shell ended with it), crowded (it left so many
    processes that all were ended). `restarted`: a new shell was started, in the folder where the first one began.
    """

    text: bytes
    status: int
    ending: Ending = "done"
    restarted: bool = False
    complete: bool = True


class Entry(Data):
    """One entry of the file tree. `content`: the SHA-256 of a file, or the target of a link. `text`: the contents of a small
    text file."""

    kind: str
    mode: int
    uid: int
    gid: int
    size: int = 0
    content: str = ""
    text: str | None = None


class Script(Data):
    """A script that the grader runs."""

    language: Literal["bash", "python"] = "bash"
    code: str


class ScriptResult(Data):
    """Result of a script that the grader ran; status 124 means that it took too long."""

    status: int
    output: str
    errors: str = ""


class MachineBroken(WorldError):
    """A started machine cannot do what was asked. Once a script has run in it, this is that script's doing: it filled the
    disk, removed what a shell needs, or made a tree too deep to list."""


class Sandbox(ABC):
    """One machine. Calls block for a bounded time, one at a time. MachineBroken means that the machine is in no state for the
    call, any other WorldError that the sandbox itself failed."""

    @abstractmethod
    def start(self, spec: dict[str, Any], cwd: str, environment: dict[str, str]) -> None:
        """Set up the machine: accounts, files, a shell in `cwd`. WorldError if the spec cannot be built."""

    @abstractmethod
    def run(self, script: str, seconds: float | None = None) -> Output:
        """Run a script in the shell, which keeps folder, variables, functions and background processes."""

    @abstractmethod
    def cwd(self) -> str:
        """The working directory of the shell; '' if it does not answer."""

    @abstractmethod
    def tree(self, strict: bool = False) -> dict[str, Entry]:
        """All entries in writable places, by path. Those that no path can name are left out, or with `strict` a
        MachineBroken."""

    @abstractmethod
    def base_tree(self) -> dict[str, Entry]:
        """The same entries of a machine of this kind without any spec."""

    @abstractmethod
    def read(self, path: str, limit: int = 1_000_000) -> bytes | None:
        """Up to `limit` bytes of a file; links are followed inside the machine. None if there is no regular file."""

    @abstractmethod
    def check(self, scripts: Sequence[Script], parameters: Sequence[str]) -> list[ScriptResult]:
        """Run scripts one after the other, up to the first that fails, out of the agent's reach.

        They work on a copy of the tree, with clean tools and a clean environment, and see no process of the agent. Each
        gets the parameters and the outputs of the scripts before it as arguments.
        """

    @abstractmethod
    def save(self) -> bytes:
        """The tree, and folder, variables and functions of the shell, but no processes."""

    @abstractmethod
    def load(self, blob: bytes) -> None:
        """Restore a saved machine, of this sandbox or another of this kind. It ends all processes."""

    @abstractmethod
    def close(self) -> None:
        """End all processes and release all resources. Idempotent."""
