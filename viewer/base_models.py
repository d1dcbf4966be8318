"""Base models of a workspace, and what a fine-tune of one takes: parameters that learn, memory. No torch: headers tell."""

from __future__ import annotations

import json
from collections.abc import Iterable
from fnmatch import fnmatchcase
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

from simenv.errors import ConfigError
from simenv.recipe import Recipe

ADAPTER, CONFIG, CARD = "adapter_config.json", "config.json", "README.md"
_TABLES = ("*embed*", "*lm_head*", "*wte*", "*wpe*", "*output_embedding*")
"""Weights of two dimensions that are no linear layer, or the head, which peft's all-linear leaves alone."""
_HEADER = 100_000_000
"""Bytes of a header at most, as the format says."""
ADAM = 16
"""Bytes of a parameter that learns: itself, its gradient, Adam's two moments, each in float32."""
QUANTISED = 0.56
"""Bytes of a parameter in doubly quantised NF4 (Dettmers et al., arXiv 2305.14314: 4 bits and 0.127 for its constants), rounded
up for layers that stay as they are."""
ACTIVATIONS = {2: 51, 4: 77}
"""Bytes that a layer keeps of a token and a unit of its width for the backward pass, in bfloat16 under autocast and in float32:
the saved tensors of a Llama with an inner width of 2.7 and adapters on every linear layer, counted."""
LOGIT = 12
"""Bytes of a logit: itself, its log-softmax, its gradient, in float32."""
TOLD = 0.3
"""Share of a chat's tokens under loss, the only ones that have logits; 0.17 to 0.35 in episodes of household and db."""


class Shape(NamedTuple):
    """What matters of a model's form: all parameters, its linear layers (name, out, in), its sizes; `context` in tokens, 0
    where it does not say."""

    parameters: int
    linear: tuple[tuple[str, int, int], ...]
    width: int
    layers: int
    vocabulary: int
    context: int = 0


class Need(NamedTuple):
    """What a fine-tune takes. Memory in bytes, as an estimate: of the frozen base, of what learns, of one batch."""

    parameters: int
    trainable: int
    base: float
    learning: float
    batch: float

    @property
    def memory(self) -> float:
        return self.base + self.learning + self.batch

    @property
    def share(self) -> float:
        return self.trainable / self.parameters


def bases(models: Path) -> list[str]:
    """Folders below `models` that hold a whole model, the newest first."""
    found = [p.parent for p in models.glob(f"*/{CONFIG}") if p.resolve().is_relative_to(models.resolve())]
    return [p.name for p in sorted(found, key=lambda p: p.stat().st_mtime, reverse=True)]


def inside(workspace: Path, given: str) -> Path:
    """A model's folder by a path inside the workspace; ConfigError for one that leads elsewhere or holds none."""
    path = (workspace / given).resolve()
    if not path.is_relative_to(workspace.resolve()):
        raise ConfigError(f"{given}: leads out of the workspace; expected a folder inside it, such as models/base")
    if not (path / CONFIG).is_file():
        raise ConfigError(f"{given}: no model here; expected a folder with {CONFIG} in it")
    return path


def shape(folder: Path) -> Shape:
    """The form of a model in a folder, by the headers of its weights, or else its config; ConfigError where neither tells."""
    config = _json(folder / CONFIG)
    inner = config.get("text_config") if isinstance(config.get("text_config"), dict) else config
    weights = [*_weights(folder)]
    if not weights:
        return described(inner)
    linear = tuple((n.removesuffix(".weight"), *s) for n, s in weights if len(s) == 2 and not _is_table(n))
    sizes = (_number(inner, key) for key in ("hidden_size", "num_hidden_layers", "vocab_size"))
    return Shape(sum(prod(s) for _, s in weights), linear, *sizes, _context(inner))


def described(config: dict[str, Any]) -> Shape:
    """The form that a config of the Llama family (Llama, Mistral, Qwen, SmolLM …) describes, weights unseen."""
    h, layers, words, inner, heads = (
        _number(config, k)
        for k in ("hidden_size", "num_hidden_layers", "vocab_size", "intermediate_size", "num_attention_heads")
    )
    head = int(config.get("head_dim") or h // heads)
    grouped = int(config.get("num_key_value_heads") or heads) * head
    one = (
        ("self_attn.q_proj", heads * head, h), ("self_attn.k_proj", grouped, h), ("self_attn.v_proj", grouped, h),
        ("self_attn.o_proj", h, heads * head), ("mlp.gate_proj", inner, h), ("mlp.up_proj", inner, h),
        ("mlp.down_proj", h, inner),
    )  # fmt: skip
    linear = tuple((f"model.layers.{i}.{name}", a, b) for i in range(layers) for name, a, b in one)
    tables = words * h * (1 if config.get("tie_word_embeddings") else 2)
    norms = (2 * layers + 1) * h
    return Shape(sum(a * b for _, a, b in linear) + tables + norms, linear, h, layers, words, _context(config))


def _context(config: dict[str, Any]) -> int:
    found = config.get("max_position_embeddings")
    return found if isinstance(found, int) else 0


def need(form: Shape, recipe: Recipe, gpu: bool) -> Need:
    """What a recipe takes for a model. On a CPU all is float32; on a GPU the frozen base and the batch are half as large."""
    size = 2 if gpu else 4
    if recipe.method == "full":
        trainable, base = form.parameters, 0.0
    else:
        trainable = adapters(form, recipe)
        base = form.parameters * (QUANTISED if recipe.method == "qlora" else size)
    tokens = recipe.batch_size * recipe.sequence_length
    of_layer = tokens * form.width * ACTIVATIONS[size]
    kept = form.layers * tokens * form.width * size + of_layer if recipe.checkpointing else form.layers * of_layer
    logits = TOLD * tokens * form.vocabulary * LOGIT
    return Need(form.parameters, trainable, base, trainable * ADAM, kept + logits)


def adapters(form: Shape, recipe: Recipe) -> int:
    """Parameters of LoRA's two matrices on each of its targets: r · (in + out)."""
    return sum(recipe.lora.r * (a + b) for _, a, b in targets(form, recipe.lora.targets))


def targets(form: Shape, wanted: str | Iterable[str]) -> list[tuple[str, int, int]]:
    """The linear layers that are meant: all, or those whose name is one of these or ends in it."""
    if wanted == "all-linear":
        return list(form.linear)
    names = [wanted] if isinstance(wanted, str) else list(wanted)
    return [layer for layer in form.linear if any(layer[0] == n or layer[0].endswith(f".{n}") for n in names)]


def kinds(form: Shape) -> list[str]:
    """The last parts of the names of its linear layers: what `lora.targets` can name."""
    return list(dict.fromkeys(name.rpartition(".")[2] for name, _, _ in form.linear))


def _weights(folder: Path) -> Iterable[tuple[str, tuple[int, ...]]]:
    """Names and shapes in the headers of its safetensors files."""
    for path in sorted(folder.glob("*.safetensors")):
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if length > _HEADER:
                raise ConfigError(f"{path}: no safetensors file: its header would have {length:,} bytes")
            try:
                header = json.loads(file.read(length))
                yield from ((n, tuple(map(int, t["shape"]))) for n, t in header.items() if n != "__metadata__")
            except (ValueError, TypeError, KeyError, AttributeError) as e:
                raise ConfigError(f"{path}: no safetensors file: its header cannot be read") from e


def _is_table(name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in _TABLES)


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError) as e:
        raise ConfigError(f"{path}: no JSON object can be read here") from e
    return found if isinstance(found, dict) else {}


def _number(config: dict[str, Any], key: str) -> int:
    value = config.get(key)
    if not isinstance(value, int) or value <= 0:
        raise ConfigError(f"{CONFIG}: {key}: expected a positive number, got {value!r:.40}")
    return value
