"""What became of the trajectories of a curation."""

import json

import pytest

from simenv.errors import ConfigError
from simenv.plugins.viewer.content.funnel import bars, exported_files, read_funnel, reasons, split_example, totals

FUNNEL = {
    "runs": ["runs/a"],
    "read": {"trajectories": 10},
    "filters": [
        {"filter": "review", "in": 10, "kept": 10, "edited": 0, "masked": 0, "dropped": 0, "reasons": []},
        {
            "filter": "wrong_answer", "in": 10, "kept": 7, "edited": 0, "masked": 1, "dropped": 2,
            "reasons": [
                {"decision": "drop", "reason": "wrong answer", "count": 2, "examples": ["a/t.0", "b/t.1"]},
                {"decision": "mask", "reason": "", "count": 1, "examples": []},
            ],
        },
    ],
    "gold": {"dropped": 2},
    "pool": {"kept": 8, "gold": 1, "chat": 3},
    "train": 11,
    "validation": 1,
}  # fmt: skip


def test_bars_and_reasons_follow_the_filters():
    assert [(b["filter"], b["outcome"], b["count"]) for b in bars(FUNNEL)] == [
        ("review", "kept", 10), ("wrong_answer", "kept", 7), ("wrong_answer", "masked", 1), ("wrong_answer", "dropped", 2),
    ]  # fmt: skip
    first, second = reasons(FUNNEL)
    assert (first.trajectories, first.examples) == (2, ("a/t.0", "b/t.1"))
    assert (first.ruling, second.ruling) == ("drop: wrong answer (wrong_answer)", "mask: wrong_answer (wrong_answer)")


def test_every_trajectory_is_accounted_for():
    assert [(name, n) for name, n, _ in totals(FUNNEL)] == [
        ("read", 10), ("kept", 8), ("gold", 1), ("chat", 3), ("train", 11), ("validation", 1),
    ]  # fmt: skip


def test_an_example_leads_to_a_run_that_is_there():
    assert split_example("a/t/0.1", ["a"]) == ("a", "t/0.1")
    assert split_example("b/t.1", ["a"]) is None and split_example("nothing", ["nothing"]) is None


def test_exports_hold_files_of_the_set_alone(tmp_path):
    for name in ("openai/train.jsonl", "axolotl/axolotl.yaml"):
        (tmp_path / "export" / name).parent.mkdir(parents=True)
        (tmp_path / "export" / name).write_text("x")
        (tmp_path / "export" / name).with_name(".export").touch()
    (tmp_path / "secret").write_text("s")
    (tmp_path / "export/openai/link.jsonl").symlink_to(tmp_path / "secret")
    assert [(e.format, e.path.name, e.size) for e in exported_files(tmp_path)] == [
        ("axolotl", "axolotl.yaml", 1), ("openai", "train.jsonl", 1),
    ]  # fmt: skip


def test_a_funnel_that_is_none_is_told(tmp_path):
    for text in ("[", "{}", "[]"):
        (tmp_path / "funnel.json").write_text(text)
        with pytest.raises(ConfigError, match=r"funnel\.json"):
            read_funnel(tmp_path)
    (tmp_path / "funnel.json").write_text(json.dumps(FUNNEL))
    assert read_funnel(tmp_path) == FUNNEL
