"""Dialogues, which have no steps and no engine, are looked at like any other trajectory."""

import pytest

from simenv.instruct.cli import instruct
from simenv.knowledge.cli import knowledge
from simenv.runs.store import Run

VIEWS = ("Chat", "Review", "Branch", "State", "Gold", "Forks", "Raw")


@pytest.fixture(scope="module")
def dialogues(tmp_path_factory):
    root = tmp_path_factory.mktemp("dialogues")
    (root / "leases.txt").write_text(
        "A lease of a flat runs for three years. The deposit is at most three months of rent."
    )
    assert knowledge(["add", f"documents={root / 'leases.txt'}", f"out={root / 'pool'}"]) == 0
    assert instruct([f"pool={root / 'pool'}", f"out={root / 'runs'}", "dialogues=2"]) == 0
    return root


@pytest.mark.parametrize("name", ["runs", "trajectories"])
def test_a_run_of_dialogues_is_listed(show, dialogues, name):
    show(name, dialogues, run="dialogues")


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_of_a_dialogue_is_drawn(show, dialogues, view):
    id = next(Run(dialogues / "runs" / "dialogues").trajectories()).id
    app = show("trajectory", dialogues, run="dialogues", id=id, view=view)
    assert app.subheader[0].value.replace("\\", "") == id
