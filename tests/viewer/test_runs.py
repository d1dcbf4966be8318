"""A run as a line of the table of runs."""

import json

import simenv
from simenv.plugins.viewer.content.run_list import summary


def test_a_line_counts_the_drifts_of_a_checked_run(tmp_path):
    run = simenv.run(
        environments=["kg"], episodes=2, mode="checked", simulator={"name": "flawed", "rate": 0.5}, out=str(tmp_path)
    )
    told = json.loads((run.folder / "report.json").read_text())
    assert summary(run.folder).drifts == told["environments"]["all"]["checks"]["drift"] > 0
