"""The screen Fine-tune: makes a tuned model of a curated set and a base model, or shows one that was made and evaluates it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from simenv.documents import head
from simenv.errors import SimenvError
from simenv.plugins.viewer import navigation
from simenv.plugins.viewer.content import base_models, finetunes
from simenv.plugins.viewer.content.sample_lengths import TOKENIZER, SampleLengths, sample_lengths
from simenv.plugins.viewer.untrusted_text import label
from simenv.plugins.viewer.views import finetune_detail, job_panel, recipe_inputs
from simenv.plugins.viewer.workspace import Workspace
from simenv.recipe import Recipe

NEW = "a new one"


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
        recipe = recipe_inputs.recipe_inputs(shape, finetunes.sample_count(workspace.curated / str(data)))
        lengths = _lengths(workspace, str(data), base)
        recipe_inputs.effect(shape, recipe)
        words = _command(workspace, str(data), base, recipe)
    except SimenvError as e:
        st.error(label(str(e), 500))
        return
    _start(workspace, str(data), base, recipe, words, recipe_inputs.fitting(lengths, recipe, shape))


def _lengths(workspace: Workspace, data: str, base: str) -> SampleLengths | None:
    train = workspace.curated / data / "train.jsonl"
    tokenizer = workspace.root / base / TOKENIZER
    changed = tuple(path.stat().st_mtime_ns for path in (train, tokenizer) if path.is_file())
    return _counted(str(train.parent), str(workspace.root / base), changed)


@st.cache_data(max_entries=100, show_spinner="counting tokens …")
def _counted(data: str, base: str, modified_ns: tuple[int, ...]) -> SampleLengths | None:
    return sample_lengths(Path(data), Path(base))


def _base(workspace: Workspace) -> str | None:
    """The folder of the base model, as commands take it."""
    folders = [workspace.relative(workspace.models / n) for n in base_models.base_model_names(workspace.models)]
    base = st.selectbox(
        "Base model", folders, index=0 if folders else None, key="base" if folders else "base-typed", accept_new_options=True,
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
        with st.container(horizontal=True, vertical_alignment="bottom"):
            steps = st.slider("Steps of practice", 0, 4000, 1500, 100, key="tiny-steps")
            context = st.select_slider("Context in tokens", (1024, 2048, 4096, 8192), 2048, key="tiny-context")
        given = [workspace.relative(workspace.runs / r) for r in runs]
        words = ["tiny", *given, f"practice.steps={steps}", f"context={context}"]
        if not busy:
            job_panel.show_command(words)
            if st.button("Make it", key="tiny", disabled=not runs) and job_panel.start_job("tiny", words, product):
                st.rerun()
        if job is not None:
            job_panel.show_job(job)


def _command(workspace: Workspace, data: str, base: str, recipe: Recipe) -> list[str]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input("Name of the model", finetunes.free_model_name(workspace, data), key="name", max_chars=60)
        trainer = st.selectbox("Trainer", finetunes.TRAINERS, key="trainer")
    return finetunes.finetune_command(workspace.relative(workspace.curated / data), base, name, trainer, recipe)


def _start(workspace: Workspace, data: str, base: str, recipe: Recipe, words: list[str], fits: bool) -> None:
    job_panel.show_command(words)
    name = finetunes.model_name(words)
    is_taken = (workspace.models / name).exists()
    if is_taken:
        st.warning("There is a model of this name.")
    with st.container(horizontal=True):
        if st.button(
            "Start", type="primary", key="start", disabled=is_taken or not fits, icon=":material/play_arrow:"
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
