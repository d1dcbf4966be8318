"""Inputs for the recipe of a fine-tune, the default one or one's own, and what it comes to: shares, memory, meanings."""

from __future__ import annotations

from typing import Any

import streamlit as st

from simenv import plots
from simenv.options import read
from simenv.plugins.viewer.content import base_models
from simenv.plugins.viewer.content.base_models import FinetuneEstimate, ModelShape
from simenv.plugins.viewer.content.sample_lengths import SampleLengths
from simenv.plugins.viewer.forms.option_fields import option_field
from simenv.plugins.viewer.untrusted_text import label
from simenv.plugins.viewer.views import option_widgets
from simenv.recipe import Lora, Recipe

METHODS = {
    "lora": "LoRA: small matrices beside the frozen base",
    "qlora": "QLoRA: LoRA on a 4-bit base (GPU)",
    "full": "full: every weight",
}
DEFAULT, OWN = "the default settings", "my own"
MAIN_OPTIONS = ("epochs", "steps", "learning_rate", "batch_size", "accumulate", "sequence_length")
MORE_OPTIONS = (
    "schedule",
    "warmup",
    "weight_decay",
    "packing",
    "checkpointing",
    "save_every",
    "log_every",
    "seed",
    "dtype",
)
POINTS = 20
"""Points that a loss curve has at least, where there are as many steps."""
RANKS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
_FULL = "Every weight learns; for small models, as it takes the most memory and forgets the most."
PARTS = {"base": "frozen base", "learning": "what learns", "batch": "one full batch"}


def recipe_inputs(shape: ModelShape, samples: int) -> Recipe:
    """Draw the inputs; ConfigError for values that do not fit together. `samples`: those of the set."""
    own = st.segmented_control("Settings", [DEFAULT, OWN], default=DEFAULT, key="settings") == OWN
    if own:
        return _own(shape)
    recipe = default_recipe(shape, samples)
    told = (
        f"{METHODS[recipe.method]}, rank {recipe.lora.r}, {recipe.epochs:g} epoch, {recipe.sequence_length:,} tokens."
    )
    st.caption(f"{told} They do well with most sets; “{OWN}” lets you change each.")
    return recipe


def default_recipe(shape: ModelShape, samples: int) -> Recipe:
    """The defaults, with rows no longer than the model's context; a small set is logged often enough for a curve."""
    recipe = Recipe(sequence_length=_sequence_length(shape))
    steps = samples * recipe.epochs / (recipe.batch_size * recipe.accumulate)
    return recipe.model_copy(update={"log_every": max(1, min(recipe.log_every, round(steps / POINTS)))})


def _sequence_length(shape: ModelShape) -> int:
    length = int(Recipe.model_fields["sequence_length"].default)
    return min(length, shape.context) if shape.context else length


def _own(shape: ModelShape) -> Recipe:
    method = st.segmented_control("Method", list(METHODS), default="lora", key="method") or "lora"
    st.caption(METHODS[method])
    settings: dict[str, Any] = {"method": method}
    if method != "full":
        settings["lora"] = _lora(shape)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        settings |= {name: _option(name, shape) for name in MAIN_OPTIONS}
    with st.expander("More"), st.container(horizontal=True, vertical_alignment="bottom"):
        settings |= {name: _option(name, shape) for name in MORE_OPTIONS}
    return read(Recipe, settings, "")


def _option(name: str, shape: ModelShape) -> Any:
    field = option_field(name, Recipe.model_fields[name])
    start = _sequence_length(shape) if name == "sequence_length" else field.default
    return option_widgets.option_input(field, start, f"recipe-{name}")


def _lora(shape: ModelShape) -> dict[str, Any]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        r = st.select_slider("Rank", RANKS, 16, key="rank", help="more learn more, and take more")
        alpha = option_widgets.option_input(option_field("alpha", Lora.model_fields["alpha"]), 32.0, "alpha")
        dropout = st.slider("Dropout", 0.0, 0.5, 0.0, 0.05, key="dropout")
    targets = st.multiselect(
        "Layers",
        base_models.layer_kinds(shape),
        key="targets",
        placeholder="every linear layer",
        help="the linear layers that get adapters",
    )
    return {"r": r, "alpha": alpha, "dropout": dropout, "targets": targets or "all-linear"}


def effect(shape: ModelShape, recipe: Recipe) -> None:
    """Draw what a recipe comes to with a model: how much learns, how much memory that takes, and what its settings mean."""
    gpu = st.segmented_control("Estimate for", ["this CPU", "a GPU"], default="this CPU", key="where") == "a GPU"
    found = base_models.estimate(shape, recipe, gpu)
    with st.container(horizontal=True):
        st.metric("parameters", _short(found.parameters))
        st.metric("trainable", _short(found.trainable), f"{found.share:.2%}", delta_color="off", delta_arrow="off")
        st.metric("memory, about", _bytes(found.memory))
    st.caption(
        f"{_bytes(found.base)} for the frozen base, {_bytes(found.learning)} for what learns (with gradients and Adam), "
        f"{_bytes(found.batch)} for a full batch. An estimate: it leaves out what libraries take for themselves."
    )
    with st.expander("What the settings mean, and how much learns"):
        show_meanings(shape, recipe)
        if recipe.method != "full":
            st.altair_chart(
                plots.trainable(_by_rank(shape, recipe), recipe.lora.r), alt="share of parameters that learn, by rank"
            )
        st.altair_chart(plots.shares(_memory(found)), alt="what takes the memory")


def show_meanings(shape: ModelShape, recipe: Recipe) -> None:
    """Draw the settings that decide what is learnt, each with its value and what it does."""
    for name, (value, text) in meanings(shape, recipe).items():
        st.markdown(f"**{label(name)} {label(value)}** · {label(text, 400)}")


def meanings(shape: ModelShape, recipe: Recipe) -> dict[str, tuple[str, str]]:
    """The same by name: value and what it does."""
    rows = _of_adapters(shape, recipe.lora) if recipe.method != "full" else {"method": ("full", _FULL)}
    rows["learning rate"] = (f"{recipe.learning_rate:g}", f"Size of a step; it falls to the end ({recipe.schedule}).")
    rows["batch"] = (
        f"{recipe.batch_size * recipe.accumulate}",
        f"Samples of an optimizer step: {recipe.batch_size} at once, {recipe.accumulate} times.",
    )
    rows["sequence length"] = (f"{recipe.sequence_length:,}", "Tokens of a sample at most; longer ones are left out.")
    return rows


def _of_adapters(shape: ModelShape, lora: Lora) -> dict[str, tuple[str, str]]:
    """The settings of LoRA: value and meaning by name."""
    layers = base_models.target_layers(shape, lora.targets)
    kinds = ", ".join(dict.fromkeys(name.rpartition(".")[2] for name, _, _ in layers)) or "none"
    matrices = f"in × {lora.r} and {lora.r} × out"
    return {
        "rank": (f"{lora.r}", f"Each chosen layer stays frozen; beside it two matrices learn, {matrices}."),
        "alpha": (
            f"{lora.alpha:g}",
            f"Their product is added to the layer, times alpha / rank = {lora.alpha / lora.r:.3g}.",
        ),
        "dropout": (f"{lora.dropout:g}", "Share of the inputs that adapters do not see, against learning by heart."),
        "layers": (f"{len(layers):,}", f"Those that get adapters: {kinds}."),
    }


def _by_rank(shape: ModelShape, recipe: Recipe) -> list[dict[str, float]]:
    """The share that learns for each rank, with the other settings as they are."""
    ranks = sorted({*RANKS, recipe.lora.r})
    recipes = [recipe.model_copy(update={"lora": recipe.lora.model_copy(update={"r": r})}) for r in ranks]
    points = [
        {"rank": r, "share": base_models.adapter_parameters(shape, one) / shape.parameters}
        for r, one in zip(ranks, recipes, strict=True)
    ]
    return [p for p in points if p["share"] <= 1 or p["rank"] == recipe.lora.r]


def _memory(found: FinetuneEstimate) -> list[dict[str, Any]]:
    return [
        {"name": "memory", "part": f"{text}: {_bytes(getattr(found, part))}", "share": getattr(found, part) / found.memory}
        for part, text in PARTS.items()
    ]  # fmt: skip


def fitting(lengths: SampleLengths | None, recipe: Recipe, shape: ModelShape) -> bool:
    """Say which samples are too long to be learnt from; whether any is left."""
    if lengths is None or not lengths.tokens:
        return True
    bound = min(recipe.sequence_length, shape.context or recipe.sequence_length)
    total, left_out = len(lengths.tokens), lengths.longer_than(bound)
    way_out = "take a longer sequence" if bound < (shape.context or bound + 1) else "take a model with more context"
    if left_out == total:
        st.error(
            label(f"None of the samples fits into {bound:,} tokens; the longest has about {lengths.longest:,}: {way_out}.", 300)
        )  # fmt: skip
        return False
    if left_out:
        st.warning(
            label(f"About {left_out:,} of the {total:,} samples looked at are longer than {bound:,} tokens and are left out; "
                  f"the longest has about {lengths.longest:,}. To keep them, {way_out}.", 400)
        )  # fmt: skip
    else:
        st.caption(f"All of the {total:,} samples looked at fit; the longest has about {lengths.longest:,} tokens.")
    return True


def _short(n: float) -> str:
    for unit, size in (("B", 1e9), ("M", 1e6), ("k", 1e3)):
        if n >= size:
            return f"{n / size:.3g} {unit}"
    return f"{n:.0f}"


def _bytes(n: float) -> str:
    return f"{n / 1e9:,.1f} GB" if n >= 1e9 else f"{n / 1e6:,.0f} MB"
