"""`python -m simenv.sweep CONFIG.yaml`: how many cells and stages, a bar, the stage log, the table at the end."""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from simenv import command, plots, plugins
from simenv.config import configure, written
from simenv.errors import ConfigError
from simenv.files import make_folder
from simenv.options import explain
from simenv.runs.store import Run
from simenv.sweep import Sweep, table
from simenv.sweep.plan import Cell, Stage, cells, code, size, stage
from simenv.sweep.scheduler import STAGES, Drive, Entry, done
from simenv.sweep.stage_kinds import check

HELP = """
Runs a grid of rollouts, curations, fine-tunes and evaluations; a stage that cells share is run once, and a stage whose
settings, inputs and code did not change is not run again. Writes table.md, sweep.json, plots and log.jsonl.

  python -m simenv.sweep configs/sweep/study.yaml                     the study in miniature, offline
  python -m simenv.sweep configs/sweep/study.yaml jobs=8 --plan       which stages there would be, and which are there
  python -m simenv.sweep my.yaml stages.rollout.episodes=500          options over those of the file
"""


def _parser() -> argparse.ArgumentParser:
    parser = command.Parser("sweep", HELP, lambda: explain(Sweep))
    parser.add_argument("words", nargs="+", metavar="CONFIG.yaml | KEY=VALUE", help="a YAML file, and options over it")
    parser.add_argument("--plan", action="store_true", help="say what would be done, and do nothing")
    parser.add_argument("--yes", action="store_true", help="run a grid however large it is")
    return parser


def sweep(argv: list[str]) -> int:
    """The command; exit status 0, 1 (a stage failed), 2 (wrong input), 130 (interrupted)."""
    return command.run("sweep", _sweep, argv)


def _sweep(argv: list[str], console: Console) -> int:
    args = _parser().parse_args(argv)
    file, overrides = command.split(args.words)
    if file is None:
        raise ConfigError("expected a YAML file with stages and a grid, such as configs/sweep/study.yaml")
    settings = configure(Sweep, file, overrides, "")
    for place in settings.plugins:
        plugins.add(place)
    planned = plan(settings, args.yes)
    folder = Path(settings.out, settings.name)
    if args.plan:
        _show_plan(folder, planned)
        return 0
    make_folder(folder)
    with Run(folder).locked() as run:
        run.write("config.yaml", written(settings))
        failed = _driven(settings, folder, planned, console)
        found = report(settings, run, planned, failed)
    _show(found, folder)
    return 1 if failed else 0


def plan(settings: Sweep, yes: bool = False) -> list[tuple[Cell, Stage]]:
    """The cells and what each is measured by. ConfigError where there are too many and nobody said yes."""
    if unknown := [axis for axis in settings.over if axis not in settings.grid]:
        raise ConfigError(
            f"over: {unknown[0]!r} is no axis of the grid; there are {', '.join(settings.grid) or 'none'}"
        )
    if (count := size(settings)) > settings.most and not yes:
        axes = " × ".join(f"{len(levels)} {axis}" for axis, levels in settings.grid.items())
        raise ConfigError(
            f"grid: {axes} make {count:,} cells, more than most={settings.most}; --yes runs them all the same"
        )
    version = code(settings)
    planned = [(cell, stage(settings, cell, version)) for cell in cells(settings)]
    check(s for _, last in planned for s in last.all())
    for axis, levels in settings.grid.items():
        if len(levels) > 1 and _idle(axis, planned):
            raise ConfigError(
                f"grid: {axis}: none of its levels changes what {settings.measure!r} is or takes; expected settings of "
                f"it, or of a stage that it takes by $name"
            )
    return planned


def _idle(axis: str, planned: list[tuple[Cell, Stage]]) -> bool:
    """Whether cells that differ on this axis alone are all measured by the same stage."""
    keys: dict[tuple[str, ...], set[str]] = {}
    for cell, last in planned:
        keys.setdefault(tuple(v for name, v in cell.labels.items() if name != axis), set()).add(last.key)
    return all(len(found) == 1 for found in keys.values())


def _driven(settings: Sweep, folder: Path, planned: list[tuple[Cell, Stage]], console: Console) -> dict[str, str]:
    with command.progress(console) as bars:
        bar = bars.add_task("stages", total=None, seen="")

        def tell(entry: Entry) -> None:
            bars.update(bar, advance=1, seen=f"{entry.what} {entry.stage}")
            error = f": {entry.error}" if entry.error else ""
            bars.console.print(f"{entry.what:8} {entry.key} {entry.seconds:.1f} s{error}", markup=False, soft_wrap=True)

        drive = Drive(settings, folder, planned, tell)
        bars.update(bar, total=len(drive.stages))
        asyncio.run(drive.run())
    return drive.failed


def report(settings: Sweep, run: Run, planned: list[tuple[Cell, Stage]], failed: dict[str, str]) -> list[table.Row]:
    """Write table.md, sweep.json and the plots from what is there."""
    found = table.rows(settings, run.folder, planned, failed)
    run.write("table.md", table.markdown(found))
    run.write("sweep.json", json.dumps(table.summary(settings, found, planned), indent=2) + "\n")
    shown = [
        {"row": " · ".join(row.labels.values()) or "all", "environment": name, **rate.model_dump(exclude={"each"})}
        for row in found
        for name, rate in row.success.items()
    ]
    if shown:
        plots.save(plots.grid(shown), run.folder / "heat.png")
        plots.save(plots.compared(shown), run.folder / "bars.png")
    return found


def _show_plan(folder: Path, planned: list[tuple[Cell, Stage]]) -> None:
    console = command.output()
    stages: dict[str, tuple[Stage, int]] = {}
    for _, last in planned:
        for s in {s.key: s for s in last.all()}.values():
            stages[s.key] = (s, stages.get(s.key, (s, 0))[1] + 1)
    console.print(f"{len(planned)} cells, {len(stages)} stages in {folder / STAGES}", markup=False)
    for key, (s, count) in stages.items():
        there = "there" if done(folder, s) else "to run"
        console.print(f"  {there:7} {s.kind:9} {key} for {count} cells", markup=False, highlight=False)


def _show(found: list[table.Row], folder: Path) -> None:
    head, lines = table.shown(found)
    shown = Table(title=escape(str(folder)), title_justify="left")
    for name in head:
        shown.add_column(escape(name))
    for line in lines:
        shown.add_row(*map(escape, line))
    command.output().print(shown)
    for row in found:
        for why in row.failed:
            command.output().print(f"{', '.join(row.labels.values())}: {why}", markup=False, highlight=False)
