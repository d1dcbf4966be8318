"""One curated set: the funnel with examples behind each bar, its card, its exports."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from simenv import plots
from simenv.plugins.viewer import base_models, funnel, navigation
from simenv.plugins.viewer.funnel import Reason
from simenv.plugins.viewer.option_form import words
from simenv.plugins.viewer.untrusted_text import label, shown
from simenv.plugins.viewer.views import job_panel
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
"""Characters of a card that are shown."""


def show(place: Workspace, name: str) -> None:
    folder = place.folder(place.curated, name, "funnel.json")
    found = funnel.funnel(folder)
    with st.container(horizontal=True):
        for what, count, means in funnel.account(found):
            st.metric(what, f"{count:,}", help=means)
    if st.button("Fine-tune on it", type="primary", key="finetune"):
        navigation.go("finetune", set=name)
    st.subheader("What became of the trajectories")
    rows = funnel.bars(found)
    if rows:
        st.altair_chart(
            plots.funnel(rows), alt="for each filter, how many trajectories it kept, edited, masked, dropped"
        )
    _reasons(place, name, funnel.reasons(found))
    with st.expander("Dataset card"):
        text = (folder / "README.md").read_text(encoding="utf-8", errors="replace")
        st.code(shown(text, CARD).text, language="markdown", wrap_lines=True)
        st.download_button(
            "Download the card", text.encode("utf-8", "replace"), f"{name}.md", "text/markdown", key="card"
        )
    _export(place, folder)


def _reasons(place: Workspace, name: str, found: list[Reason]) -> None:
    if not found:
        st.caption("Every trajectory was kept as it is.")
        return
    at = navigation.table(
        [
            {"filter": r.filter, "decision": r.decision, "reason": shown(r.reason, 120).text, "count": r.count}
            for r in found
        ],
        f"reasons-{name}",
        height="content" if len(found) <= 10 else 380,
        selection_default={"selection": {"rows": [0], "columns": []}},
    )
    if at is None:
        st.caption("Select a reason to see the trajectories behind it.")
        return
    _examples(place, name, found[at])


def _examples(place: Workspace, name: str, reason: Reason) -> None:
    """Trajectories that a reason is of, each a way to read it."""
    runs = place.names(place.runs, "config.yaml")
    places = [p for e in reason.examples if (p := funnel.split(e, runs))]
    st.caption(
        label(f"{reason.decision}: {reason.reason or reason.filter}", 200)
        + f" · {reason.count:,}"
        + (", for example" if places else "")
    )
    with st.container(horizontal=True):
        for run, id in places:
            if st.button(label(id, 60), key=f"example-{run}-{id}", icon=":material/chat:"):
                navigation.go("trajectory", run=run, id=id)
        for run in dict.fromkeys(run for run, _ in places):
            if st.button(label(f"All in {run}", 60), key=f"all-{run}", type="tertiary", icon=":material/list:"):
                navigation.go("trajectories", run=run, **{"curated set": name, "reason": reason.ruling})


def _export(place: Workspace, folder: Path) -> None:
    st.subheader("Export")
    form = st.segmented_control("Format", list(FORMATS), default="axolotl", key="format") or "axolotl"
    st.caption(FORMATS[form])
    settings = {}
    if form == "axolotl":
        models = [place.inner(place.models / n) for n in base_models.bases(place.models)]
        settings["model"] = st.selectbox(
            "Base model", models, key="export-model", accept_new_options=True, index=0 if models else None,
            placeholder="a folder in models/, or a name on the Hugging Face hub",
        )  # fmt: skip
    typed = ["export", place.inner(folder), "--to", form, *words(settings)]
    job_panel.command(typed)
    product = f"{place.inner(folder)}/export/{form}"
    if st.button("Export", key="export", disabled=form == "axolotl" and not settings["model"]) and job_panel.start(
        "export", typed, product
    ):
        st.rerun()
    if (job := job_panel.jobs().of(product)) is not None:
        job_panel.panel(job)
    for it in funnel.exports(folder):
        size = f"{it.size / 1e6:,.1f} MB" if it.size >= 100_000 else f"{it.size:,} bytes"
        st.download_button(
            f"{label(f'{it.format}/{it.path.name}')} · {size}", it.path.open("rb"), it.path.name, "application/octet-stream",
            key=f"get-{it.format}-{it.path.name}", icon=":material/download:", on_click="ignore",
        )  # fmt: skip
