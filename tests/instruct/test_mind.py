"""A role in a room: what it rates, remembers, compresses, and what of it is learnt."""

import asyncio

import pytest

from simenv.instruct.mind import Mind, rating
from simenv.instruct.roles import Role
from simenv.instruct.scene import Scene, Talk, Utterance
from simenv.models.clients.scripted import scripted

ROLES = tuple(Role(name=name, prompt=f"You are the {name}.") for name in ("Nurse", "Pharmacist", "Doctor"))


def talk(*said):
    scene = Scene(kind="room", topic="sepsis", rounds=2, roles=ROLES, learner=2)
    return Talk(scene, [Utterance(seat=seat, text=text) for seat, text in said])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("4", 4), (" 5\n", 5), ("Rating: 3", 3), ("**2**", 2), ("4/5", 4), ("3 out of 5", 3),
        ("", None), ("0", None), ("6", None), ("2 or 3", None), ("45", None), ("much", None), ("2.5", None),
    ],
)  # fmt: skip
def test_one_digit_is_a_rating(text, value):
    assert rating(text) == value


def answers(*ratings, note="note"):
    """A model that answers ratings in order, and everything else with one word."""
    left = iter(ratings)

    def script(request):
        last = request.messages[-1].content
        if "one digit" in last:
            return next(left)
        return note if "short note" in last else "idea" if "one idea" in last else "Doctor: I speak."

    return scripted(script)


def test_what_matters_is_remembered_and_the_rest_is_not():
    model, now = answers("5", "2"), talk((0, "Cultures first."), (1, "Nice weather."))
    mind = Mind(2, model, size=8, keep=3)
    said = asyncio.run(mind.say(now))
    assert mind.memory == ["Nurse: Cultures first.", "You: I speak."]
    assert said.text == "I speak."
    assert now.ratings == {"rated": 2, "kept": 1}
    assert "idea" in said.sent[-1].content
    assert "Nice weather." in said.sent[-1].content  # heard just now, though it will be forgotten


def test_a_rating_that_cannot_be_read_is_asked_again_at_most_twice_and_is_0_then():
    model, now = answers("high", "very", "most", "?", "4"), talk((0, "First."), (1, "Second."))
    mind = Mind(2, model, size=8, keep=1)
    asyncio.run(mind.say(now))
    assert now.ratings == {"rated": 2, "unread": 1, "kept": 1}
    assert mind.memory[0] == "Pharmacist: Second."
    assert len(model.requests) == 3 + 2 + 2
    assert now.usage.calls == 7


def test_a_full_memory_becomes_a_note():
    model, now = answers("5", "5", note="Both agree."), talk((0, "First."), (1, "Second."))
    mind = Mind(2, model, size=1, keep=3)
    said = asyncio.run(mind.say(now))
    assert mind.compressed == "Both agree."
    assert mind.memory == ["You: I speak."]
    assert "Both agree." in said.sent[-1].content


def test_the_chat_of_a_room_alternates_and_its_last_role_learns():
    now = talk((0, "First."), (1, "Second."), (2, "Third."), (0, "Fourth."), (1, "Fifth."), (2, "Sixth."), (0, "Left."))
    messages = now.learnt()
    assert [m.role for m in messages] == ["system", "user", "assistant", "user", "assistant"]
    assert messages[1].content == "Nurse: First.\n\nPharmacist: Second."
    assert [m.content for m in messages if m.carries_loss] == ["Third.", "Sixth."]
