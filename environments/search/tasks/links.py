"""Questions of two sentences of a given corpus: two hops, comparisons, and such as no sentence answers.

Two hops: one sentence tells what another one speaks of, by a name that both hold or a term that the first defines. A
comparison: two numbers of one unit. Not answerable: a term and a unit that stand together in no sentence.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Literal, NamedTuple, cast

from numpy.random import Generator

from ..engine.passages import Passage
from ..engine.searcher import LocalSearcher
from ..engine.sentences import Sentence
from ..engine.words import holds, index_words, plain
from .draws import pick
from .gaps import FEWEST, GAP, MOST, PATTERNS, Gap, draw, forms, is_only
from .questions import NOT_GIVEN, Question

LinkKind = Literal["two-hop", "comparison", "unanswerable"]
_UNIT = re.compile(r"(?<![\w.,/:-])(?P<number>\d+(?:,\d{3})*(?:\.\d+)?)(?: (?P<unit>[A-Za-zµ]{1,12}\b)|(?P<percent>%))")
_NO_UNIT = frozenset(
    "a an the of to and or in on at by for from with as is are was were be per than that which who if but".split()  # noqa: SIM905
)
_VERB = re.compile(r"^\s*(?:is|are|was|were)\s+")
_NEAR = 8
"""Pages that are looked through for another sentence about a name."""
_ASK: dict[Gap, str] = {"number": "number", "date": "date or year", "name": "name"}


class Told(NamedTuple):
    """A sentence with a part of it: where the part stands in the sentence, and its text."""

    page: Passage
    sentence: Sentence
    start: int
    part: str

    @property
    def around(self) -> tuple[str, str]:
        """The sentence before and behind the part."""
        return self.sentence.text[: self.start], self.sentence.text[self.start + len(self.part) :]

    def gapped(self, gap: str = GAP) -> str:
        """The sentence with something else in place of the part."""
        before, after = self.around
        return f"{before}{gap}{after}"

    @property
    def support(self) -> dict[str, object]:
        """The sentence as a support of a goal."""
        query = " ".join(dict.fromkeys(index_words(self.gapped(" "))))
        return {"page": self.page.id, "start": self.sentence.start, "end": self.sentence.end, "query": query[:500]}


class Facts(NamedTuple):
    """What the sentences of a corpus say, by kind: names, terms that they define, numbers by their unit."""

    names: tuple[Told, ...]
    terms: tuple[Told, ...]
    units: dict[str, tuple[Told, ...]]


@lru_cache(maxsize=2)
def facts(searcher: LocalSearcher) -> Facts:
    """The facts of a corpus, read once."""
    names, terms, units = list[Told](), list[Told](), defaultdict[str, list[Told]](list)
    for page, sentence in ((p, s) for p in searcher.passages for s in p.sentences):
        for m in _UNIT.finditer(sentence.text):
            unit = (m["unit"] or m["percent"]).casefold()
            if unit not in _NO_UNIT:
                units[unit].append(Told(page, sentence, m.start(), m["number"]))
        if not _can_be_asked(sentence):
            continue
        names += [Told(page, sentence, m.start(), m[0]) for m in PATTERNS["name"].finditer(sentence.text)]
        if defined := PATTERNS["definition"].match(sentence.text):
            terms.append(Told(page, sentence, defined.start("term"), defined["term"]))
    return Facts(tuple(names), tuple(terms), {unit: tuple(told) for unit, told in sorted(units.items())})


def _can_be_asked(sentence: Sentence) -> bool:
    return FEWEST <= len(sentence.text.split()) <= MOST


def draw_question(searcher: LocalSearcher, kind: Gap | LinkKind, rng: Generator) -> Question | None:
    """A question of a kind; None if this draw led to none that its spans prove."""
    return _DRAWS[kind](searcher, rng) if kind in _DRAWS else draw(searcher, cast(Gap, kind), rng)


def _two_hop(searcher: LocalSearcher, rng: Generator) -> Question | None:
    known = facts(searcher)
    bridges = known.terms + known.names
    if not bridges:
        return None
    bridge = pick(rng, bridges)
    end = _end(searcher, bridge, rng)
    if end is None or not (is_only(searcher, bridge.page, bridge.sentence, bridge.around)):
        return None
    kind, told, masked = end
    if bridge in known.terms:
        what = f"The pages describe something in these words: “{_VERB.sub('', bridge.around[1])}”"
        text = f"{what} Another sentence of theirs is about it: “{masked}” Which {_ASK[kind]} stands in the gap?"
    else:
        text = (
            f"A name is left out of this sentence of the pages: “{bridge.gapped()}” Another sentence of theirs holds the same "
            f"name: “{masked}” Which {_ASK[kind]} stands in the gap of the second one?"
        )
    if holds(plain(text), plain(told.part)) or holds(plain(text), plain(bridge.part)):
        return None
    return Question(text, {"answers": forms(told.part), "support": [bridge.support, told.support]})


def _end(searcher: LocalSearcher, bridge: Told, rng: Generator) -> tuple[Gap, Told, str] | None:
    """Another sentence with the bridge in it: what is asked for, and the sentence without it and without the bridge."""
    word = re.compile(rf"(?<!\w){re.escape(bridge.part)}(?!\w)", re.IGNORECASE)
    ends: list[tuple[Gap, Told, str]] = []
    for page in searcher.search(bridge.part, _NEAR):
        for sentence in page.sentences:
            is_same = page.id == bridge.page.id and sentence.start == bridge.sentence.start
            if is_same or not word.search(sentence.text) or not _can_be_asked(sentence):
                continue
            for kind, told in _gaps(page, sentence):
                if not word.search(told.part) and is_only(searcher, page, sentence, told.around):
                    ends.append((kind, told, word.sub("[it]", told.gapped())))
    return pick(rng, ends) if ends else None


def _gaps(page: Passage, sentence: Sentence) -> Iterator[tuple[Gap, Told]]:
    """What can be left out of a sentence; a year is a date and no number."""
    dates = [m.span() for m in PATTERNS["date"].finditer(sentence.text)]
    for kind in _ASK:
        for m in PATTERNS[kind].finditer(sentence.text):
            if kind != "number" or not any(start <= m.start() < end for start, end in dates):
                yield kind, Told(page, sentence, m.start(), m[0])


def _comparison(searcher: LocalSearcher, rng: Generator) -> Question | None:
    units = _shared(facts(searcher).units)
    if not units:
        return None
    told = units[pick(rng, list(units))]
    first, second = pick(rng, told), pick(rng, told)
    if not (_can_be_asked(first.sentence) and _can_be_asked(second.sentence)):
        return None
    values = [float(t.part.replace(",", "")) for t in (first, second)]
    if values[0] == values[1] or first.sentence == second.sentence:
        return None
    if not all(is_only(searcher, t.page, t.sentence, t.around) for t in (first, second)):
        return None
    wants_least = bool(rng.integers(2))
    best = "first" if (values[0] < values[1]) == wants_least else "second"
    text = (
        f"A number is left out of each of two sentences of the pages. First: “{first.gapped()}” Second: “{second.gapped()}” "
        f"Which of the two numbers is {'smaller' if wants_least else 'larger'}, the first or the second?"
    )
    answers = [best, f"the {best} one", f"the {best} number", f"the {best} sentence"]
    return Question(text, {"answers": answers, "support": [first.support, second.support], "read": True})


def _shared(units: dict[str, tuple[Told, ...]]) -> dict[str, tuple[Told, ...]]:
    """The units that stand behind more than one number; a word that does so once may be none."""
    return {unit: told for unit, told in units.items() if len(told) > 1}


def _unanswerable(searcher: LocalSearcher, rng: Generator) -> Question | None:
    known = facts(searcher)
    units = _shared(known.units)
    if not known.terms or not units:
        return None
    term, unit = pick(rng, known.terms), pick(rng, list(units))
    if any(plain(term.part) in plain(t.sentence.text) for t in units[unit]):
        return None
    sought = "percentage" if unit == "%" else f"number of {unit}"
    text = (
        f"Which {sought} do the pages give in a sentence that names “{term.part}”? If no sentence of theirs does, the answer "
        "is unknown."
    )
    support = {**term.support, "query": " ".join(index_words(term.part))[:500]}
    return Question(text, {"answers": list(NOT_GIVEN), "support": [support], "read": True})


_DRAWS: dict[str, Callable[[LocalSearcher, Generator], Question | None]] = {
    "two-hop": _two_hop,
    "comparison": _comparison,
    "unanswerable": _unanswerable,
}
