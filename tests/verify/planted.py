"""Statements with planted truths, made from the sentences of eight documents. `python -m tests.verify.planted` prints figures.

The substitutions stand here alone: the judge has its own lists, and never saw these.
"""

import asyncio
import json
import re
from collections import Counter
from pathlib import Path
from random import Random

from simenv.knowledge.passage import checksum, passages
from simenv.statistics import wilson
from simenv.verify.claims import Claim, sentences
from simenv.verify.judge import FINDINGS, OfflineJudge
from simenv.verify.library import Library

HERE = Path(__file__).parent
DOCUMENTS = HERE / "documents"
EACH = {
    "verbatim": 30,
    "framed": 30,
    "synonym": 33,
    "number": 45,
    "negation": 40,
    "antonym": 15,
    "name": 10,
    "addition": 46,
}
FRAMES = (
    "According to the handbook, {}",
    "Our rules say that {}",
    "Please note that {}",
    "{}, as the guideline puts it",
)
SYNONYMS = {
    "patients": "people", "employee": "worker", "given": "administered", "started": "begun", "receives": "gets",
    "answered": "dealt with", "informed": "told", "filed": "lodged", "offered": "available", "reduced": "cut",
    "measured": "determined", "reviewed": "checked", "ends": "is over", "increased": "raised", "returns": "pays back",
    "indicates": "points to", "leads": "heads", "period": "time", "wages": "salary", "illness": "sickness", "receive": "get",
    "refuse": "turn down", "parent": "mother or father", "estate": "property", "exceed": "be above", "reported": "notified",
}  # fmt: skip
ANTONYMS = {
    "increases": "reduces", "decreases": "improves", "below": "above", "older": "younger", "higher": "lower", "before": "after",
    "invalid": "effective", "valid": "void", "increased": "lowered", "reduced": "doubled", "full": "half", "free": "not free",
    "less": "more", "paid": "unpaid", "withdrawn": "kept for ever", "refuse": "accept", "after": "before",
}  # fmt: skip
NAMES = {
    "Elena Marsh": "Robert Quill", "Leeds": "Bristol", "Ingrid Solheim": "Anna Dorn", "Shingrix": "Zostavax",
    "Labour Tribunal": "Chamber of Commerce", "Housing Act": "Rental Code", "Data Commissioner": "Consumer Council",
    "Privacy Act": "Secrecy Code", "Dr. Elena": "Dr. Ruth", "Solheim": "Petersen",
}  # fmt: skip
ADDITIONS = (
    "This was confirmed by a survey in Norway.", "{} is cheaper on Mondays.", "{} was first described in Vienna.",
    "Many experts criticise {} in the press.", "{} and the weather are closely related.", "A film about {} won a prize.",
)  # fmt: skip
_AUXILIARY = re.compile(r"\b(is|are|must|may|can|was|has|cannot|does not|must not|is not|may not)\b(?! not)")
_SUBJECT = re.compile(
    r" (?:is|are|must|may|can|was|has|have|does|lasts|runs|receives?|returns|pays|reverses|crosses|increases)\b"
)
_DENIED = {"cannot": "can", "does not": "does", "must not": "may", "is not": "is", "may not": "may"}


def library():
    return Library(p for f in sorted(DOCUMENTS.iterdir()) for p in passages(f, f.name, checksum(f), 1200))


def handwritten():
    return [json.loads(line) for line in (HERE / "handwritten.jsonl").read_text().splitlines()]


def said():
    """The sentences of the documents, with what names a row of a table taken off."""
    texts = [s.text.split("statement: ")[-1] for p in library().passages for s in sentences(p.text)]
    return [t for t in texts if len(t.split()) > 4]


def _swapped(text, table):
    word = next((w for w in table if re.search(rf"\b{w}\b", text)), None)
    return word and re.sub(rf"\b{word}\b", table[word], text, count=1)


def _other_number(text, rng):
    found = list(re.finditer(r"\d+(?:\.\d+)?", text))
    if not found:
        return None
    match = rng.choice(found)
    value = float(match[0]) * rng.choice([2, 3, 0.5]) + rng.choice([0, 1])
    return f"{text[: match.start()]}{value:g}{text[match.end() :]}" if value != float(match[0]) else None


def _denied(text, rng):
    match = _AUXILIARY.search(text)
    if match is None:
        return None
    word = match[1]
    return f"{text[: match.start()]}{_DENIED.get(word, word + ' not')}{text[match.end() :]}"


def _framed(text, rng):
    name = text.split()[0]
    body = text if name.isupper() or name in ("Dr.", "Warfarin", "Apixaban") else text[0].lower() + text[1:]
    return rng.choice(FRAMES).format(body.rstrip(".")) + "."


def _added(text, rng):
    return rng.choice(ADDITIONS).format(_SUBJECT.split(text)[0])


MAKERS = {
    "verbatim": ("supported", lambda t, rng: t),
    "framed": ("supported", _framed),
    "synonym": ("supported", lambda t, rng: _swapped(t, SYNONYMS)),
    "number": ("contradicted", _other_number),
    "negation": ("contradicted", _denied),
    "antonym": ("contradicted", lambda t, rng: _swapped(t, ANTONYMS)),
    "name": ("contradicted", lambda t, rng: _swapped(t, NAMES)),
    "addition": ("not found", _added),
}


def generated(seed=18):
    """240 statements in the documents' own words, changed as their kind says."""
    rng, texts = Random(seed), said()
    statements = []
    for kind, (truth, make) in MAKERS.items():
        made = [m for t in rng.sample(texts, len(texts)) if (m := make(t, rng))]
        unique = list(dict.fromkeys(made))[: EACH[kind]]
        statements += [{"text": text, "truth": truth, "kind": kind} for text in unique]
    return statements


def findings(statements, judge=None):
    """What the judge finds of each statement."""
    judge = judge or OfflineJudge(library())

    async def all_of_them():
        return [(await judge.judge(Claim(0, len(s["text"]), s["text"]))).finding for s in statements]

    return asyncio.run(all_of_them())


def figures(statements, found):
    """Precision and recall of each finding, and recall by kind."""
    pairs = Counter(zip((s["truth"] for s in statements), found, strict=True))
    kinds = Counter((s["kind"], s["truth"] == f) for s, f in zip(statements, found, strict=True))
    by_finding = {
        f: (pairs[f, f], sum(pairs[t, f] for t in FINDINGS), sum(pairs[f, g] for g in FINDINGS)) for f in FINDINGS
    }
    by_kind = {
        k: (kinds[k, True], kinds[k, True] + kinds[k, False]) for k in dict.fromkeys(s["kind"] for s in statements)
    }
    return by_finding, by_kind


def _share(part, whole):
    low, high = wilson(part, whole)
    return f"{part}/{whole} = {part / whole:.2f} ({low:.2f}–{high:.2f})" if whole else "none"


def main():
    for name, statements in (("generated", generated()), ("handwritten", handwritten())):
        by_finding, by_kind = figures(statements, findings(statements))
        print(f"{name}: {len(statements)}")
        for f, (right, claimed, true) in by_finding.items():
            print(f"| {f} | {_share(right, claimed)} | {_share(right, true)} |")
        for kind, (right, true) in by_kind.items():
            print(f"| {kind} | {_share(right, true)} |")


if __name__ == "__main__":
    main()
