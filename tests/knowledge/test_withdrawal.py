"""A source is withdrawn after everything was made from it: no byte of it is left in any file."""

import asyncio
import hashlib
import json

import pytest

from simenv.__main__ import main
from simenv.comparison.config import Comparison
from simenv.comparison.run import Comparing
from simenv.comparison.votes import ballots, vote
from simenv.knowledge.pool import Pool
from simenv.knowledge.traces import Traces, strings
from simenv.models.clients.scripted import scripted
from simenv.runs.store import Run
from tests.knowledge.handbook import WARFARIN, write

PASSAGES = "pools/ward/passages.jsonl"
SET = "set.jsonl"
QUESTION = "Which of the vitamins is the one that warfarin {n} acts upon in the liver of a patient?"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A pool of eight documents and a data set, and all that the commands make of it."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("SIMENV_CACHE", str(folder / "cache"))
        write(folder / "handbook")
        rows = [{"question": QUESTION.format(n=n), "answer": "K", "explanation": "It acts on K."} for n in range(3)]
        (folder / SET).write_text("".join(json.dumps(row) + "\n" for row in rows))
        for words in COMMANDS:
            assert main(words) == 0, words
        comparison(folder)
        yield folder


COMMANDS = [
    ["knowledge", "add", "documents=handbook/", f"sets=[{SET}]", "out=pools/ward"],
    ["rollout", "environments=search", "episodes=30", "name=agent", "dialect=brackets", "agent=expert", "agent.error_rate=0.3",
     f"search.teacher.corpus={PASSAGES}", f"search.world.corpora=[{PASSAGES}]",
     "search.teacher.kinds=[one-hop,two-hop,comparison,unanswerable]"],
    ["rollout", "environments=search", "episodes=4", "name=other", "agent=expert"],
    ["instruct", "pool=pools/ward", "dialogues=16", "rounds=2", "name=dialogues"],
    ["knowledge", "questions", "pools/ward", "out=questions"],
    ["verify", "runs/agent", "pool=pools/ward", "name=agent"],
    ["verify", "runs/dialogues", "pool=pools/ward", "name=dialogues"],
    ["curate", "runs/agent", "runs/other", "gold.expert=true", "name=agent", "--trust", PASSAGES],
    ["curate", "runs/dialogues", "name=dialogues"],
    ["verify", "curated/agent", "pool=pools/ward", "name=set"],
    *(["export", f"curated/{name}", f"to={to}"] for name in ("agent", "dialogues") for to in ("openai", "sharegpt")),
    ["export", "curated/agent", "to=datasets"],
    ["evaluate", "--run", "runs/agent", "--trust", PASSAGES],
]  # fmt: skip


def searching(request):
    """A model that prefers what it sees first, searches twice and finishes with the answer."""
    text = request.messages[-1].content
    if "Two training examples" in text:
        return json.dumps({"reason": "first", "better": "A"})
    is_last = int(text.split("You have ")[1].split()[0]) <= 4
    act, words = ("finish", "K") if is_last else ("search", "warfarin")
    return json.dumps({"thought": "Think.", "action": act, "input": words})


def comparison(folder):
    """A comparison of the set's records, in which agents search the pool, with votes of a model and of a person."""
    settings = Comparison(sets=[SET], items=3, styles=["record", "fireact"], pool="pools/ward")
    run = Run.create(folder / "comparisons", "c", "pool: pools/ward\n")
    model = scripted(searching)
    asyncio.run(Comparing(settings, model, model).run(run))
    for ballot in ballots(run.folder, "ana"):
        vote(run.folder, ballot.id, "tie", "ana")
    return run.folder


def places(folder, *texts):
    """The files below a folder that hold one of some texts in their bytes; documents and the pool's records aside."""
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and not path.is_relative_to(folder / "handbook") and path.name != SET
        and any(t.encode() in path.read_bytes() for t in texts)
    )  # fmt: skip


def entry(pool, name):
    return next(s for s in Pool(pool).sources.values() if s.name == name)


def folders(home):
    return f"folders=[{', '.join(sorted(p.name for p in home.iterdir() if p.is_dir()))}]"


def test_a_document_that_is_withdrawn_leaves_nothing_in_any_file(home):
    source = entry(home / "pools/ward", "handbook/warfarin.pdf")
    rest = Run(home / "runs/other").parts("trajectories")[0].read_bytes()
    dialogues = len(list(Run(home / "runs/dialogues").trajectories()))
    before = places(home, source.sha256, source.id, *WARFARIN)
    kinds = ("pools", "runs/agent", "runs/dialogues", "curated/agent", "curated/dialogues", "verified", "comparisons")
    assert all(any(name.startswith(kind) for name in before) for kind in kinds), before
    assert {p.rpartition("/")[0] for p in before} >= {
        "curated/agent/export/openai",
        "curated/dialogues/export/sharegpt",
    }
    assert (home / "curated/agent/export/datasets").is_dir()

    assert main(["knowledge", "withdraw", "pools/ward", source.name, folders(home), "reason=licence ended"]) == 0
    records = ["pools/ward/sources.jsonl", "pools/ward/withdrawals.jsonl"]
    assert places(home, source.sha256, source.id, *WARFARIN) == records
    (record,) = Pool(home / "pools/ward").withdrawals
    assert record.at.startswith("20") and record.reason == "licence ended" and len(record.removed) > 10
    assert not (home / "curated/agent/export/datasets").exists(), "what is packed goes whole"
    assert Run(home / "runs/other").parts("trajectories")[0].read_bytes() == rest
    assert 0 < len(list(Run(home / "runs/dialogues").trajectories())) < dialogues
    assert list(Run(home / "runs/agent").trajectories()) and (home / "curated/agent/train.jsonl").read_text()
    names_are_gone(home)
    manifests_are_true(home)
    nothing_comes_back(home)


def names_are_gone(home):
    """What names a trajectory that is gone is gone too."""
    left = {t.id for name in ("agent", "other") for t in Run(home / f"runs/{name}").trajectories()}
    for path in ("curated/agent/verdicts.jsonl", "curated/agent/provenance.jsonl"):
        for line in (home / path).read_text().splitlines():
            value = json.loads(line)
            name = value.get("trajectory", value.get("sample")).rpartition("/")[2]
            assert name in left or name.endswith(".expert"), line
    for line in (home / "verified/agent/judgements/part-00000.jsonl").read_text().splitlines():
        assert json.loads(line)["sample"] in left


def manifests_are_true(home):
    """The manifest of an export tells what its files hold now."""
    for path in home.rglob("manifest.json"):
        for name, told in json.loads(path.read_text())["files"].items():
            content = (path.parent / name).read_bytes()
            assert told["sha256"] == hashlib.sha256(content).hexdigest() and told["bytes"] == len(content)
            if name.endswith(".jsonl") and "rows" in told:
                assert told["rows"] == content.count(b"\n")


def nothing_comes_back(home):
    """A second add brings nothing back, and what is made next is without it."""
    source = entry(home / "pools/ward", "handbook/warfarin.pdf")
    assert main(["knowledge", "add", "documents=handbook/", "out=pools/ward"]) == 2
    assert main(["instruct", "pool=pools/ward", "dialogues=8", "rounds=2", "name=again"]) == 0
    assert not [p for p in places(home, source.sha256, *WARFARIN) if not p.startswith("pools/")]


def test_a_data_set_that_is_withdrawn_takes_its_questions_and_votes_along(home):
    source, compared = entry(home / "pools/ward", SET), comparison(home)
    words = [QUESTION.format(n=n) for n in range(3)]
    before = places(home, source.sha256, source.id, *words)
    assert {p.partition("/")[0] for p in before} >= {"questions", "comparisons", "pools"}
    assert source.id in (compared / "votes.jsonl").read_text()
    assert main(["knowledge", "withdraw", "pools/ward", SET, folders(home)]) == 0
    records = ["pools/ward/sources.jsonl", "pools/ward/withdrawals.jsonl"]
    assert places(home, source.sha256, source.id, *words) == records
    assert not (compared / "votes.jsonl").read_text()
    assert not (home / "questions/tasks.jsonl").read_text()


SENTENCE = "The first dose of warfarin is given in the evening of the same day."


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It says: the first  dose of WARFARIN is\ngiven in the evening, I think.", True),
        ("the first dose of another drug is given in the evening of the next day", False),
        ("See page abcdefabcdef-3.", True),
        ("Noradrenaline is the first vasopressor", True),
        ("the law of the land says so in every one of these cases", False),
    ],
)
def test_a_text_holds_a_source_by_its_words_in_a_row_or_the_ids_of_its_items(text, found):
    source = [
        SENTENCE,
        "Noradrenaline is the first vasopressor.",
        "The law of the land says so in every one of these cases.",
    ]
    other = ["As the law of the land says so in every one of these cases, we agree."]
    assert Traces("abcdefabcdef" * 5 + "abcd", "abcdefabcdef", "a.md", source, other).in_text(text) is found


def test_all_texts_of_a_value_are_looked_at():
    assert sorted(strings({"a": ["b", {"c": "d"}, 3], "e": None})) == ["a", "b", "c", "d", "e"]
