"""Draws what the models of a run sent to which address."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from simenv.errors import SimenvError
from simenv.plugins.viewer.untrusted_text import label, visible
from simenv.runs.sending import sending


def show(folder: Path) -> None:
    """The addresses with their figures, folded away; nothing where no model of the run has an address."""
    try:
        record = sending(folder)
    except SimenvError as e:
        st.error(label(str(e), 300))
        return
    if record is None:
        return
    with st.expander(f"What was sent ({len(record.sent):,} addresses)"):
        rows = [
            {
                "address": visible(s.address, 200).text,
                "model": visible(s.model, 120).text,
                "requests": s.tries,
                "bytes out": s.bytes_sent,
                "bytes in": s.bytes_received,
                "sources": visible(", ".join(sorted(s.sources)) or "none", 500).text,
            }
            for s in record.sent
        ]
        st.dataframe(rows, hide_index=True, height="content") if rows else st.caption("Nothing was sent.")
        if not record.is_whole:
            st.caption("The run goes on or was killed: it sent at least this.")
