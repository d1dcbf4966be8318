"""What a comparison counts and shows: wins, ties and losses by judge and people, and what each style makes of a record."""

import asyncio
import json

import pytest

from simenv.comparison.config import Comparison
from simenv.comparison.report import report, shown
from simenv.comparison.run import style
from simenv.comparison.styles.style import Workshop, asked, told
from simenv.comparison.votes import Example, Item, Vote
from simenv.errors import ConfigError
from simenv.knowledge.passage import Source
from simenv.knowledge.records import Record
from simenv.models.clients.scripted import scripted
from simenv.options import read
from simenv.verify.library import Library

PAIR = ("record", "baize")
ITEMS = [Item(id="1", set="s", material=""), Item(id="2", set="t|u", material="")]


def vote(item, better, by="model", **more):
    return Vote(item=item, styles=PAIR, better=better, by=by, **more)


def test_wins_ties_and_losses_are_counted_by_judge_and_people_and_by_set():
    votes = [vote("1", "record"), vote("2", "tie", swapped=True), vote("1", "baize", by="ann"), vote("1", "baize", by="ben"),
             vote("9", "record")]  # fmt: skip
    made = report(ITEMS, votes, [Example(item="1", style="baize", error="x"), Example(item="2", style="record")])
    rows = {(r["by"], r["set"]): r for r in made.figures["rows"]}
    assert list(rows) == [("model", "all"), ("model", "s"), ("model", "t|u"), ("people", "all"), ("people", "s")]
    every = rows["model", "all"]
    assert (every["votes"], every["win"], every["tie"], every["loss"], every["changed_with_order"]) == (2, 1, 1, 0, 1)
    assert (every["style"], every["against"]) == PAIR and rows["people", "s"]["loss"] == 2
    assert every["intervals"]["win"] == {
        "low": pytest.approx(0.0945, abs=1e-4),
        "high": pytest.approx(0.9055, abs=1e-4),
    }
    assert (made.figures["items"], made.figures["sets"], made.figures["failed"]) == (2, ["s", "t|u"], {"baize": 1})
    assert "2 items of s, t|u." in made.page and "| model | t/u | record | baize | 1 |" in made.page
    assert made.page.endswith("\nExamples that could not be made: baize 1\n")
    assert shown(every, "win") == "1 = 50% (9%–91%)"


def test_a_report_without_failures_ends_with_its_rows():
    made = report(ITEMS, [vote("1", "record")], [])
    assert made.page.splitlines()[-1].startswith("| model | s | record | baize | 1 | 1 = 100%")
    assert report([], [], []).figures == {"items": 0, "sets": [], "failed": {}, "rows": []}


def test_pairs_are_all_or_those_with_one_style():
    three = {"styles": ("record", "baize", "fireact")}
    assert Comparison(**three).pairs == [("record", "baize"), ("record", "fireact"), ("baize", "fireact")]
    assert Comparison(**three, against="baize").pairs == [("record", "baize"), ("fireact", "baize")]
    assert Comparison(styles=("record", "baize"), against="fireact").pairs == [
        ("record", "fireact"),
        ("baize", "fireact"),
    ]
    with pytest.raises(ConfigError, match="expected each style once"):
        read(Comparison, {"styles": ["record", "record"]}, "")


def record(**fields):
    source = Source(file="s.json", sha256="0" * 64)
    return Record(id="1", question="Q?", answer="A", raw="{}", row=1, source=source, **fields)


def made(name, item, *answers, **settings):
    model = scripted(*map(json.dumps, answers))
    chat = asyncio.run(style(name)(item, Workshop(model, Library(()), **settings)))
    return [(m.role, m.content, m.train) for m in chat], model


def test_each_style_makes_a_chat_of_a_record():
    full = record(explanation="so", context="c", options=("x", "y"))
    assert made("record", full)[0] == [("user", "Q?\n1. x\n2. y", False), ("assistant", "A\nso", True)]
    assert made("record", record(explanation="A"))[0][1] == ("assistant", "A", True)
    chat, model = made("self_instruct", full, {"instruction": "Do", "input": "this", "output": "done"})
    assert chat == [("user", "Do\n\nthis", False), ("assistant", "done", True)]
    assert "Explanation: so" in model.requests[0].messages[-1].content
    rounds = [{"user": f"u{n}", "assistant": f"a{n}"} for n in range(3)]
    chat, model = made("baize", full, {"rounds": rounds}, rounds=2)
    assert [c for _, c, _ in chat] == ["u0", "a0", "u1", "a1"] and [t for *_, t in chat] == [False, True] * 2


def test_a_record_is_told_with_or_without_its_answer():
    full = record(explanation="so", context="c", options=("x", "y"))
    lines = told(full).splitlines()[1:-1]
    assert lines == ["Question: Q?", "Option 1: x", "Option 2: y", "Context: c", "Answer: A", "Explanation: so"]
    assert told(full, answered=False).splitlines()[1:-1] == lines[:4]
    assert told(record()).splitlines()[1:-1] == ["Question: Q?", "Answer: A"] and asked(record()) == "Q?"
