"""The main ways through the viewer, in Chromium: read, judge, edit, branch to success, curate, tune, evaluate.

Each test goes on from what those before it wrote to the workspace; a fixture writes the same where they have not run. So
their order is never drawn.
"""

from __future__ import annotations

import json
import shutil
from contextlib import chdir
from pathlib import Path
from urllib.parse import quote

import pytest

from simenv.__main__ import main
from simenv.plugins.viewer.content.reviewing import add_review
from simenv.plugins.viewer.episodes import episode_engine
from simenv.runs import review
from simenv.runs.index import Index
from simenv.runs.query import EpisodeQuery

from .conftest import TOKEN, served

pytestmark = pytest.mark.random_order(disabled=True)
IDLE = '[data-testid="stApp"][data-test-script-state="notRunning"]'


@pytest.fixture(scope="module")
def workspace(made, tmp_path_factory):
    """A workspace of its own, to which the ways write one after the other."""
    runs = tmp_path_factory.mktemp("ways") / "runs"
    shutil.copytree(made, runs)
    return runs


@pytest.fixture(scope="module")
def page(chromium, workspace):
    process, address = served(workspace)
    context = chromium.new_context(base_url=address, viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(f"/?token={TOKEN}")
    yield page
    context.close()
    process.kill()
    process.wait()


@pytest.fixture
def rejection(workspace):
    """The id of a trajectory that a reviewer has rejected."""
    row = failed(workspace)[1]
    if not any(r.action == "reject" for r in review.read(workspace / "first")):
        add_review(workspace / "first", row.id, "ann", "reject")
    return row.id


@pytest.fixture
def curated(workspace, rejection):
    """The folder of a curated set named `reviewed`."""
    folder = workspace.parent / "curated" / "reviewed"
    if not folder.exists():
        with chdir(workspace.parent):
            assert main(["curate", "runs/first", "name=reviewed"]) == 0
    return folder


def goto(page, screen, **query):
    page.goto(f"/{screen}?" + "&".join(f"{k}={quote(v)}" for k, v in query.items()))
    wait_until_idle(page)


def wait_until_idle(page):
    page.wait_for_selector(IDLE)
    page.wait_for_timeout(250)
    page.wait_for_selector(IDLE)


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()
    wait_until_idle(page)


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def failed(runs):
    """An episode of the household that can be done better."""
    index = Index(runs / "first")
    row = index.page(EpisodeQuery(environment="household"), 0, 1)[0]
    return index, row


def test_a_run_is_opened_filtered_and_read_with_the_keyboard(page, workspace):
    goto(page, "")
    page.get_by_role("button", name="Open trajectories").click()
    page.get_by_text("8 trajectories").wait_for()
    page.get_by_label("Words in the chat").fill("nosuchwordanywhere")
    page.get_by_label("Words in the chat").press("Enter")
    page.get_by_text("No trajectory matches").wait_for()
    goto(page, "trajectories", run="first", environment="db", order="steps")
    page.get_by_text("4 trajectories").wait_for()
    ids = [r.id for r in Index(workspace / "first").page(EpisodeQuery(environment="db"), 0, 4)]
    canvas = page.get_by_test_id("stDataFrame").locator("canvas").first
    canvas.click(force=True, position={"x": 15, "y": 55})  # the box before the first row
    page.get_by_role("button", name="Next").wait_for()
    wait_until_idle(page)
    goto(page, "trajectory", run="first", id=ids[0])
    page.get_by_role("heading", name=ids[0]).wait_for()
    page.locator("body").press("ArrowRight")
    wait_until_idle(page)
    assert "id=" in page.url and ids[0] not in page.url
    page.locator("body").press("ArrowLeft")
    page.get_by_role("heading", name=ids[0]).wait_for()
    assert fits(page)


def test_a_trajectory_is_rejected_labelled_and_edited(page, workspace):
    index, row = failed(workspace)
    before = len(list(review.read(workspace / "first")))
    goto(page, "trajectory", run="first", id=row.id, view="Review")
    page.get_by_label("Reviewer").fill("ann")
    page.get_by_label("Reviewer").press("Enter")
    wait_until_idle(page)
    page.locator(".st-key-edit-2 button").click()
    page.get_by_label("Text", exact=True).fill("Thought: I look first.\nAction: take_action\nAction Input: look")
    press(page, "Save")
    page.get_by_text("I look first.").first.wait_for()
    page.locator(".st-key-reject button").click()
    page.get_by_text("rejected", exact=True).first.wait_for()
    reviews = list(review.read(workspace / "first"))[before:]
    assert [(r.reviewer, r.action, r.trajectory) for r in reviews] == [
        ("ann", "edit", row.id),
        ("ann", "reject", row.id),
    ]
    assert reviews[0].messages[2].content.startswith("Thought: I look first.")
    assert index.read(row).messages[2].content != reviews[0].messages[2].content


def test_a_person_branches_off_it_to_success_and_sees_it_among_the_forks(page, workspace):
    index, row = failed(workspace)
    goto(page, "trajectory", run="first", id=row.id)
    page.locator(".st-key-branch-0 button").click()
    page.get_by_text("You type the next action", exact=False).wait_for()
    wait_until_idle(page)
    page.locator(".st-key-branch-start button").click()
    for number, move in enumerate(episode_engine.task(index.folder, row.task).solution):
        page.get_by_role("heading", name=f"Turn {number + 1} of").wait_for()
        wait_until_idle(page)
        box = page.get_by_role("combobox", name="action", exact=True)
        box.fill(move.action.arguments["action"])
        box.press("Enter")
        wait_until_idle(page)
        page.get_by_role("button", name="Do it").click()
    page.get_by_text("Saved beside the episode", exact=False).wait_for()
    page.get_by_role("button", name="Read it").click()
    page.get_by_text("Branch from here").first.wait_for()
    wait_until_idle(page)
    assert "~" in page.url
    index.refresh()
    [sibling] = index.branches(row.id)
    assert sibling.success and sibling.authors == "human"
    page.get_by_role("radio", name="Forks").or_(page.get_by_role("button", name="Forks")).first.click()
    page.get_by_test_id("stDataFrame").wait_for()


@pytest.mark.parametrize("view", ["Chat", "Review", "Branch", "State", "Gold", "Forks", "Raw"])
def test_every_view_fits_a_phone(page, workspace, view):
    _, row = failed(workspace)
    page.set_viewport_size({"width": 390, "height": 844})
    goto(page, "trajectory", run="first", id=row.id, view=view)
    assert fits(page) and page.locator('[data-testid="stException"]').count() == 0
    page.set_viewport_size({"width": 1280, "height": 1000})


LONG = 240_000
"""Milliseconds that a command in the background may take on a machine that is busy."""


def test_it_is_curated_with_that_review(page, workspace, rejection):
    goto(page, "curate", run="first")
    fill(page, page.get_by_label("Name", exact=True), "by-hand")
    press(page, "Curate")
    page.get_by_text("What became of the trajectories").wait_for(timeout=LONG)
    wait_until_idle(page)
    verdicts = [json.loads(line) for line in (workspace.parent / "curated/by-hand/verdicts.jsonl").open()]
    rejections = [v["trajectory"] for v in verdicts if v["filter"] == "review" and v["decision"] == "drop"]
    assert rejections == [f"first/{rejection}"]


def test_the_set_is_exported_and_downloaded(page, curated):
    goto(page, "curate", set="reviewed")
    page.get_by_role("radio", name="openai").or_(page.get_by_role("button", name="openai", exact=True)).first.click()
    wait_until_idle(page)
    press(page, "Export")
    get = page.get_by_role("button", name="openai/train.jsonl")
    get.wait_for(timeout=LONG)
    with page.expect_download() as download:
        get.click()
    assert "messages" in json.loads(Path(download.value.path()).read_text().splitlines()[0])


def test_a_model_is_tuned_on_the_set_and_evaluated(page, workspace, curated):
    """All by buttons; each is a command in the background."""
    pytest.importorskip("torch", reason="pip install 'simenv[train]'")
    from tests.helpers import tiny_model

    root = workspace.parent
    (root / "models").mkdir()
    tiny_model.build(root / "models" / "base", context=8192)
    goto(page, "curate", set="reviewed")
    press(page, "Fine-tune on it")
    page.get_by_role("button", name="Start").wait_for()
    page.get_by_role("radio", name="my own").or_(page.get_by_role("button", name="my own", exact=True)).first.click()
    wait_until_idle(page)
    for name, value in (("steps", "2"), ("batch size", "1")):
        fill(page, page.get_by_role("spinbutton", name=name), value)
    fill(page, page.get_by_role("spinbutton", name="sequence length"), "8192")
    press(page, "Start")
    page.get_by_text("How good is it?").wait_for(timeout=LONG)
    wait_until_idle(page)
    assert (root / "models/reviewed/adapter_config.json").is_file() and "model=reviewed" in page.url
    for name, value in (("Tasks an environment", "1"), ("Turns at most", "1"), ("Tokens a turn", "8")):
        fill(page, page.get_by_role("spinbutton", name=name), value)
    press(page, "Evaluate it")
    page.get_by_role("button", name="See its evaluation").click(timeout=LONG)
    page.get_by_text("How episodes ended").wait_for()
    wait_until_idle(page)
    assert json.loads((workspace / "reviewed-evaluation/evaluation.json").read_text())["agent"] == "react"
    assert fits(page)


def fill(page, box, value):
    box.fill(value)
    box.press("Enter")
    wait_until_idle(page)


@pytest.mark.parametrize("screen", ["data", "tuning", "curate", "finetune", "evaluations", "sweeps", "fidelity"])
def test_the_screens_that_make_and_measure_fit_a_phone(page, screen):
    page.set_viewport_size({"width": 390, "height": 844})
    goto(page, screen)
    assert fits(page) and page.locator('[data-testid="stException"]').count() == 0
    page.set_viewport_size({"width": 1280, "height": 1000})
