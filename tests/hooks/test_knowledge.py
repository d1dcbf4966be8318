"""What an agent knows when a hint is judged: what it was told, what it said, and what the world showed it since it began."""

from simenv.hooks.leaks.arguments import Arguments, Knowledge
from simenv.types import Call, Message

CHAT = (
    Message(role="system", content="Rules of houses."),
    Message(role="user", content="An example: you see desk 9."),
    Message(role="assistant", content="go to desk 9", author="engine"),
    Message(role="user", content="You see desk 1, desk 2."),
    Message(role="assistant", content="I go.", author="agent", calls=(Call(id="1", name="go", arguments="to desk 2"),)),
    Message(role="user", content="On desk 2: key 3."),
)
KNOWN = Knowledge(given="Find the key.", chat=CHAT)


def test_an_agents_own_part_begins_with_its_first_words_and_not_with_an_example():
    assert "find the key" in KNOWN.own and "i go" in KNOWN.own and "desk 2" in KNOWN.own
    assert "desk 9" not in KNOWN.own and "desk 1" not in KNOWN.own and "key 3" not in KNOWN.own
    assert "desk 1" in KNOWN.listed and "desk 9" in KNOWN.listed
    assert "key 3" not in KNOWN.listed and "rules" not in KNOWN.listed
    assert "key 3" in KNOWN.shown and "desk 1" not in KNOWN.shown and "i go" not in KNOWN.shown
    assert "rules of houses" in KNOWN.rules and "desk" not in KNOWN.rules
    assert all(
        part in KNOWN.all for part in ("find the key", "rules of houses", "desk 9", "desk 1", "key 3", "to desk 2")
    )


def test_it_met_what_it_spoke_of_and_what_it_came_upon_later():
    assert [name for name in ("desk 1", "desk 2", "desk 9", "key 3", "desk 4") if KNOWN.met(name)] == [
        "desk 2",
        "key 3",
    ]


def test_before_it_spoke_all_was_told_to_it():
    begun = Knowledge(chat=CHAT[:4])
    assert "desk 1" in begun.listed and begun.shown.strip() == "" and not begun.met("desk 1")


def test_a_hint_that_names_a_place_which_it_has_not_met_takes_it_from_the_arguments():
    arguments = Arguments(("go to desk 1", "take key 3 from desk 2"), KNOWN)
    assert list(arguments.taken("Look at desk 1 first.")) and list(arguments.taken("Look at desk number 1."))
    assert not list(arguments.taken("Look at desk 2 again.")) and not list(arguments.taken("Think."))
    assert not list(Arguments((), KNOWN).taken("Look at desk 1 first."))
