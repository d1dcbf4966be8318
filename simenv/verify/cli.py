"""`simenv verify FOLDER pool=POOL …`: the claims of a run or a curated set against the user's sources."""

from __future__ import annotations

import argparse
import asyncio
import shlex
from os.path import isdir
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from simenv import command
from simenv.config import configure, overridden, written
from simenv.documents import object_file
from simenv.errors import ConfigError
from simenv.grammar import split
from simenv.models import connect
from simenv.models.budget import Budget
from simenv.runs.spending import budget, record_spent, spent
from simenv.runs.store import Run
from simenv.verify.actions import copy_set, counting, review_run
from simenv.verify.config import Verification
from simenv.verify.judge import SubjectJudgement
from simenv.verify.report import shown
from simenv.verify.run import Verifier, judgements
from simenv.verify.subjects import is_set

HELP = """
Compares what is claimed in a run or a curated set with the sources of a pool, each claim with the span that decides it.

  simenv verify runs/ward pool=pools/ward                       offline; labels what the sources contradict
  simenv verify runs/ward pool=pools/ward judge=model model=openai model.model=NAME budget=5
  simenv verify runs/ward pool=pools/ward action=repair         corrections, as reviews that curation honours
  simenv verify curated/ward pool=pools/ward action=drop 'counts=[contradicted, not found]'
  simenv verify --resume verified/verification                  go on with one

Writes judgements/, report.json and report.md (by round, role and source); of a curated set also a new set/.
"""
_FREE = ("concurrency", "budget", "action", "counts")
"""What may differ when a verification goes on: none of it changes a judgement."""


def _parser() -> argparse.ArgumentParser:
    return command.parser("verify", HELP, Verification, resume="a verification")


def verify(argv: list[str]) -> int:
    """Run the command; returns exit status 0, 1 (ended early, or nothing could be judged), 2 (wrong input) or 130."""
    return command.run("verify", _verify, argv)


def _verify(argv: list[str], console: Console) -> int:
    args = _parser().parse_args(argv)
    settings = _resumed(args) if args.resume else _settings(args.words)
    if not settings.folder:
        raise ConfigError("verify: expected a run or a curated set: `simenv verify runs/ward pool=pools/ward`")
    is_set(Path(settings.folder))
    run = Run.open(Path(args.resume)) if args.resume else None
    cap = budget(settings.budget, spent(run) if run else 0.0)
    ref = settings.model if settings.judge == "model" else None
    verifier = Verifier(settings, connect(ref.name, ref.options, budget=cap) if ref else None)
    if args.dry_run:
        print(written(settings), end="")
        return 0
    with (run or Run.create(Path(settings.out), settings.name, written(settings))).locked() as run:
        return asyncio.run(_run(verifier, run, console, cap, args.json))


def _settings(words: list[str]) -> Verification:
    folders = [w for w in words if "=" not in w and isdir(w)]
    if len(folders) > 1:
        raise ConfigError(f"{folders[1]}: expected one run or curated set; {folders[0]} is given already")
    file, overrides = split([w for w in words if w not in folders])
    settings = configure(Verification, file, overrides, "verify/default.yaml")
    return settings.model_copy(update={"folder": folders[0]}) if folders else settings


def _resumed(args: argparse.Namespace) -> Verification:
    for text in args.words:
        if text.partition("=")[0] not in _FREE:
            raise ConfigError(f"--resume: {text!r} would change what is judged; only {', '.join(_FREE)} may change")
    folder = Path(args.resume)
    return overridden(Verification, Run.open(folder).config(args.trust), args.words)


async def _run(verifier: Verifier, run: Run, console: Console, cap: Budget | None, as_json: bool) -> int:
    try:
        status = await command.stoppable(verifier, _with_progress(verifier, run, console), run.folder, console)
    finally:
        if verifier.model is not None:
            await verifier.model.close()
        record_spent(run, cap)
    if as_json:
        command.print_report(run.folder)
    elif (run.folder / "report.json").exists():
        _show(run, console)
    if status:
        return status
    return _finish(verifier, run, console)


async def _with_progress(verifier: Verifier, run: Run, console: Console) -> None:
    with command.progress(console) as bars:
        bar = bars.add_task("samples", total=None, completed=sum(1 for _ in judgements(run)), seen="")

        def on_judged(judged: SubjectJudgement) -> None:
            bars.update(bar, advance=1, seen=f"{verifier.failed:,} failed" if verifier.failed else "")

        verifier.on_judged = on_judged
        await verifier.run(run)


def _show(run: Run, console: Console) -> None:
    figures = object_file(run.folder / "report.json")
    columns = ("claims", "supported", "contradicted", "not found")
    table = command.table(str(run.folder), "round", *columns, texts=["contradicted", "hallucination ratio"])
    for name, row in {**figures["by_turn"], "all": figures["all"]}.items():
        ratios = (shown(row["contradicted_ratio"]), shown(row["hallucination_ratio"]))
        table.add_row(escape(name), *(f"{row[c]:,}" for c in columns), *ratios)
    command.print_table(table, command.output(console))


def _finish(verifier: Verifier, run: Run, console: Console) -> int:
    """Act on what counts, and say what comes next."""
    settings, folder = verifier.settings, Path(verifier.settings.folder)

    def tell(text: str) -> None:
        console.print(text, markup=False, highlight=False, soft_wrap=True)

    judged = list(_ids(run))
    if verifier.failed:
        tell(f"{verifier.failed:,} could not be judged; `{_again(settings, run)}` asks again")
    if not judged:
        tell(f"nothing was judged: {folder} holds no sample that could be")
        return 1
    bad = counting(judgements(run), settings)
    if is_set(folder):
        new = run.folder / "set"
        tell(f"{copy_set(folder, new, bad, settings):,} of {len(judged):,} samples changed (action={settings.action})")
        tell(f"next: simenv export {new}")
    else:
        acts = review_run(folder, bad, settings)
        tell(
            f"{len(bad):,} of {len(judged):,} samples have claims that count; "
            f"{acts:,} reviews written by action={settings.action}"
        )
        tell(f"next: simenv curate {folder} reviews=honour")
    return 0


def _again(settings: Verification, run: Run) -> str:
    """The command that goes on: a folder's config opens nothing that lies outside it unless the user says so."""
    return shlex.join(
        ["simenv", "verify", "--resume", str(run.folder), "--trust", settings.folder, "--trust", settings.pool]
    )


def _ids(run: Run) -> list[str]:
    return [j.sample for j in judgements(run)]
