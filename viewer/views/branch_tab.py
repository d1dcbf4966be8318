"""The tab Branch of a trajectory: a person, the agent with a hint, or a teacher continues it live from one of its turns.

The new trajectory is saved in the same run.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from simenv.errors import SimenvError
from simenv.hook import STUDENT
from simenv.plugins.viewer import navigation
from simenv.plugins.viewer.episodes import episode_engine
from simenv.plugins.viewer.episodes.branching import HUMAN, ROLES, Play, given_away, turns
from simenv.plugins.viewer.forms import action_fields
from simenv.plugins.viewer.untrusted_text import label, visible
from simenv.plugins.viewer.views import chat
from simenv.plugins.viewer.views.open_trajectory import OpenTrajectory
from simenv.plugins.viewer.views.permission import allowed, permitted
from simenv.plugins.viewer.views.run_data import open_index
from simenv.types import Trajectory, Turn, View

PATIENCE = 60.0
"""Seconds that a page waits for the engine before it is drawn again."""
LAST_MESSAGES = 4
"""The last messages of the chat, which are not folded away."""
FREE_TEXT = "(free text)"


def show(o: OpenTrajectory) -> None:
    """Draw the tab: the form that starts a branch or, while one of this trajectory is live, what goes on in it."""
    play: Play | None = st.session_state.get("play")
    if play is not None and (play.folder, play.parent.id) == (o.folder, o.row.id):
        _live(o, play)
        return
    t = o.original
    if t.simulator:
        st.info("A model played this environment; only what an engine did can be done again.")
        return
    if not turns(t):
        st.info("Nothing was done in this episode, so there is nothing to go on from.")
        return
    _setup(o, t)


def _setup(o: OpenTrajectory, t: Trajectory) -> None:
    last = turns(t) - 1
    address = st.query_params.get("turn", "")
    start = min(int(address), last) if address.isascii() and address.isdigit() and len(address) < 9 else last
    turn = st.selectbox(
        "Before which turn", range(last + 1), index=start, format_func=lambda n: _turn_label(t, n), key="branch-turn"
    )
    role = (
        st.segmented_control("Who goes on", list(ROLES), default=HUMAN, format_func=ROLES.__getitem__, key="branch-who")
        or HUMAN
    )
    hint = ""
    try:
        plays = permitted(o.folder, lambda trust: episode_engine.plays(o.folder, t.environment, role, trust), "branch")
    except SimenvError as e:
        st.error(label(str(e), 300))
        return
    if plays is None:
        return
    if role == HUMAN:
        st.caption("You type the next action; the engine answers. What you do is graded and saved beside this episode.")
    else:
        st.caption(label(plays, 200))
        if role == STUDENT:
            hint = st.text_area("A hint for it, shown once", key="branch-hint", placeholder="none", height=80)
            _warn(o, t, turn, hint)
    if st.button("Start", type="primary", key="branch-start", icon=":material/call_split:"):
        if (old := st.session_state.pop("play", None)) is not None:
            old.close()
        st.session_state["play"] = Play(o.folder, t, int(turn), role, hint.strip(), trust=allowed(o.folder))
        st.rerun()


def _turn_label(t: Trajectory, turn: int) -> str:
    """A turn in one line: its number and its first action."""
    action = t.turns[turn].steps[0].action
    text = f"{action.name} {' '.join(map(str, action.arguments.values()))}" if action else "no action found"
    return f"{turn + 1}: " + " ".join(visible(text, 100).text.split())


def _warn(o: OpenTrajectory, t: Trajectory, turn: int, hint: str) -> None:
    if hint.strip():
        try:
            leak = given_away(episode_engine.task(o.folder, t.task), t, turn, hint)
        except SimenvError as e:
            leak = str(e)
        if leak:
            st.warning(label(f"This hint gives away {leak}.", 300))


def _live(o: OpenTrajectory, play: Play) -> None:
    with st.spinner("the engine is brought there …" if not play.messages else "waiting for the engine …"):
        if play.who == HUMAN:
            play.wait(PATIENCE)
    if play.over:
        _result(play)
    elif play.who == HUMAN and play.view is not None:
        _so_far(play)
        _act(play, play.view)
    else:
        _watch(play)
    name = "Close" if play.over else "Stop without saving"
    if st.button(name, key="branch-close"):
        play.close()
        st.session_state.pop("play", None)
        st.rerun()


def _so_far(play: Play) -> None:
    messages = play.messages
    first = max(0, len(messages) - LAST_MESSAGES)
    if first:
        with st.expander(f"{first} earlier messages"):
            chat.draw_messages(messages[:first], "earlier")
    chat.draw_messages(messages[first:], "late")


def _act(play: Play, view: View) -> None:
    st.subheader(f"Turn {view.turn + 1} of {view.max_turns}")
    actions = play.dialect.actions
    name = st.selectbox("Action", [*actions, FREE_TEXT], key=f"act-{view.turn}")
    key = f"{view.turn}-{name}"
    with st.form(f"turn-{key}"):
        if name == FREE_TEXT:
            text = st.text_area("What you say, as an agent would write it", key=f"free-{key}", height=120)
            raw: dict[str, Any] = {}
        else:
            spec = actions[name]
            st.caption(label(spec.description, 300))
            raw = {f.name: _field(f, key) for f in action_fields.action_fields(spec.schema, view.choices)}
            text = st.text_input("Thought", key=f"thought-{key}", placeholder="why you do it (becomes training text)")
        if not st.form_submit_button("Do it", type="primary"):
            return
    try:
        turn = (
            Turn(text=text) if name == FREE_TEXT else action_fields.write_turn(play.dialect, view.turn, name, raw, text)
        )
    except SimenvError as e:
        st.error(label(str(e), 300))
        return
    play.say(turn)
    with st.spinner("waiting for the engine …"):
        play.wait(PATIENCE)
    st.rerun()


def _field(f: action_fields.ActionField, key: str) -> Any:
    name, at = label(f.name + ("" if f.required else " (may be left out)")), f"{f.name}-{key}"
    if f.kind == "choice":
        return st.selectbox(
            name, f.options, index=f.options.index(f.default) if f.default in f.options else None, key=at
        )
    if f.options:
        return st.selectbox(name, f.options, index=None, accept_new_options=True, placeholder="choose or type", key=at)
    if f.kind in ("whole", "number"):
        step = 1 if f.kind == "whole" else 0.1
        return st.number_input(name, value=f.default, step=step, key=at)
    if f.kind == "flag":
        return st.toggle(name, bool(f.default), key=at)
    hint = 'as JSON, such as ["a", "b"]; other text stands for itself' if f.kind == "json" else None
    return st.text_area(name, f.default or "", key=at, height=80, help=hint)


@st.fragment(run_every=1.0)
def _watch(play: Play) -> None:
    """The last messages of a branch that a model or an expert plays, drawn again every second."""
    if play.over or play.view is not None:
        st.rerun()
    messages = play.messages
    st.progress(0.0, f"{ROLES[play.who].lower()}: {len(messages):,} messages so far")
    chat.draw_messages(messages[-2:], "watched")


def _result(play: Play) -> None:
    if play.saved is None:
        st.error(label(play.error or "It ended unexpectedly; the log of the viewer says why.", 500))
        return
    t = play.saved
    st.success("Saved beside the episode it was split off.")
    with st.container(horizontal=True):
        st.metric("success", "–" if t.grade is None else "yes" if t.grade.success else "no")
        st.metric("progress", "–" if t.grade is None else f"{t.grade.progress:.0%}")
        st.metric("ended by", t.stop.value.replace("_", " "))
    if st.button("Read it", type="primary", key="branch-read"):
        st.session_state.pop("play", None)
        open_index(play.folder.name)
        navigation.go("trajectory", run=play.folder.name, id=t.id)
