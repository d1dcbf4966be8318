"""Rows for tables and charts, from what the commands wrote."""

import pytest

from simenv.errors import ConfigError
from simenv.plugins.viewer.content import result_tables


def evaluation(**rates):
    figures = {
        name: {
            "success": rate, "success_interval": [rate - 0.1, rate + 0.1], "progress": rate, "tasks": 10, "episodes": 10,
            "errors": 0, "tokens_per_success": None, "cost_per_success": None, "pass": {"pass@1": rate},
            "outcomes": {"completed": 0.75, "error": 0.25, "invalid action": 0.0}, "failures": {"wrong answer": 3, "lost": 1},
            "agentbench": {"main": rate / 2},
        }
        for name, rate in rates.items()
    }  # fmt: skip
    return {"agent": "a", "overall": 1.5, "environments": figures}


def cell(match, questions=10, rate=None):
    return {
        "asked": questions,
        "match_rate": rate if rate is not None else match / questions,
        "match_interval": [0.1, 0.9],
    }


FOUND = {"low": evaluation(db=0.2, kg=0.4, all=0.3), "high": evaluation(db=0.9), "none": {"environments": {}}}
WAY = {
    "db": {
        "all": cell(8),
        "by_delta": {"3-6": cell(1), "0": cell(9), "13+": {"asked": 2, "match_rate": None, "match_interval": [0, 1]}},
        "by_kind": {"random": cell(5)},
        "errors": {"wrong_result": 2},
        "curve": [
            {"step": 1, **cell(9), "distance": 0.5},
            {"step": 2, "asked": 0, "match_rate": None, "match_interval": [0, 1]},
        ],
    },
    "all": {"all": cell(8), "by_delta": {}, "by_kind": {}, "errors": {"wrong_result": 2}, "curve": []},
}


def test_the_most_successful_comes_first_and_a_single_environment_is_all_of_them():
    assert result_tables.environments(FOUND.values()) == ["all", "db", "kg"]
    rows = result_tables.leaderboard(FOUND)
    assert [(r["name"], r["success"], r["AgentBench"]) for r in rows] == [("high", 0.9, 1.5), ("low", 0.3, 1.5)]
    assert (rows[0]["low"], rows[0]["high"], rows[0]["pass@1"]) == (0.8, 1.0, 0.9)
    assert [(r["name"], r["AgentBench"]) for r in result_tables.leaderboard(FOUND, "kg")] == [("low", 0.2)]


def test_outcomes_and_failures_divide_a_whole():
    assert result_tables.episode_shares({"low": FOUND["low"]}, "db", "outcomes") == [
        {"name": "low", "part": "completed", "share": 0.75},
        {"name": "low", "part": "error", "share": 0.25},
    ]
    assert [r["share"] for r in result_tables.episode_shares({"low": FOUND["low"]}, "db", "failures")] == [0.75, 0.25]
    assert result_tables.episode_shares({"none": FOUND["none"]}, "db", "failures") == []


def test_rates_come_in_the_order_of_the_sizes_and_without_what_was_not_asked():
    assert [(r["environment"], r["group"], r["rate"]) for r in result_tables.match_rates(WAY)] == [
        ("db", "0", 0.9),
        ("db", "3-6", 0.1),
    ]
    assert [r["group"] for r in result_tables.match_rates(WAY, "by_kind")] == ["random"]
    assert [(r["environment"], r["asked"]) for r in result_tables.match_rates(WAY, "all")] == [("db", 10)]


def test_drift_goes_step_by_step_and_errors_are_named():
    assert result_tables.drift_curve(WAY) == [
        {"environment": "db", "step": 1, "rate": 0.9, "distance": 0.5, "asked": 10}
    ]
    assert result_tables.drift_errors(WAY) == [{"environment": "db", "error": "wrong result", "count": 2}]


def test_what_is_no_object_is_told(tmp_path):
    (tmp_path / "report.json").write_text("[]")
    with pytest.raises(ConfigError, match="expected a JSON object"):
        result_tables.read_json(tmp_path / "report.json")
    with pytest.raises(ConfigError, match="cannot be read"):
        result_tables.read_json(tmp_path / "missing.json")
