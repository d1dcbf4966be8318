"""The work of a verification: every chat is judged once, and its judgement is on the disk before the next."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from simenv.concurrency import run_workers
from simenv.errors import BudgetSpent, ConfigError, ModelError, Unusable
from simenv.knowledge.pool import Pool
from simenv.model import Model
from simenv.runs.store import Run
from simenv.runs.writer import Writer
from simenv.verify.config import Verification
from simenv.verify.judge import Judge, OfflineJudge, RoundJudgement, SubjectJudgement
from simenv.verify.library import Library
from simenv.verify.model_judge import ModelJudge
from simenv.verify.report import report
from simenv.verify.subjects import Round, Subject, subjects

KIND = "judgements"
"""What the items of the folder are called in it."""


@dataclass
class Verifier:
    """One verification. `on_judged` is called after each chat. ConfigError where the settings lead nowhere."""

    settings: Verification
    model: Model | None = None
    on_judged: Callable[[SubjectJudgement], None] = lambda judged: None
    stopping: bool = False
    failed: int = 0
    judged: int = 0
    judge: Judge = field(init=False)

    def __post_init__(self) -> None:
        library = _library(self.settings)
        if self.settings.judge == "model" and self.model is None:
            raise ConfigError("model: judge=model needs one; for example model=openai model.model=NAME")
        self.judge = ModelJudge(library, self.model) if self.model is not None else OfflineJudge(library)

    async def run(self, run: Run) -> None:
        """Judge what is not judged yet, then write report.json and report.md."""
        known = {j.sample for j in judgements(run)}
        waiting = (s for s in subjects(Path(self.settings.folder)) if s.id not in known)
        writer = run.writer(KIND)
        spent: list[BudgetSpent] = []

        async def work() -> None:
            for subject in waiting:
                try:
                    await self._verify(subject, writer)
                except BudgetSpent as e:
                    spent.append(e)
                    self.stopping = True
                if self.stopping:
                    return

        await run_workers(work, self.settings.concurrency)
        written = report(judgements(run))
        run.write("report.json", json.dumps(written.figures, indent=2, ensure_ascii=False) + "\n")
        run.write("report.md", written.page)
        if spent:
            self.stopping = False
            raise spent[0]

    async def _verify(self, subject: Subject, writer: Writer) -> None:
        rounds = subject.rounds(self.settings.roles, self.settings.turns)
        try:
            done = [await self._round(r) for r in rounds]
            result = SubjectJudgement(sample=subject.id, rounds=tuple(done))
        except BudgetSpent:
            raise
        except (ModelError, Unusable) as e:
            result = SubjectJudgement(sample=subject.id, error=str(e)[:1000])
        await writer.append(result)
        self.failed += bool(result.error)
        self.judged += not result.error
        self.on_judged(result)

    async def _round(self, r: Round) -> RoundJudgement:
        judged = [await self.judge.judge(claim) for claim in r.claims]
        return RoundJudgement(message=r.message, turn=r.turn, role=r.role, claims=tuple(judged))


def judgements(run: Run) -> Iterator[SubjectJudgement]:
    """The chats that were judged; those that failed are left out, so that they are judged again."""
    return (j for j in run.read(KIND, SubjectJudgement, "skip") if not j.error)


def _library(settings: Verification) -> Library:
    if not settings.pool:
        raise ConfigError("pool: none given; expected pool=FOLDER, which `simenv knowledge add` makes")
    library = Library(Pool(Path(settings.pool)).readable, settings.passages)
    if not library.passages:
        raise ConfigError(
            f"{settings.pool}: no passages; `simenv knowledge add documents=… out={settings.pool}` adds some"
        )
    return library
