"""The screen Votes shows pairs without their styles and keeps the choice; the tab Claims shows claims with their spans."""

import asyncio
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from simenv.comparison.config import Comparison
from simenv.comparison.run import Comparing
from simenv.comparison.votes import MODEL, ballots, votes
from simenv.knowledge.cli import knowledge
from simenv.models.clients.scripted import scripted
from simenv.runs.index import Index
from simenv.runs.query import EpisodeQuery
from simenv.runs.store import Run

from .conftest import TOKEN, served
from .test_browser import IDLE

CHAT = {"rounds": [{"user": "Why <b>so</b>?", "assistant": "Because of *this*."}]}


def compared(root):
    """A comparison of two styles on three records, in a workspace."""
    rows = [{"question": f"What is {n}?", "answer": f"It is <i>{n}</i>."} for n in range(3)]
    (root / "set.json").write_text(json.dumps(rows))
    settings = Comparison(sets=[str(root / "set.json")], styles=["record", "baize"])
    model = scripted(lambda request: json.dumps(CHAT))
    run = Run.create(root / "comparisons", "first", "{}")
    with ThreadPoolExecutor(1) as thread:  # the browser of this module has a loop of its own
        thread.submit(asyncio.run, Comparing(settings, model, None).run(run)).result()
    return run


@pytest.fixture
def root(workspace, tmp_path):
    return Path(shutil.copytree(workspace, tmp_path / "w"))


def shown(at):
    return " ".join(str(e.value) for e in (*at.code, *at.caption, *at.markdown, *at.text))


def test_a_person_votes_blind_until_every_pair_is_done(show, root):
    run = compared(root)
    at = show("votes", root)
    assert any("who you are" in i.value for i in at.info) and not at.button
    at.text_input(key="voter-name").set_value("ann").run()
    for choice in ("first", "tie", "second"):
        (ballot, *_) = ballots(run.folder, "ann")
        assert [c.value for c in at.code][:2] == [ballot.first, ballot.second]
        assert not any(style in shown(at) for style in ("record ", "baize"))
        at.button(key=f"vote-{choice}").click().run()
        assert not at.exception
    made = votes(run.folder)
    assert [v.by for v in made] == ["ann"] * 3 and sum(v.better == "tie" for v in made) == 1
    assert any("voted on every pair" in s.value for s in at.success) and not at.button
    at.text_input(key="voter-name").set_value("ben").run()
    assert at.button(key="vote-first")
    at.text_input(key="voter-name").set_value(MODEL).run()
    at.button(key="vote-first").click().run()
    assert any("a person" in e.value for e in at.error) and len(votes(run.folder)) == 3


def test_without_a_comparison_the_screen_says_how_one_is_made(show, root):
    at = show("votes", root)
    assert any("simenv comparison" in c.value for c in at.code)


@pytest.fixture
def dialogue(root):
    """The id of a dialogue whose second answer contradicts its source; beside it the pool."""
    from simenv.__main__ import main

    documents = root / "letters"
    documents.mkdir()
    (documents / "a.md").write_text(
        "# Sepsis\n\nAntibiotics are given within 60 minutes. Fluids are given within 3 hours.\n"
    )
    assert knowledge(["add", f"documents={documents}", f"out={root / 'pools/ward'}"]) == 0
    words = [f"pool={root / 'pools/ward'}", f"out={root / 'runs'}", "name=talk", "dialogues=1", "rounds=2"]
    assert main(["instruct", *words]) == 0
    (part,) = (root / "runs/talk/trajectories").glob("*.jsonl")
    body = json.loads(part.read_text())
    body["messages"][-1]["content"] = "Antibiotics are given within 90 minutes. My uncle dances on volcanoes."
    part.write_text(json.dumps(body) + "\n")
    index = Index(root / "runs/talk")
    index.refresh()
    (row,) = index.page(EpisodeQuery(), 0, 2)
    return row.id


def test_the_claims_of_a_round_are_judged_by_a_button(show, root, dialogue):
    at = show("trajectory", root, run="talk", id=dialogue, view="Claims")
    assert at.selectbox(key="claims-pool").options == ["ward"] and not at.text
    at.button(key="claims-judge").click().run()
    assert not at.exception and len(at.text) == 3
    at.selectbox(key="claims-round").select_index(2).run()
    assert not at.text, "another round is judged when it is asked for"
    at.button(key="claims-judge").click().run()
    assert [t.value for t in at.text] == ["Antibiotics are given within 90 minutes.", "My uncle dances on volcanoes."]
    said = " ".join(c.value for c in at.caption)
    assert "another number" in said and "letters/a.md, Sepsis, characters 1–41" in said.replace("\\", "")
    assert [c.value for c in at.code] == ["Antibiotics are given within 60 minutes."]
    (root / "pools/ward/passages.jsonl").write_text("")
    at.run()
    assert any("no passages" in e.value.replace("\\", "") for e in at.error)


def test_a_key_votes_in_the_browser(chromium, root):
    run = compared(root)
    process, address = served(root / "runs")
    page = chromium.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.set_default_timeout(60_000)
    try:
        page.goto(f"{address}/votes?token={TOKEN}&reviewer=ann")
        page.wait_for_selector(IDLE)
        page.get_by_text("0 of 3 pairs").wait_for()
        page.keyboard.press("ArrowLeft")
        page.get_by_text("1 of 3 pairs").wait_for()
        page.keyboard.press("ArrowDown")
        page.get_by_text("2 of 3 pairs").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    finally:
        page.context.close()
        process.kill()
        process.wait()
    assert len(votes(run.folder)) == 2 and [v.better for v in votes(run.folder)].count("tie") == 1
