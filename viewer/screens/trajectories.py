"""The screen Trajectories: those of one run, filtered, searched and paged through by its index; the run itself is not read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from simenv.errors import SimenvError
from simenv.plugins.viewer import navigation
from simenv.plugins.viewer.content import reviewing
from simenv.plugins.viewer.content.filter_rulings import FilterRuling, rulings
from simenv.plugins.viewer.content.reviewing import ReviewStatus
from simenv.plugins.viewer.untrusted_text import label, one_line, visible
from simenv.plugins.viewer.views.reviewer import is_blind
from simenv.plugins.viewer.views.run_data import open_index, pick_run, read_reviews
from simenv.plugins.viewer.views.selectable_table import selectable_table
from simenv.runs.index import ORDERS, Index, Row
from simenv.runs.query import EpisodeQuery

PAGE = 50
YES_NO = {"any": None, "yes": True, "no": False}
COLUMNS = {
    "id": st.column_config.TextColumn("trajectory", width="medium"),
    "success": st.column_config.CheckboxColumn("success"),
    "progress": st.column_config.ProgressColumn("progress", format="percent", min_value=0, max_value=1),
    "mistake": st.column_config.NumberColumn("first mistake"),
    "cost": st.column_config.NumberColumn("cost", format="$%.4f"),
    "seconds": st.column_config.NumberColumn("seconds", format="%.2f"),
}
COLUMN_ORDER = (
    "id", "environment", "kind", "success", "progress", "stop", "steps", "invalid", "drift", "corrected", "mistake",
    "interventions", "agent", "authors", "continuation", "tokens", "cost", "seconds", "error",
)  # fmt: skip
BLIND_COLUMNS = ("id", "environment", "kind", "steps")
"""What a reviewer sees who is to judge without knowing who acted and how it ended."""
STATUSES: tuple[ReviewStatus, ...] = ("unreviewed", "approved", "rejected", "disputed", "labelled", "edited")
MAX_CELL = 120
"""Characters that are shown of a cell."""


def main() -> None:
    """Draw the screen."""
    st.title("Trajectories")
    name = pick_run()
    if name is None:
        return
    try:
        index = open_index(name)
        episode_query, order, down = _filters(index, name)
    except SimenvError as e:
        st.error(label(str(e), 300))
        return
    total = index.count(episode_query)
    if not total:
        st.info(
            "No trajectory matches these filters."
            if index.count(EpisodeQuery())
            else "This run holds no trajectories yet."
        )
        return
    pages = -(-total // PAGE)
    number = st.pagination(pages, key="page") if pages > 1 else 1
    rows = index.page(episode_query, (number - 1) * PAGE, PAGE, order, down)
    st.caption(f"{total:,} trajectories" + (f", page {number:,} of {pages:,}" if pages > 1 else ""))
    at = selectable_table(
        [_cells(r) for r in rows],
        "table",
        column_order=BLIND_COLUMNS if is_blind() else COLUMN_ORDER,
        column_config=COLUMNS,
        height=min(36 * (len(rows) + 1) + 3, 700),
    )
    address = {k: v for k, v in st.query_params.to_dict().items() if k not in ("run", "id", "view", "turn")}
    navigation.remember_query(name, episode_query, address)
    if at is not None:
        navigation.go("trajectory", run=name, id=rows[at].id)
    st.caption("Select a row to read it.")


def _cells(row: Row) -> dict[str, Any]:
    return {k: visible(v, MAX_CELL).text if isinstance(v, str) else v for k, v in row._asdict().items()}


def _filters(index: Index, name: str) -> tuple[EpisodeQuery, str, bool]:
    """Draw the filters; returns the query, the column to order by and whether to descend.

    They are kept in the address, so that a link to the page shows the same table.
    """
    _seed("text")
    words = st.text_input("Words in the chat", key="text", placeholder="all of them, in any order")
    _keep("text", words)
    with st.expander("Filters and order"):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            environment = _pick("environment", index.values("environment"))
            kind = _pick("kind", index.values("kind"))
            stop = _pick("stop", index.values("stop"))
            agent = _pick("agent", index.values("agent"))
            author = _pick("author", dict.fromkeys(("agent", "teacher", "human", "model"), 0))
            success, error = _pick_yes_or_no("success"), _pick_yes_or_no("error")
            drift, is_corrected = _pick_yes_or_no("drift"), _pick_yes_or_no("corrected")
            mistake, branch = _pick_yes_or_no("mistake"), _pick_yes_or_no("branch")
            low, high = st.slider("progress", 0.0, 1.0, (0.0, 1.0), 0.05, key="progress", width=220)
            least, most = _number("tokens from"), _number("tokens to")
            _seed("order", ORDERS)
            order = st.selectbox("order by", ORDERS, key="order", width=145)
            _keep("order", order if order != ORDERS[0] else None)
            _seed("down", ("1",), lambda text: text == "1")
            down = st.toggle("descending", key="down")
            _keep("down", "1" if down else None)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            reviewed_ids, without = _pick_review(name)
            ruled_ids = _pick_ruling(name)
    ids = (
        reviewed_ids
        if ruled_ids is None
        else ruled_ids
        if reviewed_ids is None
        else tuple(sorted({*reviewed_ids} & {*ruled_ids}))
    )
    query = EpisodeQuery(
        environment=environment, kind=kind, agent=agent, stop=stop, success=success, drift=drift, corrected=is_corrected,
        mistake=mistake, branch=branch, error=error, author=author, text=words or "",
        progress=None if (low, high) == (0.0, 1.0) else (low, high),
        tokens=None if least is None and most is None else (least or 0, 2**62 if most is None else most),
        ids=ids, without=without,
    )  # fmt: skip
    return query, str(order), bool(down)


def _pick_review(name: str) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    """Inputs for a status of review and a label; returns the ids that have both (None: no choice) and the ids to leave out."""
    reviews = read_reviews(name)
    by_status, labels = reviewing.by_status(reviews), reviewing.by_label(reviews)
    counts: dict[str, int] = {s: len(by_status.get(s, ())) if s != "unreviewed" else 0 for s in STATUSES}
    choice, label_name = _pick("review", counts, every=True), _pick("label", {k: len(v) for k, v in labels.items()})
    status = next((s for s in STATUSES if s == choice), None)
    ids = None if status in (None, "unreviewed") else by_status.get(status, ())
    if label_name is not None:
        ids = tuple(sorted({*labels[label_name]} & ({*ids} if ids is not None else {*labels[label_name]})))
    return ids, by_status.get("unreviewed", ()) if status == "unreviewed" else ()


def _pick_ruling(name: str) -> tuple[str, ...] | None:
    """Inputs for a curated set and a reason; the ids that its filters dropped, masked or edited for it (None: no choice)."""
    workspace = navigation.workspace()
    sets = workspace.names(workspace.curated, "verdicts.jsonl")
    if not sets:
        return None
    set_name = _pick("curated set", dict.fromkeys(sets, 0))
    if set_name is None:
        return None
    folder = workspace.folder(workspace.curated, set_name, "verdicts.jsonl")
    by_ruling = _rulings(str(folder), name, (folder / "verdicts.jsonl").stat().st_mtime_ns)
    if not by_ruling:
        st.caption("It says nothing of this run.")
        return None
    names = {str(r): len(ids) for r, ids in by_ruling.items()}
    reason = _pick("reason", names, width=320)
    all_ids = tuple(sorted({id for ids in by_ruling.values() for id in ids}))
    return all_ids if reason is None else next(ids for r, ids in by_ruling.items() if str(r) == reason)


@st.cache_data(max_entries=4, show_spinner="reading the verdicts …")
def _rulings(folder: str, run: str, changed_at: int) -> dict[FilterRuling, tuple[str, ...]]:
    return rulings(Path(folder), run)


def _pick(name: str, values: dict[str, int], every: bool = False, width: int = 145) -> str | None:
    """An input for one of the values of a column (None: any). `values` are counts by value; `every` shows counts of 0 too."""
    options = [v for v in values if v]
    names = {
        v: one_line(v) + (f" ({values[v]:,})" if values[v] or (every and v != "unreviewed") else "") for v in options
    }
    _seed(name, options)
    value = st.selectbox(
        name,
        options,
        index=None,
        placeholder="any",
        key=name,
        width=width,
        format_func=lambda v: names.get(v, one_line(v)),
    )
    _keep(name, value)
    return value


def _pick_yes_or_no(name: str) -> bool | None:
    _seed(name, list(YES_NO))
    st.session_state.setdefault(name, "any")
    choice: Any = st.segmented_control(name, list(YES_NO), key=name, required=True, width=145)
    _keep(name, choice if choice != "any" else None)
    return YES_NO[choice or "any"]


def _number(name: str) -> int | None:
    address = st.query_params.get(name, "")
    if name not in st.session_state and address.isascii() and address.isdigit() and len(address) < 16:
        st.session_state[name] = int(address)
    value = st.number_input(name, min_value=0, value=None, placeholder="any", key=name, width=145)
    _keep(name, None if value is None else str(value))
    return value


def _seed(name: str, choices: Sequence[str] | None = None, read: Callable[[str], Any] = str) -> None:
    """Let the input of this key begin with what the address says, if that is one of `choices`."""
    address = st.query_params.get(name, "")
    if name not in st.session_state and address and (choices is None or address in choices):
        st.session_state[name] = read(address)


def _keep(name: str, value: str | None) -> None:
    """Put the value of an input into the address."""
    if value:
        st.query_params[name] = value
    else:
        st.query_params.pop(name, None)


main()
