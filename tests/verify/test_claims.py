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


@pytest.mark.parametrize(
    "act", ["Action: search\nAction Input: is warfarin safe 5 mg", "Action: Finish[it is 5 mg a day]"]
)
def test_what_an_agent_does_is_no_claim_and_what_it_thinks_is_one(act):
    message = f"Thought: The dose is 5 mg a day.\n{act}"
    (claim,) = thought_claims(message)
    assert claim.text == "The dose is 5 mg a day." and message[claim.start : claim.end] == claim.text
    assert texts("Action: the dose is 5 mg.\nIt is given daily.") == ["Action: the dose is 5 mg.", "It is given daily."]


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
    ("text", "value", "unit"),
    [
        ("90 seconds", 0.025, "hours"), ("30 minutes", 0.5, "hours"), ("3 weeks", 504, "hours"), ("2 years", 24, "months"),
        ("2 decades", 240, "months"), ("2 kg", 2000, "grams"), ("3 g", 3, "grams"), ("250 µg", 0.00025, "grams"),
        ("250 mcg", 0.00025, "grams"), ("500 ml", 0.5, "litres"), ("2 l", 2, "litres"), ("3 km", 3000, "metres"),
        ("4 m", 4, "metres"), ("5 cm", 0.05, "metres"), ("6 mm", 0.006, "metres"), ("7 %", 7, "%"),
        ("two hundred km", 200000, "metres"), ("thirty thousand kg", 3e7, "grams"), ("forty-five grams", 45, "grams"),
        ("a hundred days", 2400, "hours"), ("nineteen days", 456, "hours"), ("once a week", 1, ""),
    ],
)  # fmt: skip
def test_a_quantity_has_one_value_in_one_unit(text, value, unit):
    (found,) = quantities(text)
    assert found == Quantity(pytest.approx(value), unit)


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("in 1500", 1500, "year"), ("in 2200", 2200, "year"), ("in 1499", 1499, ""), ("in 2201", 2201, ""),
        ("2,000 people", 2000, ""), ("2000 mg", 2, "grams"), ("14 May", 514, "date"), ("May 14", 514, "date"),
        ("31 December", 1231, "date"), ("32 May", 32, ""), ("the second dose", 2, "ordinal"), ("the 3rd house", 3, "ordinal"),
        ("65 mmHg", 65, "mmHg"), ("2 mmol/l", 2, "mmol/l"), ("7 houses", 7, ""),
    ],
)  # fmt: skip
def test_years_dates_places_in_a_row_and_rates_are_kinds_of_their_own(text, value, unit):
    assert quantities(text) == [Quantity(pytest.approx(value), unit)]


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
