"""What the commands share: a YAML file and KEY=VALUE words, errors in red with an exit status, progress bars.

If SIMENV_PROGRESS names a file, the bars are written there too, for a program that runs a command without a terminal.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import shlex
import signal
import sys
import warnings
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import current_thread, main_thread
from time import monotonic
from typing import Any, Protocol

from pydantic import BaseModel
from rich.cells import cell_len
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

from simenv import network, plugins
from simenv.config import EnvironmentsConfig, written
from simenv.documents import object_file
from simenv.errors import Bug, ConfigError, EndOfRun, SimenvError, Untrusted
from simenv.files import write_whole
from simenv.grammar import Parser, Row, add_trust, add_words, split
from simenv.options import explain

PROGRESS = "SIMENV_PROGRESS"
TERMINATED = 143
"""Exit status of a command that SIGTERM ended."""
BUGS = 3
"""Exit status of a command that came to its end, but a bug ended an episode, a task or a verdict."""
LINE_SECONDS = 10.0
"""Between two lines that tell how far a command is where there is no terminal."""
WRITES_PER_SECOND = 2.0
"""How often the bars are drawn and written where they are written to a file."""


def run(name: str, work: Callable[[list[str], Console], int], argv: list[str]) -> int:
    """Run a command. Its exit status: that of `work`, 2 for wrong input, 3 for a bug, 1 for another SimenvError, 130 if
    interrupted, 143 if it was told to end (SIGTERM)."""
    flags = {word for word in argv if word.startswith("-")}
    console = Console(stderr=True, emoji=False, quiet=bool(flags & {"-q", "--quiet"}))  # a model's name may hold :m:
    try:
        with _ended_by_sigterm(), _calm(bool(flags & {"-v", "--verbose"})), network.during(argv) as words_of_work:
            plugins.check_folders()
            return work(words_of_work, console)
    except SimenvError as e:
        alarm(console, f"simenv {name}: {e}")
        if isinstance(e, Untrusted):
            print_way(name, argv, e, console)
        return 2 if isinstance(e, ConfigError) else BUGS if isinstance(e, Bug) else 1
    except ModuleNotFoundError as e:
        package = (e.name or "").partition(".")[0]
        if package in ("", "simenv"):
            raise
        alarm(console, f"simenv {name}: needs the package {package}: pip install {plugins.PIP.get(package, package)}")
        return 2
    except Terminated:
        alarm(console, f"simenv {name}: told to end")
        return TERMINATED
    except KeyboardInterrupt:
        alarm(console, f"simenv {name}: interrupted")
        return 130


def alarm(console: Console, text: str) -> None:
    """Print an error, also where the command is to be quiet."""
    before, console.quiet = console.quiet, False
    console.print(text, style="red", markup=False, highlight=False, soft_wrap=True)
    console.quiet = before


def tell(console: Console, text: str) -> None:
    """Print a line as it is."""
    console.print(text, markup=False, highlight=False, soft_wrap=True)


class Terminated(KeyboardInterrupt):
    """SIGTERM came; whoever started a process ends it on the way out, as for an interrupt."""


def _terminate(number: int, frame: Any) -> None:
    raise Terminated


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """SIGTERM unwinds the command as an interrupt does, so that it ends what it started."""
    if current_thread() is not main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


NOISE = {
    "TRANSFORMERS_VERBOSITY": "error",
    "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1",
    "HF_HUB_VERBOSITY": "error",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    "TOKENIZERS_PARALLELISM": "false",
}
"""What keeps other libraries from the terminal; a variable that the user sets holds."""


@contextmanager
def _calm(verbose: bool) -> Iterator[None]:
    """What libraries warn of stays off the terminal, unless the user wants to see it; the log of simenv does not."""
    if verbose:
        yield
        return
    added = {name: value for name, value in NOISE.items() if name not in os.environ}
    os.environ.update(added)
    last, keep = logging.lastResort, _OwnRecords()
    if last is not None:
        last.addFilter(keep)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        if last is not None:
            last.removeFilter(keep)
        for name in added:
            os.environ.pop(name, None)


class _OwnRecords(logging.Filter):
    """Lets records of simenv and its plugins pass."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.name.partition(".")[0] == "simenv"


def print_way(name: str, argv: list[str], refused: Untrusted, console: Console) -> None:
    """Say with which command the values are allowed that were refused."""
    flags = [word for value in dict.fromkeys(r.value for r in refused.refusals) for word in ("--trust", value)]
    line = shlex.join(["simenv", name, *argv, *flags])
    console.print(f"to allow exactly this: {line}", markup=False, highlight=False, soft_wrap=True)


def parser(
    name: str,
    description: str,
    shape: type[BaseModel],
    *,
    resume: str,
    default: str = "default",
    options: Callable[[], Iterable[Row]] | None = None,
    more: Callable[[], str] = str,
) -> Parser:
    """The parser of a command that works on a folder: CONFIG.yaml, KEY=VALUE, --dry-run, --json, --resume.

    `shape` has its options, `resume` names the kind of thing that --resume goes on with, `default` the bundled config that is
    read if the words name none. `options` gives more rows of the help, those of plugins, `more` its end.
    """
    rows = options or (lambda: explain(shape))
    result = Parser(name, description, rows, more, keys=shape.model_fields, flags=("--dry-run", "--json"))
    add_words(
        result, "CONFIG.yaml", text=f"a YAML file (default: the bundled {default!r}), and options over those of it"
    )
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


def words(
    args: argparse.Namespace, folder_as: str = "--resume {folder} goes on with a run"
) -> tuple[list[str], str | None]:
    """The KEY=VALUE words of a command, and the YAML file before them if there is one; all words where it resumes a folder.

    ConfigError for a folder in the place of a file; `folder_as` says how one is given.
    """
    if args.resume:
        return args.words, None
    file, overrides = split(args.words)
    if file and Path(file).is_dir():
        raise ConfigError(f"{file}: a folder, not a YAML file; {folder_as.format(folder=file)}")
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

    def terminate() -> None:
        ended.append(TERMINATED)
        interrupt()
        interrupt()

    ended: list[int] = []
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, interrupt)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, terminate)
    status = 0
    try:
        await running
    except EndOfRun as e:
        alarm(console, f"{e}; `{e.again.format(folder=folder)}` goes on")
        status = 1
    except asyncio.CancelledError:
        status = 130
    return ended[0] if ended else 130 if work.stopping else status


def output(console: Console | None = None) -> Console:
    """The console of results: standard output, wide enough for a table if it is no terminal; quiet where `console` is."""
    return Console(width=None if sys.stdout.isatty() else 160, emoji=False, quiet=bool(console and console.quiet))


def table(title: str, *columns: str, texts: Sequence[str] = ()) -> Table:
    """An empty table: a column that names the rows, columns of figures to the right, and columns of texts."""
    empty = Table(title=escape(title), title_justify="left", caption_justify="left")
    for name in (*columns, *texts):
        is_text = name in (columns[0], *texts)
        empty.add_column(name, justify="left" if is_text else "right", no_wrap=name not in texts, overflow="fold")
    return empty


def print_table(full: Table, console: Console, first: Sequence[str] = ()) -> None:
    """Print a table to a console with as many of its columns as it is wide; what is left out stands under it.

    Columns go from the right; those in `first` go before all others, the one that names the rows never.
    """
    names = [str(c.header) for c in full.columns]
    going = [*(n for n in first if n in names), *(n for n in reversed(names[1:]) if n not in first)]
    left_out: list[str] = []
    while going and _width(full) > console.width:
        left_out.append(going.pop(0))
        full.columns = [c for c in full.columns if c.header != left_out[-1]]
        for index, column in enumerate(full.columns):
            column._index = index
    if left_out:
        full.caption = escape(f"not shown for want of room: {', '.join(n for n in names if n in left_out)}")
    console.print(full)


TEXT_WIDTH = 18
"""Columns of the terminal below which a column of texts is not squeezed."""


def _width(full: Table) -> int:
    """Columns of the terminal that a table needs at least."""
    widths = []
    for column in full.columns:
        cells = [cell_len(str(cell)) for cell in (column.header, *column._cells)]
        widths.append(max(cells) if column.no_wrap else min(max(cells), TEXT_WIDTH))
    return sum(widths) + 3 * len(widths) + 1


def print_report(folder: Path, name: str = "report.json") -> None:
    """Print the report of a folder as JSON to standard output, if it has one."""
    if (folder / name).is_file():
        print_json({"folder": str(folder), **object_file(folder / name)})


def print_json(value: Any) -> None:
    """Print a result as JSON to standard output."""
    print(json.dumps(value, indent=2, ensure_ascii=False))


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
    """Bars where none can be drawn: every LINE_SECONDS a line of text tells how far what has just moved on has come.

    A bar with the field `first` is also told as soon as it begins to move.
    """

    _told: float
    _begun: set[TaskID]

    def start(self) -> None:
        self._told, self._begun = monotonic(), set[TaskID]()
        super().start()

    def update(self, task_id: TaskID, **changes: Any) -> None:
        super().update(task_id, **changes)
        task = next(t for t in self.tasks if t.id == task_id)
        is_first = task.fields.get("first") and task.completed and task_id not in self._begun
        if is_first or monotonic() - self._told >= LINE_SECONDS:
            self._begun.add(task_id)
            self._told = monotonic()
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
