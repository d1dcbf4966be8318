"""Background work on the screen: the command, its bars, its log, and the way to stop it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from simenv.errors import SimenvError
from simenv.plugins.viewer import navigation
from simenv.plugins.viewer.jobs import Job, Jobs, shown, typed
from simenv.plugins.viewer.untrusted_text import label
from simenv.plugins.viewer.untrusted_text import shown as visible

EVERY = 1.0
"""Seconds between two looks at work that is going on."""
TOLD = {"done": "success", "failed": "error", "lost": "error", "stopped": "warning"}
NAMES = {
    "done": "Done",
    "failed": "Failed",
    "stopped": "Stopped",
    "lost": "Lost: its process is gone and left no word. Start it again.",
}
TAIL = 4_000
"""Characters of a log's end."""


def jobs() -> Jobs:
    return Jobs(navigation.place().jobs)


def start(title: str, words: Sequence[str], product: str) -> Job | None:
    """Start a command; what is wrong with it is shown instead."""
    try:
        return jobs().start(title, words, product)
    except SimenvError as e:
        st.error(label(str(e), 500))
    except OSError as e:
        st.error(label(f"cannot start: {e.strerror}", 300))
    return None


def command(words: Sequence[str]) -> None:
    """The command that a button will run, for whoever would rather type it."""
    with st.expander("The command"):
        st.code(typed([f"simenv.{words[0]}", *words[1:]]), language="bash", wrap_lines=True)


def panel(job: Job, watched: Callable[[], None] | None = None) -> None:
    """A job, watched until it ends; then the page is drawn again. `watched` draws what it has made so far."""
    if jobs().state(job) == "running":
        st.fragment(_running, run_every=EVERY)(job, watched)
        return
    _ended(job)
    if watched:
        watched()


def _running(job: Job, watched: Callable[[], None] | None) -> None:
    all = jobs()
    if all.state(job) != "running":
        st.rerun()
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**Running** · {all.seconds(job):,.0f} s")
            if st.button("Stop", key=f"stop-{job.id}", icon=":material/stop_circle:"):
                all.stop(job)
                st.session_state[f"asked-{job.id}"] = True
            if st.session_state.get(f"asked-{job.id}") and st.button("End it at once", key=f"kill-{job.id}"):
                all.stop(job, at_once=True)
        if st.session_state.get(f"asked-{job.id}"):
            st.caption("It was asked to stop. A rollout first lets the episodes in flight end.")
        bars = all.bars(job)
        for bar in bars:
            of = f" of {bar.total:,.0f}" if bar.total is not None else ""
            text = label(f"{bar.what}: {bar.done:,.0f}{of} {visible(bar.seen, 120).text}", 200)
            st.progress(min(1.0, bar.done / bar.total) if bar.total else 0.0, text)
        if not bars:
            st.caption("Starting …")
        if watched:
            watched()
        log(job)


def _ended(job: Job) -> None:
    all = jobs()
    state, status = all.state(job), all.status(job)
    told = NAMES[state] + (f" with status {status}" if state == "failed" else "") + f" after {all.seconds(job):,.0f} s."
    getattr(st, TOLD[state])(told)
    if state in ("failed", "lost"):
        st.code(visible(all.log(job)[-TAIL:]).text or "It said nothing.", language=None, wrap_lines=True)
    else:
        log(job)


def log(job: Job) -> None:
    """Command and log, folded away."""
    with st.expander("Command and log"):
        st.code(shown(job), language="bash", wrap_lines=True)
        st.code(visible(jobs().log(job)[-TAIL:]).text or "nothing yet", language=None, wrap_lines=True)
