"""`simenv export`: writes a curated set for a trainer, or the forks of runs as preference pairs."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Literal

from rich.console import Console

from simenv import command
from simenv.config import configure, overridden
from simenv.data import masks
from simenv.data.dataset import SPLITS, CuratedSet
from simenv.data.masks import Template
from simenv.errors import ConfigError
from simenv.export import Export, manifest, replacing
from simenv.export import export as write
from simenv.export.preference_pairs import CARD, Span, Writing, pairs
from simenv.grammar import Parser, add_words, parted
from simenv.models.spelling import Spelling
from simenv.models.text_calls import CallStyle
from simenv.network import Reach
from simenv.options import explain
from simenv.runs.store import Run
from simenv.trust import WeightsName

PAIRS = "dpo"
"""The value of `to` for preference pairs, which are made from runs."""
HELP = """
Writes a curated set in the form that a trainer reads, into CURATED/export/FORMAT.

  simenv export curated/db to=axolotl model=./base     chat_template JSONL and a complete YAML
  simenv export curated/db to=axolotl model=Qwen/Qwen2.5-7B-Instruct method=qlora packing=true device=cuda
  simenv export curated/db to=openai                   messages with weight 0 or 1
  simenv export curated/db to=trl                      prompt and completion, one row a trained turn
  simenv export curated/db to=sharegpt                 for others; it knows no masks
  simenv export curated/db to=agentinstruct            from, value, loss
  simenv export curated/db to=atif                     the Agent Trajectory Interchange Format of Harbor
  simenv export curated/db to=datasets                 a Hugging Face datasets folder
  simenv export runs/forked to=dpo out=pairs           chosen and rejected siblings of forks
  simenv export runs/quickstart to=inspect out=run.eval   a run as a log of Inspect
"""


class Pairs(Reach):
    """Settings of an export of preference pairs."""

    out: str = "pairs"
    """folder to write"""
    span: Span = "turn"
    """what is preferred: the turn at which siblings part, or the whole rest of the episode (episode)"""
    model: WeightsName | None = None
    """base model, a folder or a name on the hub: messages are written as its chat template wants them"""
    calls: CallStyle = "template"
    """tool calls as the chat template writes them; text: as text, for templates without tools"""
    reasoning: Literal["train", "drop"] = "train"
    """whether reasoning is a part of what is preferred, or left out"""


class InspectLog(Reach):
    """Settings of an export of a run as a log of Inspect."""

    out: str = "run.eval"
    """file to write: .eval packed, .json plain"""


def _rows() -> list[tuple[str, str, str]]:
    pairs = ((f"{key} (to=dpo)", default, meaning) for key, default, meaning in explain(Pairs))
    logs = ((f"{key} (to=inspect)", default, meaning) for key, default, meaning in explain(InspectLog))
    return [*explain(Export), *pairs, *logs]


def _parser() -> argparse.ArgumentParser:
    parser = Parser("export", HELP, _rows, keys=Export.model_fields, flags=("--json",))
    add_words(parser, "SET", "RUN", text="a curated set, with to=dpo or to=inspect runs; options")
    return parser


def export(argv: list[str]) -> int:
    """The command; exit status 0, 1 (a failure), 2 (wrong input)."""
    return command.run("export", _chosen, argv)


def _chosen(argv: list[str], console: Console) -> int:
    args = _parser().parse_args(argv)
    folders, file, overrides = parted(args.words, "export")
    if f"to={PAIRS}" in overrides:
        return _pairs(folders, [w for w in overrides if w != f"to={PAIRS}"], args.json, console)
    if "to=inspect" in overrides:
        return _inspect(folders, [w for w in overrides if w != "to=inspect"], args.json, console)
    if len(folders) > 1:
        raise ConfigError(f"{folders[1]}: expected one curated set; {folders[0]} is given already")
    return _export(file, [*(f"data={folder}" for folder in folders), *overrides], args.json, console)


def _export(file: str | None, overrides: list[str], as_json: bool, console: Console) -> int:
    settings = configure(Export, file, overrides, "export/default.yaml")
    total = sum(CuratedSet(settings.data).count(split) for split in SPLITS)
    with command.progress(console) as bars:
        bar = bars.add_task("samples", total=total, seen="")
        exported = write(settings, lambda sample: bars.update(bar, advance=1))
    if as_json:
        command.print_json({"folder": str(exported.folder), "lines": exported.lines, "left_out": exported.left_out})
    lines = ", ".join(f"{n} {split}" for split, n in exported.lines.items())
    left_out = "".join(f"; {n} left out ({cause})" for cause, n in exported.left_out.items())
    console.print(f"{exported.folder}: {lines}{left_out}", markup=False, highlight=False)
    if exported.checked:
        console.print(exported.checked, markup=False, highlight=False)
    return 0


def _pairs(folders: list[str], overrides: list[str], as_json: bool, console: Console) -> int:
    settings = configure(Pairs, None, overrides, "export/pairs.yaml")
    runs = [Run.open(Path(f)) for f in folders]
    if not runs:
        raise ConfigError("expected the folder of a run")
    template = Template(masks.load(settings.model, settings.calls)) if settings.model else None
    writing = Writing(settings.span, template.spelling if template else Spelling(), settings.reasoning)
    with command.progress(console) as bars, replacing(Path(settings.out)) as aside:
        bar, count = bars.add_task("pairs", total=None, seen=""), 0
        (aside / "README.md").write_text(CARD, encoding="utf-8")
        with (aside / "train.jsonl").open("w", encoding="utf-8", errors="backslashreplace") as file:
            for row in pairs(runs, writing):
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
                count += 1
                bars.update(bar, advance=1)
        if not count:
            none = "no forks whose siblings came out differently; runs with the hook fork have them"
            raise ConfigError(f"{', '.join(folders)}: {none}")
        made = {"to": "dpo", "runs": folders, **settings.model_dump(exclude={"out"})}
        manifest.write(aside, made, {"train.jsonl": count})
    if as_json:
        command.print_json({"folder": settings.out, "pairs": count})
    command.tell(console, f"{settings.out}: {count} pairs")
    return 0


def _inspect(folders: list[str], overrides: list[str], as_json: bool, console: Console) -> int:
    settings = overridden(InspectLog, {}, overrides)
    if len(folders) != 1:
        raise ConfigError(f"expected the folder of one run, got {len(folders)}")
    run = Run.open(Path(folders[0]))
    try:
        from simenv.export.inspect_log import write_log
    except ImportError as e:
        raise ConfigError(f"logs of Inspect are written by its own package: pip install inspect_ai ({e.name})") from e
    count = write_log(run, Path(settings.out))
    if as_json:
        command.print_json({"file": settings.out, "episodes": count})
    command.tell(console, f"{settings.out}: {count} episodes")
    return 0
