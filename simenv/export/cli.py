"""`python -m simenv.export`: writes a curated set for a trainer, or the forks of runs as preference pairs."""

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
from simenv.models.spelling import Spelling
from simenv.models.text_calls import CallStyle
from simenv.network import Reach
from simenv.options import explain
from simenv.runs.store import Run
from simenv.trust import WeightsName

HELP = """
Writes a curated set in the form that a trainer reads, into CURATED/export/FORMAT.

  python -m simenv.export curated/db --to axolotl model=./base     chat_template JSONL and a complete YAML
  python -m simenv.export curated/db --to axolotl model=Qwen/Qwen2.5-7B-Instruct method=qlora packing=true device=cuda
  python -m simenv.export curated/db --to openai                   messages with weight 0 or 1
  python -m simenv.export curated/db --to trl                      prompt and completion, one row a trained turn
  python -m simenv.export curated/db --to sharegpt                 for others; it knows no masks
  python -m simenv.export curated/db --to agentinstruct            from, value, loss
  python -m simenv.export curated/db --to atif                     the Agent Trajectory Interchange Format of Harbor
  python -m simenv.export curated/db --to datasets                 a Hugging Face datasets folder
  python -m simenv.export runs/forked --to dpo out=pairs           chosen and rejected siblings of forks
  python -m simenv.export runs/quickstart --to inspect out=run.eval   a run as a log of Inspect
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


def _parser() -> argparse.ArgumentParser:
    parser = command.Parser("export", HELP, lambda: explain(Export) + explain(Pairs) + explain(InspectLog))
    parser.add_argument(
        "--to", metavar="FORMAT", default="axolotl", help="axolotl, openai, trl, sharegpt …; of runs: dpo, inspect"
    )
    parser.add_argument("words", nargs="+", metavar="FOLDER | KEY=VALUE", help="a curated set, or runs; options")
    return parser


def export(argv: list[str]) -> int:
    """The command; exit status 0, 1 (a failure), 2 (wrong input)."""
    return command.run("export", _chosen, argv)


def _chosen(argv: list[str], console: Console) -> int:
    args = _parser().parse_args(argv)
    work = {"dpo": _pairs, "inspect": _inspect}.get(args.to, _export)
    return work([*args.words, f"to={args.to}"], console)


def _export(words: list[str], console: Console) -> int:
    file, overrides = command.split(words)
    if file is not None and not file.endswith((".yaml", ".yml")):
        file, overrides = None, [f"data={file}", *overrides]
    settings = configure(Export, file, overrides, "export/default.yaml")
    total = sum(CuratedSet(settings.data).count(split) for split in SPLITS)
    with command.progress(console) as bars:
        bar = bars.add_task("samples", total=total, seen="")
        exported = write(settings, lambda sample: bars.update(bar, advance=1))
    lines = ", ".join(f"{n} {split}" for split, n in exported.lines.items())
    left_out = "".join(f"; {n} left out ({cause})" for cause, n in exported.left_out.items())
    console.print(f"{exported.folder}: {lines}{left_out}", markup=False, highlight=False)
    if exported.checked:
        console.print(exported.checked, markup=False, highlight=False)
    return 0


def _pairs(words: list[str], console: Console) -> int:
    folders = [w for w in words if "=" not in w]
    overrides = [w for w in words if "=" in w and not w.startswith("to=")]
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
    console.print(f"{settings.out}: {count} pairs", markup=False, highlight=False)
    return 0


def _inspect(words: list[str], console: Console) -> int:
    folders = [w for w in words if "=" not in w]
    overrides = [w for w in words if "=" in w and not w.startswith("to=")]
    settings = overridden(InspectLog, {}, overrides)
    if len(folders) != 1:
        raise ConfigError(f"expected the folder of one run, got {len(folders)}")
    run = Run.open(Path(folders[0]))
    try:
        from simenv.export.inspect_log import write_log
    except ImportError as e:
        raise ConfigError(f"logs of Inspect are written by its own package: pip install inspect_ai ({e.name})") from e
    console.print(f"{settings.out}: {write_log(run, Path(settings.out))} episodes", markup=False, highlight=False)
    return 0
