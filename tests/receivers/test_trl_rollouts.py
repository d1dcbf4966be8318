"""TRL's GRPOTrainer in simenv's worlds: what it learns from a batch of rollouts, with text and with tools."""

import pytest
import yaml

from simenv.env import Limits
from tests.helpers import receivers, tiny_model

pytestmark = pytest.mark.slow
END = "<|im_end|>"


def batch(dialect, template, tokens, work):
    """What TRL made of one step: two tasks, four attempts each, of which a script plays every second one badly."""
    base = tiny_model.build(work / "base", template, END, context=8192)
    config = {
        "base": str(base), "environments": {"household": {"teacher": {"difficulty": 1}}}, "episodes": 2, "dialect": dialect,
        "group": 4, "groups": 2, "steps": 1, "device": "cpu", "tokens": tokens, "limits": Limits(max_invalid=2).model_dump(),
    }  # fmt: skip
    (work / "rl.yaml").write_text(yaml.safe_dump(config))
    return receivers.answers("trl", "trl_rollouts.py", work / "rl.yaml")


@pytest.mark.parametrize("dialect", ["short", "tools"])
def test_grpo_learns_the_models_tokens_and_rewards_attempts_at_one_task_in_one_world(dialect, tmp_path):
    (own,) = receivers.folder("trl").glob("lib/python3*/site-packages/trl/chat_templates/qwen2_5.jinja")
    template = tiny_model.CHATML if dialect == "short" else own.read_text()
    told = batch(dialect, template, 64 if dialect == "short" else 6000, tmp_path)
    rows, said = told["rows"], set(told["said"])
    groups = [rows[:4], rows[4:]]
    assert len(rows) == 8 and groups[0][0]["prompt"] != groups[1][0]["prompt"]
    for group in groups:
        assert len({r["prompt"] for r in group}) == 1  # one task, one world
        assert group[0]["completion"] == group[2]["completion"] != group[1]["completion"] == group[3]["completion"]
        good, bad = group[0], group[1]
        assert good["advantage"] > 0 > bad["advantage"]
    for row in rows:
        assert set(row["learnt"]) <= said
        assert all(text.endswith(END) for text in row["learnt"])
    assert len(groups[0][0]["learnt"]) > 2
    assert {name: told["rewards"][f"rewards/{name}/mean"] for name in ("success", "progress")} == {
        "success": 0.5,
        "progress": 0.5,
    }
    assert 0.5 <= told["rewards"]["rewards/format/mean"] < 1
