"""Chatting and what only looks like it."""

import pytest

from simenv.simulate.in_character import talk


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
    assert talk(text)


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
    assert not talk(text)
