"""The viewer reads a run page by page and shows hostile text as text."""

import sys
from pathlib import Path

import pytest

from simenv.plugins.viewer import views
from simenv.store import Run
from simenv.types import Message
from tests.test_store import rollout
from tests.test_types import trajectory

APP = Path(views.__file__).with_name("app.py")


@pytest.fixture
def folder(tmp_path):
    status, _, err = rollout("environments=[counter]", "episodes=4", f"out={tmp_path}")
    assert status == 0, err
    return tmp_path


def test_runs_and_pages(folder, tmp_path):
    assert [(line.name, line.episodes, line.errors) for line in views.runs(folder)] == [("quickstart", 4, 0)]
    run = Run(folder / "quickstart")
    ids = [row["id"] for start in (0, 3) for row in views.page(run, start, 3)]
    assert len(set(ids)) == 4
    assert views.trajectory(run, ids[2]).id == ids[2] and views.trajectory(run, "none") is None


def test_a_run_without_a_report_is_listed(tmp_path):
    Run.create(tmp_path, "begun", "")
    assert views.runs(tmp_path) == [("begun", None, None, None)]


def test_speakers_and_bodies():
    message = Message(role="assistant", content="<script>", author="teacher", train=True)
    assert (views.speaker(message), views.body(message)) == ("assistant · teacher · trained", "<script>")
    assert trajectory().messages


def test_the_app_shows_a_chat_and_what_to_do_without_runs(folder, tmp_path, monkeypatch):
    testing = pytest.importorskip("streamlit.testing.v1", reason="pip install 'simenv[viewer]'")
    monkeypatch.setattr(sys, "argv", ["app.py", str(folder)])
    app = testing.AppTest.from_file(str(APP), default_timeout=120).run()
    assert not app.exception
    assert any("Bring the counter to" in code.value for code in app.code)
    monkeypatch.setattr(sys, "argv", ["app.py", str(tmp_path / "empty")])
    assert any("No runs" in info.value for info in testing.AppTest.from_file(str(APP), default_timeout=120).run().info)
