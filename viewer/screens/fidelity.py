"""The screen Fidelity: how often a simulator answers as its environment does, by size of the change, and how it drifts."""

from __future__ import annotations

from typing import Any

import streamlit as st

from simenv import plots
from simenv.errors import SimenvError
from simenv.plugins.viewer import navigation
from simenv.plugins.viewer.content import result_tables
from simenv.plugins.viewer.untrusted_text import label, visible

REPORT = "report.json"
WAYS = {"one_step": "One step, from the true state", "free": "Free-running, from its own words"}
BY = {"by_delta": "facts changed (|Δ|)", "by_kind": "kind of question", "by_action": "action"}


def main() -> None:
    """Draw the screen."""
    workspace = navigation.workspace()
    st.title("Fidelity")
    names = workspace.names(workspace.fidelity, REPORT)
    if not names:
        st.info("No measurements yet. This one needs no model: a stand-in errs at known rates.")
        st.code("python -m simenv.fidelity", language="bash")
        return
    address = st.query_params.get("name", "")
    name = st.selectbox("Measurement", names, names.index(address) if address in names else 0, key="name")
    st.query_params["name"] = name
    try:
        report = result_tables.read_json(workspace.folder(workspace.fidelity, name, REPORT) / REPORT)
    except SimenvError as e:
        st.error(label(str(e), 300))
        return
    ways = report.get("ways") or {}
    if not ways:
        st.info("It holds no answers yet.")
        return
    st.caption(label(_description(report), 300))
    ways_by_name = {w: WAYS.get(w, w) for w in ways}
    way = st.segmented_control(
        "Asked", list(ways_by_name), default=next(iter(ways_by_name)), format_func=ways_by_name.__getitem__, key="way"
    ) or next(iter(ways_by_name))
    _match_rates(ways[way])
    _drift(ways)


def _description(report: dict[str, Any]) -> str:
    simulator = report.get("simulator") or {}
    episodes = (report.get("questions") or {}).get("episodes", "?")
    name = f"{simulator.get('name', '?')} {simulator.get('model') or ''}".strip()
    return f"Simulator {name} · {episodes} episodes asked about · seed {report.get('seed')}"


def _match_rates(results: dict[str, Any]) -> None:
    overall = result_tables.match_rates(results, "all")
    st.dataframe(
        [
            {k: visible(v, 60).text if isinstance(v, str) else v for k, v in row.items() if k != "group"}
            for row in overall
        ],
        hide_index=True,
        height="content",
        column_config={
            "rate": st.column_config.ProgressColumn("match rate", format="percent", min_value=0, max_value=1),
            "low": st.column_config.NumberColumn("from", format="percent", help="95 % interval"),
            "high": st.column_config.NumberColumn("to", format="percent", help="95 % interval"),
        },
    )
    by = st.segmented_control("By", list(BY), default="by_delta", format_func=BY.__getitem__, key="by") or "by_delta"
    if by == "by_action":
        environments = [n for n in results if n != result_tables.ALL]
        environment = (
            st.segmented_control("Environment", environments, default=environments[0], key="of") or environments[0]
        )
        rows = result_tables.match_rates({environment: results[environment]}, by)
        st.altair_chart(
            plots.success([{"name": r["group"], "success": r["rate"], **r} for r in rows]), alt="match rate by action"
        )
    elif rows := result_tables.match_rates(results, by):
        st.altair_chart(plots.match_rates(rows, BY[by]), alt=f"match rate by {BY[by]}")
    st.subheader("What drifts were")
    if errors := result_tables.drift_errors(results):
        st.altair_chart(plots.counts(errors, "error", "environment"), alt="drifts by kind of error and environment")
    else:
        st.caption("There were none.")


def _drift(ways: dict[str, Any]) -> None:
    if "free" not in ways:
        return
    rows = result_tables.drift_curve(ways["free"])
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
