"""`python -m simenv.finetune`: the command line, and a progress bar with the loss."""

from __future__ import annotations

import argparse
from collections.abc import Collection
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from simenv import command
from simenv.config import configure, overridden, yaml_file
from simenv.documents import head
from simenv.finetune import SETTINGS_FILE
from simenv.finetune import finetune as train
from simenv.finetune.trainers import Finetune, Log, Row
from simenv.options import explain
from simenv.trust import foreign

HELP = """
Fine-tunes a model on a curated set.

  python -m simenv.finetune curated/db model=./base                        LoRA adapters, by transformers and peft
  python -m simenv.finetune curated/db model=./base packing=true batch_size=2 accumulate=8
  python -m simenv.finetune curated/db model=./tiny method=full            every weight, for small models
  python -m simenv.finetune curated/db model=./base trainer=axolotl        axolotl: preprocess, train, merge
  python -m simenv.finetune curated/db model=gpt-4o-mini-2024-07-18 trainer=openai
  python -m simenv.finetune my.yaml resume=true                            continue it
"""


def _parser() -> argparse.ArgumentParser:
    parser = command.Parser("finetune", HELP, lambda: explain(Finetune))
    parser.add_argument(
        "words", nargs="*", metavar="CURATED | CONFIG.yaml | KEY=VALUE", help="a curated folder or a YAML file; options"
    )
    parser.add_argument("--trainer", help="the same as trainer=…: peft, axolotl or openai")
    command.add_trust(parser)
    return parser


def finetune(argv: list[str]) -> int:
    """Run the command. Exit status: 0, 1 (training failed), 2 (wrong input), 130 (interrupted)."""
    return command.run("finetune", _finetune, argv)


def _finetune(argv: list[str], console: Console) -> int:
    args = _parser().parse_args(argv)
    first, overrides = command.split([*args.words, *([f"trainer={args.trainer}"] if args.trainer else [])])
    if first is not None and not first.endswith((".yaml", ".yml")):
        first, overrides = None, [f"data={first}", *overrides]
    settings = settings_of(first, overrides, args.trust)
    with command.progress(console) as bars:
        folder = train(settings, _progress_log(bars))
    console.print(f"{folder}: {_product(folder)}; its card: {folder / 'README.md'}", markup=False)
    return 0


def settings_of(file: str | None, overrides: list[str], trust: Collection[str] = ()) -> Finetune:
    """Settings from a YAML file (None: the bundled one). One that lies in a fine-tune's folder is foreign but for `trust`."""
    if file is None or Path(file).name != SETTINGS_FILE:
        return configure(Finetune, file, overrides, "finetune/default.yaml")
    return overridden(Finetune, foreign(yaml_file(Path(file)), Path(file), trust), overrides)


def _product(folder: Path) -> str:
    if (folder / "model.txt").is_file():
        return f"model {head(folder / 'model.txt', 1000).strip()}"
    return "adapter" if (folder / "adapter_config.json").is_file() else "model"


def _progress_log(bars: Progress) -> Log:
    """A log that moves a bar with each step, shows the losses beside it, and prints the trainer's own lines above it."""
    bar = bars.add_task("steps", total=None, seen="")
    losses: dict[str, str] = {}

    def on_log(row: Row) -> None:
        if "line" in row:
            bars.console.print(row["line"], markup=False, highlight=False)
        losses.update({k: f"{k.replace('_', ' ')} {row[k]:.4f}" for k in ("loss", "eval_loss") if k in row})
        step, steps = (int(row[k]) if k in row else None for k in ("step", "steps"))
        bars.update(bar, total=steps, completed=step, seen=" · ".join(losses.values()))

    return on_log
