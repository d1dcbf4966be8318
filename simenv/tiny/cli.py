"""`python -m simenv.tiny RUN…`: makes a tiny model from the texts of runs."""

from __future__ import annotations

import argparse
from os.path import exists
from typing import Any

from rich.console import Console

from simenv import command
from simenv.config import configure
from simenv.options import explain
from simenv.tiny import Tiny

HELP = """
Makes a causal language model of less than a million parameters, with its tokenizer, for loops that run offline.

  python -m simenv.tiny runs/quickstart                         models/tiny
  python -m simenv.tiny runs/a runs/b name=larger width=256 layers=cacac practice.steps=4000
"""


def _parser() -> argparse.ArgumentParser:
    parser = command.Parser("tiny", HELP, lambda: explain(Tiny))
    parser.add_argument("words", nargs="+", metavar="RUN | KEY=VALUE", help="run folders, and options")
    parser.add_argument("--config", metavar="FILE", help="a YAML file (default: the bundled tiny/default.yaml)")
    return parser


def tiny(argv: list[str]) -> int:
    """Run the command; returns exit status 0, 1 (disk error), 2 (wrong input) or 130 (interrupted)."""
    return command.run("tiny", _tiny, argv)


def _tiny(argv: list[str], console: Console) -> int:
    args = _parser().parse_args(argv)
    runs = [w for w in args.words if "=" not in w or exists(w)]  # a long value is no path; Path.exists raises there
    settings = configure(Tiny, args.config, [w for w in args.words if w not in runs], "tiny/default.yaml")
    settings = settings.model_copy(update={"runs": (*settings.runs, *runs)})
    from simenv.tiny.make import make

    with command.progress(console) as bars:
        bar = bars.add_task("practice", total=settings.practice.steps, seen="")

        def on_log(row: dict[str, Any]) -> None:
            bars.update(bar, completed=row["step"])
            if "loss" in row:
                bars.update(bar, seen=f"loss {row['loss']:.3f}")

        folder = make(settings, on_log)
    console.print(f"{folder}: model", markup=False, highlight=False)
    return 0
