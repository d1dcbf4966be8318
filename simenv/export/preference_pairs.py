"""Preference pairs from forks: siblings that differ from one turn on, one with a better grade. Rows as TRL's DPO reads them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal, NamedTuple

from simenv.data.reasoning_use import used
from simenv.export.dataset_card import card
from simenv.export.messages import json_text
from simenv.models.spelling import Spelling
from simenv.recipe import ReasoningUse
from simenv.runs.store import Run
from simenv.types import Message, Trajectory

Span = Literal["turn", "episode"]
"""The part of a sibling that is preferred: the first turn that differs, or all from there on with the world's answers."""
Fork = tuple[str, int]
"""A forked episode, and the turn before which it was forked."""
Score = tuple[bool, float]
COLUMNS = ("environment", "task", "kind", "run", "better", "worse", "verdicts")
"""Where a pair comes from, as texts: `better` and `worse` are trajectories of the run, `verdicts` their grades as JSON."""
CARD = card(("prompt", "chosen", "rejected"), [*COLUMNS, "tools"], ("train",))
"""The README.md by which `load_dataset(FOLDER)` knows the types of the columns."""


class Writing(NamedTuple):
    """How pairs are written: which part, how the base model's chat template wants messages, what becomes of reasoning."""

    span: Span = "turn"
    spelling: Spelling = Spelling()
    reasoning: ReasoningUse = "train"


def pairs(runs: Iterable[Run], writing: Writing = Writing()) -> Iterator[dict[str, Any]]:
    """Rows of `prompt`, `chosen`, `rejected` and `tools`: the best sibling of each fork paired with each that is worse.

    Messages are as TRL's DPO hands them to the chat template, tools are JSON text.

    The forked episode counts as a sibling. Forks lie within a run: equal ids in two runs are two episodes. A run is read
    twice: for the scores, then for the chats. StoreError names a line that cannot be read.
    """
    for run in runs:
        yield from _pairs(run, writing)


def _pairs(run: Run, writing: Writing) -> Iterator[dict[str, Any]]:
    ranked = _ranked(run)
    partners: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for pair in ranked:
        for id in pair:
            partners[id].append(pair)
    open_: dict[str, Trajectory] = {}
    unwritten = {id: len(pairs) for id, pairs in partners.items()}
    for trajectory in run.trajectories():
        if trajectory.id not in partners or trajectory.id in open_:
            continue
        open_[trajectory.id] = trajectory
        for better, worse in partners[trajectory.id]:
            if better in open_ and worse in open_:
                row = _row(open_[better], open_[worse], writing)
                yield from (_provenance(run, open_[better], open_[worse]) | r for r in row)
                for id in (better, worse):
                    unwritten[id] -= 1
        for id in [id for id in open_ if not unwritten[id]]:
            del open_[id], partners[id]


def _ranked(run: Run) -> list[tuple[str, str]]:
    """Ids of the better and the worse one of each pair."""
    forks: dict[Fork, set[str]] = defaultdict(set)
    scores: dict[str, Score] = {}
    for raw in run.raw("trajectories"):
        if grade := raw.get("grade"):
            scores[raw["id"]] = (grade["success"], grade["progress"])
        if branch := raw.get("branch"):
            forks[branch["parent"], branch["turn"]].add(raw["id"])
    ranked = []
    for (parent, _), ids in sorted(forks.items()):
        graded = sorted((id for id in {parent, *ids} if id in scores), key=lambda id: (scores[id], id))
        ranked += [(graded[-1], id) for id in graded[:-1] if scores[id] < scores[graded[-1]]]
    return ranked


def _row(better: Trajectory, worse: Trajectory, writing: Writing) -> Iterator[dict[str, Any]]:
    """The pair, unless the chats are equal or first differ in the world's answer: then neither agent answer is the cause."""
    a, b = (used(t.messages, writing.reasoning) for t in (better, worse))
    same = next(
        (i for i, (x, y) in enumerate(zip(a, b, strict=False)) if _content(x) != _content(y)), min(len(a), len(b))
    )
    ends = [_said(m[same : same + 1] if writing.span == "turn" else m[same:]) for m in (a, b)]
    if all(ends):
        spelled = [writing.spelling.rows([*a[:same], *end]) for end in ends]
        length = len(writing.spelling.chat(a[:same]))
        prompt, (chosen, rejected) = spelled[0][:length], [rows[length:] for rows in spelled]
        tools = json_text(list(better.tools))
        yield {"prompt": prompt, "chosen": chosen, "rejected": rejected, "tools": tools}


def _said(end: Sequence[Message]) -> list[Message]:
    """The end of a chat up to the agent's last words, if it begins with the agent's and none of them was cut off."""
    last = max((i for i, m in enumerate(end) if m.role == "assistant"), default=-1)
    said = [m.acted_part for m in end[: last + 1]]
    whole = said and said[0].role == "assistant" and not any(m.finish for m in said)
    return said if whole else []


def _provenance(run: Run, better: Trajectory, worse: Trajectory) -> dict[str, str]:
    grades = {t.id: t.grade.model_dump(include={"success", "progress"}) for t in (better, worse) if t.grade}
    values = (better.environment, better.task, better.kind, run.folder.name, better.id, worse.id, json_text(grades))
    return dict(zip(COLUMNS, values, strict=True))


def _content(m: Message) -> tuple[Any, ...]:
    return m.role, m.content, tuple((c.name, c.arguments) for c in m.calls)
