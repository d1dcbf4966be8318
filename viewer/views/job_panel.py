"""Draws jobs: the command of one, a button's start of it, its progress bars and log while it runs, its end."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from simenv.errors import SimenvError
from simenv.plugins.viewer import navigation
from simenv.plugins.viewer.jobs import Job, Jobs, command_line, shell_command
from simenv.plugins.viewer.untrusted_text import label
from simenv.plugins.viewer.untrusted_text import visible as visible

REFRESH_SECONDS = 1.0
"""Seconds after which a running job is drawn again."""
MESSAGE_KINDS = {"done": "success", "failed": "error", "lost": "error", "stopped": "warning"}
NAMES = {
    "done": "Done",
    "failed": "Failed",
    "stopped": "Stopped",
    "lost": "Lost: its process is gone and left no word. Start it again.",
}
LOG_TAIL = 4_000
"""Characters that are shown of the end of a log."""


def workspace_jobs() -> Jobs:
    """The jobs of the workspace."""
    return Jobs(navigation.workspace().jobs)


def start_job(title: str, words: Sequence[str], product: str) -> Job | None:
    """Start a job, as Jobs.start does; where that fails, draw the error and return None."""
    try:
        return workspace_jobs().start(title, words, product)
    except SimenvError as e:
        st.error(label(str(e), 500))
    except OSError as e:
        st.error(label(f"cannot start: {e.strerror}", 300))
    return None


def show_command(words: Sequence[str]) -> None:
    """Draw, folded away, the command that a button will run, for those who would rather type it."""
    with st.expander("The command"):
        st.code(shell_command([f"simenv.{words[0]}", *words[1:]]), language="bash", wrap_lines=True)


def show_job(job: Job, draw_product: Callable[[], None] | None = None) -> None:
    """A job, watched until it ends; then the page is drawn again. `watched` draws what it has made so far."""
    if workspace_jobs().state(job) == "running":
        st.fragment(_running, run_every=REFRESH_SECONDS)(job, draw_product)
        return
    _result(job)
    if draw_product:
        draw_product()


def _running(job: Job, draw_product: Callable[[], None] | None) -> None:
    jobs = workspace_jobs()
    if jobs.state(job) != "running":
        st.rerun()
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**Running** · {jobs.seconds(job):,.0f} s")
            if st.button("Stop", key=f"stop-{job.id}", icon=":material/stop_circle:"):
                jobs.stop(job)
                st.session_state[f"asked-{job.id}"] = True
            if st.session_state.get(f"asked-{job.id}") and st.button("End it at once", key=f"kill-{job.id}"):
                jobs.stop(job, at_once=True)
        if st.session_state.get(f"asked-{job.id}"):
            st.caption("It was asked to stop. A rollout first lets the episodes in flight end.")
        bars = jobs.bars(job)
        for bar in bars:
            of = f" of {bar.total:,.0f}" if bar.total is not None else ""
            text = label(f"{bar.name}: {bar.done:,.0f}{of} {visible(bar.text, 120).text}", 200)
            st.progress(min(1.0, bar.done / bar.total) if bar.total else 0.0, text)
        if not bars:
            st.caption("Starting …")
        if draw_product:
            draw_product()
        show_log(job)


def _result(job: Job) -> None:
    jobs = workspace_jobs()
    state, status = jobs.state(job), jobs.status(job)
    message = (
        NAMES[state] + (f" with status {status}" if state == "failed" else "") + f" after {jobs.seconds(job):,.0f} s."
    )
    getattr(st, MESSAGE_KINDS[state])(message)
    if state in ("failed", "lost"):
        st.code(visible(jobs.log(job)[-LOG_TAIL:]).text or "It said nothing.", language=None, wrap_lines=True)
    else:
        show_log(job)


def show_log(job: Job) -> None:
    """Draw command and log of a job, folded away."""
    with st.expander("Command and log"):
        st.code(command_line(job), language="bash", wrap_lines=True)
        st.code(visible(workspace_jobs().log(job)[-LOG_TAIL:]).text or "nothing yet", language=None, wrap_lines=True)
