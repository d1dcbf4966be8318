"""`simenv finetune`: the command line, and a progress bar with the loss."""

from __future__ import annotations

import argparse
from collections.abc import Collection
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from simenv import command
from simenv.config import configure, overridden, written, yaml_file
from simenv.documents import head
from simenv.errors import ConfigError
from simenv.finetune import SETTINGS_FILE
from simenv.finetune import finetune as train
from simenv.finetune.trainers import Finetune, Log, Row
from simenv.grammar import Parser, add_trust, add_words, parted
from simenv.options import explain
from simenv.trust import foreign

HELP = """
Fine-tunes a model on a curated set.

  simenv finetune curated/db model=./base                        LoRA adapters, by transformers and peft
  simenv finetune curated/db model=./base packing=true batch_size=2 accumulate=8
  simenv finetune curated/db model=./tiny method=full            every weight, for small models
  simenv finetune curated/db model=./base trainer=axolotl        axolotl: preprocess, train, merge
  simenv finetune curated/db model=gpt-4o-mini-2024-07-18 trainer=openai
  simenv finetune my.yaml resume=true                            continue it
"""


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        "finetune", HELP, lambda: explain(Finetune), keys=Finetune.model_fields, flags=("--dry-run", "--yes", "--json")
    )
    add_words(parser, "SET", "CONFIG.yaml", text="a curated set or a YAML file; options")
    parser.add_argument("--resume", metavar="FOLDER", help="go on with a fine-tune from its last checkpoint")
    add_trust(parser)
    return parser


def finetune(argv: list[str]) -> int:
    """Run the command. Exit status: 0, 1 (training failed), 2 (wrong input), 130 (interrupted)."""
    return command.run("finetune", _finetune, argv)


def _finetune(argv: list[str], console: Console) -> int:
    args = _parser().parse_args(argv)
    folders, file, overrides = parted(args.words, "finetune")
    if len(folders) > 1:
        raise ConfigError(f"{folders[1]}: expected one curated set; {folders[0]} is given already")
    if args.resume:
        file, folders = str(Path(args.resume, SETTINGS_FILE)), []
        overrides += [f"out={Path(args.resume).parent}", f"name={Path(args.resume).name}", "resume=true"]
    overrides += ["may_leave_out=1"] if args.yes else []
    settings = settings_of(file, [*(f"data={folder}" for folder in folders), *overrides], args.trust)
    if args.dry_run:
        print(written(settings), end="")
        return 0
    with command.progress(console) as bars:
        folder = train(settings, _progress_log(bars))
    if args.json:
        command.print_json({"folder": str(folder), "product": _product(folder)})
    command.tell(console, f"{folder}: {_product(folder)}; its card: {folder / 'README.md'}")
    command.tell(console, f"next: {_next(folder, settings)}")
    return 0


def settings_of(file: str | None, overrides: list[str], trust: Collection[str] = ()) -> Finetune:
    """Settings from a YAML file (None: the bundled one). One that lies in a fine-tune's folder is foreign but for `trust`."""
    if file is None or Path(file).name != SETTINGS_FILE:
        return configure(Finetune, file, overrides, "finetune/default.yaml")
    return overridden(Finetune, foreign(yaml_file(Path(file)), Path(file), trust), overrides)


def _next(folder: Path, settings: Finetune) -> str:
    """The command that measures what was trained, in the dialect that it was trained in."""
    if (folder / "model.txt").is_file():
        return f"simenv evaluate agent=react model=openai model.model={_product(folder).partition(' ')[2]}"
    return f"simenv evaluate agent=react model=transformers model.model={folder}"


def _product(folder: Path) -> str:
    if (folder / "model.txt").is_file():
        return f"model {head(folder / 'model.txt', 1000).strip()}"
    return "adapter" if (folder / "adapter_config.json").is_file() else "model"


def _progress_log(bars: Progress) -> Log:
    """A log that moves a bar with each step, shows the losses beside it, and prints the trainer's own lines above it."""
    bar = bars.add_task("steps", total=None, seen="", first=True)
    losses: dict[str, str] = {}

    def on_log(row: Row) -> None:
        if "line" in row:
            bars.console.print(row["line"], markup=False, highlight=False)
        losses.update({k: f"{k.replace('_', ' ')} {row[k]:.4f}" for k in ("loss", "eval_loss") if k in row})
        step, steps = (int(row[k]) if k in row else None for k in ("step", "steps"))
        bars.update(bar, total=steps, completed=step, seen=" · ".join(losses.values()))

    return on_log
