"""What the commands share: a YAML file and KEY=VALUE words, errors in red with an exit status, a progress bar.

Where SIMENV_PROGRESS names a file, the bars are noted there too, for whoever runs a command and sees no terminal.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from os.path import isfile
from pathlib import Path
from typing import Any, Protocol

from rich.console import Console, RenderableType
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from simenv.errors import BudgetSpent, ConfigError, SimenvError
from simenv.files import write_whole

PROGRESS = "SIMENV_PROGRESS"
NOTED = 2.0
"""Times a second that bars are noted."""


def run(name: str, work: Callable[[list[str], Console], int], argv: list[str]) -> int:
    """A command's exit status: what `work` says, 2 for wrong input, 1 for another SimenvError, 130 if interrupted."""
    console = Console(stderr=True, emoji=False)  # a model's name may hold :m:
    try:
        return work(argv, console)
    except SimenvError as e:
        console.print(f"simenv {name}: {e}", style="red", markup=False, highlight=False, soft_wrap=True)
        return 2 if isinstance(e, ConfigError) else 1
    except KeyboardInterrupt:
        console.print(f"simenv {name}: interrupted")
        return 130


Row = tuple[str, str, str]
"""An option for the help: key, default, meaning."""


class Parser(argparse.ArgumentParser):
    """Whose options are looked up only when somebody asks for help: some are in modules that take seconds to import."""

    def __init__(
        self, name: str, told: str, options: Callable[[], Iterable[Row]], more: Callable[[], str] = str
    ) -> None:
        super().__init__(prog=f"simenv {name}", description=told, formatter_class=argparse.RawDescriptionHelpFormatter)
        self._options, self._more = options, more

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Options may stand between the words."""
        return self.parse_intermixed_args(args, namespace)

    def format_help(self) -> str:
        fields = "\n".join(f"  {key:34} {_cut(value):14} {text}" for key, value, text in self._options())
        self.epilog = f"KEY=VALUE (values in YAML), defaults and meaning:\n{fields}{self._more()}"
        return super().format_help()


def _cut(value: str, most: int = 14) -> str:
    return value if len(value) <= most else f"{value[: most - 1]}…"


def parser(
    name: str,
    told: str,
    options: Callable[[], Iterable[Row]],
    *,
    default: str,
    resume: str,
    more: Callable[[], str] = str,
) -> Parser:
    """The words of a command that works on a folder: CONFIG.yaml, KEY=VALUE, --dry-run, --resume.

    `default` is the bundled file read where none is given, `resume` what --resume goes on with, `more` ends the help.
    """
    made = Parser(name, told, options, more)
    made.add_argument(
        "words",
        nargs="*",
        metavar="CONFIG.yaml | KEY=VALUE",
        help=f"a YAML file (default: the bundled {default}) and options over those of the file",
    )
    made.add_argument("--dry-run", action="store_true", help="resolve everything and print it")
    made.add_argument("--resume", metavar="FOLDER", help=f"go on with {resume}; only concurrency and budget may change")
    return made


class Stoppable(Protocol):
    """Work that starts nothing more once `stopping` is set."""

    stopping: bool


async def stoppable(work: Stoppable, doing: Awaitable[None], folder: Path, console: Console) -> int:
    """Do it; exit status 0, 1 (the budget is spent), 130 (interrupted).

    The first interrupt lets what is in flight end, the second drops it.
    """
    task = asyncio.current_task()

    def interrupt() -> None:
        if work.stopping and task:
            task.cancel()
        work.stopping = True
        console.print("ending what is in flight; interrupt again to drop it")

    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, interrupt)
    status = 0
    try:
        await doing
    except BudgetSpent as e:
        console.print(f"{e}; `--resume {folder} budget=…` goes on", markup=False, soft_wrap=True)
        status = 1
    except asyncio.CancelledError:
        status = 130
    return 130 if work.stopping else status


def split(words: list[str]) -> tuple[str | None, list[str]]:
    """The YAML file among the words of a command, if there is one, and the KEY=VALUE words; ConfigError for two files."""
    files = [w for w in words if "=" not in w or isfile(w)]  # a long value is no path; Path.is_file raises there
    if len(files) > 1:
        raise ConfigError(f"{files[1]!r}: expected KEY=VALUE; a config is given already: {files[0]}")
    return next(iter(files), None), [w for w in words if w not in files]


def output() -> Console:
    """Where results go: standard output, wide enough for a table where it is no terminal."""
    return Console(width=None if sys.stdout.isatty() else 160, emoji=False)


def table(title: str, *columns: str, texts: Sequence[str] = ()) -> Table:
    """A table without rows: what its rows are about, figures to the right, and texts."""
    made = Table(title=escape(title), title_justify="left")
    for name in (*columns, *texts):
        made.add_column(name, justify="left" if name in (columns[0], *texts) else "right")
    return made


def progress(console: Console) -> Progress:
    """A bar with counts, a text (`seen=…`) and times; on a terminal, and in the file that PROGRESS names."""
    columns = (
        TextColumn("{task.description:10}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[seen]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    if path := os.environ.get(PROGRESS):
        return _Noted(Path(path), *columns, console=console, refresh_per_second=NOTED)
    return Progress(*columns, console=console)


class _Noted(Progress):
    """Bars that are written to a file whenever they are drawn."""

    def __init__(self, path: Path, *columns: Any, **options: Any) -> None:
        self._path = path
        super().__init__(*columns, **options)

    def get_renderables(self) -> Iterable[RenderableType]:
        bars = [
            {"what": t.description, "done": t.completed, "total": t.total, "seen": str(t.fields.get("seen", ""))}
            for t in self.tasks
            if t.visible
        ]
        write_whole(self._path, json.dumps({"bars": bars}), durable=False)
        yield from super().get_renderables()
