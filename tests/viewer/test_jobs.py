"""Background work: started, watched from anywhere, stopped whole, and known for lost when it is."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from simenv.errors import ConfigError
from simenv.plugins.viewer.jobs import Jobs, command_line

QUICK = ("rollout", "environments=[household]", "episodes=2", "name=quick")
BROKEN = ("view", "--nonsense")
SLOW = ("rollout", "environments=[household]", "episodes=100000", "name=slow")


@pytest.fixture
def jobs(tmp_path):
    jobs = Jobs(tmp_path / "jobs")
    yield jobs
    for job in jobs.all():
        jobs.stop(job, at_once=True)


def alive(group):
    """Whether a process of a group is left that is not merely waiting to be reaped."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, of = stat.read_text().rpartition(")")[2].split()[:3]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(of) == group and state != "Z":
            return True
    return False


def wait(jobs, job, *states):
    """Until it has ended, one of these ways."""
    wait_for(lambda: jobs.state(job) != "running")
    assert jobs.state(job) in states, jobs.log(job)


def wait_for(condition, jobs=None, job=None):
    """Until it holds; a job that ends before it does is no reason to wait on."""
    end = time.monotonic() + 300
    while True:
        is_over = jobs is not None and jobs.state(job) != "running"
        if condition():
            return
        assert not is_over and time.monotonic() < end, jobs and jobs.log(job)
        time.sleep(0.05)


def test_a_job_is_the_command_a_user_would_type_and_leaves_its_log_its_bars_and_its_status(jobs, tmp_path):
    job = jobs.start("rollout", QUICK, "runs/quick")
    assert jobs.state(job) == "running"
    assert command_line(job) == "python -m simenv.rollout 'environments=[household]' episodes=2 name=quick"
    wait(jobs, job, "done")
    assert jobs.status(job) == 0 and (tmp_path / "runs/quick/report.json").is_file()
    assert "runs/quick" in jobs.log(job)
    assert [(b.name, b.done, b.total) for b in jobs.bars(job)] == [("tasks", 2, 2), ("episodes", 2, 2)]


def test_another_viewer_finds_the_jobs_of_the_first(jobs):
    job = jobs.start("view", BROKEN)
    other = Jobs(jobs.folder)
    same_job = other.find(job.id)
    assert same_job == job and other.all() == [job] and other.of("") == job
    wait(other, same_job, "failed")
    assert (
        other.status(same_job) == 2
        and "--nonsense" in other.log(same_job)
        and command_line(same_job).endswith("view --nonsense")
    )


def test_stopping_at_once_ends_the_whole_group(jobs):
    job = jobs.start("rollout", SLOW, "runs/slow")
    wait_for(lambda: jobs.bars(job), jobs, job)
    assert alive(job.pid)
    jobs.stop(job, at_once=True)
    wait(jobs, job, "stopped")
    wait_for(lambda: not alive(job.pid))
    assert jobs.status(job) != 0


def test_a_rollout_that_is_asked_to_stop_ends_by_itself_with_its_report(jobs, tmp_path):
    job = jobs.start("rollout", ("rollout", "environments=[household]", "episodes=60", "name=asked"), "runs/asked")
    wait_for(lambda: any(b.name == "episodes" and b.done for b in jobs.bars(job)), jobs, job)
    jobs.stop(job)
    wait(jobs, job, "stopped", "done")
    assert (tmp_path / "runs/asked/report.json").is_file()


def test_a_job_whose_processes_were_killed_by_somebody_else_is_lost(jobs):
    job = jobs.start("rollout", SLOW)
    os.killpg(job.pid, signal.SIGKILL)
    wait(jobs, job, "lost")
    assert jobs.status(job) is None


def test_the_number_of_an_ended_job_is_never_signalled(jobs):
    job = jobs.start("view", BROKEN)
    wait(jobs, job, "failed")
    stranger = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True)
    try:
        stranger_job = job.model_copy(update={"pid": stranger.pid})
        jobs.stop(stranger_job, at_once=True)
        assert stranger.poll() is None and jobs.state(stranger_job) == "failed"
    finally:
        stranger.communicate(b"\n")
    assert stranger.returncode == 0


@pytest.mark.parametrize("id", ["../jobs/rollout-1", "/etc", "", ".", "..", "no\0pe", "missing-1"])
def test_a_job_is_named_never_pathed(jobs, id):
    assert jobs.find(id) is None


def test_titles_make_no_paths_and_foreign_folders_are_passed_over(jobs):
    with pytest.raises(ConfigError, match="letters"):
        jobs.start("../up", QUICK)
    (jobs.folder / "odd").mkdir(parents=True)
    (jobs.folder / "odd" / "job.json").write_text("{}")
    assert jobs.all() == []


@pytest.mark.parametrize("word", ["model.base_url=http://u:hunter22@h/v1", "agent.note=the-key-hunter22"])
def test_a_command_that_holds_a_secret_is_not_started(jobs, monkeypatch, word):
    monkeypatch.setenv("SOME_API_KEY", "the-key-hunter22")
    with pytest.raises(ConfigError, match="environment variable") as refused:
        jobs.start("rollout", ("rollout", word))
    assert "hunter22" not in str(refused.value) and not jobs.all()
