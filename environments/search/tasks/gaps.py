"""Questions from the sentences of a given corpus: a number, date or name that is left out of one, or what one defines."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from numpy.random import Generator

from ..engine.passages import Passage
from ..engine.searcher import LocalSearcher
from ..engine.sentences import Sentence
from ..engine.words import holds, index_words, plain
from .draws import pick
from .questions import Question

Gap = Literal["number", "date", "name", "definition"]
FEWEST, MOST = 8, 60
"""Words of a sentence that a question is made from."""
_NEAR = 5
"""Pages that are searched for a sentence that differs in the gap alone."""
_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"  # no abbreviations
)
_CAPITAL = r"[A-Z][\w'’-]+"
_PRONOUN = r"(?:It|This|That|These|Those|He|She|They|There|We|Here|What|One)"
PATTERNS: dict[Gap, re.Pattern[str]] = {
    "date": re.compile(
        rf"\b(?:\d{{1,2}} {_MONTH} \d{{4}}|{_MONTH} \d{{1,2}}, \d{{4}}|{_MONTH} \d{{4}}|(?:1[5-9]|20)\d\d)\b(?![-.,]\d)"
    ),
    "number": re.compile(r"(?<![\w.,/:-])\d+(?:,\d{3})*(?:\.\d+)?%?(?![\w/:-]|[.,]\d)"),
    "name": re.compile(rf"(?<=[a-z,] ){_CAPITAL}(?: (?:(?:of|de|von|van|for) )?{_CAPITAL})+"),
    "definition": re.compile(
        rf"^(?:The |An? )?(?P<term>(?!{_PRONOUN}\b)\w[\w'’-]*(?: [\w'’-]+){{0,4}}?) (?:is|are|was|were) "
        r"(?P<rest>(?:an?|the) .+)$"
    ),
}
_ASK: dict[Gap, str] = {
    "number": "Which number stands in the gap of this sentence of the pages? “{gapped}”",
    "date": "Which date or year stands in the gap of this sentence of the pages? “{gapped}”",
    "name": "Which name stands in the gap of this sentence of the pages? “{gapped}”",
    "definition": "What do the pages describe in these words? “{gapped}”",
}
GAP = "____"


@lru_cache(maxsize=4)
def gaps_in(searcher: LocalSearcher) -> frozenset[Gap]:
    """The kinds of gaps that at least one sentence of a corpus has."""
    missing = set(PATTERNS)
    for page in searcher.passages:
        for sentence in page.sentences:
            missing -= {gap for gap in missing if PATTERNS[gap].search(sentence.text)}
        if not missing:
            break
    return frozenset(PATTERNS) - missing


def draw(searcher: LocalSearcher, gap: Gap, rng: Generator) -> Question | None:
    """A question with a gap of a kind; None if this draw led to none that has one answer."""
    page = pick(rng, searcher.passages)
    if not page.sentences:
        return None
    sentence = pick(rng, page.sentences)
    matches = list(PATTERNS[gap].finditer(sentence.text))
    if not matches or not FEWEST <= len(sentence.text.split()) <= MOST:
        return None
    match = pick(rng, matches)
    answer = match["term"] if gap == "definition" else match[0]
    start = match.start("term") if gap == "definition" else match.start()
    before, after = sentence.text[:start], sentence.text[start + len(answer) :]
    gapped = match["rest"] if gap == "definition" else f"{before}{GAP}{after}"
    if (
        holds(plain(gapped), plain(answer))
        or not plain(answer)
        or not is_only(searcher, page, sentence, (before, after))
    ):
        return None
    query = " ".join(dict.fromkeys(index_words(gapped)))
    support = {"page": page.id, "start": sentence.start, "end": sentence.end, "query": query[:500]}
    return Question(_ASK[gap].format(gapped=gapped), {"answers": forms(answer), "support": [support]})


def is_only(searcher: LocalSearcher, page: Passage, sentence: Sentence, around: tuple[str, str]) -> bool:
    """Whether no other sentence of the pages that fit best has the same words around the gap."""
    before, after = around
    for near in searcher.search(sentence.text, _NEAR):
        for other in near.sentences:
            is_same = near.id == page.id and other.start == sentence.start
            if not is_same and other.text.startswith(before) and other.text.endswith(after):
                return False
    return True


def forms(answer: str) -> list[str]:
    return list(dict.fromkeys((answer, answer.removesuffix("%"))))
