"""MiniWoB++: pages of the package in Chromium, by numbers of elements, graded by their own reward, whatever the clock says."""

import asyncio
import sys
from importlib.util import find_spec

import pytest
from numpy.random import default_rng

from simenv.errors import ConfigError, WorldError
from simenv.plugins import environment
from simenv.plugins.environments.web.engine import chromium as browser
from simenv.plugins.environments.web.engine import miniwob
from simenv.plugins.environments.web.tasks.miniwob_tasks import LEFT_OUT, miniwob_task, playable_pages
from simenv.plugins.environments.web.teacher import Teacher
from simenv.teach.admission import admit
from simenv.types import Action, Stop, Task

from .conftest import Web

WRONG = {
    "click-test-2": ("TWO", -1.0),
    "click-checkboxes": ("Submit", -0.6),
    "enter-text": ("Submit", -1.0),
    "click-option": ("Submit", -1.0),
    "email-inbox-delete": ("Primary", 0.0),
    "click-tab-2": ("Tab #1", 0.0),
}
"""Pages of six kinds, what is not asked for there, and its reward; with seed 3 the right thing is another one."""


@pytest.fixture
def pages(chromium):
    if find_spec("miniwob") is None:
        pytest.skip("the package miniwob is not installed: pip install simenv[miniwob]")


def episode(page="click-test-2", seed=3):
    return Task(
        id=f"{page}-{seed}", environment="web", instruction="x",
        spec={"name": page, "miniwob": {"page": page, "seed": seed}}, goal={"reward": 1.0},
    )  # fmt: skip


def label(world, text):
    return Action(
        name="click", arguments={"element": next(e.number for e in world.tab.document.elements if e.label == text)}
    )


async def play_both(page):
    """The expert's episode from a task without a solution, and one with a wrong click."""
    world = Web(Web.Options(engine="chromium", deadline=60))
    task = miniwob_task("t", page, 3)
    admitted = await admit(world, environment("web"), task)
    first = await world.reset(task)
    idle = await world.grade()
    last = await world.step(label(world, WRONG[page][0]))
    wrong = await world.grade()
    await world.close()
    return task, admitted, first, idle, last, wrong


@pytest.mark.parametrize("page", WRONG)
def test_a_page_rewards_what_is_asked_for_and_nothing_else(pages, page):
    task, admitted, first, idle, last, wrong = asyncio.run(play_both(page))
    assert task.instruction and isinstance(admitted, Task) and admitted.solution, admitted
    assert first.text.startswith("Page: ") and f"(/miniwob/{page}.html)" in first.text
    assert not idle.success and idle.metrics == {"reward": 0.0}
    assert not wrong.success and wrong.metrics == {"reward": WRONG[page][1]}
    assert (last.stop is Stop.done) == (WRONG[page][1] != 0.0)


def test_the_same_seed_is_the_same_episode_and_a_snapshot_goes_on(pages):
    async def play():
        world, other = (Web(Web.Options(engine="chromium", deadline=60)) for _ in range(2))
        opening = await world.reset(episode("click-tab-2"))
        assert await other.reset(episode("click-tab-2")) == opening
        assert (await other.reset(episode("click-tab-2", 4))).text != opening.text
        there = await world.step(label(world, "Tab #3"))
        blob, state = await world.snapshot(), await world.state()
        await world.step(label(world, "Tab #2"))
        await other.reset(episode("click-tab-2"))
        for one in (world, other):
            await one.restore(blob)
            assert await one.state() == state and one._show().text == there.text
        await world.close()
        await other.close()

    asyncio.run(play())


def test_the_clock_of_the_page_stands_still_between_actions(pages):
    async def play():
        world = Web(Web.Options(engine="chromium", deadline=60))
        await world.reset(episode())
        tab = world.tab
        now, later = [], []
        for times in (now, later):
            times.append(tab._run(tab._page.evaluate("Date.now()")))
            await asyncio.sleep(0.3)
        assert now == later
        tab._run(tab._page.clock.run_for(60_000))  # far beyond MiniWoB++'s ten seconds
        await world.step(label(world, "ONE"))
        assert (await world.grade()).metrics == {"reward": 1.0}
        await world.close()

    asyncio.run(play())


def test_pages_reach_nothing_but_the_files_of_the_package(pages):
    root = miniwob.folder()
    assert miniwob.packaged_file("https://site.example/core/core.js") == root / "core" / "core.js"
    for url in (
        "https://site.example/../__init__.py",
        "https://site.example/%2e%2e/__init__.py",
        "https://site.example//etc/passwd",
        "https://elsewhere.example/core/core.js",
        "file:///etc/passwd",
        "https://site.example/core/",
    ):
        assert miniwob.packaged_file(url) is None, url


@pytest.mark.parametrize("page", ["no-such-page", "../core/core"])
def test_a_page_that_the_package_does_not_have_is_refused(pages, page):
    with pytest.raises(WorldError, match="is no page of the installed package"):
        asyncio.run(Web(Web.Options(engine="chromium")).reset(episode(page)))


@pytest.mark.parametrize("options", [{}, {"engine": "chromium", "scripts": False}])
def test_these_pages_need_a_browser_with_scripts(options):
    with pytest.raises(WorldError, match=r"web\.world\.engine=chromium and scripts=true"):
        asyncio.run(Web(Web.Options(**options)).reset(episode()))


def test_the_teacher_takes_pages_by_name(pages):
    teacher = Teacher(Teacher.Options(kinds=("miniwob",), pages=("click-test", "enter-text")))
    tasks = [teacher.make(f"t{n}", default_rng(n)) for n in range(4)]
    assert {t.kind for t in tasks} == {"click-test", "enter-text"} and all(t.instruction for t in tasks)
    assert tasks[0] == teacher.make("t0", default_rng(0))


def test_pages_that_cannot_be_played_are_named(pages):
    assert len(playable_pages()) >= 60
    with pytest.raises(ConfigError, match="'drag-box' is left out: something must be dragged"):
        Teacher(Teacher.Options(kinds=("miniwob",), pages=("drag-box",)))
    with pytest.raises(ConfigError, match=r"web\.teacher\.pages: .*'clik-test'.*click-test"):
        Teacher(Teacher.Options(kinds=("miniwob",), pages=("clik-test",)))


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(browser, "missing", lambda: "")
    monkeypatch.setattr(miniwob, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r"web\.teacher\.kinds: .*package miniwob; install simenv\[miniwob\]"):
        Teacher(Teacher.Options(kinds=("miniwob",)))
    assert "miniwob" not in Teacher.Options().kinds
    assert "miniwob" not in sys.modules


def test_what_is_left_out_is_a_page(pages):
    names = [name for names in LEFT_OUT.values() for name in names.split()]
    assert len(names) == len(set(names)) and set(names) <= set(miniwob.page_names())
