"""A run becomes a set: figures add up, every trajectory is accounted for once, people are heard, nothing is partly written."""

import json
import re
import subprocess
import sys
from collections import Counter

import pytest
import yaml

from simenv.config import configure
from simenv.curate.cli import curate
from simenv.curate.config import Curation
from simenv.curate.run import Curator
from simenv.errors import ConfigError
from simenv.options import read
from simenv.runs import review
from simenv.runs.review import Review
from simenv.types import Sample, Verdict
from tests import ROOT
from tests.helpers.trajectories import UNREAD, observation, prose, submission, trajectory, turn


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    """A run of the expert, who slips in a third of its turns."""
    out = tmp_path_factory.mktemp("runs")
    words = ["environments=[db,household,kg,web]", "episodes=8", "agent.error_rate=0.33", f"out={out}", "name=quick"]
    subprocess.run([sys.executable, "-m", "simenv.rollout", *words], check=True, capture_output=True, cwd=ROOT)
    return out / "quick"


def curated(out, *words):
    """The funnel of a curation, by its command."""
    assert curate([*map(str, words), f"out={out.parent}", f"name={out.name}"]) == 0
    return json.loads((out / "funnel.json").read_text())


def rows(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def account(out, runs):
    """Every trajectory of the runs, and everything else that was read, is in one split or in one verdict that drops it."""
    funnel = json.loads((out / "funnel.json").read_text())
    ids = [f"{run.name}/{t['id']}" for run in runs for p in run.glob("trajectories/*.jsonl") for t in rows(p)]
    verdicts = [Verdict.model_validate(v) for v in rows(out / "verdicts.jsonl")]
    samples = [Sample.model_validate(s) for split in ("train", "validation") for s in rows(out / f"{split}.jsonl")]
    dropped = Counter(v.trajectory for v in verdicts if v.decision == "drop")
    taken = Counter(s.id for s in samples if "#" not in s.id)
    assert Counter(ids) == Counter(dict.fromkeys(ids, 1))
    assert all(dropped[i] + taken[i] == 1 for i in ids)
    assert max((dropped + taken).values()) == 1

    stages, gold, pool = funnel["filters"], funnel["gold"], funnel["pool"]
    assert stages[0]["in"] == funnel["read"]["trajectories"] == len(ids)
    for stage, following in zip(stages, [*stages[1:], None], strict=True):
        assert stage["in"] == stage["kept"] + stage["edited"] + stage["masked"] + stage["dropped"]
        assert following is None or following["in"] == stage["in"] - stage["dropped"]
        for name in ("in", "kept", "edited", "masked", "dropped"):
            assert stage[name] == sum(e[name] for e in stage["environments"].values())
        for decision, name in (("edit", "edited"), ("mask", "masked"), ("drop", "dropped")):
            told = [v for v in verdicts if (v.filter, v.decision) == (stage["filter"], decision)]
            reasons = {r["reason"]: r["count"] for r in stage["reasons"] if r["decision"] == decision}
            assert stage[name] == len(told) == sum(reasons.values()) and Counter(v.reason for v in told) == reasons
        for reason in stage["reasons"]:
            shown = {v.trajectory for v in verdicts if (v.filter, v.reason) == (stage["filter"], reason["reason"])}
            assert 0 < len(reason["examples"]) <= 5 and set(reason["examples"]) <= shown
    placed = gold["task"] + gold["kind"] + gold["environment"]
    assert gold["dropped"] == sum(s["dropped"] for s in stages) == placed + gold["left_out"]
    assert placed == len(rows(out / "gold.jsonl"))
    assert pool["kept"] == len(ids) - gold["dropped"] and pool["gold"] == placed + gold["added"]
    assert pool["samples"] == pool["kept"] + pool["gold"] + pool["chat"] - sum(pool["overlapping"].values())
    assert pool["samples"] == taken.total() + pool["left_over"]
    assert funnel["train"] + funnel["validation"] == len(samples) == taken.total() + funnel["copies"]
    assert sum(c["samples"] for c in funnel["composition"]) == len(samples)
    assert not {s["task"] for s in rows(out / "train.jsonl")} & {s["task"] for s in rows(out / "validation.jsonl")}
    return funnel


def chat(path, count):
    path.write_text("".join(json.dumps({"instruction": f"Say {i}.", "output": f"{i}."}) + "\n" for i in range(count)))
    return path


def test_a_run_with_slips_becomes_a_set_whose_figures_add_up(tmp_path, quick):
    words = [quick, "gold.expert=true", f"mix.chat=[{chat(tmp_path / 'chat.jsonl', 100)}]", "mix.validation=0.2"]
    curated(tmp_path / "set", *words)
    funnel = account(tmp_path / "set", [quick])
    assert funnel["gold"]["task"] > 3 and funnel["gold"]["left_out"] + funnel["gold"]["refused"] < 3
    share = sum(s["environment"] != "chat" for s in rows(tmp_path / "set" / "train.jsonl")) / funnel["train"]
    assert share == pytest.approx(0.2, abs=0.02)
    assert {s["source"] for s in rows(tmp_path / "set" / "train.jsonl")} == {"run", "gold", "chat"}


def test_the_same_words_give_the_same_set_and_its_config_makes_it_again(tmp_path, quick):
    for name in ("a", "b"):
        curated(tmp_path / name, quick, "mix.seed=3")
    curated(tmp_path / "c", tmp_path / "a" / "config.yaml")
    for name in ("train.jsonl", "validation.jsonl", "verdicts.jsonl"):
        a, b, c = ((tmp_path / folder / name).read_bytes() for folder in "abc")
        assert a == b == c


def test_a_mistake_is_masked_and_environment_and_system_never_carry_loss(tmp_path, quick):
    curated(tmp_path / "set", quick)
    masked = {v["trajectory"]: v["mask"] for v in rows(tmp_path / "set" / "verdicts.jsonl") if v["decision"] == "mask"}
    assert masked
    for sample in map(Sample.model_validate, rows(tmp_path / "set" / "train.jsonl")):
        for i, m in enumerate(sample.messages):
            assert m.train == (m.role == "assistant" and i not in masked.get(sample.id, ()))


def test_the_strict_config_keeps_no_mistake_and_drops_more(tmp_path, quick):
    loose = curated(tmp_path / "loose", quick)
    strict = curated(tmp_path / "strict", quick, ROOT / "configs/curate/strict.yaml")
    account(tmp_path / "strict", [quick])
    assert strict["gold"]["dropped"] > loose["gold"]["dropped"] and strict["gold"]["task"] > 0
    for sample in rows(tmp_path / "strict" / "train.jsonl"):
        assert not any("no action found" in m["content"] for m in sample["messages"])


def run_of(folder, *episodes, tail=b""):
    """A run folder with these episodes."""
    (folder / "trajectories").mkdir(parents=True)
    (folder / "config.yaml").write_text("name: made\n")
    lines = b"".join(t.model_dump_json(exclude_defaults=True).encode() + b"\n" for t in episodes)
    (folder / "trajectories" / "part-00000.jsonl").write_bytes(lines + tail)
    return folder


def good(i, **more):
    words = f"Thought number {i} of kind {i * 7} about thing {i * 13} and place {i * 17}."
    asked = (turn(words, "query", f"SELECT {i}"), observation(f"[({i},)]"))
    fields = {"id": f"t-{i}.0", "task": f"t-{i}"} | more
    return trajectory(asked, (turn(words, "answer", f"{i}"), submission([f"{i}"])), **fields)


BARE = ["filters={wrong_answer: {}}", "mix.validation=0"]


def test_torn_foreign_and_repeated_lines_are_skipped_counted_and_named(tmp_path):
    tail = b'{"id": 1}\nno json\n\xff\n' + good(1).model_dump_json().encode() + b'\n{"id": "torn'
    funnel = curated(tmp_path / "set", run_of(tmp_path / "run", good(1), good(2), tail=tail), *BARE)
    assert funnel["read"] == {"trajectories": 2, "torn": 1, "foreign": 3, "repeated": 1, "reviewed": 0}
    assert [f.rpartition(":")[2] for f in funnel["foreign"]] == ["3", "4", "5"]
    assert funnel["train"] == 2


def test_two_runs_with_equal_names_and_ids_are_both_read(tmp_path):
    runs = [run_of(tmp_path / "a" / "run", good(1)), run_of(tmp_path / "b" / "run", good(2, id="t-1.0"))]
    curated(tmp_path / "set", *runs, *BARE)
    assert sorted(s["id"] for s in rows(tmp_path / "set" / "train.jsonl")) == ["run-2/t-1.0", "run/t-1.0"]


def said(run, trajectory, action, **more):
    words = {
        "id": f"{trajectory}-{action}",
        "trajectory": trajectory,
        "reviewer": "ann",
        "time": "2026-01-01T00:00:00Z",
    }
    review.write(run, Review(**words, action=action, **more))


def test_people_are_heard(tmp_path):
    run = run_of(tmp_path / "run", *(good(i, success=i != 3) for i in range(6)))
    said(run, "t-1.0", "reject")
    said(run, "t-2.0", "reject")
    said(run, "t-2.0", "undo", undoes="t-2.0-reject")
    said(run, "t-3.0", "approve")
    chat = [
        m.model_copy(update={"content": "Thought: better"}) if i == 2 else m for i, m in enumerate(good(4).messages)
    ]
    said(run, "t-4.0", "edit", messages=tuple(chat))
    said(run, "t-4.0", "mask", mask=(4,))
    said(run, "t-5.0", "mask", mask=(2, 4))
    funnel = curated(tmp_path / "set", run, *BARE)
    account(tmp_path / "set", [run])
    samples = {s.id.partition("/")[2]: s for s in map(Sample.model_validate, rows(tmp_path / "set" / "train.jsonl"))}
    assert sorted(samples) == ["t-0.0", "t-2.0", "t-3.0", "t-4.0"]
    assert [(m.content, m.train) for m in samples["t-4.0"].messages if m.train] == [("Thought: better", True)]
    reasons = {(s["filter"], r["decision"], r["reason"]): r["count"] for s in funnel["filters"] for r in s["reasons"]}
    assert reasons == {
        ("review", "drop", "review"): 1, ("review", "edit", "review"): 1, ("review", "mask", "review"): 1,
        ("wrong_answer", "keep", "approved: wrong answer"): 1, ("loss", "drop", "nothing under loss"): 1,
    }  # fmt: skip
    judged = {r["sample"].partition("/")[2]: r for r in rows(tmp_path / "set" / "provenance.jsonl")}
    assert sorted(judged) == sorted(samples)
    assert judged["t-3.0"]["verdicts"]["wrong_answer"].startswith("keep") and judged["t-3.0"]["reviewers"] == ["ann"]
    assert "reviewers" not in judged["t-0.0"] and judged["t-4.0"]["verdicts"]["review"]
    assert curated(tmp_path / "deaf", run, *BARE, "reviews=ignore")["train"] == 5
    assert not any(r.get("reviewers") for r in rows(tmp_path / "deaf" / "provenance.jsonl"))


def test_gold_of_the_same_task_takes_the_place_then_gold_of_the_kind_and_its_flags_are_kept(tmp_path):
    run = run_of(tmp_path / "run", good(1), *(good(i, success=False, kind="INSERT") for i in (2, 3, 4)))
    turns = [{"from": "human", "loss": None, "value": "?"}, {"from": "gpt", "loss": False, "value": "Ok."}]
    turns += [{"from": "human", "loss": None, "value": "1+1?"}, {"from": "gpt", "loss": True, "value": "2"}]
    gold = tmp_path / "gold.json"
    gold.write_text(json.dumps([{"id": "x", "conversations": turns}, {"id": "t-3", "conversations": turns}]))
    funnel = curated(tmp_path / "set", run, *BARE, f"gold.sources=[{{path: {gold}, environment: db, kind: INSERT}}]")
    account(tmp_path / "set", [run])
    assert {k: funnel["gold"][k] for k in ("task", "kind", "left_out", "read")} == {
        "task": 1,
        "kind": 1,
        "left_out": 1,
        "read": 2,
    }
    assert rows(tmp_path / "set" / "gold.jsonl") == [
        {"trajectory": "run/t-3.0", "sample": "gold/t-3", "match": "task"},
        {"trajectory": "run/t-2.0", "sample": "gold/x", "match": "kind"},
    ]
    kept = next(s for s in rows(tmp_path / "set" / "train.jsonl") if s["id"] == "gold/t-3")
    assert [m.get("train", False) for m in kept["messages"]] == [False, False, False, True]


def test_gold_that_is_a_trajectory_passes_the_filters_too(tmp_path):
    clumsy = trajectory(
        (prose("Thank you!"), UNREAD),
        (turn("One.", "answer", "1"), submission(["1"])),
        task="t-1",
        id="t-1.9",
    )
    run = run_of(tmp_path / "run", good(1, success=False), good(2))
    other = run_of(tmp_path / "other", clumsy)
    words = [run, "filters={wrong_answer: {}, action_format: {}}", "mix.validation=0", f"gold.sources=[{other}]"]
    assert curated(tmp_path / "set", *words)["gold"] == {
        "dropped": 1, "task": 0, "kind": 0, "environment": 0, "left_out": 1, "read": 0, "refused": 1, "added": 0
    }  # fmt: skip


def test_what_overlaps_with_an_evaluation_task_is_left_out_whoever_said_it(tmp_path):
    run = run_of(tmp_path / "run", good(1), good(2))
    (tmp_path / "tasks.jsonl").write_text(
        '{"instruction": "Thought number 2 of kind 14 about thing 26 and place 34."}\n'
    )
    funnel = curated(tmp_path / "set", run, *BARE, f"mix.against=[{tmp_path / 'tasks.jsonl'}]")
    account(tmp_path / "set", [run])
    assert funnel["pool"]["overlapping"] == {"kept": 1} and funnel["train"] == 1


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["filters.wrong_anser={}"], "unknown filter 'wrong_anser'.*did you mean 'wrong_answer'"),
        (["filters.wrong_anser=false"], "unknown filter 'wrong_anser'.*did you mean 'wrong_answer'"),
        (["mix.ratoi=0.3"], "mix.ratoi: unknown option 'ratoi'.*did you mean 'ratio'"),
        (["mix.size=50"], "mix.size: 50 samples .* cannot be met.*possible: mix.size=2"),
        (["gold.sources=[nowhere.json]"], "nowhere.json: no such file"),
        (["gold.sources=[BROKEN]"], "broken.jsonl:2: unknown shape with keys 'text'"),
        (["mix.chat=[BROKEN]"], "broken.jsonl:2: unknown shape with keys 'text'"),
        (["gold.sources=gold.json"], r"gold.sources: expected a list, such as \['gold.json'\] \(got 'gold.json'\)"),
        (["mix.by=tokens", "tokenizer=null"], "mix.by=tokens: no tokenizer"),
        (["nowhere"], "nowhere: no run here"),
        (["mix.against=[nowhere]"], "nowhere: no such file"),
    ],
)
def test_wrong_input_is_named_and_nothing_is_left_behind(tmp_path, capsys, words, error):
    run = run_of(tmp_path / "run", good(1), good(2))
    broken = tmp_path / "broken.jsonl"
    broken.write_text('\n{"text": "x"}\n')
    words = [w.replace("BROKEN", str(broken)) for w in words]
    out = tmp_path / "sets" / "set"
    assert curate([str(run), *BARE, *words, f"out={out.parent}", f"name={out.name}"]) == 2
    assert re.search(error, capsys.readouterr().err.replace("\n", " "))
    assert not out.exists() and not list(out.parent.glob(".*"))


def test_what_of_gold_was_not_read_stands_in_the_summary(tmp_path, capsys):
    run = run_of(tmp_path / "run", good(1), good(2))
    answered = '{"instruction": "a", "output": "b", "mood": "calm"}\n'
    (tmp_path / "gold.jsonl").write_text(
        answered * 2 + '{"instruction": "a", "output": "b", "label": false}\n{"text": 1}\n'
    )
    assert curate([str(run), *BARE, f"gold.sources=[{tmp_path / 'gold.jsonl'}]", f"out={tmp_path}", "name=set"]) == 0
    shown = " ".join(capsys.readouterr().err.split())
    assert "unread 2 records of gold and chat; the first:" in shown
    assert "gold.jsonl:3: label: false" in shown and "gold.jsonl:4: unknown shape with keys 'text'" in shown
    assert "fields not read, by format: alpaca: mood 2" in shown


def test_a_set_is_never_written_over(tmp_path):
    run = run_of(tmp_path / "run", good(1))
    (tmp_path / "set").mkdir()
    assert curate([str(run), *BARE, f"out={tmp_path}", "name=set"]) == 0
    assert not any((tmp_path / "set").iterdir()) and (tmp_path / "set-2/train.jsonl").is_file()
    for _ in range(2):
        assert curate([str(run), *BARE, f"out={tmp_path / 'sets'}"]) == 0
    assert sorted(p.name for p in (tmp_path / "sets").iterdir()) == ["default", "default-2"]


def test_the_card_says_what_is_in_the_set_and_how_to_make_it(tmp_path):
    run = run_of(tmp_path / "run", good(1), good(2, success=False))
    curated(tmp_path / "set", run, *BARE, f"licences={{{run}: CC0-1.0}}")
    card = (tmp_path / "set" / "README.md").read_text()
    front, body = card.removeprefix("---\n").split("\n---\n", 1)
    assert yaml.safe_load(front)["configs"][0]["data_files"][0] == {"split": "train", "path": "train.jsonl"}
    for line in (
        f"simenv curate {run} ",
        "| train | db | run | 1 | 0 |",
        "| wrong_answer | 2 | 1 | 0 | 0 | 1 | wrong answer: 1 |",
        f"| {run} | CC0-1.0 |",
        "Gold: of 1 trajectories that were dropped",
    ):
        assert line in body


def test_a_set_is_exported_with_it_and_a_wrong_format_is_refused_before_anything_is_read(tmp_path, capsys):
    pytest.importorskip("simenv.export")
    run = run_of(tmp_path / "run", good(1), good(2))
    curated(tmp_path / "set", run, *BARE, "export=[openai, {name: sharegpt}]")
    for name in ("openai", "sharegpt"):
        assert len(rows(tmp_path / "set" / "export" / name / "train.jsonl")) == 2
    for wrong in ("shargpt", "axolotl"):
        assert curate([str(run), *BARE, f"export=[{wrong}]", f"out={tmp_path}", "name=none"]) == 2
        assert f"export.{wrong}" in capsys.readouterr().err and not (tmp_path / "none").exists()


def test_every_bundled_config_can_be_read():
    for path in (ROOT / "configs" / "curate").glob("*.yaml"):
        assert configure(Curation, path, [], "curate/default.yaml").name == path.stem


def test_making_a_curator_reads_no_run(tmp_path):
    run = run_of(tmp_path / "run", tail=b"torn")
    assert Curator(Curation(runs=(str(run),))).inputs.done == 0
    with pytest.raises(ConfigError, match="no run given"):
        Curator(Curation())
    for option in ("gold.sources", "mix.chat", "mix.against"):
        group, key = option.split(".")
        with pytest.raises(ConfigError, match=rf"{option}: lost.json: no such file"):
            Curator(read(Curation, {"runs": [str(run)], group: {key: ["lost.json"]}}, ""))


def test_whoever_watches_is_told_the_whole_of_every_stage(tmp_path):
    chat = [tmp_path / f"{name}.jsonl" for name in "ab"]
    for file, count in zip(chat, (2, 3), strict=True):
        file.write_text("".join(f'{{"instruction": "{file.name} {n}?", "output": "{n}"}}\n' for n in range(count)))
    run = run_of(tmp_path / "run", good(1), good(2))
    settings = {"runs": [str(run)], "filters": {}, "mix": {"chat": [*map(str, chat)], "validation": 0}}
    told = {}
    Curator(read(Curation, settings, ""), lambda stage, *counts: told.update({stage: counts})).run(tmp_path / "set")
    written = len((tmp_path / "set" / "train.jsonl").read_text().splitlines())
    assert written > 2 and told == {"trajectories": (2, 2), "chat": (5, 5), "train": (written, written)}
