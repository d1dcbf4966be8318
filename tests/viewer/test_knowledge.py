"""The screen Data shows the registry and the pools and withdraws a source; the screen Runs shows what was sent."""

import shutil
from pathlib import Path

import pytest

from simenv.knowledge.config import Additions
from simenv.knowledge.pool import Pool
from simenv.knowledge.run import Addition
from simenv.models.outbox import Outbox
from simenv.plugins.viewer import jobs
from simenv.runs.sending import Ledger


@pytest.fixture
def started(monkeypatch):
    """What would be run in the background, instead of running it."""
    calls = []

    def start(self, title, words, product=""):
        calls.append((title, list(words), product))

    monkeypatch.setattr(jobs.Jobs, "start", start)
    return calls


def test_sets_are_searched_by_initials_and_shown_with_their_licence(show, workspace, monkeypatch, tmp_path):
    monkeypatch.setenv("SIMENV_CACHE", str(tmp_path / "cache"))
    at = show("data", workspace)
    at.text_input(key="set-words").set_value("pmq").run()
    assert any("PubMedQA · medicine · mit" in option for option in at.multiselect(key="sets").options)
    at.multiselect(key="sets").set_value(["PubMedQA"]).run()
    assert not at.exception
    assert any("mit" in frame.value.to_string() for frame in at.dataframe)


def test_a_source_of_a_pool_is_withdrawn_by_a_button(show, workspace, tmp_path, started):
    root = Path(shutil.copytree(workspace, tmp_path / "w"))
    letter = tmp_path / "letter.txt"
    letter.write_text("Sepsis is treated within an hour.")
    pool = root / "pools" / "ward"
    Addition(Pool(pool), Additions(documents=[str(letter)], licence="mit", out=str(pool))).run()
    (source,) = Pool(pool).sources
    at = show("data", root)
    at.selectbox(key="withdraw-ward").select_index(0).run()
    assert any("out of the pool" in w.value for w in at.warning)
    at.button(key="do-withdraw-ward").click().run()
    words = ["knowledge", "withdraw", "pools/ward", source, "folders=[runs, curated]"]
    assert started == [("withdraw", words, "pools/ward")] and not at.exception


def test_a_run_shows_what_was_sent(show, workspace, tmp_path):
    root = Path(shutil.copytree(workspace, tmp_path / "w"))
    outbox = Outbox("http://models.example.com/<b>")
    for folder in (root / "runs").iterdir():
        ledger = Ledger(folder, [outbox])
        outbox.send("m", b"[0123456789ab-1]")
        ledger.close()
    at = show("runs", root)
    assert any("0123456789ab" in frame.value.to_string() for frame in at.dataframe)
