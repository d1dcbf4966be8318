"""The screen Data: makes pools of knowledge and dialogues about them, lists the data of the workspace, takes uploads."""

from __future__ import annotations

from itertools import islice
from typing import Any

import streamlit as st

from simenv.errors import SimenvError
from simenv.plugins.viewer import navigation
from simenv.plugins.viewer.content import data_files
from simenv.plugins.viewer.content.data_files import MAX_UPLOAD, UPLOAD_TYPES, DataItem
from simenv.plugins.viewer.untrusted_text import label, visible
from simenv.plugins.viewer.views import data_picker, dialogue_panel, knowledge_panel, pool_panel, run_watch
from simenv.plugins.viewer.views.selectable_table import selectable_table
from simenv.plugins.viewer.workspace import Workspace

TITLES = {"tasks": "Task files", "gold": "Gold sets", "chat": "Chat sets"}
HELP = {
    "tasks": "What an agent is to do. They become episodes under Agent tuning.",
    "gold": "Episodes known to be good. Under Curate they take the places of those that are dropped.",
    "chat": "General conversation, mixed in under Curate so that a model does not forget how to talk.",
}
KNOWLEDGE, DIALOGUES, FILES = "Knowledge", "Dialogues", "Tasks, gold and chats"
HEAD_LINES, HEAD_CHARACTERS = 12, 3_000
"""How much of the beginning of a file is shown."""


def main() -> None:
    """Draw the screen."""
    workspace = navigation.workspace()
    st.title("Data")
    if job := run_watch.asked_for(dialogue_panel.TITLE):
        run_watch.show(workspace, job, "data")
        return
    start = DIALOGUES if "dialogues" in st.query_params else KNOWLEDGE
    knowledge, dialogues, files = st.tabs([KNOWLEDGE, DIALOGUES, FILES], default=start, key=f"part-{start}")
    with knowledge:
        st.caption("Documents, topics and data sets become a pool. An agent searches it; dialogues are about it.")
        knowledge_panel.show(workspace)
        st.subheader("Pools")
        pool_panel.show(workspace)
    with dialogues:
        st.caption(
            "General instructions: people of several roles talk about the pool's topics, grounded in its passages."
        )
        dialogue_panel.show(workspace)
    with files:
        st.caption("Choose what an agent is to learn from. Your choice is at hand under Agent tuning and Curate.")
        items = data_picker.all_data(workspace)
        _choose(items)
        _bring(workspace)
        _table(workspace, items)


def _choose(items: list[DataItem]) -> None:
    choices: dict[str, list[str]] = dict(st.session_state.get(data_picker.CHOSEN_KEY, {}))
    for kind, title in TITLES.items():
        items_by_path = {d.path: d for d in items if d.kind == kind}
        before = [p for p in choices.get(kind, []) if p in items_by_path]
        choices[kind] = st.multiselect(
            title, list(items_by_path), before, key=f"choose-{kind}", help=HELP[kind], disabled=not items_by_path,
            format_func=lambda p, items_by_path=items_by_path: data_picker.item_label(items_by_path[p]), 
            placeholder="search and choose" if items_by_path else "none here yet",
        )  # fmt: skip
    st.session_state[data_picker.CHOSEN_KEY] = choices
    with st.container(horizontal=True):
        if st.button("Let an agent do the tasks", type="primary", disabled=not choices["tasks"], key="to-tuning"):
            navigation.go("tuning")
        if st.button(
            "Curate with the gold and the chat", disabled=not (choices["gold"] or choices["chat"]), key="to-curate"
        ):
            navigation.go("curate")


def _bring(workspace: Workspace) -> None:
    with st.expander("Bring your own"):
        st.caption(
            f"JSON or JSON Lines, at most {MAX_UPLOAD} MB: tasks (simenv's, DBBench, ALFWorld, AgentBench …), chats (ShareGPT, "
            "OpenAI, Alpaca …), trajectories. It is read whole before it is taken in. Larger files and Parquet you can put "
            f"into the folder {workspace.data.name}/ yourself."
        )
        upload = st.file_uploader(
            "File", list(UPLOAD_TYPES), key="upload", max_upload_size=MAX_UPLOAD, label_visibility="collapsed"
        )
        if upload is None or st.session_state.get("taken") == upload.file_id:
            _upload_result()
            return
        try:
            with st.spinner("reading it …"):
                result = data_files.take_upload(workspace, upload.name, upload)
        except SimenvError as e:
            st.error(label(str(e), 500))
            return
        st.session_state["taken"], st.session_state["took"] = upload.file_id, result
        st.rerun()


def _upload_result() -> None:
    if result := st.session_state.get("took"):
        unusable = f"; {result.rejected:,} cannot be used: {result.reason}" if result.rejected else ""
        st.success(label(f"{result.item.path}: {result.item.form}, {result.records:,} of them{unusable}", 500))


def _table(workspace: Workspace, items: list[DataItem]) -> None:
    st.subheader("What there is")
    if not items:
        st.info("Nothing yet. Bring a file of your own, or make a run: its tasks and successes are data too.")
        if st.button("Make a run"):
            navigation.go("tuning")
        return
    words = st.text_input("Search", key="words", placeholder="path, kind, format, environment …")
    rows = [d for d in items if all(w in " ".join(map(str, d)).casefold() for w in words.casefold().split())]
    cells = [{k: visible(v or "–", 200).text for k, v in d._asdict().items()} for d in rows]
    height = "content" if len(rows) <= 10 else 400
    at = selectable_table(cells, "table", height=height)
    if at is not None:
        _peek(workspace, rows[at])
    else:
        st.caption("Select a row to see how it begins.")


def _peek(workspace: Workspace, d: DataItem) -> None:
    path = workspace.root / d.path
    if path.is_dir():
        st.caption("A folder of this workspace.")
        targets = {"runs": ("trajectories", "run"), workspace.curated.name: ("curate", "set")}
        screen, key = targets.get(path.parent.name, ("trajectories", "run"))
        if st.button("Open it", key="open"):
            navigation.go(screen, **{key: path.name})
        return
    with path.open("rb") as file:
        begin: Any = b"".join(line[:HEAD_CHARACTERS] for line in islice(file, HEAD_LINES))[:HEAD_CHARACTERS]
    st.code(visible(begin.decode("utf-8", "replace")).text, language="json", wrap_lines=True)


main()
