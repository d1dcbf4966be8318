"""The screen Fine-tune: makes a tuned model of a curated set and a base model, or shows one that was made and evaluates it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from simenv.documents import head
from simenv.errors import SimenvError
from simenv.options import read
from simenv.plugins.viewer import navigation
from simenv.plugins.viewer.content import base_models, finetunes
from simenv.plugins.viewer.content.base_models import FinetuneEstimate, ModelShape
from simenv.plugins.viewer.forms.option_fields import option_field
from simenv.plugins.viewer.untrusted_text import label
from simenv.plugins.viewer.views import finetune_detail, job_panel, option_widgets
from simenv.plugins.viewer.workspace import Workspace
from simenv.recipe import Lora, Recipe

METHODS = {
    "lora": "LoRA: small matrices beside the frozen base",
    "qlora": "QLoRA: LoRA on a 4-bit base (GPU)",
    "full": "full: every weight",
}
NEW = "a new one"
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


def main() -> None:
    """Draw the screen."""
    workspace = navigation.workspace()
    st.title("Fine-tune")
    existing = finetunes.finetune_names(workspace, job_panel.workspace_jobs())
    names = [NEW, *existing]
    address = st.query_params.get("model", "")
    name = st.selectbox("Fine-tune", names, names.index(address) if address in names else 0, key=f"tune-{address}")
    if name != NEW:
        st.query_params["model"] = name
        try:
            finetune_detail.show(workspace, name)
        except SimenvError as e:
            st.error(label(str(e), 500))
        return
    st.query_params.pop("model", None)
    sets = workspace.names(workspace.curated, "train.jsonl")
    if not sets:
        st.info("A fine-tune needs a curated set.")
        if st.button("Make one", type="primary"):
            navigation.go("curate")
        return
    _new(workspace, sets)


def _new(workspace: Workspace, sets: list[str]) -> None:
    address = st.query_params.get("set", "")
    data = st.selectbox("Curated set", sets, sets.index(address) if address in sets else 0, key="set")
    base = _base(workspace)
    if base is None:
        return
    try:
        shape = base_models.read_shape(workspace.root / base)
        recipe = _recipe(shape)
        words = _command(workspace, str(data), base, recipe)
    except SimenvError as e:
        st.error(label(str(e), 500))
        return
    _start(workspace, str(data), base, recipe, words)


def _base(workspace: Workspace) -> str | None:
    """The folder of the base model, as commands take it."""
    folders = [workspace.relative(workspace.models / n) for n in base_models.base_model_names(workspace.models)]
    base = st.selectbox(
        "Base model", folders, index=0 if folders else None, key="base", accept_new_options=True,
        placeholder="a path inside the workspace",
        help="a folder with config.json, weights and tokenizer, inside the workspace",
    )  # fmt: skip
    _tiny(workspace, not folders)
    if not base:
        return None
    try:
        return base_models.model_folder(workspace.root, base).relative_to(workspace.root.resolve()).as_posix()
    except SimenvError as e:
        st.error(label(str(e), 300))
        return None


def _tiny(workspace: Workspace, first: bool) -> None:
    """A form that makes a base model of less than a million parameters from the texts of runs; open where there is no model."""
    product = workspace.relative(workspace.models / "tiny")
    job = job_panel.workspace_jobs().of(product)
    busy = job is not None and job_panel.workspace_jobs().state(job) == "running"
    if (workspace.models / "tiny").exists() and not busy:
        return
    with st.expander("No model at hand? Make a tiny one", expanded=first or busy):
        st.caption("Less than a million parameters, in minutes, on a CPU. It learns to read from the texts of runs; what to do "
                   "it does not know yet.")  # fmt: skip
        runs = st.multiselect(
            "Runs", run_names := workspace.names(workspace.runs, "config.yaml"), run_names[:1], key="tiny-runs"
        )
        steps = st.slider("Steps of practice", 0, 4000, 1500, 100, key="tiny-steps")
        words = ["tiny", *(workspace.relative(workspace.runs / r) for r in runs), f"practice.steps={steps}"]
        if not busy:
            job_panel.show_command(words)
            if st.button("Make it", key="tiny", disabled=not runs) and job_panel.start_job("tiny", words, product):
                st.rerun()
        if job is not None:
            job_panel.show_job(job)


def _recipe(shape: ModelShape) -> Recipe:
    """Inputs for the recipe of the fine-tune, and below them what it takes. ConfigError for values that do not fit together."""
    method = st.segmented_control("Method", list(METHODS), default="lora", key="method") or "lora"
    st.caption(METHODS[method])
    settings: dict[str, Any] = {"method": method}
    if method != "full":
        settings["lora"] = _lora(shape)
    fields = Recipe.model_fields
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for name in MAIN_OPTIONS:
            start = option_field(name, fields[name]).default
            if name == "sequence_length" and shape.context:
                start = min(start, shape.context)
            settings[name] = option_widgets.option_input(option_field(name, fields[name]), start, f"recipe-{name}")
    with st.expander("More"), st.container(horizontal=True, vertical_alignment="bottom"):
        for name in MORE_OPTIONS:
            settings[name] = option_widgets.option_input(
                option_field(name, fields[name]), option_field(name, fields[name]).default, f"recipe-{name}"
            )
    recipe = read(Recipe, settings, "")
    gpu = st.segmented_control("Estimate for", ["this CPU", "a GPU"], default="this CPU", key="where") == "a GPU"
    _effect(base_models.estimate(shape, recipe, gpu))
    return recipe


def _lora(shape: ModelShape) -> dict[str, Any]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        r = st.select_slider(
            "Rank", [1, 2, 4, 8, 16, 32, 64, 128, 256], 16, key="rank", help="more learn more, and take more"
        )
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


def _effect(estimate: FinetuneEstimate) -> None:
    with st.container(horizontal=True):
        st.metric("parameters", _short(estimate.parameters))
        st.metric(
            "trainable", _short(estimate.trainable), f"{estimate.share:.2%}", delta_color="off", delta_arrow="off"
        )
        st.metric("memory, about", _bytes(estimate.memory))
    st.caption(
        f"{_bytes(estimate.base)} for the frozen base, {_bytes(estimate.learning)} for what learns (with gradients and Adam), "
        f"{_bytes(estimate.batch)} for a full batch. An estimate: it leaves out what libraries take for themselves."
    )


def _short(n: float) -> str:
    for unit, size in (("B", 1e9), ("M", 1e6), ("k", 1e3)):
        if n >= size:
            return f"{n / size:.3g} {unit}"
    return f"{n:.0f}"


def _bytes(n: float) -> str:
    return f"{n / 1e9:,.1f} GB" if n >= 1e9 else f"{n / 1e6:,.0f} MB"


def _command(workspace: Workspace, data: str, base: str, recipe: Recipe) -> list[str]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input("Name of the model", finetunes.free_model_name(workspace, data), key="name", max_chars=60)
        trainer = st.selectbox("Trainer", finetunes.TRAINERS, key="trainer")
    return finetunes.finetune_command(workspace.relative(workspace.curated / data), base, name, trainer, recipe)


def _start(workspace: Workspace, data: str, base: str, recipe: Recipe, words: list[str]) -> None:
    job_panel.show_command(words)
    name = finetunes.model_name(words)
    is_taken = (workspace.models / name).exists()
    if is_taken:
        st.warning("There is a model of this name.")
    with st.container(horizontal=True):
        if st.button(
            "Start", type="primary", key="start", disabled=is_taken, icon=":material/play_arrow:"
        ) and job_panel.start_job("finetune", words, workspace.relative(workspace.models / name)):
            navigation.go("finetune", model=name)
        st.download_button(
            "The script", finetunes.script(workspace.relative(workspace.curated / data), base, name, recipe), f"{name}.sh",
            "text/x-shellscript", key="script", icon=":material/download:", on_click="ignore",
        )  # fmt: skip
    export = workspace.curated / data / "export" / "axolotl" / "axolotl.yaml"
    words = finetunes.export_command(workspace.relative(workspace.curated / data), base, recipe)
    with st.expander("axolotl's YAML"):
        if st.button("Write it", key="yaml") and job_panel.start_job(
            "export", words, workspace.relative(export.parent)
        ):
            st.rerun()
        if (job := job_panel.workspace_jobs().of(workspace.relative(export.parent))) is not None:
            job_panel.show_job(job)
        _yaml(export)


def _yaml(path: Path) -> None:
    if path.is_file():
        text = head(path, 1 << 20)
        st.code(text, language="yaml")
        st.download_button("Download", text, "axolotl.yaml", "application/yaml", key="get-yaml", on_click="ignore")


main()
