"""Base models of a workspace, and an estimate of what a fine-tune of one takes: trainable parameters and memory.

No weights are loaded: the headers of safetensors files and config.json are read.
"""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

from simenv.documents import object_file, parse
from simenv.errors import ConfigError, Unreadable
from simenv.recipe import Recipe

ADAPTER, CONFIG, CARD = "adapter_config.json", "config.json", "README.md"
_NOT_TARGETED = ("*embed*", "*lm_head*", "*wte*", "*wpe*", "*output_embedding*")
"""Names of weights of two dimensions to which peft's all-linear gives no adapter: embeddings and the head."""
_MAX_HEADER = 100_000_000
"""Bytes of a safetensors header at most, as the format says."""
LEARNING_BYTES = 16
"""Bytes of a trainable parameter: itself, its gradient, Adam's two moments, each in float32."""
QUANTISED_BYTES = 0.56
"""Bytes of a parameter in doubly quantised NF4 (Dettmers et al., arXiv 2305.14314: 4 bits and 0.127 for its constants), rounded
up for layers that stay as they are."""
ACTIVATION_BYTES = {2: 51, 4: 77}
"""Bytes that a layer keeps of a token and a unit of its width for the backward pass, in bfloat16 under autocast and in float32:
the saved tensors of a Llama with an inner width of 2.7 and adapters on every linear layer, counted."""
LOGIT_BYTES = 12
"""Bytes of a logit: itself, its log-softmax, its gradient, in float32."""
LOSS_SHARE = 0.3
"""Share of a chat's tokens under loss, the only ones that have logits; 0.17 to 0.35 in episodes of household and db."""


class ModelShape(NamedTuple):
    """The sizes of a model: number of parameters, linear layers (name, out, in), width, number of layers, vocabulary.
    `context` is in tokens, 0 where the config does not say."""

    parameters: int
    linear: tuple[tuple[str, int, int], ...]
    width: int
    layers: int
    vocabulary: int
    context: int = 0


class FinetuneEstimate(NamedTuple):
    """What a fine-tune takes: numbers of parameters, and bytes of memory for the frozen base (`base`), for trainable
    parameters with gradients and optimizer (`learning`) and for one batch (`batch`)."""

    parameters: int
    trainable: int
    base: float
    learning: float
    batch: float

    @property
    def memory(self) -> float:
        """Bytes in all."""
        return self.base + self.learning + self.batch

    @property
    def share(self) -> float:
        """Trainable parameters by parameters of the base."""
        return self.trainable / self.parameters


def base_model_names(models: Path) -> list[str]:
    """Names of the folders below `models` that hold a whole model, the newest first; adapters are left out."""
    folders = [p.parent for p in models.glob(f"*/{CONFIG}") if p.resolve().is_relative_to(models.resolve())]
    return [p.name for p in sorted(folders, key=lambda p: p.stat().st_mtime, reverse=True)]


def model_folder(workspace: Path, relative_path: str) -> Path:
    """The folder of a model by its path inside the workspace; ConfigError where that leads out of it or holds no model."""
    path = (workspace / relative_path).resolve()
    if not path.is_relative_to(workspace.resolve()):
        raise ConfigError(
            f"{relative_path}: leads out of the workspace; expected a folder inside it, such as models/base"
        )
    if not (path / CONFIG).is_file():
        raise ConfigError(f"{relative_path}: no model here; expected a folder with {CONFIG} in it")
    return path


def read_shape(folder: Path) -> ModelShape:
    """The shape of the model in a folder, from the headers of its weights, or from its config where there are none.

    ConfigError where neither can be read.
    """
    config = _json(folder / CONFIG)
    text_config = config.get("text_config")
    language_model = text_config if isinstance(text_config, dict) else config
    weights = [*_weights(folder)]
    if not weights:
        return shape_from_config(language_model)
    linear = tuple(
        (n.removesuffix(".weight"), s[0], s[1]) for n, s in weights if len(s) == 2 and not _is_not_targeted(n)
    )
    width, layers, vocabulary = (
        _number(language_model, key) for key in ("hidden_size", "num_hidden_layers", "vocab_size")
    )
    parameters = sum(prod(s) for _, s in weights)
    return ModelShape(parameters, linear, width, layers, vocabulary, _context(language_model))


def shape_from_config(config: dict[str, Any]) -> ModelShape:
    """The shape that the config of a model of the Llama family (Llama, Mistral, Qwen, SmolLM …) describes.

    ConfigError for a size that is missing.
    """
    h, layers, words, inner, heads = (
        _number(config, k)
        for k in ("hidden_size", "num_hidden_layers", "vocab_size", "intermediate_size", "num_attention_heads")
    )
    head = int(config.get("head_dim") or h // heads)
    grouped_width = int(config.get("num_key_value_heads") or heads) * head
    layer_matrices = (
        ("self_attn.q_proj", heads * head, h), ("self_attn.k_proj", grouped_width, h), ("self_attn.v_proj", grouped_width, h),
        ("self_attn.o_proj", h, heads * head), ("mlp.gate_proj", inner, h), ("mlp.up_proj", inner, h),
        ("mlp.down_proj", h, inner),
    )  # fmt: skip
    linear = tuple((f"model.layers.{i}.{name}", a, b) for i in range(layers) for name, a, b in layer_matrices)
    tables = words * h * (1 if config.get("tie_word_embeddings") else 2)
    norms = (2 * layers + 1) * h
    return ModelShape(sum(a * b for _, a, b in linear) + tables + norms, linear, h, layers, words, _context(config))


def _context(config: dict[str, Any]) -> int:
    tokens = config.get("max_position_embeddings")
    return tokens if isinstance(tokens, int) else 0


def estimate(shape: ModelShape, recipe: Recipe, gpu: bool) -> FinetuneEstimate:
    """What a recipe takes with a model. On a CPU all is float32; on a GPU the frozen base and the batch are half as large."""
    size = 2 if gpu else 4
    if recipe.method == "full":
        trainable, base = shape.parameters, 0.0
    else:
        trainable = adapter_parameters(shape, recipe)
        base = shape.parameters * (QUANTISED_BYTES if recipe.method == "qlora" else size)
    tokens = recipe.batch_size * recipe.sequence_length
    of_layer = tokens * shape.width * ACTIVATION_BYTES[size]
    activations = (
        shape.layers * tokens * shape.width * size + of_layer if recipe.checkpointing else shape.layers * of_layer
    )
    logits = LOSS_SHARE * tokens * shape.vocabulary * LOGIT_BYTES
    return FinetuneEstimate(shape.parameters, trainable, base, trainable * LEARNING_BYTES, activations + logits)


def adapter_parameters(shape: ModelShape, recipe: Recipe) -> int:
    """Number of parameters of LoRA's two matrices on each target: r · (in + out)."""
    return sum(recipe.lora.r * (a + b) for _, a, b in target_layers(shape, recipe.lora.targets))


def target_layers(shape: ModelShape, names: str | Iterable[str]) -> list[tuple[str, int, int]]:
    """The linear layers that get adapters: all for "all-linear", else those whose name is one of `names` or ends in `.NAME`."""
    if names == "all-linear":
        return list(shape.linear)
    targets = [names] if isinstance(names, str) else list(names)
    return [layer for layer in shape.linear if any(layer[0] == n or layer[0].endswith(f".{n}") for n in targets)]


def layer_kinds(shape: ModelShape) -> list[str]:
    """The last parts of the names of the linear layers, each once: what `lora.targets` can name."""
    return list(dict.fromkeys(name.rpartition(".")[2] for name, _, _ in shape.linear))


def _weights(folder: Path) -> Iterable[tuple[str, tuple[int, ...]]]:
    """Names and shapes in the headers of its safetensors files."""
    for path in sorted(folder.glob("*.safetensors")):
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if length > _MAX_HEADER:
                raise ConfigError(f"{path}: no safetensors file: its header would have {length:,} bytes")
            try:
                header = parse(file.read(length), str(path))
                yield from ((n, tuple(map(int, t["shape"]))) for n, t in header.items() if n != "__metadata__")
            except (Unreadable, ValueError, TypeError, KeyError, AttributeError) as e:
                raise ConfigError(f"{path}: no safetensors file: its header cannot be read") from e


def _is_not_targeted(name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in _NOT_TARGETED)


def _json(path: Path) -> dict[str, Any]:
    try:
        return object_file(path)
    except Unreadable as e:
        raise ConfigError(f"{path}: no JSON object can be read here: {e.reason}") from e


def _number(config: dict[str, Any], key: str) -> int:
    value = config.get(key)
    if not isinstance(value, int) or value <= 0:
        raise ConfigError(f"{CONFIG}: {key}: expected a positive number, got {value!r:.40}")
    return value
