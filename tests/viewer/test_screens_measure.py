"""The screens that show what was measured."""

import json
from importlib.util import find_spec

import pytest

SWEEP = {
    "name": "grid",
    "best": {"slips": "0"},
    "cells": [],
    "rows": [
        {
            "labels": {"slips": slips},
            "success": {"db": {"mean": mean, "low": mean - 0.1, "high": mean + 0.1, "each": [mean], "tasks": 20}},
            "progress": {"db": mean},
            "above": above,
            "failed": [],
        }
        for slips, mean, above in (("0", 0.8, None), ("0.3", 0.5, {"mean": -0.3, "low": -0.5, "high": -0.1}))
    ],
}


def test_evaluations_are_a_leaderboard_with_intervals_and_a_paired_comparison(show, workspace):
    at = show("evaluations", workspace)
    board = at.dataframe[0].value
    assert board["name"].tolist() == ["good", "bad"] and board["success"].tolist()[0] == 1.0
    assert board["low"].tolist()[0] < 1.0 == board["high"].tolist()[0]
    at.selectbox(key="first").set_value("good").run()
    metrics = {m.label: m.value for m in at.metric}
    assert metrics["good"] == "100.0%" and metrics["difference"].startswith("+")
    at.segmented_control(key="environment").set_value("household").run()
    assert not at.exception and at.dataframe[0].value["name"].tolist() == ["good", "bad"]


@pytest.mark.skipif(not find_spec("simenv.sweep"), reason="no sweeps without simenv.sweep")
def test_sweeps_show_their_table_their_best_cell_and_their_stages(show, tmp_path):
    folder = tmp_path / "sweeps/grid"
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text("name: grid\n")
    at = show("sweeps", tmp_path)
    assert "no table yet" in at.info[0].value
    (folder / "sweep.json").write_text(json.dumps(SWEEP))
    (folder / "log.jsonl").write_text(
        '{"stage": "rollout", "key": "k", "what": "ran", "seconds": 1.0, "cells": 2}\nno json\n'
    )
    at = show("sweeps", tmp_path)
    assert [m.value for m in at.metric] == ["80.0%", "slips 0"]
    table, stages = (d.value for d in at.dataframe)
    assert table["best"].tolist() == ["★", ""] and table["db"].tolist()[1] == "50.0% (40%–60%)"
    assert table["to the row above"].tolist() == ["", "-30.0% (-50% to -10%)"]
    assert stages["stage"].tolist() == ["rollout"]
    at.segmented_control(key="view").set_value("Bars").run()
    assert not at.exception


def test_fidelity_shows_rates_drifts_and_how_it_drifts(show, workspace):
    at = show("fidelity", workspace)
    report = json.loads((workspace / "fidelity/fidelity/report.json").read_text())
    whole = report["ways"]["one_step"]["household"]["all"]
    assert at.dataframe[0].value["asked"].tolist() == [whole["asked"]]
    for by in ("by_kind", "by_action"):
        at.segmented_control(key="by").set_value(by).run()
        assert not at.exception
    at.segmented_control(key="way").set_value("free").run()
    assert not at.exception and "left alone" in " ".join(s.value for s in at.subheader)


def test_broken_files_are_told_and_end_nothing(show, tmp_path):
    for name, file in (("runs/x", "evaluation.json"), ("fidelity/y", "report.json"), ("sweeps/z", "sweep.json")):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / file).write_text("[1")
        (tmp_path / name / "config.yaml").write_text("a: b")
    for screen in ("evaluations", "fidelity", "sweeps"):
        assert "cannot be read" in show(screen, tmp_path).error[0].value
