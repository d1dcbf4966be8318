"""Styles make examples of the same records; a judge prefers in both orders, people without seeing the styles."""

import asyncio
import json
from pathlib import Path

import pytest

from simenv.comparison.cli import comparison
from simenv.comparison.config import Comparison
from simenv.comparison.run import Comparing
from simenv.comparison.votes import Example, Item, ballots, preferred, question, vote, votes
from simenv.errors import ConfigError
from simenv.models.clients.scripted import scripted
from simenv.runs.store import Run

STYLES = ("record", "self_instruct", "baize", "agentinstruct", "fireact")
TAPE = [json.loads(line) for line in (Path(__file__).parent / "tape.jsonl").read_text().splitlines()]
"""Pairs of examples with what a strong model answered once, given the prompt and nothing else."""
BETTER = ["A", "B", "A", "tie", "B", "B"]


def generated(request):
    """A model that writes whatever the style of a prompt asks for; its agents look twice and finish."""
    text = request.messages[-1].content
    if "new task" in text:
        return json.dumps({"instruction": "Explain it.", "output": "It is so."})
    if "chat between" in text:
        return json.dumps({"rounds": [{"user": "Why?", "assistant": "So."}] * 5})
    if "Two training examples" in text:
        a, b = text.split("Example A:")[1].split("Weigh, in")[0].split("Example B:")
        return json.dumps({"reason": "longer", "better": "A" if len(a) > len(b) else "B"})
    left = int(text.split("You have ")[1].split()[0])
    act = "look" if "small world" in text else "search"
    return json.dumps({"thought": "Think.", "action": "finish" if left <= 4 else act, "input": "options"})


@pytest.fixture
def sets(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("one", "two", "three", "four"):
        rows = [
            {"question": f"{name} {n}?", "options": ["x", "y"], "answer": f"y{n}", "exp": "Because."} for n in range(30)
        ]
        (tmp_path / f"{name}.json").write_text(json.dumps(rows))
    return tmp_path


def compared(sets, model=None, names=("one", "two", "three", "four"), **settings):
    work = Comparing(
        Comparison(sets=[str(sets / f"{name}.json") for name in names], **settings),
        generator := scripted(generated), generator if model is None else model,
    )  # fmt: skip
    run = Run.create(sets / "comparisons", "c", "{}")
    asyncio.run(work.run(run))
    return run, generator


def rows(run, **wanted):
    figures = json.loads((run.folder / "report.json").read_text())
    return [r for r in figures["rows"] if wanted.items() <= r.items()]


def test_twenty_five_items_of_each_of_four_sets_go_through_all_styles_and_pairs(sets):
    run, _ = compared(sets)
    examples = list(run.read("examples", Example))
    assert len(examples) == 4 * 25 * 5 and not any(e.error for e in examples)
    found = rows(run, by="model", set="all")
    assert len(found) == 10 and all(r["votes"] == 100 == r["win"] + r["tie"] + r["loss"] for r in found)
    assert [r["votes"] for r in rows(run, style="record", against="baize", by="model")] == [100, 25, 25, 25, 25]
    (longest,) = rows(run, style="record", against="fireact", set="all")
    assert longest["loss"] == 100 and longest["intervals"]["loss"]["low"] > 0.96
    (agent,) = [e for e in examples if e.item == examples[0].item and e.style == "agentinstruct"]
    assert [m.role for m in agent.messages] == ["user", "assistant", "user", "assistant", "user", "assistant"]
    assert agent.messages[2].content == "Observation: x\ny" and "y" not in agent.messages[0].content.split("?")[0]


def test_a_preference_that_changes_with_the_order_is_a_tie(sets):
    judge = scripted(lambda request: '{"better": "A"}')
    run, _ = compared(sets, judge, names=("one",), items=3, styles=["record", "baize"])
    assert [(r["tie"], r["changed_with_order"]) for r in rows(run, set="all")] == [(3, 3)]


def test_a_comparison_goes_on_where_it_ended(sets):
    run, generator = compared(sets, names=("one",), items=2)
    asked, before = len(generator.requests), (run.folder / "report.json").read_text()
    work = Comparing(Comparison(sets=[str(sets / "one.json")], items=2), generator, generator)
    asyncio.run(work.run(run))
    assert len(generator.requests) == asked and (run.folder / "report.json").read_text() == before


def test_people_vote_blind_and_are_counted_apart(sets):
    run, _ = compared(sets, names=("one",), items=4, styles=["record", "baize"])
    shown = ballots(run.folder, "ann")
    assert len(shown) == 4 and not any(name in b.model_dump_json() for b in shown for name in STYLES[1:])
    for ballot in shown:
        vote(run.folder, ballot.id, "first", "ann")
    vote(run.folder, shown[0].id, "tie", "ann")
    assert ballots(run.folder, "ann") == [] and len(ballots(run.folder, "ben")) == 4
    assert sorted(v.better == "tie" for v in votes(run.folder)) == [False, False, False, True]
    for ballot in shown[1:]:
        (made,) = [v for v in votes(run.folder) if v.better != "tie" and _first_is(run, v, ballot)]
        assert made.by == "ann"
    with pytest.raises(ConfigError, match="no ballot"):
        vote(run.folder, "elsewhere", "first", "ann")
    with pytest.raises(ConfigError, match="a person's name"):
        vote(run.folder, shown[0].id, "first", "model")


def _first_is(run, v, ballot):
    examples = {(e.item, e.style): e.text for e in run.read("examples", Example)}
    items = {i.id: i.material for i in run.read("items", Item)}
    return items[v.item] == ballot.material and examples[v.item, v.better] == ballot.first


def test_a_style_whose_answers_cannot_be_read_fails_alone(sets):
    broken = scripted(lambda r: "nonsense" if "chat between" in r.messages[0].content else generated(r))
    work = Comparing(Comparison(sets=[str(sets / "one.json")], items=2, against="record"), broken, broken)
    run = Run.create(sets / "comparisons", "c", "{}")
    asyncio.run(work.run(run))
    figures = json.loads((run.folder / "report.json").read_text())
    assert figures["failed"] == {"baize": 2} and {r["style"] for r in figures["rows"]} == {*STYLES} - {
        "record",
        "baize",
    }


def test_the_command_says_what_is_missing_and_ends_with_a_status(sets, capsys):
    assert comparison(["sets=[one.json]"]) == 2 and "model: none given" in capsys.readouterr().err
    assert comparison(["model=scripted"]) == 2 and "no records to compare on" in capsys.readouterr().err
    assert comparison(["sets=[nowhere.json]", "model=scripted"]) == 2
    assert comparison(["sets=[one.json]", "model=scripted", "styles=[record, record]"]) == 2
    assert comparison(["sets=[one.json]", "items=1", "model=scripted"]) == 1
    told = " ".join(capsys.readouterr().err.split())
    assert "4 examples could not be made" in told and not (sets / "comparisons/comparison-2").exists()
    judge = ["judge=scripted", 'judge.replies=[\'{"better": "tie"}\']', "judge.repeat=true"]
    model = ["model=scripted", 'model.replies=[\'{"instruction": "Do.", "output": "Done."}\']']
    assert comparison(["sets=[one.json]", "items=1", "styles=[record, self_instruct]", *model, *judge]) == 0
    assert comparison(["--resume", "comparisons/comparison", "items=3"]) == 2


@pytest.mark.parametrize(("taped", "better"), list(zip(TAPE, BETTER, strict=True)), ids=range(6))
def test_a_strong_model_answered_the_prompt_as_it_is(taped, better):
    item = Item(id="1", set="s", material="")
    model = scripted(taped["answer"], '{"better": "tie"}')
    made = asyncio.run(preferred(model, item, Example(item="1", style="a"), Example(item="1", style="b")))
    assert made.better == "tie" and made.swapped == (better != "tie") and made.reason
    frame = question(item, Example(item="1", style="a"), Example(item="1", style="b"))
    assert (
        frame.splitlines()[0] == taped["prompt"].splitlines()[0]
        and frame.splitlines()[-2:] == taped["prompt"].splitlines()[-2:]
    )
