"""What is said in a dialogue: the scripted speaker's questions and quotes, names in front, and each side's view of the chat."""

import asyncio

import pytest

from simenv.instruct.mind import Mind
from simenv.instruct.roles import Role
from simenv.instruct.scene import Scene, Talk, Utterance
from simenv.instruct.speakers import Scripted, spoken
from simenv.knowledge.passage import Passage, Source
from simenv.models.clients.scripted import scripted
from simenv.types import Message, Reply

TEXT = "Short one. Antibiotics are given within one hour of the diagnosis. A lactate above 2 mmol/l is high, and so on."
SOURCE = Source(file="ward.md", sha256="0" * 64, start=100, end=100 + len(TEXT))
TWO = (Role(name="Patient", prompt="You ask."), Role(name="Doctor", prompt="You answer."))
THREE = (*TWO, Role(name="Nurse", prompt="You help."))


def talk(*said, kind="human_ai", roles=TWO, text=TEXT, learner=1, sent=()):
    page = Passage(id="p", title="Sepsis", text=text, source=SOURCE)
    scene = Scene(kind=kind, topic="sepsis", rounds=2, roles=roles, learner=learner, passages=(page,))
    return Talk(scene, [Utterance(seat=seat, text=words, sent=sent) for seat, words in said])


def says(seat, *said, **more):
    return asyncio.run(Scripted(seat).say(talk(*said, **more))).text


def test_the_scripted_user_asks_about_the_longest_words_and_the_expert_quotes_where_they_stand():
    assert says(0) == "What do you know about Antibiotics and diagnosis?"
    assert says(1, (0, "?")) == ("“Antibiotics are given within one hour of the diagnosis.”\n[ward.md:111–166]")
    second = says(1, (0, "?"), (1, "."), (0, "?"))
    assert second == "This is what is written:\n“A lactate above 2 mmol/l is high, and so on.”\n[ward.md:167–211]"
    assert TEXT[111 - 100 : 166 - 100] == "Antibiotics are given within one hour of the diagnosis."
    assert says(0, (0, "?"), (1, "."), (0, "?"), (1, ".")) == "What holds for Antibiotics and diagnosis?"


def test_in_a_room_everybody_quotes_the_next_sentence():
    assert "Antibiotics" in says(0, kind="room", roles=THREE) and "[ward.md:111–166]" in says(
        0, kind="room", roles=THREE
    )
    assert "A lactate" in says(1, (0, "x"), kind="room", roles=THREE)


def test_a_passage_of_short_sentences_is_quoted_whole():
    assert "“Be. So.”\n[ward.md:100–107]" in says(1, (0, "?"), text="Be. So.")
    assert says(0, text="Be. So.") == "What do you know about Sepsis?"


@pytest.mark.parametrize(
    ("text", "left"),
    [("Doctor: Yes.", "Yes."), ("**Doctor**: Yes.", "Yes."), ("*Doctor:* Yes.", "Yes."), 
     ("Yes, Doctor: no.", "Yes, Doctor: no."), ("Doctor:", "Doctor:"), ("  So. ", "So."), ("Nurse: No.", "Nurse: No.")],
)  # fmt: skip
def test_the_own_name_in_front_is_no_part_of_a_turn(text, left):
    assert spoken(text, "Doctor") == left


def test_a_role_sees_its_own_turns_as_the_assistants_and_the_others_between_them_as_one():
    now = talk((0, "a"), (2, "b"), (1, "c"), (0, "d"), kind="room", roles=THREE)
    assert [(m.role, m.content) for m in now.chat(1)] == [
        ("user", "Patient: a\n\nNurse: b"), ("assistant", "c"), ("user", "Patient: d"),
    ]  # fmt: skip
    opened = now.chat(0)
    assert [m.role for m in opened] == ["user", "assistant", "user", "assistant"] and "sepsis" in opened[0].content
    assert opened[2].content == "Nurse: b\n\nDoctor: c"
    assert [(m.role, m.content) for m in talk((0, "a")).chat(1)] == [("user", "a")]
    (alone,) = talk().chat(0)
    assert alone.role == "user" and "sepsis" in alone.content


def test_who_wrote_a_turn_and_what_its_model_saw_are_kept():
    system, asked = Message(role="system", content="s"), Message(role="user", content="q")
    now = talk((0, "q"), (1, "a"))
    assert [m.author for m in now.learnt()][1:] == ["engine", "engine"] and now.learnt()[2].sent is None
    now.said[1] = Utterance(seat=1, text="a", sent=(system, asked), reply=Reply(text="a"))
    learnt = now.learnt()
    assert learnt[2].author == "agent" and learnt[2].sent == (system, 1) and learnt[2].train
    assert [m.train for m in learnt] == [False, False, True]


def mind(size, keep, *ratings):
    left = iter(ratings)

    def reply(request):
        last = request.messages[-1].content
        return next(left) if "one digit" in last else "note" if "short note" in last else "Doctor: I speak."

    return Mind(1, scripted(reply), size=size, keep=keep)


def test_a_remark_with_just_the_rating_is_kept_and_just_as_many_as_fit_are_not_compressed():
    now = talk((0, "a"), (2, "b"), kind="room", roles=THREE)
    one = mind(2, 4, "4", "3")
    asyncio.run(one.say(now))
    assert one.memory == ["Patient: a", "You: I speak."] and one.compressed == ""
    now.said += [Utterance(seat=1, text="I speak."), Utterance(seat=0, text="c")]
    one._model = mind(2, 4, "5")._model
    asyncio.run(one.say(now))
    assert one.compressed and now.ratings == {"rated": 3, "kept": 2, "compressed": 1}
    assert one.memory == ["You: I speak."]
