"""Ten dialogues that a strong model held, seeing each time one prompt and nothing else: the prompts as sent, its answers."""

import gzip
import json
import re
from collections import Counter
from pathlib import Path

import pytest

from simenv.knowledge.passage import Passage, Source
from simenv.verify.claims import claims
from simenv.verify.judge import OfflineJudge
from simenv.verify.library import Library

TAPE = [
    json.loads(line)
    for line in gzip.decompress(
        (Path(__file__).parents[1] / "data" / "dialogue_tape.jsonl.gz").read_bytes()
    ).splitlines()
]
MATERIAL = re.compile(r"^([^\n]*)\n(-----[0-9a-f]+-----)\n(.*?)\n\2$", re.MULTILINE | re.DOTALL)
"""A passage in a prompt: its title, and its text between two lines that it cannot contain."""


def told(record):
    return record["messages"][0]["content"]


def asks(record):
    return "That side answers; you ask." in told(record)


def test_both_sides_kept_to_their_roles_at_the_first_try():
    assert Counter(map(asks, TAPE)) == {True: 20, False: 20}
    assert all("?" in r["answer"] for r in TAPE if asks(r)) and not any("?" in r["answer"] for r in TAPE if not asks(r))
    spoken_of = re.compile(r"\b(?:text|passage|material|background|role)\b", re.IGNORECASE)
    assert not [r["answer"] for r in TAPE if spoken_of.search(r["answer"])]


@pytest.mark.parametrize("record", [r for r in TAPE if not asks(r)])
def test_figures_of_an_answer_stand_in_its_passages_or_in_the_question(record):
    given = told(record) + record["messages"][-1]["content"]
    own = {"2,100", "70"} if "2,100 ml" in record["answer"] else set()  # a sum that it worked out for an example
    assert set(re.findall(r"\d[\d.,]*\d|\d", record["answer"])) - own <= set(re.findall(r"\d[\d.,]*\d|\d", given))


def test_what_offline_verification_finds_of_honest_answers_in_free_words():
    """All are true to the passages, or say that something is not known: what is contradicted here is a false alarm."""
    texts = {text: title for r in TAPE for title, _, text in MATERIAL.findall(told(r))}
    source = Source(file="tape", sha256="0" * 64)
    library = Library(
        Passage(id=str(n), title=title, text=text, source=source.model_copy(update={"end": len(text)}))
        for n, (text, title) in enumerate(texts.items())
    )
    judge = OfflineJudge(library)
    found = Counter(judge.find(c).finding for r in TAPE if not asks(r) for c in claims(r["answer"]))
    print(dict(found))
    assert found.total() == 46 and found["supported"] >= 24 and found["contradicted"] <= 2
