"""Two runs on the same tasks: who won where, and whether that may be chance."""

from __future__ import annotations

import streamlit as st

from simenv.errors import SimenvError
from simenv.evaluate.paired_comparison import common_tasks, compare_runs, success_rates
from simenv.plugins.viewer import navigation
from simenv.plugins.viewer.untrusted_text import label, shown
from simenv.runs.store import Run

SURE = 0.05


def main() -> None:
    st.title("Compare")
    place = navigation.place()
    names = place.names(place.runs, "config.yaml")
    if len(names) < 2:
        st.info("There must be two runs on the same tasks. Make a second one with another agent or model:")
        st.code("python -m simenv.rollout agent=… name=another", language="bash")
        return
    with st.container(horizontal=True):
        first = st.selectbox("First", names, key="first", bind="query-params", index=0, format_func=_name)
        others = [n for n in names if n != first]
        second = st.selectbox("Second", others, key="second", bind="query-params", index=0, format_func=_name)
    try:
        one, two = Run.open(place.run(first)), Run.open(place.run(second))
        found = compare_runs(one, two)
        _verdict(found)
        same = common_tasks(one, two)
        a, b = ({task: rate for task, rate in success_rates(run).items() if task in same} for run in (one, two))
        _tasks(a, b, first, second)
    except SimenvError as e:
        st.warning(label(str(e), 300))


def _name(run: str) -> str:
    return shown(run, 120).text


def _verdict(found: dict) -> None:  # type: ignore[type-arg]
    gap, p = found["difference"], found["p_mcnemar"] if found["p_mcnemar"] is not None else found["p_bootstrap"]
    with st.container(horizontal=True):
        st.metric(label(found["first"]), f"{found['success'][0]:.1%}")
        st.metric(label(found["second"]), f"{found['success'][1]:.1%}")
        st.metric("difference", f"{gap['mean']:+.1%}", delta_description=f"{gap['low']:+.1%} to {gap['high']:+.1%}")
        st.metric("p", f"{p:.3f}" if p >= 0.001 else "< 0.001")
    chance = "More than chance would give." if p < SURE else "This may be chance."
    st.write(
        f"On {found['tasks']:,} common tasks the first is better on {found['only_first']:,} and worse on "
        f"{found['only_second']:,}. {chance}"
        + (f" {found['left_out']:,} tasks are in one run only." if found["left_out"] else "")
    )


def _tasks(a: dict[str, float], b: dict[str, float], first: str, second: str) -> None:
    kinds = {"differ": lambda t: a[t] != b[t], "first won": lambda t: a[t] > b[t], "second won": lambda t: a[t] < b[t],
             "both failed": lambda t: not a[t] and not b[t], "all": lambda t: True}  # fmt: skip
    kind = st.segmented_control("Tasks", list(kinds), default="differ", key="kind") or "all"
    tasks = [t for t in sorted(a.keys() & b.keys()) if kinds[kind](t)]
    rows = [{"task": shown(t, 120).text, "first": a[t], "second": b[t]} for t in tasks]
    if not rows:
        st.info("No such task.")
        return
    shares = {
        n: st.column_config.ProgressColumn(n, format="percent", min_value=0, max_value=1) for n in ("first", "second")
    }
    if (at := navigation.table(rows, "table", column_config=shares)) is not None:
        task = tasks[at]
        with st.container(horizontal=True):
            for name in (first, second):
                if st.button(f"Read it in {label(name)}", key=f"read-{name}"):
                    found = [r.id for r in navigation.index(name).page(navigation.of_task(task), 0, 1)]
                    if found:
                        navigation.go("trajectory", run=name, id=found[0])


main()
