"""axolotl itself tokenises what is exported, trains on it and merges: one process, started first, read by all tests here."""

import json
import shutil
import threading
from importlib.util import find_spec

import pytest

from simenv.data.masks import encode, load
from simenv.errors import TrainError
from simenv.export.axolotl import INSTALL, find, run
from simenv.finetune.trainers import Finetune
from simenv.reasoning import Reasoning
from tests.data.test_masks import THINKING
from tests.helpers import chats, tiny_model

MISSING = [name for name in ("torch", "transformers", "datasets") if find_spec(name) is None]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(MISSING), reason="pip install 'simenv[train]'"),
    pytest.mark.skipif(find() is None, reason=f"axolotl is not installed; {INSTALL}"),
]
TALK = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
"""A template that knows no tools and writes words as they are, tags and all."""
BASES = {
    "chatml": (tiny_model.CHATML, "<|im_end|>"),
    "llama": (tiny_model.LLAMA, "<|eos|>"),
    "thinking": (THINKING, "<|im_end|>"),
    "reasoning": (TALK, "<|im_end|>"),
    "text": (TALK, "<|im_end|>"),
}
THOUGHT = chats.sample(
    "thinking",
    chats.message("user", "umbra"),
    chats.message("assistant", "<think>viola</think>willow", train=True),
    chats.message("user", "xylem"),
    chats.message("assistant", "<think>yucca</think>zinnia", train=True),
)
REASONED = chats.sample(
    "reasoned",
    chats.message("user", "umbra"),
    *(
        entry
        for thought, said in (("viola", "willow"), ("yucca", "zinnia"))
        for entry in (
            chats.message("user", f"ask {thought[0]}"),
            chats.message("assistant", said, train=True).model_copy(
                update={"reasoning": (Reasoning(kind="reasoning_content", text=thought),)}
            ),
        )
    ),
)
CALLS = {"text": "text"}
"""How calls are written on a base, where not as its template writes them."""
SETS = {
    "chatml": chats.SAMPLES,
    "llama": chats.SAMPLES,
    "thinking": (chats.PLAIN, chats.ERRORS, THOUGHT),
    "reasoning": (chats.PLAIN, REASONED),
    "text": (chats.PLAIN, chats.CALLS),
}
EXPECTED = chats.EXPECTED | {
    "reasoning": {
        "reasoned": [f"<think>\n{t}\n</think>\n\n{w}<|im_end|>" for t, w in (("viola", "willow"), ("yucca", "zinnia"))]
    },
    "text": {"calls": chats.CHATML["calls"]},
}
"""What is under loss: thoughts between their tags, and calls as text as ChatML writes them."""


class Run:
    """The process in a thread of its own, so that whoever needs no result yet does not wait for it."""

    def __init__(self, stages):
        self.lines, self.error = [], None
        self.thread = threading.Thread(target=self._run, args=(stages,), daemon=True)
        self.thread.start()

    def _run(self, stages):
        try:
            self.lines.extend(run(find(), stages))
        except TrainError as e:
            self.error = e

    def ended(self):
        self.thread.join()
        if self.error:
            raise self.error
        return self.lines


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """Bases, sets and exports; then check, preprocess, train and merge on them, while the tests go on."""
    from simenv.finetune.trainers import axolotl

    folder = tmp_path_factory.mktemp("axolotl")
    options = {"dataset_num_proc": 1, "shuffle_merged_datasets": False}
    stages = []
    for name, (template, eos) in BASES.items():
        data, base = folder / name / "set", tiny_model.build(folder / name / "base", template, eos)
        data.mkdir()
        for split, samples in (("train", SETS[name]), ("validation", SETS[name][:1])):
            text = "".join(s.model_dump_json(exclude_defaults=True) + "\n" for s in samples)
            (data / f"{split}.jsonl").write_text(text)
        settings = Finetune(
            data=str(data),
            model=str(base),
            trainer="axolotl",
            device="cpu",
            steps=2,
            batch_size=2,
            log_every=1,
            sequence_length=1024,
            calls=CALLS.get(name, "template"),
            axolotl={"options": options},
        )
        written = axolotl.write(settings, folder / name)
        config = written.folder / "axolotl.yaml"
        stages += axolotl.stages(settings, config) if name == "chatml" else [("preprocess", config)]
    return folder, Run(stages)


def tokenised(folder, split):
    """What axolotl's loader made of a split: tokens and labels in the order of the file."""
    from datasets import load_from_disk

    sets = [load_from_disk(str(p)) for p in (folder / "axolotl" / "prepared").iterdir() if p.is_dir()]
    [found] = [s for s in sets if len(s) == split]
    return list(zip(found["input_ids"], found["labels"], strict=True))


@pytest.mark.parametrize("name", list(BASES))
def test_axolotl_and_our_own_masks_agree_token_by_token_with_what_was_marked(work, name):
    folder, process = work
    tokenizer = load(str(folder / name / "base"), CALLS.get(name, "template"))
    ours = [encode(sample, tokenizer) for sample in SETS[name]]
    process.ended()
    theirs = tokenised(folder / name, len(SETS[name]))
    for sample, mine, (ids, labels) in zip(SETS[name], ours, theirs, strict=True):
        assert (ids, labels) == mine
        words = list(zip(sample.messages, map(word, sample.messages), strict=True))
        under = tokenizer.decode([t for t, y in zip(ids, labels, strict=True) if y != -100])
        rest = tokenizer.decode([t for t, y in zip(ids, labels, strict=True) if y == -100])
        if sample is not chats.NEIGHBOURS:  # whose words repeat
            assert all((w in under) is (w not in rest) is m.train for m, w in words if w)
        if sample.id in EXPECTED.get(name, ()):
            assert chats.trained_texts(tokenizer, ids, labels) == EXPECTED[name][sample.id]


def word(message):
    """The word that no other message of the chat has."""
    text = message.content or "".join(c.arguments.partition(",")[0].split()[-1] for c in message.calls)
    return text.rpartition("</think>")[2].strip().partition(":")[0].strip(' "}{')


def test_axolotls_schema_accepts_the_yaml_and_a_validation_set_goes_with_it(work):
    folder, process = work
    verdict = next(line for line in process.ended() if line.startswith("simenv: checked"))
    assert json.loads(verdict.removeprefix("simenv: checked ")) == {"version": "0.19.0", "problems": []}
    assert len(tokenised(folder / "chatml", 1)) == 1


def test_the_adapter_axolotl_trained_is_collected_and_our_client_answers_with_it(work, tmp_path):
    from simenv.finetune.trainers import axolotl
    from simenv.models import connect

    folder, process = work
    assert {"step": 2, "steps": 2} in list(axolotl.rows(iter(process.ended())))
    trained = tmp_path / "chatml"  # collecting takes away what other tests read
    shutil.copytree(folder / "chatml", trained)
    losses = [row for row in axolotl.history(trained) if "loss" in row]
    assert [(row["step"], row["steps"]) for row in losses] == [(1, 2), (2, 2)] and all(
        4 < row["loss"] < 7 for row in losses
    )
    axolotl.collect(trained)
    left = sorted(p.name for p in trained.iterdir())
    assert {"adapter_config.json", "adapter_model.safetensors", "tokenizer.json", "merged"} <= set(left)
    assert "checkpoints" not in left
    model = connect("transformers", {"model": str(trained), "device": "cpu", "max_tokens": 8})
    assert type(model.model).__name__ == "PeftModelForCausalLM"
    merged = connect("transformers", {"model": str(trained / "merged"), "device": "cpu"})
    assert answer(model) == answer(merged)


def answer(model):
    import asyncio

    from simenv.model import Request
    from simenv.types import Message

    return asyncio.run(model.complete(Request(messages=(Message(role="user", content="a key"),), max_tokens=8))).text
