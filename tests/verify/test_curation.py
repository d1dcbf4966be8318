"""The filter `supported`: claims of agents and of dialogues are judged by a pool while a set is made of them."""

import json
from pathlib import Path

import pytest

from simenv.__main__ import main
from simenv.errors import ConfigError
from simenv.plugins.filters.supported import Supported, SupportedOptions
from simenv.runs.store import Run
from simenv.types import Message
from simenv.verify.subjects import samples
from tests.helpers.trajectories import observation, submission, trajectory, turn
from tests.knowledge.handbook import write

TRUE = "Treatment with amoxicillin lasts for 7 days in patients without other diseases."
WRONG = "Treatment with amoxicillin lasts for 9 days in patients without other diseases."
UNKNOWN = "A parrot recited several ancient poems yesterday."


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "handbook")
    assert main(["knowledge", "add", "documents=handbook/", "out=pools/ward"]) == 0
    return tmp_path


def judged(said, **options):
    chat = (Message(role="user", content="How long?"), Message(role="assistant", content=said, train=True))
    t = trajectory(messages=chat, steps=())
    return Supported(SupportedOptions(pool="pools/ward", **options)).judge(t)


def test_a_claim_against_the_sources_is_dropped_masked_or_mended(home):
    assert judged(TRUE).decision == "keep" == judged(UNKNOWN).decision
    assert (judged(WRONG).decision, judged(WRONG).reason) == ("drop", "contradicted by a source")
    assert judged(WRONG, turns=[2]).decision == "keep"
    assert judged(WRONG, action="mask").mask == (1,)
    edited = judged(WRONG, action="repair").edited
    assert edited.messages[1].content == TRUE and edited.messages[1].author == "filter"
    both = {"counts": ["contradicted", "not found"]}
    assert judged(UNKNOWN, **both).reason == "not found in the sources"
    left = judged(UNKNOWN, action="repair", **both).edited.messages[1]
    assert left.content == UNKNOWN and not left.train


def test_of_an_agent_its_thoughts_and_its_answer_are_judged_and_not_what_it_does(home):
    read = (turn("I search.", "query", WRONG), observation(WRONG))
    options = SupportedOptions(pool="pools/ward")
    assert (
        Supported(options).judge(trajectory(read, (turn("Done.", "answer", "7"), submission("7")))).decision == "keep"
    )
    thinking = trajectory(read, (turn(WRONG, "answer", "9"), submission("9")))
    last = thinking.steps[-1].model_copy(update={"thought": WRONG})
    thinking = thinking.model_copy(update={"steps": (*thinking.steps[:-1], last)})
    assert Supported(options).judge(thinking).reason == "contradicted by a source"


@pytest.mark.parametrize(
    ("pool", "told"),
    [("supported={}", "filters.supported.pool: none given"), ("supported.pool=nowhere", "nowhere: no passages")],
)
def test_a_pool_that_is_none_ends_the_curation_before_anything_is_written(home, capsys, pool, told):
    assert main(["instruct", "pool=pools/ward", "dialogues=2"]) == 0
    assert main(["curate", "runs/dialogues", f"filters.{pool}"]) == 2
    assert told in " ".join(capsys.readouterr().err.split()) and not list(home.glob("curated/*"))
    with pytest.raises(ConfigError):
        Supported(SupportedOptions(pool="nowhere")).judge(trajectory())


def _spoilt(run, change):
    """Every second trajectory of a run says another number than the sources; how many."""
    count = 0
    for part in (run.folder / "trajectories").glob("*.jsonl"):
        lines = part.read_text().splitlines()
        for n in range(0, len(lines), 2):
            body = json.loads(lines[n])
            count += change(body)
            lines[n] = json.dumps(body)
        part.write_text("\n".join(lines) + "\n")
    return count


def _lie(body):
    body["messages"][-1]["content"] = WRONG
    return True


def _lie_in_thought(body):
    """The last thought of an agent claims something."""
    last = body["steps"][-1]
    message = body["messages"][last["message"]]
    before = last["thought"]
    last["thought"] = WRONG
    message["content"] = message["content"].replace(before, WRONG, 1) if before else f"{WRONG}\n{message['content']}"
    return True


def _rolled():
    passages = "pools/ward/passages.jsonl"
    words = [f"search.teacher.corpus={passages}", f"search.world.corpora=[{passages}]", "agent.error_rate=0"]
    assert main(["rollout", "environments=search", "episodes=8", "name=made", "agent=expert", *words]) == 0
    return Run(Path("runs/made")), _lie_in_thought


def _held():
    assert main(["instruct", "pool=pools/ward", "dialogues=8", "rounds=2", "name=made"]) == 0
    return Run(Path("runs/made")), _lie


@pytest.mark.parametrize("made", [_rolled, _held], ids=["search", "dialogues"])
def test_runs_are_verified_while_a_set_is_made_of_them_or_before(home, made):
    run, lie = made()
    spoilt = _spoilt(run, lie)
    assert spoilt >= 4
    words = ["filters.near_duplicates=false", "mix.validation=0.25"]
    assert main(["curate", "runs/made", "name=one", "filters.supported.pool=pools/ward", *words]) == 0
    funnel = json.loads((home / "curated/one/funnel.json").read_text())
    (row,) = [f for f in funnel["filters"] if f["filter"] == "supported"]
    assert row["dropped"] == spoilt and row["reasons"][0]["reason"] == "contradicted by a source"

    assert main(["verify", "runs/made", "pool=pools/ward", "action=drop"]) == 0
    assert main(["curate", "runs/made", "name=two", *words]) == 0
    one, two = ({s.id for s in _all(home / "curated" / name)} for name in ("one", "two"))
    assert one == two and one

    assert main(["curate", "runs/made", "name=raw", "reviews=ignore", *words]) == 0
    assert main(["verify", "curated/raw", "pool=pools/ward", "action=drop", "name=set"]) == 0
    assert {s.id for s in _all(home / "verified/set/set")} == one
    assert WRONG in (home / "curated/raw/train.jsonl").read_text()
    assert not any(WRONG in m.content for s in _all(home / "verified/set/set") for m in s.messages)


def _all(folder):
    return [s for split in ("train", "validation") for s in samples(folder / f"{split}.jsonl")]
