"""Styles make examples of the same records; a judge prefers in both orders, people without seeing the styles."""

import asyncio
import json
import re
from pathlib import Path

import pytest

from simenv.comparison.cli import comparison
from simenv.comparison.config import Comparison
from simenv.comparison.run import Comparing
from simenv.comparison.run import style as generator_of
from simenv.comparison.styles.reward import earned
from simenv.comparison.styles.style import Workshop
from simenv.comparison.votes import Example, Item, Vote, ballots, preferred, question, vote, votes
from simenv.errors import ConfigError
from simenv.knowledge.config import Additions
from simenv.knowledge.passage import Passage, Source
from simenv.knowledge.pool import Pool
from simenv.knowledge.records import Record
from simenv.knowledge.run import Addition
from simenv.models.clients.scripted import scripted
from simenv.runs.store import Run
from simenv.verify.library import Library

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
    if left <= 4:
        number = re.search(r"\w+ (\d+)\?", text)[1]
        return json.dumps({"thought": "Think.", "action": "finish", "input": f"It is y{number}, because."})
    return json.dumps({"thought": "Think.", "action": act, "input": "options"})


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


def test_of_agentinstruct_only_what_earned_a_reward_becomes_an_example(sets):
    wrong = scripted(
        lambda r: re.sub(r"y1?[02468](,)", r"q\1", generated(r)) if "small world" in str(r) else generated(r)
    )
    work = Comparing(
        Comparison(sets=[str(sets / "one.json")], items=20, styles=["record", "agentinstruct", "fireact"]), wrong, wrong
    )
    run = Run.create(sets / "comparisons", "d", "{}")
    asyncio.run(work.run(run))
    failed = {e.item for e in run.read("examples", Example) if e.error}
    even = {id for id, (_, r) in work.drawn.items() if re.fullmatch(r"y1?[02468]", r.answer)}
    assert failed == even and 0 < len(even) < 20
    assert all("no reward: it answered 'It is q" in e.error for e in run.read("examples", Example) if e.error)
    assert [r["votes"] for r in rows(run, style="record", against="agentinstruct", set="all")] == [20 - len(even)]


def record(answer, *options):
    return Record(
        id="1", question="?", answer=answer, options=options, raw="", row=1, source=Source(file="", sha256="")
    )


@pytest.mark.parametrize(
    ("made", "said", "won"),
    [
        (record("Vitamin B12", "Vitamin B7", "Vitamin B12"), "Vitamin B12, as it is made by microbes.", True),
        (record("Vitamin B12", "Vitamin B7", "Vitamin B12"), "Vitamin B7", False),
        (record("Vitamin B12", "Vitamin B7", "Vitamin B12"), "2", True),
        (record("Vitamin B12", "Vitamin B7", "Vitamin B12"), "Option 1", False),
        (record("Vitamin B12", "Vitamin B7", "Vitamin B12"), "Neither.", False),
        (record("chronic gastritis", "gastritis", "chronic gastritis"), "It is chronic gastritis.", True),
        (record("gastritis", "gastritis", "chronic gastritis"), "It is chronic gastritis.", False),
        (record("yes"), "Yes, the risk is higher; there is no doubt.", True),
        (record("no"), "Yes, there is no doubt.", False),
        (record("within 60 minutes of the diagnosis"), "60 minutes after diagnosis.", True),
        (record("within 60 minutes of the diagnosis"), "30 minutes.", False),
    ],
)
def test_a_reward_is_earned_by_the_records_answer(made, said, won):
    assert earned(made, said) is won


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


PRICED = ["model.usage={output_tokens: 1, cost: 1.0}", "model.repeat=true", "model.max_tokens=1"]
PRICES = ["model.usd_per_million_in=0", "model.usd_per_million_out=1000000"]


def test_a_budget_ends_it_after_the_report_and_more_of_it_goes_on(sets, capsys):
    model = ["model=scripted", 'model.replies=[\'{"instruction": "Do.", "output": "Done."}\']']
    judge = ["judge=scripted", 'judge.replies=[\'{"better": "tie"}\']', "judge.repeat=true"]
    words = ["sets=[one.json]", "items=3", "styles=[record, self_instruct]", "concurrency=1"]
    assert comparison([*words, *model, *judge, *PRICED, *PRICES, "budget=2.5"]) == 1
    told = " ".join(capsys.readouterr().err.split())
    assert "--resume comparisons/comparison budget=" in told and "next: read comparisons/comparison/report.md" in told
    run = Run.open(sets / "comparisons/comparison")
    made = list(run.read("examples", Example))
    assert 0 < len([e for e in made if e.style == "self_instruct"]) < 3 and not any(e.error for e in made)
    assert comparison(["--resume", str(run.folder), "budget=100", "--trust", "one.json"]) == 0
    assert len({(e.item, e.style) for e in run.read("examples", Example)}) == 6
    assert "only concurrency, budget" in _told(["--resume", str(run.folder), "seed=2"], capsys)


def _told(words, capsys):
    assert comparison(words) == 2
    return " ".join(capsys.readouterr().err.split())


def test_a_judge_that_cannot_be_read_is_asked_again_later(sets):
    run, _ = compared(sets, scripted("nonsense", repeat=True), names=("one",), items=2, styles=["record", "baize"])
    assert rows(run) == [] and all(v.error for v in run.read("votes", Vote))
    again = Comparison(sets=[str(sets / "one.json")], items=2, styles=["record", "baize"])
    asyncio.run(Comparing(again, scripted(generated), scripted(generated)).run(run))
    assert [r["votes"] for r in rows(run, set="all")] == [2]


def test_a_comparison_without_a_judge_makes_examples_alone_and_calls_back_for_each(sets):
    seen = []
    settings = Comparison(sets=[str(sets / "one.json")], items=2, styles=["record", "baize"])
    work = Comparing(settings, scripted(generated), None, seen.append, seen.append)
    run = Run.create(sets / "comparisons", "c", "{}")
    asyncio.run(work.run(run))
    assert sorted((e.item, e.style) for e in seen) == sorted((e.item, e.style) for e in run.read("examples", Example))
    assert len(seen) == 4 and rows(run) == [] and not list(run.read("votes", Vote))


def test_an_agent_that_acts_wrongly_is_corrected_and_its_long_observations_are_cut(sets):
    (sets / "long.json").write_text(json.dumps([{"question": "Q?", "answer": "context", "context": "word " * 900}]))
    said = []

    def agent(request):
        said.append(request.messages[-1].content)
        action, value = {0: ("dance", ""), 1: ("look", "context")}.get(len(said) - 1, ("finish", "context"))
        return json.dumps({"thought": "Think.", "action": action, "input": value})

    settings = Comparison(sets=[str(sets / "long.json")], items=1, styles=["record", "agentinstruct"])
    run = Run.create(sets / "comparisons", "c", "{}")
    asyncio.run(Comparing(settings, scripted(agent), None).run(run))
    assert "action: expected one of" in said[1] and "finish" in said[1]
    (made,) = [e for e in run.read("examples", Example) if e.style == "agentinstruct"]
    observation = made.messages[2].content
    assert observation.endswith("… (cut after 2000 characters)") and len(observation) < 2060


def acted(record, moves, *passages, style="agentinstruct", steps=6):
    """What an agent saw of a record, and the prompts that it got."""
    library = Library(passages)
    model = scripted(*(json.dumps({"thought": "T", "action": a, "input": i}) for a, i in moves))
    source = Source(file="s.json", sha256="0" * 64)
    item = Record(id="1", question="Q?", answer="x", raw="{}", row=1, source=source, **record)
    chat = asyncio.run(generator_of(style)(item, Workshop(model, library, steps=steps)))
    return [m.content for m in chat if m.content.startswith("Observation: ")], chat, model


def test_an_agent_looks_at_the_parts_of_a_record_and_is_told_which_there_are():
    looks = [("look", " Options "), ("look", "context"), ("look", "answer"), ("finish", "x")]
    seen, _, _ = acted({"options": ("x", "y")}, looks)
    nothing = "nothing here; you can look at: options"
    assert seen == ["Observation: x\ny", f"Observation: {nothing}", f"Observation: {nothing}"]
    assert acted({}, [("look", "context"), ("finish", "x")])[0] == [
        "Observation: nothing here; you can look at: nothing"
    ]


def test_an_agent_searches_the_pool():
    text = "Antibiotics are given within one hour of the diagnosis of sepsis."
    page = Passage(id="p", title="", text=text, source=Source(file="a", sha256="1" * 64, end=len(text)))
    moves = [("search", "antibiotics sepsis"), ("search", "zebra"), ("finish", "A")]
    seen, chat, _ = acted({}, moves, page, style="fireact")
    assert seen == [f"Observation: 1. {text}", "Observation: nothing was found"]
    assert [m.carries_loss for m in chat] == [m.role == "assistant" for m in chat]


def test_the_last_step_of_an_agent_must_finish():
    _, chat, model = acted({}, [("look", "context"), ("look", "context"), ("finish", "x")], steps=2)
    assert "this is the last step; expected finish" in model.requests[2].messages[-1].content
    assert chat[-1].content.endswith("Action: finish[x]") and len(chat) == 4


def test_sets_of_which_nothing_can_be_compared_are_named(sets, capsys):
    (sets / "bare.json").write_text('[{"question": "Q?"}]')
    (sets / "no.json").write_text("[[[")
    assert "bare.json: no record in it has a question and an answer" in _told(
        ["sets=[bare.json]", "model=scripted"], capsys
    )
    assert "no.json" in _told(["sets=[no.json]", "model=scripted"], capsys)


def test_the_records_of_a_pool_are_a_set_of_their_own(sets):
    work = Addition(Pool(sets / "ward"), Additions(sets=[str(sets / "one.json")], out=str(sets / "ward")))
    work.run()
    run, _ = compared(sets, None, names=(), items=3, styles=["record", "baize"], pool=str(sets / "ward"))
    assert {i.set for i in run.read("items", Item)} == {"ward"} and len(list(run.read("items", Item))) == 3


def test_people_vote_under_their_names_and_lines_that_are_no_votes_are_passed_over(sets):
    run, _ = compared(sets, names=("one",), items=2, styles=["record", "baize"])
    (first, second) = ballots(run.folder, "ann")
    vote(run.folder, first.id, "second", "ann")
    with (run.folder / "votes.jsonl").open("a") as file:
        file.write('{"item": 7}\n')
    vote(run.folder, first.id, "second", "ben")
    assert len(votes(run.folder)) == 2 and [b.id for b in ballots(run.folder, "ben")] == [second.id]
    assert ballots(run.folder, "cem", limit=1) == [first]
    for nobody in ("", "  "):
        with pytest.raises(ConfigError, match="a person's name"):
            vote(run.folder, first.id, "first", nobody)
