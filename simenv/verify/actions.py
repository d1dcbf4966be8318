"""What is done about claims that the sources do not bear out: reviews of a run, or a new copy of a curated set.

A run's trajectories stay as they are: the acts go into its reviews, can be taken back there, and curation honours them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from shutil import copyfile

from simenv.files import whole_file, whole_folder
from simenv.knowledge.pool import now
from simenv.runs import review
from simenv.runs.review import Review, ReviewState
from simenv.types import Message, Sample, digest
from simenv.verify.config import Verification
from simenv.verify.judge import Finding, Judgement, RoundJudgement, SubjectJudgement
from simenv.verify.subjects import SPLITS, reviewed, samples

REVIEWER = "simenv verify"
LABEL = "hallucination"


def counting(judged: Iterable[SubjectJudgement], settings: Verification) -> dict[str, list[RoundJudgement]]:
    """The rounds with claims that count, by sample, each with these claims alone."""
    found = ((subject.sample, that_count(subject.rounds, settings.counts)) for subject in judged)
    return {sample: rounds for sample, rounds in found if rounds}


def that_count(rounds: Sequence[RoundJudgement], counts: Collection[Finding]) -> list[RoundJudgement]:
    """The rounds with claims of these findings, each with these claims alone."""
    found = (r.model_copy(update={"claims": tuple(c for c in r.claims if c.finding in counts)}) for r in rounds)
    return [r for r in found if r.claims]


def review_run(folder: Path, bad: dict[str, list[RoundJudgement]], settings: Verification) -> int:
    """Write the acts into the reviews of a run; how many were new. Equal ones are written once."""
    history = list(review.read(folder))
    known, states = {r.id for r in history}, review.states(history)
    written = 0
    for t in reviewed(folder):
        for act in _acts(t.id, t.messages, bad.get(t.id, []), settings, states.get(t.id, ReviewState())):
            if act.id not in known:
                review.write(folder, act)
                known.add(act.id)
                written += 1
    return written


def _acts(
    id: str, messages: tuple[Message, ...], bad: list[RoundJudgement], settings: Verification, state: ReviewState
) -> list[Review]:
    if not bad:
        return []
    text = f"{LABEL}: {told(bad)}"
    if settings.action == "flag":
        return [_review(id, "label", LABEL), _review(id, "comment", text)]
    if settings.action == "drop":
        return [_review(id, "reject", text)]
    if settings.action == "mask":
        return [_review(id, "mask", text, mask=_all(state.mask, (r.message for r in bad)))]
    mended, empty = repaired(messages, bad)
    acts = [_review(id, "edit", text, messages=mended)]
    return [*acts, _review(id, "mask", text, mask=_all(state.mask, empty))] if empty else acts


def _all(mask: Iterable[int], more: Iterable[int]) -> tuple[int, ...]:
    return tuple(sorted({*mask, *more}))


def _review(id: str, action: str, text: str, **fields: object) -> Review:
    """A review whose id depends on what it says, so that it is written once."""
    body = {"trajectory": id, "reviewer": REVIEWER, "action": action, "text": text, **fields}
    key = digest(Review.model_validate({**body, "id": "", "time": ""}).model_dump(mode="json"))[:32]
    return Review.model_validate({**body, "id": key, "time": now()})


def told(bad: Iterable[RoundJudgement]) -> str:
    """What is wrong, for people: each claim with its round and what the source says."""
    return "; ".join(f"round {r.turn}: {_told(c)}" for r in bad for c in r.claims)


def _told(c: Judgement) -> str:
    if not c.evidence:
        return f"{c.finding}: “{c.claim}”"
    e = c.evidence[0]
    return f"{c.finding}: “{c.claim}”; {e.source.file}:{e.source.start}–{e.source.end} says “{e.text}”"


def repaired(messages: tuple[Message, ...], bad: Iterable[RoundJudgement]) -> tuple[tuple[Message, ...], list[int]]:
    """The chat with what the sources say in place of the claims, and the messages that nothing is left of.

    These stay as they were; they are to lose their loss.
    """
    mended, empty = list(messages), []
    for r in bad:
        message = messages[r.message]
        text = message.content
        for c in sorted(r.claims, key=lambda c: -c.start):
            text = _without(text, c) if not c.repair else text[: c.start] + c.repair + text[c.end :]
        if not text.strip():
            empty.append(r.message)
        elif text != message.content:
            mended[r.message] = message.model_copy(update={"content": text, "author": "filter"})
    return tuple(mended), empty


def _without(text: str, claim: Judgement) -> str:
    """The text without a claim, and without the mark of a list that stood before it alone."""
    before, after = text[: claim.start], text[claim.end :]
    before = re.sub(r"(?:^|(?<=\n))[ \t]*(?:[-*+•]|\d{1,3}[.)])[ \t]*$", "", before)
    return before + (after.lstrip(" \t") if not before or before[-1].isspace() else after)


def copy_set(folder: Path, out: Path, bad: dict[str, list[RoundJudgement]], settings: Verification) -> int:
    """Write a curated set anew with the acts in it, each changed sample marked in `extra`; how many changed.

    The old set stays.
    """
    changed = 0
    with whole_folder(out, replace=True) as new:
        for path in sorted(folder.iterdir()):
            if path.is_file() and not path.is_symlink() and path.name not in SPLITS:
                copyfile(path, new / path.name)
        for split in SPLITS:
            with whole_file(new / split) as file:
                for sample in samples(folder / split):
                    result = _acted(sample, bad.get(sample.id, []), settings)
                    changed += result is not sample
                    if result is not None:
                        file.write(result.model_dump_json(exclude_defaults=True) + "\n")
    return changed


def _acted(sample: Sample, bad: list[RoundJudgement], settings: Verification) -> Sample | None:
    """The sample after the act; None where it is dropped."""
    if not bad:
        return sample
    if settings.action == "drop":
        return None
    messages, masked = sample.messages, [r.message for r in bad] if settings.action == "mask" else []
    if settings.action == "repair":
        messages, masked = repaired(messages, bad)
    places = set(masked)
    messages = tuple(m.model_copy(update={"train": False}) if i in places else m for i, m in enumerate(messages))
    note = {"action": settings.action, "claims": told(bad)}
    if settings.action == "repair":
        note["before"] = json.dumps({r.message: sample.messages[r.message].content for r in bad}, ensure_ascii=False)
    return sample.model_copy(update={"messages": messages, "extra": {**sample.extra, "verification": note}})
