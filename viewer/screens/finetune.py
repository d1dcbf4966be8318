"""Fine-tune: a curated set and a base model in, a tuned model out; then how good it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from simenv.errors import SimenvError
from simenv.options import read
from simenv.plugins.viewer import base_models, finetunes, navigation
from simenv.plugins.viewer.base_models import Need, Shape
from simenv.plugins.viewer.option_form import entry
from simenv.plugins.viewer.untrusted_text import label
from simenv.plugins.viewer.views import finetune, job_panel, option_widgets
from simenv.plugins.viewer.workspace import Workspace
from simenv.recipe import Lora, Recipe

METHODS = {
    "lora": "LoRA: small matrices beside the frozen base",
    "qlora": "QLoRA: LoRA on a 4-bit base (GPU)",
    "full": "full: every weight",
}
NEW = "a new one"
SHOWN = ("epochs", "steps", "learning_rate", "batch_size", "accumulate", "sequence_length")
MORE = ("schedule", "warmup", "weight_decay", "packing", "checkpointing", "save_every", "log_every", "seed", "dtype")


def main() -> None:
    place = navigation.place()
    st.title("Fine-tune")
    there = finetunes.tunes(place, job_panel.jobs())
    names = [NEW, *there]
    wanted = st.query_params.get("model", "")
    name = st.selectbox("Fine-tune", names, names.index(wanted) if wanted in names else 0, key=f"tune-{wanted}")
    if name != NEW:
        st.query_params["model"] = name
        try:
            finetune.show(place, name)
        except SimenvError as e:
            st.error(label(str(e), 500))
        return
    st.query_params.pop("model", None)
    sets = place.names(place.curated, "train.jsonl")
    if not sets:
        st.info("A fine-tune needs a curated set.")
        if st.button("Make one", type="primary"):
            navigation.go("curate")
        return
    _new(place, sets)


def _new(place: Workspace, sets: list[str]) -> None:
    asked = st.query_params.get("set", "")
    data = st.selectbox("Curated set", sets, sets.index(asked) if asked in sets else 0, key="set")
    base = _base(place)
    if base is None:
        return
    try:
        form = base_models.shape(place.root / base)
        recipe = _recipe(form)
        typed = _command(place, str(data), base, recipe)
    except SimenvError as e:
        st.error(label(str(e), 500))
        return
    _start(place, str(data), base, recipe, typed)


def _base(place: Workspace) -> str | None:
    """The folder of the base model, as commands take it."""
    found = [place.inner(place.models / n) for n in base_models.bases(place.models)]
    base = st.selectbox(
        "Base model", found, index=0 if found else None, key="base", accept_new_options=True,
        placeholder="a path inside the workspace",
        help="a folder with config.json, weights and tokenizer, inside the workspace",
    )  # fmt: skip
    _tiny(place, not found)
    if not base:
        return None
    try:
        return base_models.inside(place.root, base).relative_to(place.root.resolve()).as_posix()
    except SimenvError as e:
        st.error(label(str(e), 300))
        return None


def _tiny(place: Workspace, first: bool) -> None:
    """A model of less than a million parameters, made of the texts of runs."""
    product = place.inner(place.models / "tiny")
    job = job_panel.jobs().of(product)
    busy = job is not None and job_panel.jobs().state(job) == "running"
    if (place.models / "tiny").exists() and not busy:
        return
    with st.expander("No model at hand? Make a tiny one", expanded=first or busy):
        st.caption("Less than a million parameters, in minutes, on a CPU. It learns to read from the texts of runs; what to do "
                   "it does not know yet.")  # fmt: skip
        runs = st.multiselect("Runs", there := place.names(place.runs, "config.yaml"), there[:1], key="tiny-runs")
        steps = st.slider("Steps of practice", 0, 4000, 1500, 100, key="tiny-steps")
        typed = ["tiny", *(place.inner(place.runs / r) for r in runs), f"practice.steps={steps}"]
        if not busy:
            job_panel.command(typed)
            if st.button("Make it", key="tiny", disabled=not runs) and job_panel.start("tiny", typed, product):
                st.rerun()
        if job is not None:
            job_panel.panel(job)


def _recipe(form: Shape) -> Recipe:
    """What is to be done to the base, with its effect beside it."""
    method = st.segmented_control("Method", list(METHODS), default="lora", key="method") or "lora"
    st.caption(METHODS[method])
    settings: dict[str, Any] = {"method": method}
    if method != "full":
        settings["lora"] = _lora(form)
    fields = Recipe.model_fields
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for name in SHOWN:
            start = entry(name, fields[name]).default
            if name == "sequence_length" and form.context:
                start = min(start, form.context)
            settings[name] = option_widgets.field(entry(name, fields[name]), start, f"recipe-{name}")
    with st.expander("More"), st.container(horizontal=True, vertical_alignment="bottom"):
        for name in MORE:
            settings[name] = option_widgets.field(
                entry(name, fields[name]), entry(name, fields[name]).default, f"recipe-{name}"
            )
    recipe = read(Recipe, settings, "")
    gpu = st.segmented_control("Estimate for", ["this CPU", "a GPU"], default="this CPU", key="where") == "a GPU"
    _effect(base_models.need(form, recipe, gpu))
    return recipe


def _lora(form: Shape) -> dict[str, Any]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        r = st.select_slider(
            "Rank", [1, 2, 4, 8, 16, 32, 64, 128, 256], 16, key="rank", help="more learn more, and take more"
        )
        alpha = option_widgets.field(entry("alpha", Lora.model_fields["alpha"]), 32.0, "alpha")
        dropout = st.slider("Dropout", 0.0, 0.5, 0.0, 0.05, key="dropout")
    targets = st.multiselect(
        "Layers",
        base_models.kinds(form),
        key="targets",
        placeholder="every linear layer",
        help="the linear layers that get adapters",
    )
    return {"r": r, "alpha": alpha, "dropout": dropout, "targets": targets or "all-linear"}


def _effect(it: Need) -> None:
    with st.container(horizontal=True):
        st.metric("parameters", _short(it.parameters))
        st.metric("trainable", _short(it.trainable), f"{it.share:.2%}", delta_color="off", delta_arrow="off")
        st.metric("memory, about", _bytes(it.memory))
    st.caption(
        f"{_bytes(it.base)} for the frozen base, {_bytes(it.learning)} for what learns (with gradients and Adam), "
        f"{_bytes(it.batch)} for a full batch. An estimate: it leaves out what libraries take for themselves."
    )


def _short(n: float) -> str:
    for unit, size in (("B", 1e9), ("M", 1e6), ("k", 1e3)):
        if n >= size:
            return f"{n / size:.3g} {unit}"
    return f"{n:.0f}"


def _bytes(n: float) -> str:
    return f"{n / 1e9:,.1f} GB" if n >= 1e9 else f"{n / 1e6:,.0f} MB"


def _command(place: Workspace, data: str, base: str, recipe: Recipe) -> list[str]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input("Name of the model", finetunes.free(place, data), key="name", max_chars=60)
        trainer = st.selectbox("Trainer", finetunes.TRAINERS, key="trainer")
    return finetunes.words(place.inner(place.curated / data), base, name, trainer, recipe)


def _start(place: Workspace, data: str, base: str, recipe: Recipe, typed: list[str]) -> None:
    job_panel.command(typed)
    name = finetunes.named(typed)
    taken = (place.models / name).exists()
    if taken:
        st.warning("There is a model of this name.")
    with st.container(horizontal=True):
        if st.button(
            "Start", type="primary", key="start", disabled=taken, icon=":material/play_arrow:"
        ) and job_panel.start("finetune", typed, place.inner(place.models / name)):
            navigation.go("finetune", model=name)
        st.download_button(
            "The script", finetunes.script(place.inner(place.curated / data), base, name, recipe), f"{name}.sh",
            "text/x-shellscript", key="script", icon=":material/download:", on_click="ignore",
        )  # fmt: skip
    export = place.curated / data / "export" / "axolotl" / "axolotl.yaml"
    typed = finetunes.exported(place.inner(place.curated / data), base, recipe)
    with st.expander("axolotl's YAML"):
        if st.button("Write it", key="yaml") and job_panel.start("export", typed, place.inner(export.parent)):
            st.rerun()
        if (job := job_panel.jobs().of(place.inner(export.parent))) is not None:
            job_panel.panel(job)
        _yaml(export)


def _yaml(path: Path) -> None:
    if path.is_file():
        text = path.read_text(encoding="utf-8", errors="replace")
        st.code(text, language="yaml")
        st.download_button("Download", text, "axolotl.yaml", "application/yaml", key="get-yaml", on_click="ignore")


main()
