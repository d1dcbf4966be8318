"""`simenv sweep CONFIG.yaml`: the command line, a progress bar with the log of stages, and the table."""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from simenv import command, plots
from simenv.config import bundled_names, configure, written
from simenv.documents import json_file
from simenv.errors import ConfigError
from simenv.files import make_folder
from simenv.grammar import Parser, add_trust, add_words, split
from simenv.options import explain
from simenv.runs.store import Run
from simenv.sweep import table
from simenv.sweep.config import Sweep
from simenv.sweep.plan import Cell, Stage, cells, code_version, size, stage
from simenv.sweep.scheduler import STAGES, LogEntry, Scheduler, is_done
from simenv.sweep.stage_settings import validate

HELP = """
Runs a grid of rollouts, curations, fine-tunes and evaluations; a stage that cells share runs once, and a stage whose
settings, inputs and code did not change does not run again. Writes table.md, sweep.json, plots and log.jsonl.

  simenv sweep study                               the study in miniature, offline
  simenv sweep study jobs=8 --dry-run                    the stages, and which of them are done
  simenv sweep my.yaml stages.rollout.episodes=500          options override those of the file
"""


def _parser() -> argparse.ArgumentParser:
    flags = ("--dry-run", "--yes", "--json")
    parser = Parser("sweep", HELP, lambda: explain(Sweep), keys=Sweep.model_fields, flags=flags)
    add_words(parser, "CONFIG.yaml", text="a YAML file or the name of a bundled one, and options over it")
    add_trust(parser)
    return parser


def sweep(argv: list[str]) -> int:
    """Run the command. Exit status: 0, 1 (a stage failed), 2 (wrong input), 3 (bugs ended episodes), 130 (interrupted)."""
    return command.run("sweep", _sweep, argv)


def _sweep(argv: list[str], console: Console) -> int:
    args = _parser().parse_args(argv)
    file, overrides = split(args.words)
    if file is None:
        names = ", ".join(bundled_names("sweep"))
        raise ConfigError(f"expected a YAML file with stages and a grid, or one that simenv brings: {names}")
    settings = configure(Sweep, file, overrides, "sweep/study.yaml")
    cells_and_stages = plan(settings, args.yes)
    folder = Path(settings.out, settings.name)
    if args.dry_run:
        _show_plan(folder, cells_and_stages)
        return 0
    make_folder(folder)
    with Run(folder).locked() as run:
        run.write("config.yaml", written(settings))
        scheduler = _run_stages(settings, folder, cells_and_stages, console, args.trust)
        rows = report(settings, run, cells_and_stages, scheduler.failed)
    if args.json:
        command.print_json(json_file(folder / "sweep.json"))
    else:
        _show(rows, folder, console)
    return 1 if scheduler.failed else command.BUGS if scheduler.bugs else 0


def plan(settings: Sweep, yes: bool = False) -> list[tuple[Cell, Stage]]:
    """The cells, each with the stage that measures it; settings are validated, nothing is run.

    ConfigError for wrong settings, for an axis that changes nothing, and for too many cells without `yes`.
    """
    if unknown := [axis for axis in settings.over if axis not in settings.grid]:
        raise ConfigError(
            f"over: {unknown[0]!r} is no axis of the grid; there are {', '.join(settings.grid) or 'none'}"
        )
    if (count := size(settings)) > settings.most and not yes:
        axes = " × ".join(f"{len(levels)} {axis}" for axis, levels in settings.grid.items())
        raise ConfigError(
            f"grid: {axes} make {count:,} cells, more than most={settings.most}; --yes runs them all the same"
        )
    version = code_version(settings)
    result = [(cell, stage(settings, cell, version)) for cell in cells(settings)]
    validate(s for _, last in result for s in last.all())
    for axis, levels in settings.grid.items():
        if len(levels) > 1 and _has_no_effect(axis, result):
            raise ConfigError(
                f"grid: {axis}: none of its levels changes {settings.measure!r} or its inputs; expected settings of it, "
                f"or of a stage that it refers to by $name"
            )
    return result


def _has_no_effect(axis: str, plan: list[tuple[Cell, Stage]]) -> bool:
    """Whether cells that differ on this axis alone are all measured by the same stage."""
    keys: dict[tuple[str, ...], set[str]] = {}
    for cell, last in plan:
        keys.setdefault(tuple(v for name, v in cell.labels.items() if name != axis), set()).add(last.key)
    return all(len(stages) == 1 for stages in keys.values())


def _run_stages(
    settings: Sweep, folder: Path, plan: list[tuple[Cell, Stage]], console: Console, trust: list[str]
) -> Scheduler:
    """The scheduler after it ran the stages, with a progress bar and a line for each."""
    with command.progress(console) as bars:
        bar = bars.add_task("stages", total=None, seen="")

        def on_entry(entry: LogEntry) -> None:
            bars.update(bar, advance=1, seen=f"{entry.what} {entry.stage}")
            error = f": {entry.error}" if entry.error else ""
            bars.console.print(f"{entry.what:8} {entry.key} {entry.seconds:.1f} s{error}", markup=False, soft_wrap=True)
            for bug in entry.bugs:
                text = f"a bug in {entry.stage} {entry.key}: {bug}"
                bars.console.print(text, style="red", markup=False, highlight=False, soft_wrap=True)

        scheduler = Scheduler(settings, folder, plan, on_entry, trust)
        bars.update(bar, total=len(scheduler.stages))
        asyncio.run(scheduler.run())
    return scheduler


def report(settings: Sweep, run: Run, plan: list[tuple[Cell, Stage]], errors: dict[str, str]) -> list[table.Row]:
    """Write table.md, sweep.json and the plots of the stages that are done; returns the rows of the table."""
    rows = table.rows(settings, run.folder, plan, errors)
    run.write("table.md", table.markdown(rows))
    run.write("sweep.json", json.dumps(table.summary(settings, rows, plan), indent=2) + "\n")
    bars = [
        {"row": " · ".join(row.labels.values()) or "all", "environment": name, **rate.model_dump(exclude={"each"})}
        for row in rows
        for name, rate in row.success.items()
    ]
    if bars:
        plots.save(plots.grid(bars), run.folder / "heat.png")
        plots.save(plots.compared(bars), run.folder / "bars.png")
    return rows


def _show_plan(folder: Path, plan: list[tuple[Cell, Stage]]) -> None:
    console = command.output()
    stages: dict[str, tuple[Stage, int]] = {}
    for _, last in plan:
        for s in {s.key: s for s in last.all()}.values():
            stages[s.key] = (s, stages.get(s.key, (s, 0))[1] + 1)
    console.print(f"{len(plan)} cells, {len(stages)} stages in {folder / STAGES}", markup=False)
    for key, (s, count) in stages.items():
        status = "there" if is_done(folder, s) else "to run"
        console.print(f"  {status:7} {s.kind:9} {key} for {count} cells", markup=False, highlight=False)


def _show(rows: list[table.Row], folder: Path, console: Console) -> None:
    head, lines = table.cells_as_text(rows)
    grid = Table(title=escape(str(folder)), title_justify="left")
    for name in head:
        grid.add_column(escape(name))
    for line in lines:
        grid.add_row(*map(escape, line))
    command.print_table(grid, command.output(console))
    for row in rows:
        for error in row.failed:
            command.alarm(console, f"{', '.join(row.labels.values())}: {error}")
