"""The screen Evaluations: a leaderboard for each environment, how episodes ended and failed, and a comparison of two."""

from __future__ import annotations

from typing import Any

import streamlit as st

from simenv import plots
from simenv.errors import SimenvError
from simenv.evaluate.paired_comparison import compare_runs
from simenv.plugins.viewer import navigation
from simenv.plugins.viewer.content import result_tables
from simenv.plugins.viewer.untrusted_text import label
from simenv.plugins.viewer.views.selectable_table import selectable_table
from simenv.plugins.viewer.workspace import Workspace
from simenv.runs.store import Run

REPORT = "evaluation.json"
SIGNIFICANT = 0.05
"""The p-value below which a difference is called more than chance."""
COLUMNS = {
    "name": st.column_config.TextColumn("evaluation"),
    "success": st.column_config.ProgressColumn("success", format="percent", min_value=0, max_value=1),
    "low": st.column_config.NumberColumn("from", format="percent", help="95 % interval"),
    "high": st.column_config.NumberColumn("to", format="percent", help="95 % interval"),
    "progress": st.column_config.NumberColumn("progress", format="%.2f"),
    "AgentBench": st.column_config.NumberColumn(
        "AgentBench", format="%.3f", help="the main metric; overall, its weighted mean"
    ),
    "tokens": st.column_config.NumberColumn("tokens a success", format="%,.0f"),
    "cost": st.column_config.NumberColumn("$ a success", format="$%.4f"),
}


def main() -> None:
    """Draw the screen."""
    workspace = navigation.workspace()
    st.title("Evaluations")
    names = workspace.names(workspace.runs, REPORT)
    if not names:
        st.info("No evaluations yet. Evaluate a fine-tune, or measure an agent from a terminal:")
        st.code("python -m simenv.evaluate agent.error_rate=0.3", language="bash")
        if st.button("To the fine-tunes", key="finetune"):
            navigation.go("finetune")
        return
    try:
        evaluations = {name: result_tables.read_json(workspace.runs / name / REPORT) for name in names}
    except SimenvError as e:
        st.error(label(str(e), 300))
        return
    environments = result_tables.environments(evaluations.values())
    environment = st.segmented_control(
        "Environment", environments, default=environments[0], key="environment", bind="query-params"
    )
    _board(evaluations, environment or environments[0])
    _against(workspace, names)


def _board(evaluations: dict[str, dict[str, Any]], environment: str) -> None:
    rows = result_tables.leaderboard(evaluations, environment)
    if not rows:
        st.info("No evaluation holds this environment.")
        return
    st.altair_chart(plots.success(rows), alt="success rates with 95 % intervals")
    at = selectable_table(rows, "board", column_config=COLUMNS, height="content")
    if at is not None and st.button(label(f"Read the trajectories of {rows[at]['name']}", 120), key="read"):
        navigation.go("trajectories", run=rows[at]["name"])
    order = {row["name"]: evaluations[row["name"]] for row in rows}
    for title, figure in (("How episodes ended", "outcomes"), ("What went wrong", "failures")):
        if shares := result_tables.episode_shares(order, environment, figure):
            st.subheader(title)
            st.altair_chart(plots.shares(shares), alt=title)


def _against(workspace: Workspace, names: list[str]) -> None:
    if len(names) < 2:
        return
    st.subheader("Two on the same tasks")
    with st.container(horizontal=True):
        first = st.selectbox("First", names, key="first", bind="query-params")
        second = st.selectbox("Second", [n for n in names if n != first], key="second", bind="query-params")
    try:
        v = compare_runs(Run.open(workspace.run_folder(first)), Run.open(workspace.run_folder(second)))
    except SimenvError:
        st.caption("They have no task in common, so they cannot be compared.")
        return
    p = v["p_mcnemar"] if v["p_mcnemar"] is not None else v["p_bootstrap"]
    with st.container(horizontal=True):
        st.metric(label(v["first"]), f"{v['success'][0]:.1%}")
        st.metric(label(v["second"]), f"{v['success'][1]:.1%}")
        gap = v["difference"]
        st.metric("difference", f"{gap['mean']:+.1%}", delta_description=f"{gap['low']:+.1%} to {gap['high']:+.1%}")
        st.metric("p", f"{p:.3f}" if p >= 0.001 else "< 0.001")
    sure = "More than chance would give." if p < SIGNIFICANT else "This may be chance."
    st.write(
        f"On {v['tasks']:,} common tasks the first is better on {v['only_first']:,}, worse on {v['only_second']:,}. {sure}"
    )
    if st.button("Task by task", key="compare"):
        navigation.go("compare", first=str(first), second=str(second))


main()
