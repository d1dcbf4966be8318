"""What the world asks of a sandbox: a machine with one shell in it, nothing of which reaches the host."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import Field

from simenv.options import Options
from simenv.types import Data


class Limits(Options):
    """What one sandbox may use."""

    seconds: float = Field(30, gt=0, le=600)
    """wall time of one command; then it is interrupted, and killed with the shell where that does not help"""
    memory: int = Field(512, ge=64, le=65_536)
    """MiB, of all processes together: the largest is ended where they use more"""
    disk: int = Field(256, ge=8, le=65_536)
    """MiB, of all files together, and of each"""
    processes: int = Field(128, ge=16, le=4096)
    """processes and threads"""
    cpu: int = Field(60, ge=1, le=3600)
    """seconds of processor time of one process"""


class Output(Data):
    """What a script wrote, standard output and error together and at most 64 KiB of it, and how it ended.

    done: by itself; timeout: too late; flood: it wrote too much; died: the shell ended with it; crowded: it left so many
    processes that all were ended. `restarted`: a new shell is there, in the folder where the first one was.
    """

    text: bytes
    status: int
    ending: Literal["done", "timeout", "flood", "died", "crowded"] = "done"
    restarted: bool = False
    complete: bool = True


class Entry(Data):
    """One entry of the file tree. `content` is the SHA-256 of a file, or where a link points; `text` what a small file holds,
    where that is text."""

    kind: str
    mode: int
    uid: int
    gid: int
    size: int = 0
    content: str = ""
    text: str | None = None


class Script(Data):
    """A program of the grader's."""

    language: Literal["bash", "python"] = "bash"
    code: str


class ScriptResult(Data):
    """How a script of the grader's ended; status 124 where it took too long."""

    status: int
    output: str
    errors: str = ""


class Sandbox(ABC):
    """One machine. Calls block, for a bounded time, and one at a time; WorldError is the sandbox's own failure."""

    @abstractmethod
    def start(self, spec: dict[str, Any], cwd: str, environment: dict[str, str]) -> None:
        """Set the machine up: accounts, files, a shell in `cwd`. WorldError where the spec cannot be built."""

    @abstractmethod
    def run(self, script: str, seconds: float | None = None) -> Output:
        """Run a script in the shell, which keeps its folder, variables and functions, and whatever runs behind it."""

    @abstractmethod
    def cwd(self) -> str:
        """Where the shell is; '' where it does not tell."""

    @abstractmethod
    def tree(self) -> dict[str, Entry]:
        """All that can be written, by path."""

    @abstractmethod
    def base_tree(self) -> dict[str, Entry]:
        """The same of a machine of this kind to which nothing has been done."""

    @abstractmethod
    def read(self, path: str, limit: int = 1_000_000) -> bytes | None:
        """The beginning of a file, links followed inside the machine; None where there is no regular file."""

    @abstractmethod
    def check(self, scripts: Sequence[Script], parameters: Sequence[str]) -> list[ScriptResult]:
        """Run scripts one after the other, up to the first that fails, where the agent cannot reach them.

        They work on a copy of the tree, with clean tools and a clean environment, and see no process of the agent's.
        Each gets the parameters, and the output of those before it, as arguments.
        """

    @abstractmethod
    def save(self) -> bytes:
        """The tree, and folder, variables and functions of the shell. Processes are not part of it."""

    @abstractmethod
    def load(self, blob: bytes) -> None:
        """Go back to what was saved, here or in another sandbox of this kind. Ends all processes."""

    @abstractmethod
    def close(self) -> None:
        """End everything. Idempotent."""
