"""Each screen, run as Streamlit runs it: listings, deep links, an empty workspace, review and branch."""

import json
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("streamlit")
from streamlit.testing.v1 import AppTest

import simenv.plugins as plugins
from simenv.plugins.viewer.content.reviewing import add_review
from simenv.runs import review
from simenv.runs.index import Index
from simenv.runs.query import EpisodeQuery
from simenv.types import Verdict

VIEWER = next(p for root in plugins.__path__ if (p := Path(root) / "viewer").is_dir())


@pytest.fixture
def screen(monkeypatch):
    """Runs a screen on a workspace with an address."""

    def shown(runs, name, **query):
        monkeypatch.setattr(sys, "argv", ["app.py", str(runs)])
        app = AppTest.from_file(str(VIEWER / "screens" / f"{name}.py"), default_timeout=120)
        for key, value in query.items():
            app.query_params[key] = value
        app.run()
        assert not app.exception, app.exception
        return app

    return shown


def words(app):
    """All that is written on a screen, except in tables."""
    kinds = ("title", "subheader", "caption", "markdown", "info", "error", "warning", "success", "code", "text")
    return "\n".join(str(e.value) for kind in kinds for e in app.get(kind))


def press(app, name):
    next(b for b in app.button if b.label == name).click()
    app.run()
    assert not app.exception, app.exception
    return app


def first(runs, **where):
    return Index(runs / "first").page(EpisodeQuery(**where), 0, 1)[0]


def test_an_empty_workspace_shows_the_way_to_a_first_run(screen, tmp_path):
    app = screen(tmp_path / "nothing", "runs")
    assert "No runs here yet" in words(app) and [b.label for b in app.button] == ["Run the quickstart"]
    for name in ("trajectories", "trajectory"):
        assert [b.label for b in screen(tmp_path / "nothing", name).button] == ["Make one"]
    assert "two runs on the same tasks" in words(screen(tmp_path / "nothing", "compare"))


def test_a_first_time_user_runs_the_quickstart_with_a_button(screen, tmp_path):
    runs = tmp_path / "new" / "runs"
    app = press(screen(runs, "runs"), "Run the quickstart")
    process = app.session_state["quickstart-process"]
    try:
        for _ in range(1200):
            if process.poll() is not None or list(runs.glob("*/config.yaml")):
                break
            time.sleep(0.1)
        assert process.poll() in (None, 0), (runs / "quickstart.log").read_text()
        app.run()
        assert [d.value["name"][0] for d in app.dataframe] == ["quickstart"]
    finally:
        process.kill()
        process.wait()


def test_runs_are_listed_searched_and_tagged(screen, runs):
    app = screen(runs, "runs")
    assert sorted(app.dataframe[0].value["name"]) == ["first", "second"]
    app.text_input(key="words").set_value("second").run()
    assert list(app.dataframe[0].value["name"]) == ["second"]
    app.text_input(key="tags-second").set_value("gold, v2 , gold")
    press(app, "Save tags")
    assert json.loads((runs / "second" / "tags.json").read_text()) == ["gold", "v2"]
    app.text_input(key="words").set_value("v2 household").run()
    assert list(app.dataframe[0].value["name"]) == ["second"]
    app.text_input(key="words").set_value("nowhere").run()
    assert "No run matches" in words(app)


def test_trajectories_are_filtered_from_the_address_and_by_hand(screen, runs):
    app = screen(runs, "trajectories", run="first")
    assert len(app.dataframe[0].value) == 8
    app = screen(runs, "trajectories", run="first", environment="db")
    assert set(app.dataframe[0].value["environment"]) == {"db"} and len(app.dataframe[0].value) == 4
    app.text_input(key="text").set_value("nosuchwordanywhere").run()
    assert "No trajectory matches" in words(app)
    assert "There is no run" in words(screen(runs, "trajectories", run="../../etc"))


def test_trajectories_are_filtered_by_review_and_by_what_a_filter_said(screen, runs):
    ids = [r.id for r in Index(runs / "first").page(EpisodeQuery(), 0, 3)]
    add_review(runs / "first", ids[0], "ann", "approve")
    add_review(runs / "first", ids[1], "ann", "reject")
    add_review(runs / "first", ids[1], "ann", "label", text="odd")
    set_folder = runs.parent / "curated" / "set"
    set_folder.mkdir(parents=True)
    verdict = Verdict(trajectory=f"first/{ids[2]}", filter="thanks", decision="drop", reason="says thanks")
    (set_folder / "verdicts.jsonl").write_text(verdict.model_dump_json() + "\n")

    def listed(**query):
        return list(screen(runs, "trajectories", run="first", **query).dataframe[0].value["id"])

    assert listed(review="approved") == [ids[0]] and listed(review="rejected") == [ids[1]]
    assert listed(label="odd") == [ids[1]]
    assert len(listed(review="unreviewed")) == 6 and not {*ids[:2]} & {*listed(review="unreviewed")}
    app = screen(runs, "trajectories", run="first")
    app.selectbox(key="curated set").set_value("set").run()
    assert list(app.dataframe[0].value["id"]) == [ids[2]]
    app.selectbox(key="reason").set_value("drop: says thanks (thanks)").run()
    assert list(app.dataframe[0].value["id"]) == [ids[2]]


@pytest.mark.parametrize("view", ["Chat", "Review", "Branch", "State", "Gold", "Forks", "Raw"])
def test_each_view_of_a_trajectory_is_a_deep_link(screen, made, view):
    row = first(made, environment="household")
    app = screen(made, "trajectory", run="first", id=row.id, view=view)
    assert app.subheader[0].value.replace("\\", "") == row.id and not app.error
    assert app.query_params["view"] in (view, [view])


def test_an_unknown_trajectory_is_no_error_page(screen, made):
    assert "There is no trajectory" in words(screen(made, "trajectory", run="first", id="![x](y)"))


def test_a_trajectory_is_judged_edited_masked_and_all_of_it_undone(screen, runs):
    row = first(runs, environment="db")
    app = screen(runs, "trajectory", run="first", id=row.id, view="Review", reviewer="ann")
    press(app, "Reject")
    assert "rejected" in words(app)
    next(b for b in app.button if b.key == "edit-2").click()
    app.run()
    app.text_area(key="content-2").set_value("Thought: better\nAction: execute_sql\nAction Input: SELECT 1")
    press(app, "Save")
    assert "Thought: better" in words(app) and "edited" in words(app)
    assert Index(runs / "first").read(row).messages[2].content in words(app) or "-Thought" in words(app)
    next(b for b in app.button if b.key == "mask-2").click()
    app.run()
    assert "masked" in words(app)
    reviews = list(review.read(runs / "first"))
    assert [(r.action, r.reviewer) for r in reviews] == [("reject", "ann"), ("edit", "ann"), ("mask", "ann")]
    for _ in range(3):
        press(app, "Undo")
    assert review.states(review.read(runs / "first")) == {}
    assert "Thought: better" not in words(app)
    assert len(list(review.read(runs / "first"))) == 6


def test_a_blind_reviewer_sees_neither_grade_nor_agent_nor_others_until_judged(screen, runs):
    row = first(runs, environment="db")
    add_review(runs / "first", row.id, "bob", "comment", text="a fine one")
    app = screen(runs, "trajectory", run="first", id=row.id, view="Review", reviewer="ann", blind="1")
    assert not any(word in words(app) for word in ("success", "expert", "submitted"))
    assert not app.dataframe
    blind = screen(runs, "trajectory", run="first", id=row.id, view="Raw", reviewer="ann", blind="1")
    assert "Hidden until you have judged" in words(blind) and not blind.code
    press(app, "Approve")
    assert "success" in words(app) and "expert" in words(app)
    assert "a fine one" in list(app.dataframe[0].value["text"])


def test_a_runs_reviews_and_the_agreement_on_them_are_shown(screen, runs):
    for id, ann, bob in (("a", "approve", "approve"), ("b", "reject", "approve"), ("c", "reject", "reject")):
        add_review(runs / "second", id, "ann", ann)
        add_review(runs / "second", id, "bob", bob)
    app = screen(runs, "runs")
    app.text_input(key="words").set_value("second").run()
    assert {"1 disputed", "1 rejected", "2 approved"} <= {b.label for b in app.button}
    [table] = [d.value for d in app.dataframe if "κ" in d.value]
    assert list(table["both judged"]) == [3] and table["κ"][0] == pytest.approx(0.4)


def test_a_person_acts_on_the_screen_until_the_episode_ends(screen, runs):
    row = first(runs, environment="household")
    app = screen(runs, "trajectory", run="first", id=row.id, view="Branch", turn="0")
    app.selectbox(key="branch-turn").set_value(0)
    press(app, "Start")
    live = app.session_state["play"]
    app.run()
    task = Index(runs / "first").read(row)
    from simenv.plugins.viewer.episodes import episode_engine

    for number, move in enumerate(episode_engine.task(runs / "first", task.task).solution):
        app.selectbox(key=f"action-{number}-take_action").set_value(move.action.arguments["action"])
        press(app, "Do it")
    assert live.over and live.saved.grade.success
    assert "Saved beside the episode" in words(app)
    press(app, "Close")
    assert Index(runs / "first").find(live.saved.id).success


def test_two_runs_are_compared_task_by_task(screen, made):
    app = screen(made, "compare", first="first", second="second")
    assert "common tasks" in words(app) and {m.label for m in app.metric} >= {"first", "second", "difference", "p"}
