"""What stands beside a trajectory: its states, its forks, its gold twin, its JSON."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from simenv.errors import SimenvError
from simenv.plugins.viewer import forks, navigation, panel_drawing, solutions
from simenv.plugins.viewer.state_history import States, states
from simenv.plugins.viewer.untrusted_text import LIMIT, label, shown
from simenv.plugins.viewer.views import chat_view
from simenv.plugins.viewer.views.open_trajectory import Opened
from simenv.runs.query import EpisodeQuery
from simenv.types import Trajectory

OWN = "the task's own solution"
_HASH = {Trajectory: lambda t: (t.id, t.state, t.timing.started, len(t.messages))}


def state(o: Opened) -> None:
    """The world before the first step and after each, with what the step changed marked."""
    with st.spinner("doing the actions again in the engine …"):
        found = _states(str(o.folder), o.recorded)
    if found.why:
        st.info(label(found.why, 300))
    if not found.panels:
        return
    last = len(found.panels) - 1
    at = st.slider("after step", 0, last, min(1, last), key="step") if last else 0
    if at and at <= len(o.recorded.steps):
        action = o.recorded.steps[at - 1].action
        said = f"{action.name} {action.arguments}" if action else "no action found"
        st.code(shown(said).text, language=None, wrap_lines=True)
    panel_drawing.panels(found.panels[at], found.panels[at - 1] if at else ())


@st.cache_data(max_entries=8, show_spinner=False, hash_funcs=_HASH)
def _states(folder: str, t: Trajectory) -> States:
    return states(Path(folder), t)


def family(o: Opened) -> None:
    """The episodes that were split off this one, or off the same one, and how they ended."""
    found = forks.family(o.index, o.recorded)
    if len(found) < 2:
        st.info("Nothing was split off this episode. Branch shows how to.")
        return
    rows = [
        {
            "trajectory": ("▸ " if m.row.id == o.row.id else "") + shown(m.name, 120).text,
            "continuation": shown(m.row.continuation or "–", 40).text,
            "success": m.row.success,
            "progress": m.row.progress,
            "stop": m.row.stop,
            "steps": m.row.steps,
        }
        for m in found
    ]
    share = st.column_config.ProgressColumn("progress", format="percent", min_value=0, max_value=1)
    at = navigation.table(rows, "family", column_config={"progress": share})
    if at is not None and found[at].row.id != o.row.id:
        navigation.go("trajectory", run=o.run, id=found[at].row.id, view="Forks")


def twin(o: Opened) -> None:
    """This trajectory, and beside it how its task is done well."""
    place = navigation.place()
    names = [n for n in place.names(place.runs, "config.yaml") if n != o.run]
    chosen = st.selectbox("Gold", [OWN, o.run, *names], key="gold", format_func=_source)
    try:
        other = _solution(str(o.folder), o.recorded) if chosen == OWN else _of_run(o, chosen)
    except SimenvError as e:
        st.info(label(str(e), 300))
        other = None
    left, right = st.columns(2)
    with left:
        st.subheader("This one")
        _graded(o.recorded)
        chat_view.chat(o.edited, o.recorded, "this")
    with right:
        st.subheader("Gold")
        if other is None:
            st.info("There is none.")
        else:
            _graded(other)
            chat_view.chat(other, key="twin")


def _source(name: str) -> str:
    return name if name == OWN else f"run {shown(name, 120).text}"


def _of_run(o: Opened, run: str) -> Trajectory | None:
    """The first success of the same task in a run, another one than this."""
    index = navigation.index(run)
    rows = index.page(EpisodeQuery(task=o.recorded.task, success=True), 0, 2)
    rows = [r for r in rows if (run, r.id) != (o.run, o.row.id)]
    return index.read(rows[0]) if rows else None


@st.cache_data(max_entries=8, show_spinner="playing the solution …", hash_funcs=_HASH)
def _solution(folder: str, t: Trajectory) -> Trajectory:
    return solutions.solution(Path(folder), t)


def _graded(t: Trajectory) -> None:
    grade = "not graded" if t.grade is None else "success" if t.grade.success else f"progress {t.grade.progress:.0%}"
    st.caption(label(f"{t.id} · {len(t.steps)} steps · {grade}", 160))


def raw(o: Opened) -> None:
    """The line as it lies in the run."""
    size = f"{o.row.length / 1e6:,.1f} MB" if o.row.length > 1e6 else f"{o.row.length / 1e3:,.1f} kB"
    st.download_button(
        f"Download the JSON ({size})", lambda: _line(o), "trajectory.json", "application/json",
        key="raw-all", icon=":material/download:", on_click="ignore",
    )  # fmt: skip
    whole = o.row.length <= LIMIT * 10
    text = (
        o.recorded.model_dump_json(indent=2, exclude_defaults=True)
        if whole
        else _line(o, LIMIT * 2).decode("utf-8", "replace")
    )
    seen = shown(text, LIMIT * 2)
    st.code(seen.text, language="json" if whole else None, wrap_lines=True)
    if not whole or seen.left_out:
        st.caption("The rest is in the download.")


def _line(o: Opened, most: int = -1) -> bytes:
    with (o.folder / o.row.part).open("rb") as file:
        file.seek(o.row.at)
        return file.read(o.row.length if most < 0 else min(most, o.row.length))
