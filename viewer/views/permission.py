"""What a run's config may do beyond choosing among what is installed: a person sees each value and allows them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import streamlit as st

from simenv.errors import Untrusted
from simenv.plugins.viewer.untrusted_text import visible

T = TypeVar("T")
_KEY = "allowed"


def allowed(folder: Path) -> tuple[str, ...]:
    """The values in the config of a run that the person at this page has allowed."""
    by_folder: dict[str, tuple[str, ...]] = st.session_state.get(_KEY, {})
    return by_folder.get(str(folder), ())


def ask(folder: Path, refused: Untrusted, key: str) -> None:
    """Show what would be loaded and sent where, value by value, and a button that allows exactly that, on this page alone."""
    st.warning("This run was set up with more than what is installed here. Nothing of it was done.")
    for r in refused.refusals:
        st.code(visible(f"{r.place}: {r.value!r} {r.effect}", 400).text, language=None, wrap_lines=True)
    if st.button("I know these: allow them", key=f"allow-{key}"):
        values = dict.fromkeys((*allowed(folder), *(r.value for r in refused.refusals)))
        st.session_state[_KEY] = {**st.session_state.get(_KEY, {}), str(folder): tuple(values)}
        st.rerun()


def permitted(folder: Path, work: Callable[[tuple[str, ...]], T], key: str) -> T | None:
    """What work returns that is given the values allowed; None, and the question, where it needs more."""
    try:
        return work(allowed(folder))
    except Untrusted as e:
        ask(folder, e, key)
        return None
