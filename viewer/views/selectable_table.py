"""A table in which one row can be selected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st


def selectable_table(rows: Sequence[Any], key: str, **options: Any) -> int | None:
    """Show rows; the index of the one that is selected, None where none is. `options` are further ones of st.dataframe."""
    event = st.dataframe(rows, hide_index=True, on_select="rerun", selection_mode="single-row", key=key, **options)
    selected = event.selection.rows if event else []
    return selected[0] if selected and selected[0] < len(rows) else None
