"""What the commands share: a YAML file and KEY=VALUE words, errors in red with an exit status, a progress bar."""

from __future__ import annotations

import sys
from collections.abc import Callable
from os.path import isfile

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from simenv.errors import ConfigError, SimenvError


def run(name: str, work: Callable[[list[str], Console], int], argv: list[str]) -> int:
    """A command's exit status: what `work` says, 2 for wrong input, 1 for another SimenvError, 130 if interrupted."""
    console = Console(stderr=True)
    try:
        return work(argv, console)
    except SimenvError as e:
        console.print(f"simenv {name}: {e}", style="red", markup=False, highlight=False, soft_wrap=True)
        return 2 if isinstance(e, ConfigError) else 1
    except KeyboardInterrupt:
        console.print(f"simenv {name}: interrupted")
        return 130


def split(words: list[str]) -> tuple[str | None, list[str]]:
    """The YAML file among the words of a command, if there is one, and the KEY=VALUE words; ConfigError for two files."""
    files = [w for w in words if "=" not in w or isfile(w)]  # a long value is no path; Path.is_file raises there
    if len(files) > 1:
        raise ConfigError(f"{files[1]!r}: expected KEY=VALUE; a config is given already: {files[0]}")
    return next(iter(files), None), [w for w in words if w not in files]


def output() -> Console:
    """Where results go: standard output, wide enough for a table where it is no terminal."""
    return Console(width=None if sys.stdout.isatty() else 160)


def progress(console: Console) -> Progress:
    """A bar with counts, a text (`seen=…`) and times; on a terminal only."""
    return Progress(
        TextColumn("{task.description:10}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[seen]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
    )
