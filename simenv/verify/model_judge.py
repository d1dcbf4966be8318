"""A judge that asks a model of the user's. Claim and passages go in as data, its answer is read strictly."""

from __future__ import annotations

from pathlib import Path

from pydantic import ConfigDict, Field

from simenv.model import Model, ask
from simenv.prompts import fenced, render
from simenv.types import Data, Text
from simenv.verify.claims import Claim
from simenv.verify.judge import Finding, Judgement
from simenv.verify.library import Evidence, Library

PROMPT = Path(__file__).parent / "judge.j2"
TRIES = 3
"""Answers of a model that are read until one can be."""


class Answer(Data):
    """What the model answers: the finding, by which passages, counted from 1, with their words."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    finding: Finding
    passages: tuple[int, ...] = Field(default=(), max_length=50)
    quote: Text = ""
    reason: Text = ""
    repair: Text = ""


class ModelJudge:
    """Asks a model about each claim, with the passages that the search finds."""

    def __init__(self, library: Library, model: Model) -> None:
        self.library, self.model = library, model

    async def judge(self, claim: Claim) -> Judgement:
        passages = self.library.passages_for(claim.text)
        answer = await ask(
            self.model, prompt(claim.text, passages), Answer, tries=TRIES, shows_schema=True,
            faults=lambda a: faults(a, passages),
        )  # fmt: skip
        evidence = tuple(_quoted(passages[n - 1], answer.quote) for n in answer.passages)
        return Judgement(
            claim=claim.text, start=claim.start, end=claim.end, finding=answer.finding, reason=answer.reason,
            evidence=evidence, repair=answer.repair if answer.finding == "contradicted" else "",
        )  # fmt: skip


def prompt(claim: str, passages: list[Evidence]) -> str:
    """The question to the model."""
    shown = [{"title": p.title, "text": fenced(f"{p.title}\n{p.text}" if p.title else p.text)} for p in passages]
    return render(PROMPT, claim=fenced(claim), passages=shown)


def faults(answer: Answer, passages: list[Evidence]) -> list[str]:
    """What an answer claims that the passages do not bear out: a passage that is not there, words that stand in none."""
    if answer.finding == "not found":
        return []
    wrong = [n for n in answer.passages if not 1 <= n <= len(passages)]
    if wrong or not answer.passages:
        return [f"passages: expected numbers from 1 to {len(passages)}, at least one, got {list(answer.passages)}"]
    if not _plain(answer.quote):
        return ["quote: expected words of a passage, got none"]
    if not any(_plain(answer.quote) in _plain(passages[n - 1].text) for n in answer.passages):
        return ["quote: these words stand in none of the passages that it names; copy them exactly"]
    return []


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _quoted(evidence: Evidence, quote: str) -> Evidence:
    """The evidence cut down to the quoted words where they stand there letter by letter."""
    at = evidence.text.find(quote) if quote else -1
    if at < 0:
        return evidence
    start = evidence.source.start + at
    source = evidence.source.model_copy(update={"start": start, "end": start + len(quote)})
    return evidence.model_copy(update={"text": quote, "source": source})
