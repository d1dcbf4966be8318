"""Exports of a real set as their readers take them: TRL, LLaMA-Factory, OpenAI's rules, `datasets`. Each runs its own code."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from simenv.data.masks import IGNORED, Template, load
from simenv.export import Export, export
from simenv.runs.store import Run
from tests.helpers import chats, tiny_model
from tests.helpers.chat_templates import CACHE
from tests.receivers.openai_rules import file_problems

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        any(find_spec(n) is None for n in ("torch", "transformers", "datasets")), reason="pip install 'simenv[train]'"
    ),
]
HERE = Path(__file__).parent
PYTHONS = {name: CACHE / name / "bin" / "python" for name in ("trl-1.16.0", "llamafactory-0.9.5")}
QUIET = {"HF_HUB_OFFLINE": "1", "WANDB_MODE": "disabled", "DO_NOT_TRACK": "1", "CUDA_VISIBLE_DEVICES": ""}
NUMBER = 50


def command(module, *words, folder):
    subprocess.run(
        [sys.executable, "-m", f"simenv.{module}", *words], cwd=folder, check=True, capture_output=True, timeout=600
    )


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return tiny_model.build(tmp_path_factory.mktemp("base") / "base", tiny_model.CHATML, "<|im_end|>")


@pytest.fixture(scope="module")
def bases(base, tmp_path_factory):
    """Models whose templates write calls differently and end turns with the end of text, or not."""
    return {
        "chatml": base,
        "llama": tiny_model.build(tmp_path_factory.mktemp("bases") / "llama", tiny_model.LLAMA, "<|eos|>"),
    }


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """A set from a run of two environments with tool calls, whose tools are unlike."""
    folder = tmp_path_factory.mktemp("real")
    rolled = ("environments=[db, kg]", f"episodes={NUMBER}", "dialect=tools", "agent=expert", "name=r")
    command("rollout", *rolled, folder=folder)
    command("curate", "runs/r", "name=s", "mix.validation=0", "licences={runs/r: CC-BY-4.0}", folder=folder)
    return folder / "curated" / "s"


def read_rows(receiver, script, *words):
    python = PYTHONS[receiver]
    if not python.exists():
        pytest.skip(f"{receiver} is not installed: make receivers")
    done = subprocess.run(
        [python, HERE / script, *map(str, words)], env=os.environ | QUIET, capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line[4:]) for line in done.stdout.splitlines() if line.startswith("row ")]


def learnt(tokenizer, ids, labels):
    """The stretches of text under loss; blanks behind the end of a turn count for nothing."""
    assert all(label in (IGNORED, token) for token, label in zip(ids, labels, strict=True))
    return [text.strip() for text in chats.trained_texts(tokenizer, ids, labels) if text.strip()]


def head(folder, number, out, form):
    """The first rows of an export, beside its card."""
    out.mkdir()
    lines = (folder / "train.jsonl").read_text().splitlines()[:number]
    (out / "train.jsonl").write_text("\n".join(lines) + "\n")
    if (folder / "README.md").exists():
        (out / "README.md").write_text(
            (folder / "README.md").read_text().replace("  - split: validation\n    path: validation.jsonl\n", "")
        )
    return [json.loads(line) for line in lines]


def samples(folder):
    from simenv.data.dataset import CuratedSet

    return list(CuratedSet(folder).samples("train"))


def test_trls_sft_trainer_learns_what_our_masks_say(base, real, tmp_path):
    done = export(Export(data=str(real), to="trl", model=str(base), out=str(tmp_path / "trl")))
    rows = head(done.folder, NUMBER, tmp_path / "head", "trl")
    theirs = read_rows("trl-1.16.0", "trl_rows.py", "sft", base, tmp_path / "head", tmp_path)
    template, all_samples = Template(load(str(base))), {s.id: s for s in samples(real)}
    assert len(theirs) == len(rows) == NUMBER and any(r["completion"][0].get("tool_calls") for r in rows)
    for row, made in zip(rows, theirs, strict=True):
        sample = all_samples[row["id"]]
        place = len(row["prompt"])
        turns = [m.model_copy(update={"train": i == place}) for i, m in enumerate(sample.messages[: place + 1])]
        ids, labels = template.encode(sample.model_copy(update={"messages": tuple(turns)}))
        mask = made.get("completion_mask") or [int(label != IGNORED) for label in made["labels"]]
        their_labels = [t if m else IGNORED for t, m in zip(made["input_ids"], mask, strict=True)]
        assert made["input_ids"] == ids
        assert learnt(template.tokenizer, ids, their_labels) == learnt(template.tokenizer, ids, labels)


@pytest.fixture(scope="module")
def forked(tmp_path_factory):
    """A run of two environments with tool calls, whose mistakes were forked."""
    folder = tmp_path_factory.mktemp("forked")
    hooks = "hooks=[first_mistake, {name: fork, continuations: [student, teacher], copies: 1}]"
    rolled = ("environments=[db, kg]", "episodes=60", "dialect=tools", "agent=expert", "agent.error_rate=0.4")
    command("rollout", *rolled, hooks, "name=r", folder=folder)
    return Run(folder / "runs" / "r")


@pytest.mark.parametrize("kind", ["chatml", "llama"])
def test_trls_dpo_trainer_learns_of_real_pairs_what_our_masks_say(kind, bases, forked, tmp_path):
    base = bases[kind]
    command("export", "runs/r", "to=dpo", f"model={base}", f"out={tmp_path / 'pairs'}", folder=forked.folder.parents[1])
    rows = head(tmp_path / "pairs", NUMBER, tmp_path / "head", "dpo")
    assert (
        len(rows) == NUMBER
        and sum("tool_calls" in r["chosen"][0] and "tool_calls" in r["rejected"][0] for r in rows) > 25
    )
    theirs = read_rows("trl-1.16.0", "trl_rows.py", "dpo", base, tmp_path / "head", tmp_path)
    template, trajectories = Template(load(str(base))), {t.id: t for t in forked.trajectories()}
    for row, made in zip(rows, theirs, strict=True):
        for side, name in enumerate(("better", "worse")):
            ids, labels = template.encode(_up_to(trajectories[row[name]], len(row["prompt"])))
            columns = zip(
                made["input_ids"][side], made["completion_mask"][side], made["attention_mask"][side], strict=True
            )
            real = [(token, mask) for token, mask, there in columns if there]
            their_labels = [token if mask else IGNORED for token, mask in real]
            assert [token for token, _ in real] == ids
            assert learnt(template.tokenizer, ids, their_labels) == learnt(template.tokenizer, ids, labels) != []


def _up_to(trajectory, place):
    """The chat of an episode up to a turn, the only one under loss."""
    turns = [m.model_copy(update={"train": i == place}) for i, m in enumerate(trajectory.messages[: place + 1])]
    return chats.sample(trajectory.id, *turns, tools=trajectory.tools)


def test_llama_factorys_loader_learns_what_our_masks_say(base, real, tmp_path):
    done = export(Export(data=str(real), to="sharegpt", out=str(tmp_path / "out")))
    head(done.folder, NUMBER, tmp_path / "head", "sharegpt")
    (tmp_path / "work").mkdir()
    theirs = read_rows("llamafactory-0.9.5", "llama_factory_rows.py", base, tmp_path / "head", tmp_path / "work")
    template = Template(load(str(base)))
    assert len(theirs) == NUMBER
    for sample, made in zip(samples(real), theirs, strict=False):
        ids, labels = template.encode(sample)
        assert learnt(template.tokenizer, made["input_ids"], made["labels"]) == learnt(template.tokenizer, ids, labels)


def _say(text, *calls):
    return chats.message("assistant", text, True, calls)


_ASK, _OTHER = chats.message("user", "ask"), chats.message("user", "more")
_TWO = (chats.call("c1", '{"what": "one"}'), chats.call("c2", '{"what": "two"}'))
_ONE = chats.call("c3", '{"what": "three"}')
_RESULTS = tuple(chats.message("tool", f"result of {id}", call_id=id) for id in ("c1", "c2"))
_LAST = chats.message("tool", "result of c3", call_id="c3")
SHAPES = {
    "parallel results": (_ASK, _say("", *_TWO), *_RESULTS, _say("done")),
    "parallel results, then a call": (_ASK, _say("", *_TWO), *_RESULTS, _say("", _ONE), _LAST, _say("done")),
    "ends with parallel results": (_ASK, _say("", _ONE), _LAST, _say("", *_TWO), *_RESULTS),
    "ends with one result": (_ASK, _say("", _ONE), _LAST),
    "ends with the user": (_ASK, _say("done"), _OTHER),
    "results, then the user": (_ASK, _say("", *_TWO), *_RESULTS, _OTHER, _say("done")),
    "two questions": (_ASK, _OTHER, _say("done"), _OTHER, _say("again")),
    "a system": (chats.message("system", "be brief"), _ASK, _say("", _ONE), _LAST, _say("done")),
}
"""Chats whose turns are no plain alternation of two sides."""


def test_llama_factorys_loader_takes_every_alternation_and_learns_each_answer(base, tmp_path):
    data = tmp_path / "set"
    data.mkdir()
    made = [chats.sample(name, *chat, tools=(chats.TOOL,)) for name, chat in SHAPES.items()]
    (data / "train.jsonl").write_text("".join(s.model_dump_json() + "\n" for s in made))
    done = export(Export(data=str(data), to="sharegpt", out=str(tmp_path / "out")))
    (tmp_path / "work").mkdir()
    theirs = read_rows("llamafactory-0.9.5", "llama_factory_rows.py", base, done.folder, tmp_path / "work")
    template = Template(load(str(base)))
    assert len(theirs) == len(made)
    for sample, row in zip(made, theirs, strict=True):
        ours = learnt(template.tokenizer, *template.encode(sample))
        assert learnt(template.tokenizer, row["input_ids"], row["labels"]) == ours != [], sample.id
        read = template.tokenizer.decode(row["input_ids"])
        last = max(i for i, m in enumerate(sample.messages) if m.role == "assistant")
        assert all(m.content in read for m in sample.messages[:last]), sample.id


def test_openais_rules_accept_the_file_and_the_provenance_lies_beside_it(real, tmp_path):
    done = export(Export(data=str(real), to="openai", out=str(tmp_path / "out")))
    rows = [json.loads(line) for line in (done.folder / "train.jsonl").read_text().splitlines()]
    beside = [json.loads(line) for line in (done.folder / "train.provenance.jsonl").read_text().splitlines()]
    assert file_problems(rows) == [] and len(rows) == len(beside) >= NUMBER
    assert {row["licence"] for row in beside} == {"CC-BY-4.0"} and all(row["verdicts"] for row in beside)
    made = json.loads((done.folder / "manifest.json").read_text())
    assert made["files"]["train.jsonl"]["rows"] == len(rows) and len(made["set_sha256"]) == 64


@pytest.mark.parametrize("form", ["trl", "sharegpt", "agentinstruct", "axolotl"])
def test_datasets_loads_unlike_tools_and_calls_that_begin_late(form, base, tmp_path):
    """The first block that `datasets` reads holds no call at all."""
    datasets = pytest.importorskip("datasets")
    talk = chats.PLAIN.model_copy(
        update={"messages": (*chats.PLAIN.messages[:2], chats.message("assistant", "x" * 9000, True))}
    )
    other = {
        "type": "function",
        "function": {"name": "open", "parameters": {"type": "object", "properties": {"how": {"type": "integer"}}}},
    }
    call = chats.message("assistant", "", True, (chats.call("c", '{"how": 3, "which": [1, "a"]}'),))
    late = chats.sample("late", chats.message("user", "u"), call, tools=(other,))
    folder = tmp_path / "set"
    folder.mkdir()
    with (folder / "train.jsonl").open("w") as file:
        for number in range(1300):
            file.write(talk.model_copy(update={"id": str(number)}).model_dump_json() + "\n")
        for sample in (chats.CALLS, late):
            file.write(sample.model_dump_json() + "\n")
    model = {"model": str(base), "check": False} if form == "axolotl" else {}
    done = export(Export(data=str(folder), to=form, out=str(tmp_path / "out"), **model))
    where = (str(done.folder),) if form == "trl" else ("json",)
    files = {} if form == "trl" else {"data_files": str(done.folder / "train.jsonl")}
    loaded = datasets.load_dataset(*where, **files, split="train", cache_dir=str(tmp_path / "cache"))
    last = loaded[-1]
    if form == "trl":
        assert last["completion"][0]["tool_calls"][0]["function"]["arguments"] == {"how": 3, "which": [1, "a"]}
    assert "how" in json.dumps(last) and last["environment"] == "db"
