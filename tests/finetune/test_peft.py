"""The embedded trainer: masks as exported, packing without leaks, resume after a kill, cards, bad input. Slow to import."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from importlib.util import find_spec
from types import SimpleNamespace

import pytest

from simenv.data.dataset import CuratedSet
from simenv.errors import ConfigError, StoreError, TrainError
from simenv.finetune import Finetune, finetune
from simenv.runs.store import Run
from simenv.types import Message, Sample
from tests import ROOT
from tests.helpers import chats, tiny_model

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        any(find_spec(name) is None for name in ("torch", "transformers", "peft")), reason="pip install 'simenv[train]'"
    ),
]


def settings(curated, base, out, **options):
    usual = {"device": "cpu", "learning_rate": 1e-2, "log_every": 1, "sequence_length": 256, "save_every": 4}
    return Finetune(**{"data": str(curated), "model": str(base), "out": str(out)} | usual | options)


def losses(folder):
    rows = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    return [row["loss"] for row in rows if "loss" in row]


@pytest.fixture(scope="module")
def tuned(curated, base, tmp_path_factory):
    """An adapter of two epochs, twelve steps."""
    rows = []
    return finetune(settings(curated, base, tmp_path_factory.mktemp("tuned"), epochs=2), rows.append), rows


def test_an_adapter_a_log_a_plot_and_a_card_that_names_the_data(tuned, curated):
    folder, rows = tuned
    left = {p.name for p in folder.iterdir()}
    assert {"adapter_config.json", "adapter_model.safetensors", "tokenizer.json", "finetune.yaml", "loss.png"} <= left
    assert not left & {"checkpoints", ".saving"}
    found = losses(folder)
    assert len(found) == 12 and found[-1] < found[0] - 0.5
    assert [r["step"] for r in rows if r.keys() == {"step", "steps"}] == list(range(1, 13))
    assert sum("eval_loss" in r for r in rows) == 2
    card = (folder / "README.md").read_text()
    assert CuratedSet(curated).digest() in card and "| train | db | gold | 8 |" in card and "| steps | 12 |" in card


def test_the_client_loads_an_adapter_by_its_folder_and_answers_otherwise_than_the_base(tuned, base):
    from simenv.model import Request
    from simenv.models import connect

    async def answer(folder):
        model = connect("transformers", {"model": str(folder), "device": "cpu", "max_tokens": 6})
        request = Request(messages=(Message(role="user", content="go to door 1"),))
        try:
            return (await model.complete(request)).text
        finally:
            await model.close()

    assert asyncio.run(answer(tuned[0])) != asyncio.run(answer(base))


def test_equal_seeds_give_equal_losses_and_other_seeds_other_ones(curated, base, tmp_path):
    one, two, other = (
        losses(finetune(settings(curated, base, tmp_path, steps=3, seed=seed, validate_samples=0)))
        for seed in (1, 1, 2)
    )
    assert one == two != other
    assert sorted(p.name for p in tmp_path.iterdir()) == ["db", "db-2", "db-3"]


def test_loss_falls_on_the_tokens_that_the_masks_say_and_a_packed_row_has_the_loss_of_its_samples(base):
    import torch
    from transformers import AutoModelForCausalLM

    from simenv.data.masks import Template, load
    from simenv.finetune.batches import Collate, Encoding, pack
    from simenv.finetune.trainers.peft import keeps_apart

    template = Template(load(str(base)))
    pieces = Encoding.of(chats.SAMPLES, template, 1024).pieces
    for (ids, labels), sample in zip(pieces, chats.SAMPLES, strict=True):
        assert chats.trained_texts(template.tokenizer, ids.tolist(), labels.tolist()) == chats.CHATML[sample.id]
    rows = pack(pieces, 1024)
    assert sorted(len(p[0]) for row in rows for p in row) == sorted(len(p[0]) for p in pieces)
    assert len(rows) < len(pieces) and all(sum(len(ids) for ids, _ in row) <= 1024 for row in rows)

    model = AutoModelForCausalLM.from_pretrained(base)

    @torch.no_grad()
    def total(batch):
        # transformers' own loss is a mean over the labels that it is given
        return model(**batch, use_cache=False).loss.item() * int((batch["labels"] != -100).sum())

    one_by_one = sum(
        total({k: torch.tensor(v)[None].long() for k, v in zip(("input_ids", "labels"), p, strict=True)})
        for p in pieces
    )
    for given, packed in ((rows, True), ([[p] for p in pieces], False)):
        batch = Collate(pad=0, packed=packed)(given)
        assert total(batch) == pytest.approx(one_by_one, rel=1e-5)
        assert batch["logits_to_keep"].shape[1] < batch["input_ids"].shape[1] / 2  # logits only where loss falls
    assert keeps_apart(model, rows)

    class Leaky(torch.nn.Module):
        """Answers at each place with the sum of all tokens so far, whose ever they are."""

        config, device = model.config, torch.device("cpu")

        def forward(self, input_ids, **rest):
            return SimpleNamespace(logits=input_ids.cumsum(1)[..., None].float())

    assert not keeps_apart(Leaky(), rows)


def test_a_fine_tune_killed_half_way_and_resumed_ends_as_one_that_was_not(curated, base, tuned, tmp_path):
    code = (
        "import os, signal, sys, torch; torch.set_num_threads(1)\n"
        "from simenv.finetune import Finetune, finetune\n"
        "die = lambda row: os.kill(os.getpid(), signal.SIGKILL) if row.get('step') == 6 else None\n"
        "finetune(Finetune.model_validate_json(sys.argv[1]), die)\n"
    )
    asked = settings(curated, base, tmp_path, epochs=2)
    done = subprocess.run(
        [sys.executable, "-c", code, asked.model_dump_json()], env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False
    )
    assert done.returncode == -signal.SIGKILL and not (tmp_path / "db" / "README.md").exists()
    (tmp_path / "db" / "checkpoints" / "checkpoint-5").mkdir()  # as a kill within its writing leaves it
    folder = finetune(asked.model_copy(update={"resume": True}))
    whole = losses(tuned[0])
    assert losses(folder) == pytest.approx(whole, abs=1e-3)
    assert finetune(asked.model_copy(update={"resume": True})) == folder  # complete: nothing is done again


def test_a_fine_tune_killed_before_its_model_was_saved_does_not_do_a_step_too_many(curated, base, tmp_path):
    code = (
        "import os, signal, sys, torch; torch.set_num_threads(1)\n"
        "from simenv.finetune import Finetune, finetune\n"
        "from simenv.finetune.trainers import peft\n"
        "peft._save = lambda *given: os.kill(os.getpid(), signal.SIGKILL)\n"
        "finetune(Finetune.model_validate_json(sys.argv[1]))\n"
    )
    asked = settings(curated, base, tmp_path, steps=5)
    subprocess.run(
        [sys.executable, "-c", code, asked.model_dump_json()], env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False
    )
    before = losses(tmp_path / "db")
    folder = finetune(asked.model_copy(update={"resume": True}))
    assert len(before) == 5 and losses(folder) == pytest.approx(before, abs=1e-3)
    card = (folder / "README.md").read_text()
    assert "| steps | 5 |" in card and "| eval_loss |" in card


def test_resuming_with_other_settings_names_what_was_begun_with(curated, base, tmp_path):
    asked = settings(curated, base, tmp_path, steps=2)
    with pytest.raises(ConfigError, match=r"no run here; expected a folder with finetune\.yaml"):
        finetune(asked.model_copy(update={"resume": True}))

    def die(row):
        if row.get("step") == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        finetune(asked, die)
    with pytest.raises(ConfigError, match=r"has other settings: learning_rate=0\.01"):
        finetune(asked.model_copy(update={"resume": True, "learning_rate": 1.0}))
    other = Run(tmp_path / "db")
    other.lock()
    with pytest.raises(StoreError, match="another process is writing"):
        finetune(asked.model_copy(update={"resume": True}))
    other.unlock()


def test_every_weight_of_a_small_model_can_be_trained_on_packed_rows(curated, base, tmp_path):
    folder = finetune(settings(curated, base, tmp_path, method="full", packing=True, epochs=6, batch_size=2))
    assert (folder / "model.safetensors").is_file() and not (folder / "adapter_config.json").exists()
    found = losses(folder)
    assert found[-1] < found[0] - 1


def test_samples_that_cannot_be_trained_are_left_out_and_counted(base, tmp_path):
    user = Message(role="user", content="go")
    fine = Sample(id="fine", task="a", environment="db", source="run", messages=(user, said("a key")))
    long = fine.model_copy(update={"id": "long", "messages": (user, said("a key " * 200))})
    masked = fine.model_copy(update={"id": "masked", "messages": (user, Message(role="assistant", content="a"))})
    special = fine.model_copy(update={"id": "special", "messages": (user, said("a<|im_end|>"))})
    data = write(tmp_path / "set", [long, fine, masked, special])
    with pytest.raises(ConfigError, match=r"1 of 4 samples are longer than the 256 tokens .* may_leave_out=1 or --yes"):
        finetune(settings(data, base, tmp_path, steps=1))
    folder = finetune(settings(data, base, tmp_path, steps=1, may_leave_out=1))
    assert "| left out | 1 no exact loss, 1 nothing to train, 1 too long |" in (folder / "README.md").read_text()
    only = write(tmp_path / "only", [long, masked])
    with pytest.raises(
        ConfigError, match=r"none of its 2 samples can be trained on; the first: long: \d+ tokens, more"
    ):
        finetune(settings(only, base, tmp_path / "out", may_leave_out=1))
    assert not (tmp_path / "out").exists()


def test_what_is_longer_than_the_context_of_the_base_is_left_out_and_padding_stays_within_it(tmp_path):
    base = tiny_model.build(tmp_path / "base", context=64)
    from transformers import AutoTokenizer, GPT2Config, GPT2LMHeadModel

    shape = {"n_embd": 32, "n_layer": 1, "n_head": 2, "n_positions": 64}
    GPT2LMHeadModel(GPT2Config(vocab_size=len(AutoTokenizer.from_pretrained(base)), **shape)).save_pretrained(base)
    user = Message(role="user", content="go")
    short = Sample(id="a", task="a", environment="db", source="run", messages=(user, said("a key")))
    longer = short.model_copy(update={"id": "b", "messages": (user, said("a key " * 16))})
    long = short.model_copy(update={"id": "c", "messages": (user, said("a key " * 60))})
    data = write(tmp_path / "set", [short, longer, longer, longer, short, long])
    usual = {"sequence_length": 160, "batch_size": 2, "steps": 2, "method": "full", "packing": True}
    card = (finetune(settings(data, base, tmp_path, **usual)) / "README.md").read_text()
    assert "| samples | 5 |" in card and "| left out | 1 too long |" in card and "| rows | 2 |" in card


def test_bad_input_is_named_before_anything_is_written(curated, base, tmp_path, monkeypatch):
    out, here = tmp_path / "out", "models"
    (tmp_path / here).mkdir()
    monkeypatch.chdir(tmp_path)
    nothing, bare = tmp_path / "nothing", tmp_path / "bare"
    nothing.mkdir()
    tiny_model.build(bare)
    (bare / "chat_template.jinja").unlink()
    (tmp_path / "adapter").mkdir()
    (tmp_path / "adapter" / "adapter_config.json").write_text("{}")
    broken = shutil.copytree(base, tmp_path / "broken")
    (broken / "model.safetensors").write_bytes((base / "model.safetensors").read_bytes()[:1000])
    empty, wrong = write(tmp_path / "empty", []), write(tmp_path / "wrong", [])
    (wrong / "train.jsonl").write_text('{"id": "a"}\n')
    for expected, changed in {
        "no model here; expected a folder with config.json": {"model": str(nothing)},
        "nowhere/base: no model here": {"model": f"{here}/nowhere/base"},
        "has no chat template": {"model": str(bare)},
        "no causal language model: .*invalid header": {"model": str(broken)},
        "is an adapter; expected a whole model": {"model": str(tmp_path / "adapter")},
        "the set is empty": {"data": str(empty)},
        r"train.jsonl:1: expected a Sample: task: Field required": {"data": str(wrong)},
        "no curated set here": {"data": str(nothing)},
        "qlora needs a GPU": {"method": "qlora"},
        "lora.targets: Target modules": {"lora": {"targets": ["nosuch"]}},
    }.items():
        with pytest.raises(ConfigError, match=expected):
            finetune(settings(curated, base, out, **changed))
    assert not out.exists()


@pytest.mark.skipif("__import__('torch').cuda.is_available()", reason="there is a GPU")
def test_a_gpu_that_is_asked_for_and_not_there_is_named(curated, base, tmp_path):
    with pytest.raises(ConfigError, match="device: cuda was requested, but PyTorch finds no GPU"):
        finetune(settings(curated, base, tmp_path / "out", device="cuda"))


def test_the_command_trains_says_where_and_names_what_is_wrong(curated, base, tmp_path, capsys):
    from simenv.finetune.cli import finetune as command

    words = [str(curated), f"model={base}", f"out={tmp_path}", "steps=1", "device=cpu", "sequence_length=256"]
    assert command(words) == 0
    assert f"{tmp_path / 'db'}: adapter; its card:" in capsys.readouterr().err.replace("\n", "")
    assert command([*words, "trainr=peft"]) == 2
    assert "unknown option 'trainr'; available:" in capsys.readouterr().err
    assert command([*words, "name=../up"]) == 2
    assert command([*words, "trainer=pft"]) == 2
    assert "trainer" in capsys.readouterr().err


def test_too_little_memory_is_an_error_with_advice(curated, base, tmp_path):
    import torch

    def exhaust(row):
        if "line" not in row:
            torch.empty(1 << 60)

    with pytest.raises(
        TrainError, match=r"batch_size=4 rows of up to 256 tokens; try batch_size=2 accumulate=2, or seq"
    ):
        finetune(settings(curated, base, tmp_path, steps=1), exhaust)
    assert list(tmp_path.iterdir()) == []


def said(text):
    return Message(role="assistant", content=text, train=True)


def write(folder, samples):
    folder.mkdir()
    (folder / "train.jsonl").write_text("".join(s.model_dump_json(exclude_defaults=True) + "\n" for s in samples))
    return folder


@pytest.mark.parametrize(
    ("settings", "rows", "steps"),
    [
        ({"tokens": 6000}, 20, 15),
        ({"tokens": 1}, 20, 1),
        ({"tokens": 6000}, 5, 6),  # the last step of each epoch sees one row only
        ({"steps": 7}, 20, 7),
        ({"epochs": 3}, 20, 15),
    ],
)
def test_a_budget_of_tokens_under_loss_sets_the_steps(settings, rows, steps):
    from simenv.finetune.trainers.peft import _steps

    finetune = Finetune(data="d", model="m", batch_size=2, accumulate=2, **settings)
    assert _steps(finetune, rows=rows, loss_tokens=2000) == steps


def test_only_the_peft_trainer_counts_tokens():
    with pytest.raises(ValueError, match="tokens: the trainer axolotl does not count tokens"):
        Finetune(data="d", model="m", trainer="axolotl", tokens=5)
