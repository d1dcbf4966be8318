"""The trajectories of one run: filtered, searched and paged from its index, never from the run itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from simenv.errors import SimenvError
from simenv.plugins.viewer import navigation, review_table
from simenv.plugins.viewer.untrusted_text import label, short, shown
from simenv.plugins.viewer.verdicts import FilterRuling, rulings
from simenv.runs.index import ORDERS, Index, Row
from simenv.runs.query import EpisodeQuery

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
    "interventions", "agent", "authors", "continuation", "tokens", "cost", "seconds", "error",
)  # fmt: skip
# What a reviewer sees who is to judge without knowing who acted and how it ended.
BLIND = ("id", "environment", "kind", "steps")
STATES = ("unreviewed", "approved", "rejected", "disputed", "labelled", "edited")
CELL = 120  # characters


def main() -> None:
    st.title("Trajectories")
    name = navigation.chosen_run()
    if name is None:
        return
    try:
        index = navigation.index(name)
        where, order, down = _filters(index, name)
    except SimenvError as e:
        st.error(label(str(e), 300))
        return
    total = index.count(where)
    if not total:
        st.info(
            "No trajectory matches these filters."
            if index.count(EpisodeQuery())
            else "This run holds no trajectories yet."
        )
        return
    pages = -(-total // PAGE)
    number = st.pagination(pages, key="page") if pages > 1 else 1
    rows = index.page(where, (number - 1) * PAGE, PAGE, order, down)
    st.caption(f"{total:,} trajectories" + (f", page {number:,} of {pages:,}" if pages > 1 else ""))
    at = navigation.table(
        [_cells(r) for r in rows],
        "table",
        column_order=BLIND if navigation.blind() else SHOWN,
        column_config=COLUMNS,
        height=min(36 * (len(rows) + 1) + 3, 700),
    )
    query = {k: v for k, v in st.query_params.to_dict().items() if k not in ("run", "id", "view", "turn")}
    navigation.look_through(name, where, query)
    if at is not None:
        navigation.go("trajectory", run=name, id=rows[at].id)
    st.caption("Select a row to read it.")


def _cells(row: Row) -> dict[str, Any]:
    return {k: shown(v, CELL).text if isinstance(v, str) else v for k, v in row._asdict().items()}


def _filters(index: Index, name: str) -> tuple[EpisodeQuery, str, bool]:
    """What the reader asks for; kept in the address, so that it can be sent to somebody else."""
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
            success, error = _yes("success"), _yes("error")
            drift, corrected = _yes("drift"), _yes("corrected")
            mistake, branch = _yes("mistake"), _yes("branch")
            low, high = st.slider("progress", 0.0, 1.0, (0.0, 1.0), 0.05, key="progress", width=220)
            least, most = _number("tokens from"), _number("tokens to")
            _seed("order", ORDERS)
            order = st.selectbox("order by", ORDERS, key="order", width=145)
            _keep("order", order if order != ORDERS[0] else None)
            _seed("down", ("1",), lambda text: text == "1")
            down = st.toggle("descending", key="down")
            _keep("down", "1" if down else None)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            chosen, without = _reviewed(name)
            ruled = _ruled(name)
    both = chosen if ruled is None else ruled if chosen is None else tuple(sorted({*chosen} & {*ruled}))
    where = EpisodeQuery(
        environment=environment, kind=kind, agent=agent, stop=stop, success=success, drift=drift, corrected=corrected,
        mistake=mistake, branch=branch, error=error, author=author, text=words or "",
        progress=None if (low, high) == (0.0, 1.0) else (low, high),
        tokens=None if least is None and most is None else (least or 0, 2**62 if most is None else most),
        ids=both, without=without,
    )  # fmt: skip
    return where, str(order), bool(down)


def _reviewed(name: str) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    """The trajectories in a state of review, or with a label; and those to leave out."""
    said = navigation.reviews(name)
    states, labels = review_table.of(said), review_table.labels(said)
    counts = {s: len(states.get(s, ())) if s != "unreviewed" else 0 for s in STATES}
    state, given = _pick("review", counts, every=True), _pick("label", {k: len(v) for k, v in labels.items()})
    ids = None if state in (None, "unreviewed") else states.get(state, ())  # type: ignore[call-overload]
    if given is not None:
        ids = tuple(sorted({*labels[given]} & ({*ids} if ids is not None else {*labels[given]})))
    return ids, states.get("unreviewed", ()) if state == "unreviewed" else ()


def _ruled(name: str) -> tuple[str, ...] | None:
    """The trajectories that a filter of a curated set dropped, masked or edited."""
    place = navigation.place()
    sets = place.names(place.curated, "verdicts.jsonl")
    if not sets:
        return None
    chosen = _pick("curated set", dict.fromkeys(sets, 0))
    if chosen is None:
        return None
    folder = place.folder(place.curated, chosen, "verdicts.jsonl")
    found = _rulings(str(folder), name, (folder / "verdicts.jsonl").stat().st_mtime_ns)
    if not found:
        st.caption("It says nothing of this run.")
        return None
    names = {str(r): len(ids) for r, ids in found.items()}
    reason = _pick("reason", names, width=320)
    every = tuple(sorted({id for ids in found.values() for id in ids}))
    return every if reason is None else next(ids for r, ids in found.items() if str(r) == reason)


@st.cache_data(max_entries=4, show_spinner="reading the verdicts …")
def _rulings(folder: str, run: str, changed: int) -> dict[FilterRuling, tuple[str, ...]]:
    return rulings(Path(folder), run)


def _pick(name: str, values: dict[str, int], every: bool = False, width: int = 145) -> str | None:
    """One of the values of a column, or any."""
    options = [v for v in values if v]
    names = {v: short(v) + (f" ({values[v]:,})" if values[v] or (every and v != "unreviewed") else "") for v in options}
    _seed(name, options)
    chosen = st.selectbox(
        name,
        options,
        index=None,
        placeholder="any",
        key=name,
        width=width,
        format_func=lambda v: names.get(v, short(v)),
    )
    _keep(name, chosen)
    return chosen


def _yes(name: str) -> bool | None:
    _seed(name, list(YES))
    st.session_state.setdefault(name, "any")
    chosen: Any = st.segmented_control(name, list(YES), key=name, required=True, width=145)
    _keep(name, chosen if chosen != "any" else None)
    return YES[chosen or "any"]


def _number(name: str) -> int | None:
    asked = st.query_params.get(name, "")
    if name not in st.session_state and asked.isascii() and asked.isdigit() and len(asked) < 16:
        st.session_state[name] = int(asked)
    given = st.number_input(name, min_value=0, value=None, placeholder="any", key=name, width=145)
    _keep(name, None if given is None else str(given))
    return given


def _seed(name: str, allowed: Sequence[str] | None = None, read: Callable[[str], Any] = str) -> None:
    """Let a widget begin with what the address says."""
    asked = st.query_params.get(name, "")
    if name not in st.session_state and asked and (allowed is None or asked in allowed):
        st.session_state[name] = read(asked)


def _keep(name: str, value: str | None) -> None:
    """Put into the address what was chosen."""
    if value:
        st.query_params[name] = value
    else:
        st.query_params.pop(name, None)


main()
