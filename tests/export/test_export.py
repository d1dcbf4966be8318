"""What each format says of a set: masks, calls, tools; whole folders or none; bad input. No trainer is needed here."""

import json

import pytest

from simenv.data.masks import Template
from simenv.errors import ConfigError
from simenv.export import Export, export
from simenv.export.axolotl import INSTALL, VERSION, check, find, required, run
from simenv.export.cli import export as command
from simenv.recipe import Recipe
from tests.helpers import chats


@pytest.fixture
def curated(tmp_path):
    folder = tmp_path / "set"
    folder.mkdir()
    for split, samples in (("train", chats.SAMPLES), ("validation", chats.SAMPLES[:1])):
        text = "".join(s.model_dump_json(exclude_defaults=True) + "\n" for s in samples)
        (folder / f"{split}.jsonl").write_text(text)
    return folder


def rows(curated, form, split="train"):
    done = export(Export(data=str(curated), to=form))
    assert done.folder == curated / "export" / form
    return [json.loads(line) for line in (done.folder / f"{split}.jsonl").read_text().splitlines()]


def test_openai_messages_weigh_each_answer_and_end_with_one(curated):
    plain, errors, calls, _ = rows(curated, "openai")
    assert plain["messages"] == [
        {"role": "system", "content": "amber: be brief"},
        {"role": "user", "content": "birch: go to the table"},
        {"role": "assistant", "content": "cedar: the key is there", "weight": 1},
    ]
    assert [m.get("weight") for m in errors["messages"]] == [None, 0, None, 0, None, 1, None, 1, None, 0]
    assert calls["tools"] == [chats.TOOL]
    assert calls["messages"][4] == {
        "role": "assistant",
        "content": "",
        "weight": 1,
        "tool_calls": [
            {
                "id": "c2",
                "type": "function",
                "function": {"name": "open", "arguments": '{"what": "door topaz", "hard": null}'},
            }
        ],
    }
    assert calls["messages"][5] == {"role": "tool", "content": "umber: it is open", "tool_call_id": "c2"}


def test_trl_has_a_row_for_each_trained_turn_so_that_a_masked_one_stays_masked(curated):
    found = rows(curated, "trl")
    assert len(found) == sum(m.train for s in chats.SAMPLES for m in s.messages) == 9
    assert [r["completion"][0]["content"] for r in found[1:3]] == [m.content for m in chats.ERRORS.messages if m.train]
    assert [m["content"] for m in found[1]["prompt"]] == [m.content for m in chats.ERRORS.messages[:5]]
    assert json.loads(found[3]["tools"]) == [chats.TOOL]


def test_agentinstruct_has_loss_on_answers_and_null_elsewhere(curated):
    _, errors, calls, _ = rows(curated, "agentinstruct")
    assert [(m["from"], m["loss"]) for m in errors["conversations"]][:6] == [
        ("human", None), ("gpt", False), ("human", None), ("gpt", False), ("human", None), ("gpt", True),
    ]  # fmt: skip
    assert errors["conversations"][7]["value"] == "  karma: the key, the key  \n"
    assert [m["from"] for m in calls["conversations"]][2:6] == ["gpt", "observation", "function_call", "observation"]


def test_sharegpt_keeps_roles_text_and_calls(curated):
    plain, _, calls, _ = rows(curated, "sharegpt")
    assert {k: plain[k] for k in ("id", "conversations")} == {
        "id": "plain",
        "conversations": [
            {"from": "system", "value": "amber: be brief"},
            {"from": "human", "value": "birch: go to the table"},
            {"from": "gpt", "value": "cedar: the key is there"},
        ],
    }
    said = calls["conversations"]
    assert json.loads(said[4]["value"]) == {"name": "open", "arguments": {"what": "door topaz", "hard": None}}
    assert (
        said[2]["value"]
        == 'quartz: I try\n<tool_call>\n{"name": "open", "arguments": {"what": "window raven"}}\n</tool_call>'
    )
    assert json.loads(calls["tools"]) == [chats.TOOL]


def test_arguments_that_are_no_json_object_are_quoted_in_one_and_never_trained(tmp_path):
    broken = chats.sample(
        "broken",
        chats.message("user", "go"),
        chats.message("assistant", "", False, (chats.call("c", "{what: no"),)),
        chats.message("tool", "no", call_id="c"),
        chats.message("assistant", "sorry", True),
    )
    trained = broken.model_copy(
        update={"id": "trained", "messages": tuple(m.model_copy(update={"train": True}) for m in broken.messages)}
    )
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "train.jsonl").write_text("".join(s.model_dump_json() + "\n" for s in (broken, trained)))
    [row] = rows(folder, "openai")
    assert export(Export(data=str(folder), to="openai")).left_out == {"no exact loss: arguments": 1}
    assert row["messages"][1]["tool_calls"][0]["function"]["arguments"] == '{"malformed": "{what: no"}'


def test_a_datasets_folder_reads_back_as_what_was_written(curated):
    datasets = pytest.importorskip("datasets", reason="pip install 'simenv[train]'")
    done = export(Export(data=str(curated), to="datasets"))
    assert done.lines == {"train": 4, "validation": 1}
    found = datasets.load_from_disk(str(done.folder / "train"))
    for row, sample in zip(found, chats.SAMPLES, strict=True):
        assert [(m["role"], m["content"], m["train"]) for m in row["messages"]] == [
            (m.role, m.content, m.train) for m in sample.messages
        ]
        assert json.loads(row["tools"]) == list(sample.tools)


def test_a_wrong_line_is_named_and_what_was_there_before_stays(curated):
    before = rows(curated, "openai")
    with (curated / "train.jsonl").open("a") as file:
        file.write('{"id": "x", "task": "t"}\n')
    with pytest.raises(ConfigError, match=r"train\.jsonl:5: expected a Sample: environment: Field required"):
        export(Export(data=str(curated), to="openai"))
    left = curated / "export"
    assert [p.name for p in left.iterdir()] == ["openai"]
    assert [json.loads(line) for line in (left / "openai" / "train.jsonl").read_text().splitlines()] == before


def test_only_an_earlier_export_is_replaced(curated, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("mine")
    (tmp_path / "empty").mkdir()
    for out in ("set", "set/", "file", ".", "..", "/", "set/..", "set/train.jsonl"):
        with pytest.raises(ConfigError, match=r"^out: .*no earlier export.*; expected"):
            export(Export(data=str(curated), to="openai", out=out))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["empty", "file", "set"]
    assert sorted(p.name for p in curated.iterdir()) == ["train.jsonl", "validation.jsonl"]
    for _ in range(2):
        assert export(Export(data=str(curated), to="openai", out="empty")).lines == {"train": 4, "validation": 1}
    monkeypatch.chdir(tmp_path / "empty")
    with pytest.raises(ConfigError, match=r"^out: .*working folder"):
        export(Export(data=str(curated), to="openai", out="."))


def test_the_command_says_what_is_wrong_with_status_2(curated, tmp_path, capsys):
    assert command([str(tmp_path / "nope"), "to=openai"]) == 2
    assert "no curated set here; expected a folder with train.jsonl" in capsys.readouterr().err
    assert command([str(curated), "to=opnai"]) == 2
    assert "'openai'" in capsys.readouterr().err
    assert command([str(curated), "to=axolotl"]) == 2
    assert "axolotl's YAML needs the base model" in capsys.readouterr().err
    assert command([str(curated), "to=openai", "chek=false"]) == 2
    assert "unknown option 'chek'" in capsys.readouterr().err and not (curated / "export").exists()
    assert command([str(curated), "to=agentinstruct"]) == 0
    assert "4 train, 1 validation" in " ".join(capsys.readouterr().err.split())


def test_axolotl_that_is_not_there_is_named_with_the_command_that_installs_it(monkeypatch, tmp_path):
    monkeypatch.setenv("SIMENV_CACHE", str(tmp_path))
    assert find() is None and "axolotl is not installed" in check(tmp_path / "axolotl.yaml")
    with pytest.raises(ConfigError, match=f"pip install axolotl=={VERSION}") as caught:
        required()
    assert INSTALL in str(caught.value)
    with pytest.raises(ConfigError, match="does not exist"):
        required(tmp_path / "python")


def test_a_stage_that_fails_is_an_error_with_its_status_and_last_words(tmp_path):
    from simenv.errors import TrainError

    stand_in = tmp_path / "python"
    stand_in.write_text("#!/bin/sh\necho loading\necho 'CUDA out of luck' >&2\nexit 3\n")
    stand_in.chmod(0o755)
    config = tmp_path / "axolotl.yaml"
    config.write_text("base_model: m\n")
    seen = []
    with pytest.raises(TrainError, match=r"(?s)exited with status 3 \(check train\).*CUDA out of luck"):
        seen.extend(run(stand_in, [("check", config), ("train", config)]))


@pytest.mark.parametrize(
    "recipe, wanted",
    [
        ({"device": "cuda", "packing": True, "method": "qlora"},
         {"adapter": "qlora", "load_in_4bit": True, "sample_packing": True, "bf16": True,
          "attn_implementation": "flash_attention_2"}),
        ({"device": "cpu", "method": "full"}, {"bf16": False, "attn_implementation": "sdpa", "optimizer": "adamw_torch"}),
        ({"device": "cpu", "lora": {"targets": ["q_proj"]}},
         {"lora_target_modules": ["q_proj"], "lora_mlp_kernel": False, "lora_qkv_kernel": False, "lora_o_kernel": False}),
        ({"device": "cpu", "steps": 5, "axolotl": {"options": {"max_steps": 7}}}, {"max_steps": 7}),
    ],
)  # fmt: skip
def test_a_recipe_becomes_axolotls_keys(recipe, wanted, template):
    import yaml

    from simenv.export.axolotl import yaml_text

    config = yaml.safe_load(yaml_text(Recipe(**recipe), "some/base", template, validation=True))
    assert wanted.items() <= config.items()
    assert config["eot_tokens"] == ["<|im_end|>"] and len(config["test_datasets"]) == 1
    assert ("adapter" in config) is (recipe.get("method") != "full")


def test_a_recipe_that_needs_a_gpu_says_so(template):
    from simenv.export.axolotl import yaml_text

    for wrong in ({"packing": True}, {"method": "qlora"}):
        with pytest.raises(ConfigError, match="needs a GPU"):
            yaml_text(Recipe(device="cpu", **wrong), "some/base", template, validation=False)


@pytest.fixture(scope="module")
def template():
    pytest.importorskip("transformers", reason="pip install 'simenv[train]'")
    from tests.helpers import tiny_model

    return Template(tiny_model.tokenizer(tiny_model.CHATML, "<|im_end|>"))
