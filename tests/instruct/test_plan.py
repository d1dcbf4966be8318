"""What dialogues are planned: topics steer them, passages ground them, roles take their turns."""

import pytest

from simenv.errors import ConfigError
from simenv.instruct.config import Dialogues
from simenv.instruct.plan import Plan
from simenv.instruct.scene import Scene
from simenv.options import read
from simenv.source import Rejected


def scenes(**settings):
    return [Scene.model_validate(task.spec) for task in Plan(Dialogues(**settings)).tasks()]


def test_without_topics_each_passage_has_its_turn_and_no_dialogue_crosses_documents(pool):
    found = scenes(pool=str(pool), dialogues=6)
    assert {s.topic for s in found} == {"leases", "Sepsis", "Warfarin"}
    assert all(len({p.source.file for p in s.passages}) == 1 for s in found)


def test_the_same_settings_plan_the_same_and_ids_differ(pool):
    tasks = [list(Plan(Dialogues(pool=str(pool), kind="room", dialogues=9)).tasks()) for _ in range(2)]
    assert tasks[0] == tasks[1]
    assert len({t.id for t in tasks[0]}) == 9


def test_topics_find_their_passages_and_one_that_nothing_holds_is_named(pool):
    found = list(Plan(Dialogues(pool=str(pool), topics=("bleeding with ibuprofen", "volcano"), dialogues=3)).tasks())
    assert isinstance(found[0], Rejected)
    assert "volcano" in found[0].where
    first = Scene.model_validate(found[1].spec)
    assert first.topic == "bleeding with ibuprofen"
    assert "Ibuprofen" in first.passages[0].text
    assert len(found) == 4


@pytest.mark.parametrize("topic", ['"quoted" OR (', "NEAR(", "a*b", "' OR 1=1 --", "sepsis" * 300])
def test_a_topic_is_words_and_no_query(pool, topic):
    with pytest.raises(ConfigError, match="no passage holds any"):
        list(Plan(Dialogues(pool=str(pool), topics=(topic,))).tasks())


def test_the_experts_take_their_turn_and_speak_last(pool):
    found = scenes(pool=str(pool), kind="room", people=4, dialogues=28)
    assert len({s.roles[-1].name for s in found}) == 14
    assert all(s.learner == 3 and len({r.name for r in s.roles}) == 4 for s in found)
    assert {s.roles[1].name for s in scenes(pool=str(pool), experts=["Nurse"], dialogues=4)} == {"Nurse"}


def test_whose_turns_carry_loss_is_chosen(pool):
    assert scenes(pool=str(pool), loss="user", dialogues=1)[0].learner == 0
    with pytest.raises(ConfigError, match="a room has no user"):
        read(Dialogues, {"kind": "room", "loss": "user"}, "")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "nothing to talk about"),
        ({"topics": ["x"]}, "scripted speaker quotes passages"),
        ({"pool": "nowhere"}, "no pool"),
        ({"pool": "nowhere", "roles": "lawn"}, "did you mean 'law'"),
        ({"pool": "nowhere", "kind": "room", "roles": "law", "people": 9}, "law has 6 experts"),
    ],
)
def test_what_cannot_be_planned_is_refused(settings, message):
    with pytest.raises(ConfigError, match=message):
        Plan(read(Dialogues, settings, ""))
