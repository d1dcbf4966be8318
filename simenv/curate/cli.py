"""`simenv curate RUN… [CONFIG.yaml] [KEY=VALUE]`: makes a curated set from runs."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import TaskID

from simenv import command, plugins
from simenv.config import configure, written
from simenv.curate.config import Curation
from simenv.curate.run import Curator
from simenv.data.dataset import SPLITS
from simenv.errors import ConfigError
from simenv.files import free_name
from simenv.grammar import Parser, Row, add_trust, add_words, parted
from simenv.options import explain
from simenv.runs.store import Run
from simenv.types import CHAT

HELP = """
Makes a training set from runs: filters judge every trajectory, gold takes the place of what they drop, general chat
is mixed in, and training is split from validation by task.

  simenv curate runs/quickstart                                the bundled defaults
  simenv curate runs/a runs/b my.yaml name=ab                 curated/ab
  simenv curate runs/quickstart gold.expert=true               the expert plays again what was dropped
  simenv curate runs/quickstart "gold.sources=[agentinstruct/db.json]" "mix.chat=[chat.jsonl]" mix.by=tokens
  simenv curate runs/quickstart filters.sensitive={} filters.near_duplicates=false
"""


def _options() -> list[Row]:
    rows = explain(Curation)
    for name in plugins.names("filters"):
        kind = plugins.load("filters", name)
        rows += explain(kind.Options, f"filters.{name}.")
    return rows


def _parser() -> argparse.ArgumentParser:
    parser = Parser("curate", HELP, _options, keys=Curation.model_fields, flags=("--dry-run", "--json"))
    text = "run folders, a YAML file (default: the bundled curate/default.yaml), options"
    add_words(parser, "RUN", "CONFIG.yaml", text=text)
    add_trust(parser)
    return parser


def curate(argv: list[str]) -> int:
    """The command; exit status 0, 1 (the disk), 2 (wrong input), 3 (bugs of filters), 130."""
    return command.run("curate", _curate, argv)


def _curate(argv: list[str], console: Console) -> int:
    args = _parser().parse_args(argv)
    runs, file, overrides = parted(args.words, "curate")
    curation = configure(Curation, file, overrides, "curate/default.yaml")
    curation = curation.model_copy(update={"runs": (*curation.runs, *runs)})
    if (
        any(w.startswith("mix.ratio=") for w in overrides)
        and not curation.mix.chat
        and not _has_dialogues(curation.runs)
    ):
        raise ConfigError("mix.ratio: there is no chat to mix in; name files in mix.chat=[…]")
    out = _new_folder(Path(curation.out), curation.name)
    if args.dry_run:
        Curator(curation, trust=args.trust)
        print(written(curation), end="")
        return 0
    with command.progress(console) as bars:
        stages: dict[str, TaskID] = {}

        def on_progress(stage: str, done: int, total: int | None) -> None:
            if stage not in stages:
                stages[stage] = bars.add_task(stage, total=total, seen="")
            bars.update(stages[stage], completed=done, total=total)

        funnel = Curator(curation, on_progress, args.trust).run(out, f"simenv curate {shlex.join(argv)}")
    if args.json:
        command.print_json({"folder": str(out), **funnel})
    else:
        _show(funnel, out, console)
    found = funnel.get("bugs", [])
    for row in found:
        text = (
            f"a bug: {row['place']}: {row['error']}, {row['count']:,} times; tracebacks are in {out / 'verdicts.jsonl'}"
        )
        command.alarm(console, text)
    if sum(funnel[split] for split in SPLITS):
        command.tell(console, f"next: simenv finetune {out} model=models/tiny, or simenv export {out} to=openai")
    return command.BUGS if found else 0


def _has_dialogues(runs: Iterable[str]) -> bool:
    """Whether a run holds general chat of its own."""
    return any(next((t.environment == CHAT for t in Run.open(Path(r)).trajectories("skip")), False) for r in runs)


def _new_folder(parent: Path, name: str) -> Path:
    return parent / free_name(name, lambda candidate: (parent / candidate).exists())


def _show(funnel: dict[str, Any], out: Path, console: Console) -> None:
    counts = ("in", "kept", "edited", "masked", "dropped")
    table = command.table(str(out), "filter", *counts, texts=["reasons"])
    for f in funnel["filters"]:
        reasons = ", ".join(f"{r['reason']} {r['count']:,}" for r in f["reasons"])
        table.add_row(f["filter"], *(f"{f[k]:,}" for k in counts), reasons)
    command.print_table(table, command.output(console))
    read, gold, pool = funnel["read"], funnel["gold"], funnel["pool"]
    skipped = ", ".join(f"{read[k]} {k}" for k in ("torn", "foreign", "repeated") if read[k])
    overlapping = sum(pool["overlapping"].values())
    lines = [
        f"read     {read['trajectories']:,} trajectories" + (f"; skipped: {skipped}" if skipped else ""),
        f"gold     {gold['dropped']:,} dropped = {gold['task']:,} of the same task + {gold['kind']:,} of the kind + "
        f"{gold['environment']:,} of the environment + {gold['left_out']:,} left out",
        f"pool     {pool['kept']:,} kept + {pool['gold']:,} gold + {pool['chat']:,} chat − {overlapping:,} overlapping "
        f"= {pool['samples']:,}",
        f"set      {funnel['train']:,} train + {funnel['validation']:,} validation "
        f"({funnel['copies']:,} copies); {pool['left_over']:,} left over",
    ]
    lines += _unread(funnel.get("unread", {}))
    console.print("\n".join(lines), markup=False, highlight=False, soft_wrap=True)


def _unread(unread: dict[str, Any]) -> Iterator[str]:
    """What of gold and chat was not read: the records, and each field once with its count."""
    if unread.get("records"):
        yield f"unread   {unread['records']:,} records of gold and chat; the first:"
        yield from (f"         {example}" for example in unread["examples"])
    if unread.get("fields"):
        fields = ", ".join(f"{name} {count:,}" for name, count in unread["fields"].items())
        yield f"fields   not read, by format: {fields}"
