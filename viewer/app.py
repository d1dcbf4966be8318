"""The viewer: `python -m simenv.view [RUNS_DIR]`. It joins the screens; each of them is a script below screens/."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

SCREENS = Path(__file__).parent / "screens"
PARTS = {
    "Look": {"runs": "Runs", "trajectories": "Trajectories", "trajectory": "One trajectory", "compare": "Compare"},
    "Make data": {"data": "Data", "tuning": "Agent tuning", "curate": "Curate", "finetune": "Fine-tune"},
    "Measure": {"evaluations": "Evaluations", "sweeps": "Sweeps", "fidelity": "Fidelity", "votes": "Votes"},
}

st.set_page_config(page_title="simenv", layout="wide")
st.navigation(
    {
        part: [
            st.Page(SCREENS / f"{name}.py", title=title, url_path=name, default=name == "runs")
            for name, title in of.items()
        ]
        for part, of in PARTS.items()
    }
).run()
