"""Data: what there is to learn from in this workspace, found, chosen, and brought along."""

from __future__ import annotations

from itertools import islice
from typing import Any

import streamlit as st

from simenv.errors import SimenvError
from simenv.plugins.viewer import data_files, navigation
from simenv.plugins.viewer.data_files import LARGEST, TYPES, Datum
from simenv.plugins.viewer.untrusted_text import label, shown
from simenv.plugins.viewer.views import data_picker
from simenv.plugins.viewer.workspace import Workspace

TITLES = {"tasks": "Task files", "gold": "Gold sets", "chat": "Chat sets"}
HELP = {
    "tasks": "What an agent is to do. They become episodes under Agent tuning.",
    "gold": "Episodes known to be good. Under Curate they take the places of those that are dropped.",
    "chat": "General conversation, mixed in under Curate so that a model does not forget how to talk.",
}
LINES, LETTERS = 12, 3_000  # what is shown of a file


def main() -> None:
    place = navigation.place()
    st.title("Data")
    st.caption("Choose what an agent is to learn from. Your choice is at hand under Agent tuning and Curate.")
    found = data_picker.found(place)
    _choose(found)
    _bring(place)
    _table(place, found)


def _choose(found: list[Datum]) -> None:
    chosen: dict[str, list[str]] = dict(st.session_state.get(data_picker.CHOSEN, {}))
    for kind, title in TITLES.items():
        known = {d.path: d for d in found if d.kind == kind}
        before = [p for p in chosen.get(kind, []) if p in known]
        chosen[kind] = st.multiselect(
            title, list(known), before, key=f"choose-{kind}", help=HELP[kind], disabled=not known,
            format_func=lambda p, known=known: data_picker.named(known[p]), 
            placeholder="search and choose" if known else "none here yet",
        )  # fmt: skip
    st.session_state[data_picker.CHOSEN] = chosen
    with st.container(horizontal=True):
        if st.button("Let an agent do the tasks", type="primary", disabled=not chosen["tasks"], key="to-tuning"):
            navigation.go("tuning")
        if st.button(
            "Curate with the gold and the chat", disabled=not (chosen["gold"] or chosen["chat"]), key="to-curate"
        ):
            navigation.go("curate")


def _bring(place: Workspace) -> None:
    with st.expander("Bring your own"):
        st.caption(
            f"JSON or JSON Lines, at most {LARGEST} MB: tasks (simenv's, DBBench, ALFWorld, AgentBench …), chats (ShareGPT, "
            "OpenAI, Alpaca …), trajectories. It is read whole before it is taken in. Larger files and Parquet you can put "
            f"into the folder {place.data.name}/ yourself."
        )
        given = st.file_uploader(
            "File", list(TYPES), key="upload", max_upload_size=LARGEST, label_visibility="collapsed"
        )
        if given is None or st.session_state.get("taken") == given.file_id:
            _told()
            return
        try:
            with st.spinner("reading it …"):
                taken = data_files.take(place, given.name, given)
        except SimenvError as e:
            st.error(label(str(e), 500))
            return
        st.session_state["taken"], st.session_state["took"] = given.file_id, taken
        st.rerun()


def _told() -> None:
    if taken := st.session_state.get("took"):
        left = f"; {taken.refused:,} cannot be used: {taken.why}" if taken.refused else ""
        st.success(label(f"{taken.datum.path}: {taken.datum.what}, {taken.records:,} of them{left}", 500))


def _table(place: Workspace, found: list[Datum]) -> None:
    st.subheader("What there is")
    if not found:
        st.info("Nothing yet. Bring a file of your own, or make a run: its tasks and successes are data too.")
        if st.button("Make a run"):
            navigation.go("tuning")
        return
    words = st.text_input("Search", key="words", placeholder="path, kind, format, environment …")
    rows = [d for d in found if all(w in " ".join(map(str, d)).casefold() for w in words.casefold().split())]
    cells = [{k: shown(v or "–", 200).text for k, v in d._asdict().items()} for d in rows]
    height = "content" if len(rows) <= 10 else 400
    at = navigation.table(cells, "table", height=height, column_config={"what": "form"})
    if at is not None:
        _peek(place, rows[at])
    else:
        st.caption("Select a row to see how it begins.")


def _peek(place: Workspace, d: Datum) -> None:
    path = place.root / d.path
    if path.is_dir():
        st.caption("A folder of this workspace.")
        known = {"runs": ("trajectories", "run"), place.curated.name: ("curate", "set")}
        screen, key = known.get(path.parent.name, ("trajectories", "run"))
        if st.button("Open it", key="open"):
            navigation.go(screen, **{key: path.name})
        return
    with path.open("rb") as file:
        begin: Any = b"".join(line[:LETTERS] for line in islice(file, LINES))[:LETTERS]
    st.code(shown(begin.decode("utf-8", "replace")).text, language="json", wrap_lines=True)


main()
