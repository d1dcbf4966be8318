"""Hints that give something away are refused, however they say it; harmless ones pass."""

from functools import cache

import pytest
from numpy.random import default_rng

from simenv import plugins
from simenv.hooks.leaks import leak, secrets
from simenv.hooks.leaks.numerals import digits
from simenv.types import Action, Message, Move
from tests.helpers.disguised_hints import BEYOND, CARRIERS, DISGUISES, GOOD, NUMBERS, number_words
from tests.helpers.hints import harmless, leaky
from tests.helpers.mistakes import task_of

MOMENTS = range(60)
"""Numbers of the tasks of each environment whose states of play hints are written for."""


@cache
def tasks():
    """The secrets of real tasks."""
    made = []
    for n in range(40):
        environment = ("db", "kg", "household", "web")[n % 4]
        task = task_of(environment, n)
        expert = plugins.environment(environment).expert()
        made.append(secrets(expert.answers(task), task.solution, task.instruction))
    return made


def told(ways, count, rng):
    """(how, hint, secrets) with a real answer or action in each hint."""
    made = []
    for secret in tasks():
        moves = [a for a in secret.actions if len(a) > 5]
        for what in (*secret.answers[:2], *moves[-2:]):
            for how, disguise in (*ways.items(), *(NUMBERS.items() if what.isdigit() and len(what) < 7 else ())):
                made.append((how, CARRIERS[int(rng.integers(len(CARRIERS)))].format(disguise(what)), secret, what))
    return [made[i] for i in rng.choice(len(made), count, replace=False)]


def test_200_adversarial_hints_are_refused():
    missed = [
        (how, hint, what) for how, hint, secret, what in told(DISGUISES, 200, default_rng(1)) if not leak(hint, secret)
    ]
    assert len(missed) <= 4, missed


def test_100_harmless_hints_pass():
    rng, passed = default_rng(2), 0
    for n in range(100):
        passed += not leak(GOOD[n % len(GOOD)], tasks()[int(rng.integers(40))])
    assert passed >= 95


async def test_400_hints_with_a_gold_clause_or_an_unseen_place_are_refused():
    hints = await leaky(400, default_rng(11), MOMENTS)
    missed = [(environment, manner, hint) for environment, manner, hint, secret in hints if not leak(hint, secret)]
    assert len(missed) <= 8, missed


async def test_800_useful_hints_pass():
    refused = [
        (e, hint, why)
        for e, hint, secret in await harmless(800, default_rng(12), MOMENTS)
        if (why := leak(hint, secret))
    ]
    assert len(refused) <= 16, refused


SQL = "SELECT COUNT(*) FROM orders WHERE `quantity` < 8 AND city LIKE 'A%' AND note IS NULL"
QUERY = Move(thought="", action=Action(name="execute_sql", arguments={"query": SQL}))
QUESTION = "How many orders are there whose quantity is below 8?\nThe columns of this table are quantity,city,note."


@pytest.mark.parametrize(
    "hint",
    [
        "Use WHERE quantity < 8 instead of <= 8.",
        "Restrict it: QUANTITY<8.",
        'You want "quantity" < "8", do you?',
        "city like “A%” is missing",
        "Mind that the note is null... `note IS NULL`.",
        "SELECT COUNT(*) FROM orders is a good beginning.",
    ],
)
def test_a_part_of_a_gold_statement_is_seen(hint):
    assert leak(hint, secrets([], [QUERY], QUESTION))
    chat = [Message(role="assistant", content=f"Action Input: {SQL}", author="agent")]
    assert not leak(hint, secrets([], [QUERY], QUESTION, chat))


@pytest.mark.parametrize(
    "hint",
    [
        "The quantity is to be below 8: is 8 itself below 8?",
        "A WHERE clause with the quantity and the city is what you need.",
        "Below is strict, so it is < and not <=.",
        "Select from orders only what the question asks for, and count it.",
    ],
)
def test_what_stands_in_the_question_may_be_said(hint):
    assert not leak(hint, secrets([], [QUERY], QUESTION))


PATH = Move(thought="", action=Action(name="bash", arguments={"script": "grep -c x /var/spool/hermes/queue.log"}))


@pytest.mark.parametrize(
    "hint", ["Look into /var/spool/hermes.", "What about queue.log?", "`/VAR/spool/hermes/queue.log`"]
)
def test_a_path_that_was_not_seen_is_a_place(hint):
    assert leak(hint, secrets([], [PATH], "How many lines have an x?"))
    seen = [Message(role="user", content="/var/spool/hermes/queue.log")]
    assert not leak(hint, secrets([], [PATH], "How many lines have an x?", seen))


WALK = Move(thought="", action=Action(name="take_action", arguments={"action": "take mug 2 from drawer 3"}))
ROOM = Message(role="user", content="You see a desk 1, a drawer 1, a drawer 3, and a shelf 1.")


def test_a_place_in_the_list_of_all_places_is_unseen_until_the_agent_comes_upon_it():
    went = Message(role="assistant", content="Action Input: go to drawer 3", author="agent")
    shown = Message(role="user", content="In it, you see a mug 2.")
    for hint in (
        "Try drawer 3.",
        "Drawer3!",
        "What of the `drawer` 3?",
        "Is mug 2 what you want?",
        "It is in the drawer.",
    ):
        assert leak(hint, secrets([], [WALK], "put a mug on the desk.", [ROOM])), hint
        assert not leak(hint, secrets([], [WALK], "put a mug on the desk.", [ROOM, went, shown])), hint
    assert not leak(
        "There are drawers as well; and is it desk 1?", secrets([], [WALK], "put a mug on the desk.", [ROOM])
    )


@pytest.mark.parametrize("how", sorted(DISGUISES))
def test_each_disguise_is_seen_through(how):
    secret = secrets(["Hanna Ramsey"], (), "Who is the coach?")
    assert leak(CARRIERS[0].format(DISGUISES[how]("Hanna Ramsey")), secret)
    assert not leak(CARRIERS[0].format(DISGUISES[how]("Otto Kessler")), secret)


@pytest.mark.parametrize(
    "hint", ["It is 42.", "forty-two", "Forty two of them", "four two", "XLII", "NDI=", "the forty-second"]
)
def test_a_number_is_seen_in_words(hint):
    assert leak(hint, secrets(["42"], (), "How many?"))
    assert not leak(hint, secrets(["4711"], (), "How many?"))


def test_number_words_are_read_as_they_are_written():
    for n in (0, 7, 13, 20, 42, 100, 110, 342, 1000, 1234, 20_015, 999_999):
        assert digits(number_words(n).replace("-", " ").split()) == [str(n)]


def test_decimals_and_thousands_are_the_same_number():
    secret = secrets(["1234.5"], (), "")
    assert leak("1,234.50", secret) and leak("one thousand two hundred thirty-four point five", secret)


def test_an_action_is_seen_with_other_words_between():
    secret = secrets([], task_of("household", 1).solution, "")
    action = next(m.action.arguments["action"] for m in task_of("household", 1).solution)
    verb, *rest = action.split()
    assert leak(f"You should {verb} to the {' '.join(rest[1:] if rest[0] == 'to' else rest)} now", secret)


def test_what_the_check_is_not_made_for_is_known():
    missed = sum(not leak(hint, secret) for _, hint, secret, _ in told(BEYOND, 60, default_rng(3)))
    assert missed > 0  # a rate for the README, not a promise


@pytest.mark.parametrize("hint", ["Try NDIK.", "UGFyaXMK is it", "0x34320a", "dGhlIGFuc3dlcgppcyA0Mg=="])
def test_an_encoded_answer_may_end_in_a_new_line_as_a_shell_writes_it(hint):
    assert leak(hint, secrets(["42", "Paris"], (), "How many, and where?"))
