"""verifiers' own eval runs the package that simenv writes, against a local server that speaks for a model."""

import json

import pytest

from simenv.package import Package, write
from tests.helpers import receivers
from tests.helpers.gold_speaker import GoldSpeaker, speaking

pytestmark = pytest.mark.slow


def evaluated(package, model, number, work):
    """The traces of vf-eval over the first tasks of a package, one for each."""
    programs = receivers.folder("verifiers") / "bin"
    work.mkdir()
    with speaking(model) as address:
        receivers.run(
            "verifiers", "vf-eval", package.name.removesuffix("-verifiers"), "-n", number, "--model", "scripted",
            "--client.base-url", address, "--client.api-key-var", "NO_KEY", "--env.player.harness.id", "null",
            "--env.player.runtime.type", "subprocess", "--no-push", "--no-rich", "--output-dir", work, "-c", 4, cwd=work,
            PYTHONPATH=f"{package}:{receivers.ROOT}", NO_KEY="none", PATH=f"{programs}:/usr/bin:/bin",
        )  # fmt: skip
    (file,) = work.rglob("traces.jsonl")
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_verifiers_eval_plays_a_package_and_finds_our_rewards(tmp_path):
    model = GoldSpeaker("db", "react", 4, fails=4)
    package = write(Package(environment="db", to="verifiers", out=str(tmp_path), episodes=4))
    found = evaluated(package, model, 4, tmp_path / "work")
    assert len(found) == 4 and not any(f["errors"] for f in found)
    for trace in (f["traces"][0] for f in found):
        solved = float(trace["task"]["data"]["id"] in model.solved)
        assert trace["rewards"]["success"] == {"score": solved, "weight": 1.0}
        assert trace["rewards"]["progress"]["weight"] == 0.0 and trace["metrics"]["format"] == solved
        assert not {"goal", "solution"} & set(trace["task"]["data"])
