"""Grades an answer as SQuAD and HotpotQA do, by exact match and F1 of words, and by whether the cited source supports it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from simenv.types import Grade

from .searcher import Searcher
from .words import holds, plain

_SUBGOAL_PROGRESS = 0.9
"""Progress with every sub-goal reached and no answer given."""
_CLOSED = frozenset({"yes", "no", "unknown"})
"""Answers that share no part with another one (HotpotQA's evaluation, f1_score)."""
_QUOTE = 3
"""Fewest words of a quotation."""


class Support(NamedTuple):
    """A passage on which the answer rests: its id, and the text of the span there, all of it where the goal names none."""

    page: str
    title: str
    text: str


class Submission(NamedTuple):
    """An answer as text, and the source that was cited for it; both '' where there is none."""

    answer: str = ""
    source: str = ""

    @classmethod
    def of(cls, answer: Any) -> Submission:
        """What `finish` gave, or any other value."""
        if isinstance(answer, Mapping):
            return cls(*(v if isinstance(v := answer.get(k), str) else "" for k in cls._fields))
        return cls(answer if isinstance(answer, str) else "")


def f1(answer: str, gold: str) -> float:
    """Harmonic mean of precision and recall over the words of two plain texts, 0 to 1."""
    if answer != gold and (answer in _CLOSED or gold in _CLOSED):
        return 0.0
    words, expected = Counter(answer.split()), Counter(gold.split())
    hits = sum((words & expected).values())
    return 2 * hits / (words.total() + expected.total()) if hits else 0.0


def supports_of(goal: Mapping[str, Any], searcher: Searcher) -> tuple[Support, ...]:
    """The supports of a goal, but for those whose page is not in the corpus."""
    pages = ((support, searcher.page(support["page"])) for support in goal.get("support", ()))
    return tuple(
        Support(page.id, page.title, page.text[s["start"] : s["end"]] if "start" in s else page.text)
        for s, page in pages
        if page is not None
    )


def is_supported(source: str, answers: Sequence[str], supports: Sequence[Support]) -> bool:
    """Whether a source, a page by id or title or a quotation of three words or more, shows the answer by the goal's spans.

    Of several spans those count that hold an accepted answer, or all if none does.
    """
    accepted = [plain(a) for a in answers]
    telling = [s for s in supports if any(holds(plain(s.text), a) for a in accepted)] or list(supports)
    cited = source.strip().removeprefix("[").removesuffix("]").strip()
    if any(cited == s.page or plain(cited) == plain(s.title) for s in telling):
        return True
    quote = plain(source)
    if len(quote.split()) < _QUOTE:
        return False
    has_answer = any(holds(quote, a) for a in accepted) or len(telling) == len(supports)
    return any(holds(quote, plain(s.text)) or (has_answer and holds(plain(s.text), quote)) for s in telling)


def grade(
    goal: Mapping[str, Any], answer: Any, subgoals: dict[str, bool], supports: Sequence[Support], needs_source: bool
) -> Grade:
    """The grade of an answer. Success is an exact match with an accepted form, after reading where the goal says so.

    Progress is F1, or before an answer the share of sub-goals. Metrics, each 0 to 1: em, f1, supported, answered.
    """
    given = Submission.of(answer)
    text, accepted = plain(given.answer), [plain(a) for a in goal["answers"]]
    exact = text in accepted and bool(text)
    score = max(f1(text, a) for a in accepted)
    supported = bool(given.source) and is_supported(given.source, goal["answers"], supports)
    unread = [name for name, is_reached in subgoals.items() if not is_reached] if goal.get("read") else []
    success = exact and not unread and (supported or not needs_source)
    share = _SUBGOAL_PROGRESS * sum(subgoals.values()) / len(subgoals) if subgoals else 0.0
    return Grade(
        success=success,
        progress=1.0 if success else share if answer is None else min(score, 0.999),
        subgoals=subgoals,
        reasons=() if success else (_reason(given, exact, unread),),
        metrics={"em": float(exact), "f1": score, "supported": float(supported), "answered": float(bool(text))},
    )


def _reason(given: Submission, exact: bool, unread: list[str]) -> str:
    if not given.answer.strip():
        return "no answer was given"
    if not exact:
        return f"{given.answer!r:.80} is none of the accepted answers"
    if unread:
        return f"the answer is right, but it was given without what it rests on: {', '.join(unread)}"
    return f"the answer is right, but its source {given.source!r:.80} does not show it"
