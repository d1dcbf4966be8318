"""`python -m simenv.curate RUN… --config FILE [KEY=VALUE] [--out FOLDER]`: makes a curated set from runs."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterator
from os.path import exists
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import TaskID

from simenv import command, plugins
from simenv.config import configure
from simenv.curate.config import Curation
from simenv.curate.run import Curator
from simenv.files import free_name
from simenv.options import explain

HELP = """
Makes a training set from runs: filters judge every trajectory, gold takes the place of what they drop, general chat
is mixed in, and training is split from validation by task.

  python -m simenv.curate runs/quickstart                                the bundled defaults
  python -m simenv.curate runs/a runs/b --config my.yaml --out curated/ab
  python -m simenv.curate runs/quickstart gold.expert=true               the expert plays again what was dropped
  python -m simenv.curate runs/quickstart "gold.sources=[agentinstruct/db.json]" "mix.chat=[chat.jsonl]" mix.by=tokens
  python -m simenv.curate runs/quickstart filters.sensitive={} filters.near_duplicates=false
"""


def _options() -> list[command.Row]:
    rows = explain(Curation)
    for name in plugins.names("filters"):
        kind = plugins.load("filters", name)
        rows += explain(kind.Options, f"filters.{name}.")
    return rows


def _parser() -> argparse.ArgumentParser:
    parser = command.Parser("curate", HELP, _options)
    parser.add_argument("words", nargs="*", metavar="RUN | KEY=VALUE", help="run folders and options over the config's")
    parser.add_argument("--config", metavar="FILE", help="a YAML file (default: the bundled curate/default.yaml)")
    command.add_trust(parser)
    parser.add_argument("--out", metavar="FOLDER", help="the curated folder (default: curated/NAME, numbered)")
    return parser


def curate(argv: list[str]) -> int:
    """The command; exit status 0, 1 (the disk), 2 (wrong input), 3 (bugs of filters), 130."""
    return command.run("curate", _curate, argv)


def _curate(argv: list[str], console: Console) -> int:
    args = _parser().parse_args(argv)
    runs = [w for w in args.words if "=" not in w or exists(w)]  # a long value is no path; Path.exists raises there
    overrides = [w for w in args.words if w not in runs]
    curation = configure(Curation, args.config, overrides, "curate/default.yaml")
    curation = curation.model_copy(update={"runs": (*curation.runs, *runs)})
    out = Path(args.out) if args.out else _new_folder(Path(curation.out), curation.name)
    with command.progress(console) as bars:
        stages: dict[str, TaskID] = {}

        def on_progress(stage: str, done: int, total: int | None) -> None:
            if stage not in stages:
                stages[stage] = bars.add_task(stage, total=total, seen="")
            bars.update(stages[stage], completed=done, total=total)

        funnel = Curator(curation, on_progress, args.trust).run(out, f"python -m simenv.curate {shlex.join(argv)}")
    _show(funnel, out, console)
    found = funnel.get("bugs", [])
    for row in found:
        text = (
            f"a bug: {row['place']}: {row['error']}, {row['count']:,} times; tracebacks are in {out / 'verdicts.jsonl'}"
        )
        console.print(text, style="red", markup=False, highlight=False, soft_wrap=True)
    return command.BUGS if found else 0


def _new_folder(parent: Path, name: str) -> Path:
    return parent / free_name(name, lambda candidate: (parent / candidate).exists())


def _show(funnel: dict[str, Any], out: Path, console: Console) -> None:
    counts = ("in", "kept", "edited", "masked", "dropped")
    table = command.table(str(out), "filter", *counts, texts=["reasons"])
    for f in funnel["filters"]:
        reasons = ", ".join(f"{r['reason']} {r['count']:,}" for r in f["reasons"])
        table.add_row(f["filter"], *(f"{f[k]:,}" for k in counts), reasons)
    command.output().print(table)
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
