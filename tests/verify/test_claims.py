"""Sentences become claims: with care for abbreviations, numbers and lists; questions and politeness are none."""

import pytest

from simenv.verify.claims import MOST, claims, thought_claims
from simenv.verify.quantities import Quantity, quantities


def texts(message):
    return [c.text for c in claims(message)]


def test_a_claim_stands_where_its_span_says():
    message = "Sure! Warfarin is started at 2.5 mg, e.g. by Dr. Marsh. The INR is measured weekly."
    assert [message[c.start : c.end] for c in claims(message)] == texts(message)
    assert texts(message) == ["Warfarin is started at 2.5 mg, e.g. by Dr. Marsh.", "The INR is measured weekly."]


@pytest.mark.parametrize(
    "message",
    [
        "Do you take warfarin?", "Thank you for your question!", "Hello, how can I help?", "I hope this helps you.", "",
        "Let me know if you have more questions.", "I'm sorry to hear that you feel ill.", "# Doses of warfarin", "Doses:",
        "You're welcome!", "```python\ndose = 5 * weight + 3\nprint(dose)\n```", "I need to search for sepsis first.", "Yes.",
    ],
)  # fmt: skip
def test_questions_politeness_headings_and_code_claim_nothing(message):
    assert texts(message) == []


def test_items_of_a_list_are_claims_without_their_marks():
    message = (
        "The rules are:\n1. The deposit is 5 weeks of rent.\n2. Notice takes 2 months.\n- **Rent** rises once a year."
    )
    assert texts(message) == ["The deposit is 5 weeks of rent.", "Notice takes 2 months.", "Rent   rises once a year."]


def test_a_note_is_a_claim_however_politely_it_begins():
    assert texts("Please note that warfarin crosses the placenta.") == [
        "Please note that warfarin crosses the placenta."
    ]


def test_a_message_of_any_length_gives_a_bounded_number_of_claims():
    assert len(claims("Every adult takes 5 mg. " * 10_000)) == MOST
    assert all(c.end - c.start <= 600 for c in claims("a word " * 100_000))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("within sixty minutes", "within 1 hour"), ("half a year", "6 months"), ("two weeks", "14 days"),
        ("72 hours", "three days"),        ("half of the estate", "50% of the estate"),
        ("1,200 mg", "1.2 g"), ("5 percent", "5%"),
        ("20 million euros", "20000000 euros"),
        ("the first of October", "1 October"), ("twenty-eight days", "28 days"),
        ("a dozen or 2.0", "a dozen or two"),
    ],
)  # fmt: skip
def test_equal_quantities_are_equal_in_other_words(one, other):
    (a,), (b,) = quantities(one), quantities(other)
    assert a.equals(b)


def test_other_quantities_differ():
    assert quantities("5 mg") == [Quantity(0.005, "grams")]
    assert not quantities("5 mg")[0].equals(quantities("5 g")[0])
    assert not quantities("14 May")[0].equals(quantities("14 June")[0])
    assert not quantities("65 mmHg")[0].equals(quantities("85 mmHg")[0])


@pytest.mark.parametrize(
    ("thought", "claimed"),
    [
        ("First I look for pages with the words dose warfarin.", []),
        ("So the answer is Doctor Helena Brandt.", []),
        ("This is the page that is meant, and it does not tell.", []),
        ("I read on the page Sepsis: Lactate is measured again after 2 hours. Now I look for lactate.",
         ["I read on the page Sepsis: Lactate is measured again after 2 hours."]),
        ("Sepsis: It is bad for organs. antibiotics: A dose of 5 mg is given.",
         ["Sepsis: It is bad for organs.", "antibiotics: A dose of 5 mg is given."]),
    ],
)  # fmt: skip
def test_what_an_agent_plans_or_answers_is_no_claim(thought, claimed):
    assert [c.text for c in thought_claims(thought)] == claimed
