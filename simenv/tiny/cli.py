"""`simenv tiny RUN…`: makes a tiny model from the texts of runs."""

from __future__ import annotations

import argparse
from typing import Any

from rich.console import Console

from simenv import command
from simenv.config import configure, written
from simenv.grammar import Parser, add_words, parted
from simenv.options import explain
from simenv.tiny import Tiny

HELP = """
Makes a causal language model of less than a million parameters, with its tokenizer, for loops that run offline.

  simenv tiny runs/quickstart                         models/tiny
  simenv tiny runs/a runs/b name=larger width=256 layers=cacac practice.steps=4000
"""


def _parser() -> argparse.ArgumentParser:
    parser = Parser("tiny", HELP, lambda: explain(Tiny), keys=Tiny.model_fields, flags=("--dry-run", "--json"))
    text = "run folders, a YAML file (default: the bundled tiny/default.yaml), options"
    add_words(parser, "RUN", "CONFIG.yaml", text=text)
    return parser


def tiny(argv: list[str]) -> int:
    """Run the command; returns exit status 0, 1 (disk error), 2 (wrong input) or 130 (interrupted)."""
    return command.run("tiny", _tiny, argv)


def _tiny(argv: list[str], console: Console) -> int:
    args = _parser().parse_args(argv)
    runs, file, overrides = parted(args.words, "tiny")
    settings = configure(Tiny, file, overrides, "tiny/default.yaml")
    settings = settings.model_copy(update={"runs": (*settings.runs, *runs)})
    if args.dry_run:
        print(written(settings), end="")
        return 0
    from simenv.tiny.make import make

    with command.progress(console) as bars:
        bar = bars.add_task("practice", total=settings.practice.steps, seen="", first=True)

        def on_log(row: dict[str, Any]) -> None:
            bars.update(bar, completed=row["step"])
            if "loss" in row:
                bars.update(bar, seen=f"loss {row['loss']:.3f}")

        folder = make(settings, on_log)
    if args.json:
        command.print_json({"folder": str(folder)})
    command.tell(console, f"{folder}: model")
    command.tell(console, f"next: simenv finetune curated/NAME {folder}".replace(f" {folder}", f" model={folder}"))
    return 0
