"""Chatting and what only looks like it."""

import pytest

from simenv.chat_detection import chat_phrases, courtesies, speaks


@pytest.mark.parametrize(
    "text",
    [
        "Sure, here are the rows: [(1,)]",
        "As an AI language model, I cannot run SQL.",
        "I'm sorry, but I can't help with that.",
        "Query OK. Is there anything else you would like me to do?",
        "I’d be happy to create the table for you.",
        "[(1,)] Let me know if you need anything else!",
        "Thank you for your patience.",
        "Would you like me to proceed?",
        "In this simulation the table has three rows.",
    ],
)
def test_what_no_environment_says(text):
    assert chat_phrases(text)


@pytest.mark.parametrize(
    "text",
    [
        "[('Sure Thing', 12), ('Great Lakes', 3)]",
        "On the desk 1, you see a book 1.",
        "bash: line 1: cd: /okay: No such file or directory",
        "ERROR 1064 (42000): You have an error in your SQL syntax; check the manual for the right syntax to use near 'x'",
        "variable #0, which are instances of film.film",
        "[people.person.assistant, music.artist.help]",
        "You are carrying: a mug 1.",
        "Page: Thanks (/thanks)\n<html> <h1> Thank you for your order. </h1> <p> Let me know if it fits </p> </html>",
        "[('Thank you for your letter', 'Is there anything else?')]",
        "",
    ],
)
def test_what_environments_do_say(text):
    assert not chat_phrases(text)


@pytest.mark.parametrize(
    "text",
    [
        "I have updated the row.",
        "I'd be glad to help!",
        "You are very welcome.",
        "As an assistant I cannot do that.",
        "My apologies, the file is gone.",
        "This is a simulated answer.",
        "Certainly! The rows follow.",
        "Good choice! You take the mug.",
        "How may I help you?",
        "Feel free to ask.",
    ],
)
def test_comparisons_simulators_and_filters_agree_on_plain_phrases(text):
    assert chat_phrases(text) and speaks(text)


def test_what_the_world_holds_may_be_quoted():
    assert chat_phrases("Note: I will come at eight.") == ["I will"]
    assert chat_phrases("Note: I will come at eight.", "a note that says i will come") == []


def test_long_texts_are_read_at_both_ends():
    assert chat_phrases("x" * 50_000 + " Let me know!") == ["Let me know"]
    assert chat_phrases("\n" * 200_000) == [] and chat_phrases("[" * 200_000) == []


def test_an_agent_with_nothing_left_to_do_is_courteous():
    assert courtesies("Thank you, goodbye!") == ["Thank you", "goodbye"] and courtesies("I look at the table.") == []
