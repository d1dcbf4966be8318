"""The instructions of procedural tasks are English, and what they ask for is possible."""

import re
from datetime import date

import pytest
from numpy.random import default_rng

from simenv import plugins
from simenv.english import article, capitalized, counted, listed, ordinal
from tests.helpers.grammar import RULES, faults

LEVELS = (1, 2, 3, 4, 5)
CAPACITY = {"single room": 1, "double room": 2, "twin room": 2, "family suite": 4}


def tasks(environment, number):
    """As many tasks of each difficulty."""
    teacher = type(plugins.environment(environment).procedural())
    for level in LEVELS:
        maker = teacher(teacher.Options(difficulty=level))
        for n in range(number // len(LEVELS)):
            yield maker.make(f"{environment}-{level}-{n}", default_rng([n, level, 15]))


@pytest.mark.parametrize("environment", ["db", "os", "kg", "household", "search", "web"])
def test_400_instructions_of_each_environment_are_english_and_possible(environment):
    wrong = []
    for task in tasks(environment, 400):
        text = task.instruction.split("\nThe name of this table")[0]
        found = faults(text) + _impossible(task)
        wrong += [f"{fault}\n    {text}" for fault in found]
    assert not wrong, "\n".join(wrong[:20])


def _impossible(task):
    """What a booking asks for that its offer does not allow."""
    records = task.goal.get("records", [{}]) if task.environment == "web" else [{}]
    booking = records[0].get("match", {})
    items = {i["id"]: i for i in task.spec.get("catalogue", {}).get("items", [])} if task.environment == "web" else {}
    offer = items.get(booking.get("item"), {})
    if (room := booking.get("options", {}).get("room", "").lower()) and booking["guests"] > CAPACITY[room]:
        return [f"{booking['guests']} guests in a {room}"]
    closed = offer.get("details", {}).get("closed", "never")
    if "day" in booking and f"{date.fromisoformat(booking['day']):%A}s" == closed:
        return [f"on {closed} it is closed"]
    return []


SPOILT = {
    "(s)": "Book a room for 2 guest(s).",
    "a before a vowel": "Put a apple on a shelf.",
    "an before a consonant": "Put an mug on a shelf.",
    "several and a singular": "Put two mug on a shelf.",
    "one and a plural": "Book a table for 1 guests.",
    "one of a singular": "Name one of the city in Arvia.",
    "how many of a singular": "How many order are there?",
    "plural with a singular verb": "List all rivers that flows through Arvia.",
    "singular with a plural verb": "Find every order that have no review.",
    "is with a plural": "Name the countries whose capital is cities in Arvia.",
    "are with a singular": "Name the places that are the city of Ann Lee.",
    "a noun phrase for a predicate": "List all people who play chess and are people born in Arvia.",
    "a doubled word": "Put a mug on on a shelf.",
    "no capital first letter": "put a mug on a shelf.",
    "no end mark": "Put a mug on a shelf",
    "stray blanks or marks": "Put a mug  on a shelf.",
    "a wrong ordinal": "Are you open on the 22th?",
}


@pytest.mark.parametrize("rule", sorted(RULES))
def test_each_rule_sees_its_fault(rule):
    assert any(fault.startswith(rule) for fault in faults(SPOILT[rule])), faults(SPOILT[rule])


@pytest.mark.parametrize(
    "text",
    [
        "Leave on 31 February 2027.",
        "Find all rooms whose rate is between 4 and 4 inclusive.",
        "Stay from 3 May 2027 to 3 May 2027.",
        "Set the date to '2027-02-30'.",
    ],
)
def test_impossible_dates_and_spans_are_seen(text):
    assert faults(text)


def test_small_english():
    nouns = (
        "apple",
        "mug",
        "hour",
        "unit",
        "umbrella",
        "one-way ticket",
        "European city",
        "8",
        "uninsured driver",
        "heir",
    )
    assert re.findall(r"\bans?\b|\ba\b", " ".join(map(article, nouns))) == [
        "an",
        "a",
        "an",
        "a",
        "an",
        "a",
        "a",
        "an",
        "an",
        "an",
    ]
    assert [counted(n, "bag") for n in (0, 1, 2)] == ["no bags", "1 bag", "2 bags"]
    assert counted(2, "box", "boxes") == "2 boxes"
    assert [listed("abc"[:n]) for n in (1, 2, 3)] == ["a", "a and b", "a, b and c"]
    assert [ordinal(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 22, 111)] == [
        *("1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "111th"),
    ]
    assert capitalized("put CDs away.") == "Put CDs away." and capitalized("") == ""
