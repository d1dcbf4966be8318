"""What a fine-tune would take, from a model's own files."""

import json

import pytest

from simenv.errors import ConfigError
from simenv.plugins.viewer.content.base_models import (
    adapter_parameters,
    base_model_names,
    estimate,
    layer_kinds,
    model_folder,
    read_shape,
)
from simenv.recipe import Lora, Recipe

LLAMA_2_7B = {
    "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32, "num_attention_heads": 32,
    "num_key_value_heads": 32, "vocab_size": 32000, "tie_word_embeddings": False,
}  # fmt: skip
SHAPES = {
    "model.embed_tokens.weight": [10, 4],
    "model.layers.0.self_attn.q_proj.weight": [4, 4],
    "model.layers.0.mlp.up_proj.weight": [8, 4],
    "model.layers.0.conv.conv.weight": [4, 1, 3],
    "model.norm.weight": [4],
    "lm_head.weight": [10, 4],
}


def folder(path, config, tensors=None):
    path.mkdir(parents=True)
    (path / "config.json").write_text(json.dumps(config))
    if tensors:
        header = {"__metadata__": {"format": "pt"}} | {
            n: {"dtype": "F32", "shape": s, "data_offsets": [0, 0]} for n, s in tensors.items()
        }
        text = json.dumps(header).encode()
        (path / "model.safetensors").write_bytes(len(text).to_bytes(8, "little") + text)
    return path


def test_a_config_alone_tells_the_parameters_of_llama_2_and_of_its_adapters(tmp_path):
    form = read_shape(folder(tmp_path / "llama", LLAMA_2_7B))
    assert form.parameters == 6_738_415_616
    assert adapter_parameters(form, Recipe(lora=Lora(r=16))) == 39_976_960
    assert adapter_parameters(form, Recipe(lora=Lora(r=8, targets=("q_proj", "v_proj")))) == 4_194_304
    assert layer_kinds(form) == ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def test_grouped_heads_and_tied_tables_count_once(tmp_path):
    config = LLAMA_2_7B | {"num_key_value_heads": 8, "tie_word_embeddings": True}
    difference = 32 * 2 * 4096 * (4096 - 1024) + 32000 * 4096
    assert read_shape(folder(tmp_path / "m", config)).parameters == 6_738_415_616 - difference


def test_the_headers_of_the_weights_go_before_the_config(tmp_path):
    form = read_shape(folder(tmp_path / "m", {"hidden_size": 4, "num_hidden_layers": 1, "vocab_size": 10}, SHAPES))
    assert form.parameters == 40 + 16 + 32 + 12 + 4 + 40
    assert form.linear == (("model.layers.0.self_attn.q_proj", 4, 4), ("model.layers.0.mlp.up_proj", 8, 4))
    assert adapter_parameters(form, Recipe(lora=Lora(r=2))) == 2 * (4 + 4) + 2 * (8 + 4)


def test_memory_follows_method_device_and_batch(tmp_path):
    form = read_shape(folder(tmp_path / "llama", LLAMA_2_7B))
    recipe = Recipe(batch_size=1, sequence_length=1000)
    on_gpu = estimate(form, recipe, gpu=True)
    assert on_gpu.base == 2 * 6_738_415_616 and on_gpu.learning == 16 * 39_976_960
    assert on_gpu.batch == 32 * 1000 * 4096 * 51 + 300 * 32000 * 12
    assert estimate(form, recipe, gpu=False).base == 4 * 6_738_415_616
    assert estimate(form, recipe.model_copy(update={"method": "qlora"}), gpu=True).base < on_gpu.base / 3
    assert estimate(form, recipe.model_copy(update={"checkpointing": True}), gpu=True).batch < on_gpu.batch / 5
    full = estimate(form, recipe.model_copy(update={"method": "full"}), gpu=True)
    assert (full.trainable, full.base, full.share) == (form.parameters, 0.0, 1.0)
    assert full.learning == 16 * 6_738_415_616
    assert estimate(form, recipe.model_copy(update={"batch_size": 2}), gpu=True).batch == 2 * on_gpu.batch


def test_bases_are_listed_and_paths_stay_inside(tmp_path):
    folder(tmp_path / "models" / "base", LLAMA_2_7B)
    (tmp_path / "models" / "adapter").mkdir()
    (tmp_path / "models" / "away").symlink_to(folder(tmp_path.parent / f"{tmp_path.name}-away", LLAMA_2_7B))
    assert base_model_names(tmp_path / "models") == ["base"]
    assert model_folder(tmp_path, "models/base") == tmp_path / "models" / "base"
    for wrong in ("../elsewhere", "/etc", "models/away"):
        with pytest.raises(ConfigError, match="leads out"):
            model_folder(tmp_path, wrong)
    with pytest.raises(ConfigError, match="no model here"):
        model_folder(tmp_path, "models/adapter")


def test_files_that_are_none_are_told(tmp_path):
    bad_folder = folder(tmp_path / "m", LLAMA_2_7B)
    (bad_folder / "model.safetensors").write_bytes(b"\xff" * 20)
    with pytest.raises(ConfigError, match="no safetensors"):
        read_shape(bad_folder)
    with pytest.raises(ConfigError, match="hidden_size: expected a positive number"):
        read_shape(folder(tmp_path / "n", {"hidden_size": "wide"}))
