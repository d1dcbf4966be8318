"""Fidelity: how true to its environment a simulator is, by size of the change, and how it drifts."""

from __future__ import annotations

from typing import Any

import streamlit as st

from simenv import plots
from simenv.errors import SimenvError
from simenv.plugins.viewer import navigation, result_tables
from simenv.plugins.viewer.untrusted_text import label, shown

MARK = "report.json"
WAYS = {"one_step": "One step, from the true state", "free": "Free-running, from its own words"}
BY = {"by_delta": "facts changed (|Δ|)", "by_kind": "kind of question", "by_action": "action"}


def main() -> None:
    place = navigation.place()
    st.title("Fidelity")
    names = place.names(place.fidelity, MARK)
    if not names:
        st.info("No measurements yet. This one needs no model: a stand-in errs at known rates.")
        st.code("python -m simenv.fidelity", language="bash")
        return
    wanted = st.query_params.get("name", "")
    name = st.selectbox("Measurement", names, names.index(wanted) if wanted in names else 0, key="name")
    st.query_params["name"] = name
    try:
        report = result_tables.read(place.folder(place.fidelity, name, MARK) / MARK)
    except SimenvError as e:
        st.error(label(str(e), 300))
        return
    ways = report.get("ways") or {}
    if not ways:
        st.info("It holds no answers yet.")
        return
    st.caption(label(_who(report), 300))
    known = {w: WAYS.get(w, w) for w in ways}
    way = st.segmented_control(
        "Asked", list(known), default=next(iter(known)), format_func=known.get, key="way"
    ) or next(iter(known))
    _way(ways[way])
    _drift(ways)


def _who(report: dict[str, Any]) -> str:
    who = report.get("simulator") or {}
    asked = (report.get("questions") or {}).get("episodes", "?")
    name = f"{who.get('name', '?')} {who.get('model') or ''}".strip()
    return f"Simulator {name} · {asked} episodes asked about · seed {report.get('seed')}"


def _way(way: dict[str, Any]) -> None:
    whole = result_tables.rates(way, "all")
    st.dataframe(
        [{k: shown(v, 60).text if isinstance(v, str) else v for k, v in row.items() if k != "group"} for row in whole],
        hide_index=True,
        height="content",
        column_config={
            "rate": st.column_config.ProgressColumn("match rate", format="percent", min_value=0, max_value=1),
            "low": st.column_config.NumberColumn("from", format="percent", help="95 % interval"),
            "high": st.column_config.NumberColumn("to", format="percent", help="95 % interval"),
        },
    )
    by = st.segmented_control("By", list(BY), default="by_delta", format_func=BY.get, key="by") or "by_delta"
    if by == "by_action":
        known = [n for n in way if n != result_tables.ALL]
        chosen = st.segmented_control("Environment", known, default=known[0], key="of") or known[0]
        rows = result_tables.rates({chosen: way[chosen]}, by)
        st.altair_chart(
            plots.success([{"name": r["group"], "success": r["rate"], **r} for r in rows]), alt="match rate by action"
        )
    elif rows := result_tables.rates(way, by):
        st.altair_chart(plots.match_rates(rows, BY[by]), alt=f"match rate by {BY[by]}")
    st.subheader("What drifts were")
    if errors := result_tables.errors(way):
        st.altair_chart(plots.counts(errors, "error", "environment"), alt="drifts by kind of error and environment")
    else:
        st.caption("There were none.")


def _drift(ways: dict[str, Any]) -> None:
    if "free" not in ways:
        return
    rows = result_tables.curve(ways["free"])
    st.subheader("How it drifts when left alone")
    if not rows:
        st.caption("Nothing was asked free-running.")
        return
    st.altair_chart(plots.drift(rows, "rate", "match rate"), alt="match rate by step")
    if far := [r for r in rows if r["distance"] is not None]:
        st.altair_chart(
            plots.drift(far, "distance", "facts it is wrong about"), alt="facts the simulator is wrong about, by step"
        )


main()
