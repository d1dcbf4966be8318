"""Draws one curated set: its numbers, its funnel, the reasons of its filters with examples, its card and its exports."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from simenv import plots
from simenv.documents import head
from simenv.plugins.viewer import navigation
from simenv.plugins.viewer.content import base_models, funnel
from simenv.plugins.viewer.content.funnel import Reason
from simenv.plugins.viewer.forms.option_fields import arguments
from simenv.plugins.viewer.untrusted_text import label, visible
from simenv.plugins.viewer.views import job_panel
from simenv.plugins.viewer.views.selectable_table import selectable_table
from simenv.plugins.viewer.workspace import Workspace

FORMATS = {
    "axolotl": "Chat template and a complete YAML.",
    "openai": "Messages with weights, for fine-tuning services.",
    "trl": "Prompt and completion, a row a trained turn.",
    "sharegpt": "For others; it knows no masks.",
    "agentinstruct": "From, value, loss, as AgentInstruct is written.",
    "datasets": "A Hugging Face datasets folder.",
}
CARD = 40_000
"""Characters that are shown of a card."""


def show(workspace: Workspace, name: str) -> None:
    """Draw the curated set of this name. ConfigError where there is none or its report cannot be read."""
    folder = workspace.folder(workspace.curated, name, "funnel.json")
    report = funnel.read_funnel(folder)
    with st.container(horizontal=True):
        for metric, count, means in funnel.totals(report):
            st.metric(metric, f"{count:,}", help=means)
    if st.button("Fine-tune on it", type="primary", key="finetune"):
        navigation.go("finetune", set=name)
    st.subheader("What became of the trajectories")
    rows = funnel.bars(report)
    if rows:
        st.altair_chart(
            plots.funnel(rows), alt="for each filter, how many trajectories it kept, edited, masked, dropped"
        )
    _reasons(workspace, name, funnel.reasons(report))
    with st.expander("Dataset card"):
        text = head(folder / "README.md", 1 << 20)
        st.code(visible(text, CARD).text, language="markdown", wrap_lines=True)
        st.download_button(
            "Download the card", text.encode("utf-8", "replace"), f"{name}.md", "text/markdown", key="card"
        )
    _export(workspace, folder)


def _reasons(workspace: Workspace, name: str, reasons: list[Reason]) -> None:
    if not reasons:
        st.caption("Every trajectory was kept as it is.")
        return
    at = selectable_table(
        [
            {"filter": r.filter, "decision": r.decision, "reason": visible(r.reason, 120).text, "count": r.trajectories}
            for r in reasons
        ],
        f"reasons-{name}",
        height="content" if len(reasons) <= 10 else 380,
        selection_default={"selection": {"rows": [0], "columns": []}},
    )
    if at is None:
        st.caption("Select a reason to see the trajectories behind it.")
        return
    _examples(workspace, name, reasons[at])


def _examples(workspace: Workspace, name: str, reason: Reason) -> None:
    """Buttons that open examples of the trajectories for which a filter gave a reason."""
    runs = workspace.names(workspace.runs, "config.yaml")
    places = [p for e in reason.examples if (p := funnel.split_example(e, runs))]
    st.caption(
        label(f"{reason.decision}: {reason.reason or reason.filter}", 200)
        + f" · {reason.trajectories:,}"
        + (", for example" if places else "")
    )
    with st.container(horizontal=True):
        for run, id in places:
            if st.button(label(id, 60), key=f"example-{run}-{id}", icon=":material/chat:"):
                navigation.go("trajectory", run=run, id=id)
        for run in dict.fromkeys(run for run, _ in places):
            if st.button(label(f"All in {run}", 60), key=f"all-{run}", type="tertiary", icon=":material/list:"):
                navigation.go("trajectories", run=run, **{"curated set": name, "reason": reason.ruling})


def _export(workspace: Workspace, folder: Path) -> None:
    st.subheader("Export")
    form = st.segmented_control("Format", list(FORMATS), default="axolotl", key="format") or "axolotl"
    st.caption(FORMATS[form])
    settings = {}
    if form == "axolotl":
        models = [workspace.relative(workspace.models / n) for n in base_models.base_model_names(workspace.models)]
        settings["model"] = st.selectbox(
            "Base model", models, key="export-model", accept_new_options=True, index=0 if models else None,
            placeholder="a folder in models/, or a name on the Hugging Face hub",
        )  # fmt: skip
    words = ["export", workspace.relative(folder), f"to={form}", *arguments(settings)]
    job_panel.show_command(words)
    product = f"{workspace.relative(folder)}/export/{form}"
    if st.button("Export", key="export", disabled=form == "axolotl" and not settings["model"]) and job_panel.start_job(
        "export", words, product
    ):
        st.rerun()
    if (job := job_panel.workspace_jobs().of(product)) is not None:
        job_panel.show_job(job)
    for file in funnel.exported_files(folder):
        size = f"{file.size / 1e6:,.1f} MB" if file.size >= 100_000 else f"{file.size:,} bytes"
        st.download_button(
            f"{label(f'{file.format}/{file.path.name}')} · {size}", file.path.open("rb"), file.path.name,
            "application/octet-stream", key=f"get-{file.format}-{file.path.name}",
            icon=":material/download:", on_click="ignore",
        )  # fmt: skip
