"""The screen Compare: two runs on the same tasks, the tasks on which one of them is better, and whether that may be chance."""

from __future__ import annotations

from typing import Any

import streamlit as st

from simenv.errors import SimenvError
from simenv.evaluate.paired_comparison import common_tasks, compare_runs, success_rates
from simenv.plugins.viewer import navigation
from simenv.plugins.viewer.untrusted_text import label, visible
from simenv.plugins.viewer.views.run_data import open_index
from simenv.plugins.viewer.views.selectable_table import selectable_table
from simenv.runs.query import EpisodeQuery
from simenv.runs.store import Run

SIGNIFICANT = 0.05
"""The p-value below which a difference is called more than chance."""


def main() -> None:
    """Draw the screen."""
    st.title("Compare")
    workspace = navigation.workspace()
    names = workspace.names(workspace.runs, "config.yaml")
    if len(names) < 2:
        st.info("There must be two runs on the same tasks. Make a second one with another agent or model:")
        st.code("python -m simenv.rollout agent=… name=another", language="bash")
        return
    with st.container(horizontal=True):
        first = st.selectbox("First", names, key="first", bind="query-params", index=0, format_func=_name)
        other_names = [n for n in names if n != first]
        second = st.selectbox("Second", other_names, key="second", bind="query-params", index=0, format_func=_name)
    try:
        one, two = Run.open(workspace.run_folder(first)), Run.open(workspace.run_folder(second))
        comparison = compare_runs(one, two)
        _verdict(comparison)
        in_both = common_tasks(one, two)
        a, b = ({task: rate for task, rate in success_rates(run).items() if task in in_both} for run in (one, two))
        _tasks(a, b, first, second)
    except SimenvError as e:
        st.warning(label(str(e), 300))


def _name(run: str) -> str:
    return visible(run, 120).text


def _verdict(comparison: dict[str, Any]) -> None:
    gap, p = (
        comparison["difference"],
        comparison["p_mcnemar"] if comparison["p_mcnemar"] is not None else comparison["p_bootstrap"],
    )
    with st.container(horizontal=True):
        st.metric(label(comparison["first"]), f"{comparison['success'][0]:.1%}")
        st.metric(label(comparison["second"]), f"{comparison['success'][1]:.1%}")
        st.metric("difference", f"{gap['mean']:+.1%}", delta_description=f"{gap['low']:+.1%} to {gap['high']:+.1%}")
        st.metric("p", f"{p:.3f}" if p >= 0.001 else "< 0.001")
    chance = "More than chance would give." if p < SIGNIFICANT else "This may be chance."
    st.write(
        f"On {comparison['tasks']:,} common tasks the first is better on {comparison['only_first']:,} and worse on "
        f"{comparison['only_second']:,}. {chance}"
        + (f" {comparison['left_out']:,} tasks are in one run only." if comparison["left_out"] else "")
    )


def _tasks(a: dict[str, float], b: dict[str, float], first: str, second: str) -> None:
    kinds = {"differ": lambda t: a[t] != b[t], "first won": lambda t: a[t] > b[t], "second won": lambda t: a[t] < b[t],
             "both failed": lambda t: not a[t] and not b[t], "all": lambda t: True}  # fmt: skip
    kind = st.segmented_control("Tasks", list(kinds), default="differ", key="kind") or "all"
    tasks = [t for t in sorted(a.keys() & b.keys()) if kinds[kind](t)]
    rows = [{"task": visible(t, 120).text, "first": a[t], "second": b[t]} for t in tasks]
    if not rows:
        st.info("No such task.")
        return
    shares = {
        n: st.column_config.ProgressColumn(n, format="percent", min_value=0, max_value=1) for n in ("first", "second")
    }
    if (at := selectable_table(rows, "table", column_config=shares)) is not None:
        task = tasks[at]
        with st.container(horizontal=True):
            for name in (first, second):
                if st.button(f"Read it in {label(name)}", key=f"read-{name}"):
                    ids = [r.id for r in open_index(name).page(EpisodeQuery(task=task, branch=False), 0, 1)]
                    if ids:
                        navigation.go("trajectory", run=name, id=ids[0])


main()
