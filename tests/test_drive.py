"""A rollout from Python: `simenv.run`."""

import asyncio
import json

import pytest

import simenv
from simenv.config import Experiment
from simenv.errors import ConfigError
from simenv.source import Rejected
from simenv.types import Trajectory

COUNTER = {"environments": ["counter"], "episodes": 3, "agent": "expert"}


def test_an_experiment_is_played_from_python_and_reports_what_it_does(tmp_path, capsys):
    tasks, episodes = [], []
    run = simenv.run(COUNTER, out=str(tmp_path), name="mine", on_task=tasks.append, on_episode=episodes.append)
    assert run.folder == tmp_path / "mine" and (run.folder / "config.yaml").is_file()
    assert len(tasks) == 3 and not any(isinstance(t, Rejected) for t in tasks)
    assert sorted(t.id for t in episodes) == sorted(t.id for t in run.read("trajectories", Trajectory))
    report = json.loads((run.folder / "report.json").read_text())
    assert report["environments"]["counter"]["success"] == 1.0
    assert capsys.readouterr() == ("", "")


def test_it_takes_an_experiment_too_and_runs_inside_a_loop(tmp_path):
    experiment = Experiment.model_validate({**COUNTER, "out": str(tmp_path)})
    run = asyncio.run(simenv.run_async(experiment, episodes=2))
    assert len(list(run.raw("trajectories"))) == 2


def test_a_run_goes_on_from_python_with_its_own_experiment(tmp_path):
    run = simenv.run(COUNTER, out=str(tmp_path))
    [part] = (run.folder / "trajectories").glob("part-*.jsonl")
    part.write_bytes(b"".join(part.read_bytes().splitlines(keepends=True)[:1]))
    episodes = []
    simenv.run(resume=run.folder, concurrency=1, on_episode=episodes.append)
    assert len(episodes) == 2 and len(list(run.raw("trajectories"))) == 3
    with pytest.raises(ConfigError, match="seed: it would change the run"):
        simenv.run(resume=run.folder, seed=1)
    with pytest.raises(ConfigError, match="only one of the two"):
        simenv.run(COUNTER, resume=run.folder)


def test_wrong_options_are_told_before_a_folder_is_made(tmp_path):
    with pytest.raises(ConfigError, match=r"unknown option 'episode'.*did you mean 'episodes'"):
        simenv.run(COUNTER, episode=3, out=str(tmp_path))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"agent": {"name": "expert", "slips": 0.2}}, "agent.slips is now agent.error_rate"),
        ({"hooks": [{"name": "fork", "ways": ["student"]}]}, "hooks.fork.ways is now hooks.fork.continuations"),
    ],
)
def test_an_option_that_was_renamed_is_answered_with_its_new_name(changes, error):
    with pytest.raises(ConfigError, match=error):
        simenv.run({**COUNTER, **changes})
