"""What the commands share: a YAML file and KEY=VALUE words, errors in red with an exit status, progress bars.

If SIMENV_PROGRESS names a file, the bars are written there too, for a program that runs a command without a terminal.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shlex
import signal
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from os.path import isfile
from pathlib import Path
from time import monotonic
from typing import Any, Protocol

from rich.console import Console, RenderableType
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from simenv import network
from simenv.config import EnvironmentsConfig, written
from simenv.errors import BudgetSpent, Bug, ConfigError, SimenvError, Untrusted
from simenv.files import write_whole

PROGRESS = "SIMENV_PROGRESS"
BUGS = 3
"""Exit status of a command that came to its end, but a bug ended an episode, a task or a verdict."""
LINE_SECONDS = 10.0
"""Between two lines that tell how far a command is where there is no terminal."""
WRITES_PER_SECOND = 2.0
"""How often the bars are drawn and written where they are written to a file."""


def run(name: str, work: Callable[[list[str], Console], int], argv: list[str]) -> int:
    """Run a command. Its exit status: that of `work`, 2 for wrong input, 3 for a bug, 1 for another SimenvError, 130 if
    interrupted."""
    console = Console(stderr=True, emoji=False)  # a model's name may hold :m:
    try:
        with network.during(argv) as words_of_work:
            return work(words_of_work, console)
    except SimenvError as e:
        console.print(f"simenv {name}: {e}", style="red", markup=False, highlight=False, soft_wrap=True)
        if isinstance(e, Untrusted):
            print_way(name, argv, e, console)
        return 2 if isinstance(e, ConfigError) else BUGS if isinstance(e, Bug) else 1
    except KeyboardInterrupt:
        console.print(f"simenv {name}: interrupted")
        return 130


def print_way(name: str, argv: list[str], refused: Untrusted, console: Console) -> None:
    """Say with which command the values are allowed that were refused."""
    flags = [word for value in dict.fromkeys(r.value for r in refused.refusals) for word in ("--trust", value)]
    line = shlex.join(["simenv", name, *argv, *flags])
    console.print(f"to allow exactly this: {line}", markup=False, highlight=False, soft_wrap=True)


TRUST = (
    "a value in the config of a folder that is read, such as a folder of plugins, a dotted name, an address or the variable "
    "of a key, that may be acted on; may be repeated. Without it such a config only chooses among what is installed"
)


def add_trust(parser: argparse.ArgumentParser) -> None:
    """The option --trust of a command that reads the config of a folder."""
    parser.add_argument("--trust", metavar="VALUE", action="append", default=[], help=TRUST)


Row = tuple[str, str, str]
"""An option for the help: key, default, meaning."""


class Parser(argparse.ArgumentParser):
    """A parser that looks options up only when it prints help: some are in modules that take seconds to import.

    `options` gives the rows of the help, `more` the text after them.
    """

    def __init__(
        self, name: str, description: str, options: Callable[[], Iterable[Row]], more: Callable[[], str] = str
    ) -> None:
        super().__init__(
            prog=f"simenv {name}", description=description, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        self._options, self._more = options, more

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Options may stand between the words."""
        return self.parse_intermixed_args(args, namespace)

    def format_help(self) -> str:
        fields = "\n".join(f"  {key:34} {_cut(value):14} {text}" for key, value, text in self._options())
        self.epilog = f"{network.HELP}\n\nKEY=VALUE (values in YAML), defaults and meaning:\n{fields}{self._more()}"
        return super().format_help()


def _cut(value: str, most: int = 14) -> str:
    return value if len(value) <= most else f"{value[: most - 1]}…"


def parser(
    name: str,
    description: str,
    options: Callable[[], Iterable[Row]],
    *,
    default: str,
    resume: str,
    more: Callable[[], str] = str,
) -> Parser:
    """The parser of a command that works on a folder: CONFIG.yaml, KEY=VALUE, --dry-run, --resume.

    `default` is the bundled file that is read if the words name none, `resume` the kind of thing that --resume goes on with;
    `more` ends the help.
    """
    result = Parser(name, description, options, more)
    result.add_argument(
        "words",
        nargs="*",
        metavar="CONFIG.yaml | KEY=VALUE",
        help=f"a YAML file (default: the bundled {default}) and options over those of the file",
    )
    result.add_argument("--dry-run", action="store_true", help="resolve everything and print it")
    result.add_argument(
        "--resume",
        metavar="FOLDER",
        help=f"go on with {resume}; only what does not change it may differ, such as concurrency and budget",
    )
    add_trust(result)
    return result


def resume(args: argparse.Namespace) -> Path | None:
    """The folder that the command is to go on with."""
    return Path(args.resume) if args.resume else None


def words(args: argparse.Namespace) -> tuple[list[str], str | None]:
    """The KEY=VALUE words of a command, and the YAML file before them if there is one; all words where it resumes a folder.

    ConfigError for a folder in the place of a file.
    """
    if args.resume:
        return args.words, None
    file, overrides = split(args.words)
    if file and Path(file).is_dir():
        raise ConfigError(f"{file}: a folder, not a YAML file; --resume {file} goes on with a run")
    return overrides, file


def announce(left_out: Mapping[str, str], settings: EnvironmentsConfig, dry_run: bool, console: Console) -> bool:
    """Print which environments are left out, and why; in a dry run also the settings. True if there is no more to do."""
    for name, reason in left_out.items():
        console.print(f"left out: {name}: {reason}", markup=False, highlight=False)
    if dry_run:
        print(written(settings), end="")
    return dry_run


class Stoppable(Protocol):
    """Work that begins nothing new once `stopping` is set."""

    stopping: bool


async def stoppable(work: Stoppable, running: Awaitable[None], folder: Path, console: Console) -> int:
    """Await `running`, which is `work` in progress; exit status 0, 1 (the budget is spent), 130 (interrupted).

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
        await running
    except BudgetSpent as e:
        console.print(f"{e}; `--resume {folder} budget=…` goes on", markup=False, soft_wrap=True)
        status = 1
    except asyncio.CancelledError:
        status = 130
    return 130 if work.stopping else status


def split(words: list[str]) -> tuple[str | None, list[str]]:
    """The YAML file among the words of a command, if there is one, and the KEY=VALUE words. ConfigError for two files."""
    files = [w for w in words if "=" not in w or isfile(w)]  # a long value is no path; Path.is_file raises there
    if len(files) > 1:
        raise ConfigError(f"{files[1]!r}: expected KEY=VALUE; a config is given already: {files[0]}")
    return next(iter(files), None), [w for w in words if w not in files]


def output() -> Console:
    """The console of results: standard output, wide enough for a table if it is no terminal."""
    return Console(width=None if sys.stdout.isatty() else 160, emoji=False)


def table(title: str, *columns: str, texts: Sequence[str] = ()) -> Table:
    """An empty table: a column that names the rows, columns of figures to the right, and columns of texts."""
    empty = Table(title=escape(title), title_justify="left")
    for name in (*columns, *texts):
        empty.add_column(name, justify="left" if name in (columns[0], *texts) else "right")
    return empty


def progress(console: Console) -> Progress:
    """Bars with counts, a text (`seen=…`) and times: on a terminal, in the file that PROGRESS names, or as lines of a log."""
    columns = (
        TextColumn("{task.description:10}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[seen]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    if path := os.environ.get(PROGRESS):
        return _FileProgress(Path(path), *columns, console=console, refresh_per_second=WRITES_PER_SECOND)
    return (Progress if console.is_terminal else _LineProgress)(*columns, console=console)


class _LineProgress(Progress):
    """Bars where none can be drawn: every LINE_SECONDS a line of text tells how far what has just moved on has come."""

    _told = 0.0

    def start(self) -> None:
        self._told = monotonic()
        super().start()

    def update(self, task_id: TaskID, **changes: Any) -> None:
        super().update(task_id, **changes)
        if monotonic() - self._told >= LINE_SECONDS:
            self._told = monotonic()
            task = next(t for t in self.tasks if t.id == task_id)
            seen = task.fields.get("seen", "")
            of = f"{task.completed:,.0f} of {'?' if task.total is None else f'{task.total:,.0f}'}"
            self.console.print(f"{task.description}: {of}  {seen}", markup=False, highlight=False, soft_wrap=True)


class _FileProgress(Progress):
    """Bars that are also written to a file whenever they are drawn."""

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
