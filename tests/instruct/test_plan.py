"""What dialogues are planned: topics steer them, passages ground them, roles take their turns."""

import json

import pytest

from simenv.errors import ConfigError
from simenv.instruct.config import Dialogues
from simenv.instruct.plan import Plan
from simenv.instruct.scene import Scene
from simenv.knowledge.config import Additions
from simenv.knowledge.pool import Pool
from simenv.knowledge.run import Addition
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


def test_without_a_pool_the_topics_take_their_turn(tmp_path):
    model = {"name": "scripted", "replies": ["x"]}
    found = scenes(topics=["leases", "sepsis"], dialogues=3, model=model)
    assert [(s.topic, s.passages) for s in found] == [("leases", ()), ("sepsis", ()), ("leases", ())]
    assert next(iter(Plan(Dialogues(topics=["leases"], model=model)).tasks())).source == "topics"


def test_a_pool_of_records_grounds_dialogues_in_what_they_say(tmp_path):
    record = {"question": "How long is a lease?", "context": "On flats.", "answer": "Three years", "exp": "By law."}
    (tmp_path / "set.jsonl").write_text(json.dumps(record))
    pool = Pool(tmp_path / "pool")
    Addition(pool, Additions(sets=[str(tmp_path / "set.jsonl")])).run()
    (found,) = scenes(pool=str(pool.folder), dialogues=1)
    assert [(p.title, p.text) for p in found.passages] == [
        ("How long is a lease?", "How long is a lease?\nOn flats.\nThree years\nBy law.")
    ]


def test_a_pool_without_passages_says_how_to_add_some(tmp_path):
    pool = Pool(tmp_path / "pool")
    Addition(pool, Additions(topics=("leases",))).run()
    with pytest.raises(ConfigError, match=r"holds no passage; add documents with `simenv knowledge add`"):
        scenes(pool=str(pool.folder))


def test_topics_of_the_pool_steer_where_none_are_given(pool):
    Addition(Pool(pool), Additions(out=str(pool), topics=("sepsis",))).run()
    assert {s.topic for s in scenes(pool=str(pool), dialogues=2)} == {"sepsis"}
    assert {s.topic for s in scenes(pool=str(pool), topics=["deposit"], dialogues=2)} == {"deposit"}


def test_the_same_topic_again_takes_the_next_passages(pool):
    found = scenes(pool=str(pool), topics=["the"], dialogues=4, passages=1)
    assert len({s.passages[0].text for s in found}) == 3 and found[3].passages == found[0].passages


def test_a_model_for_users_needs_one_for_experts():
    with pytest.raises(ConfigError, match=r"a model for users needs one for the experts too: model=NAME"):
        read(Dialogues, {"user": "scripted"}, "")


def test_a_scene_has_a_seat_for_whoever_learns(pool):
    (scene,) = scenes(pool=str(pool), dialogues=1)
    with pytest.raises(ValueError, match=r"learner: 2, but there are 2 roles"):
        Scene.model_validate(scene.model_dump() | {"learner": 2})
    assert Scene.model_validate(scene.model_dump() | {"learner": 1}).learner == 1
