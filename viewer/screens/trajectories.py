"""The trajectories of one run: filtered, searched and paged from its index, never from the run itself."""

from __future__ import annotations

from typing import Any

import streamlit as st

from simenv.index import ORDERS, Index, Where
from simenv.plugins.viewer import workspace
from simenv.plugins.viewer.words import label

PAGE = 50
YES = {"any": None, "yes": True, "no": False}
COLUMNS = {
    "id": st.column_config.TextColumn("trajectory", width="medium"),
    "success": st.column_config.CheckboxColumn("success"),
    "progress": st.column_config.ProgressColumn("progress", format="percent", min_value=0, max_value=1),
    "mistake": st.column_config.NumberColumn("first mistake"),
    "cost": st.column_config.NumberColumn("cost", format="$%.4f"),
    "seconds": st.column_config.NumberColumn("seconds", format="%.2f"),
}
SHOWN = (
    "id", "environment", "kind", "success", "progress", "stop", "steps", "invalid", "drift", "corrected", "mistake",
    "interventions", "agent", "authors", "way", "tokens", "cost", "seconds", "error",
)  # fmt: skip


def main() -> None:
    st.title("Trajectories")
    name = workspace.chosen_run()
    if name is None:
        return
    index = workspace.index(name)
    where, order, down = _filters(index)
    total = index.count(where)
    if not total:
        st.info(
            "No trajectory matches these filters." if index.count(Where()) else "This run holds no trajectories yet."
        )
        return
    pages = -(-total // PAGE)
    number = st.pagination(pages, key="page") if pages > 1 else 1
    rows = index.page(where, (number - 1) * PAGE, PAGE, order, down)
    st.caption(f"{total:,} trajectories" + (f", page {number:,} of {pages:,}" if pages > 1 else ""))
    picked = st.dataframe(
        [r._asdict() for r in rows],
        column_order=SHOWN,
        column_config=COLUMNS,
        hide_index=True,
        height=min(38 * (len(rows) + 1), 700),
        on_select="rerun",
        selection_mode="single-row",
        key="table",
    )
    at = picked.selection.rows if picked else []  # type: ignore[union-attr]
    if at and at[0] < len(rows):
        query = {k: v for k, v in st.query_params.to_dict().items() if k not in ("run", "id")}
        workspace.go("trajectory", run=name, id=rows[at[0]].id, **query)
    st.caption("Select a row to read it.")


def _filters(index: Index) -> tuple[Where, str, bool]:
    """What the reader asks for; kept in the address, so that it can be sent to somebody else."""
    words = st.text_input("Words in the chat", key="text", bind="query-params", placeholder="all of them, in any order")
    with st.expander("Filters and order"), st.container(horizontal=True, vertical_alignment="bottom"):
        environment = _pick("environment", index.values("environment"))
        kind = _pick("kind", index.values("kind"))
        stop = _pick("stop", index.values("stop"))
        agent = _pick("agent", index.values("agent"))
        author = _pick("author", dict.fromkeys(("agent", "teacher", "human", "model"), 0))
        success, error = _yes("success"), _yes("error")
        drift, corrected = _yes("drift"), _yes("corrected")
        mistake, branch = _yes("mistake"), _yes("branch")
        low, high = st.slider("progress", 0.0, 1.0, (0.0, 1.0), 0.05, key="progress", width=220)
        order = st.selectbox("order by", ORDERS, key="order", bind="query-params", width=160)
        down = st.toggle("descending", key="down", bind="query-params")
    where = Where(
        environment=environment, kind=kind, agent=agent, stop=stop, success=success, drift=drift, corrected=corrected,
        mistake=mistake, branch=branch, error=error, author=author, text=words or "",
        progress=None if (low, high) == (0.0, 1.0) else (low, high),
    )  # fmt: skip
    return where, str(order), bool(down)


def _pick(name: str, values: dict[str, int]) -> str | None:
    """One of the values of a column, or any."""
    options = [v for v in values if v]
    shown = {v: label(v) + (f" ({values[v]:,})" if values[v] else "") for v in options}
    return st.selectbox(
        name, options, index=None, placeholder="any", key=name, bind="query-params", width=160, format_func=shown.get
    )


def _yes(name: str) -> bool | None:
    chosen: Any = st.segmented_control(name, list(YES), default="any", key=name, bind="query-params", width="content")
    return YES[chosen or "any"]


main()
