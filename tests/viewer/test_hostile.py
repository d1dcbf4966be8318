"""Thirty trajectories that attack: nothing of them runs, nothing is loaded from elsewhere, the viewer stays usable."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from simenv.plugins.viewer.content.reviewing import add_review
from simenv.plugins.viewer.views.panel_drawing import sandboxed_page

from . import hostile
from .conftest import TOKEN, served

IDLE = '[data-testid="stApp"][data-test-script-state="notRunning"]'
PATIENCE = 60_000


@pytest.fixture(scope="module")
def attack(chromium, tmp_path_factory):
    """A browser on the hostile run: (page, address, ids, what was asked for)."""
    runs = tmp_path_factory.mktemp("hostile") / "runs"
    ids = hostile.write(runs)
    folder = runs / hostile.RUN
    for id in ids[:3]:
        add_review(folder, id, hostile.TEXTS["image"], "label", text=hostile.TEXTS["handler"])
        add_review(folder, id, hostile.TEXTS["script"], "reject", text=hostile.TEXTS["anchor"])
    set_folder = runs.parent / "curated" / "**set** <img src=x onerror=hacked=1>"
    set_folder.mkdir(parents=True)
    verdict = {"filter": "![x](http:x)", "decision": "drop", "reason": "<script>hacked=1</script>"}
    line = json.dumps({"trajectory": f"{hostile.RUN}/{ids[0]}", **verdict})
    (set_folder / "verdicts.jsonl").write_text(line + "\n")
    process, address = served(runs)
    context = chromium.new_context()
    requests: list[str] = []
    context.on("request", lambda request: requests.append(request.url))

    def on_failure(request):
        if request.failure == "csp":  # told of, but the page's policy let nothing go out
            requests.remove(request.url)

    context.on("requestfailed", on_failure)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.on("dialog", lambda dialog: requests.append(f"dialog {dialog.message}"))
    yield page, address, ids, requests
    context.close()
    process.kill()
    process.wait()


def goto(page, address, screen, **query):
    page.goto(f"{address}/{screen}?token={TOKEN}&" + "&".join(f"{k}={quote(v)}" for k, v in query.items()))
    page.wait_for_selector(IDLE)
    page.wait_for_timeout(300)
    page.wait_for_selector(IDLE)


def assert_harmless(page, address, requests):
    assert not [u for u in requests if not u.startswith((address, "data:", "blob:"))]
    for frame in page.frames:
        assert frame.evaluate("window.hacked === undefined && document.title.indexOf('hacked') < 0")
    assert (
        page.locator(
            "img[src*=evil], iframe[src*=evil], a[href*=evil], a[href^=javascript], [onerror], [onload]"
        ).count()
        == 0
    )
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.locator('[data-testid="stException"]').count() == 0


def test_thirty_hostile_trajectories_are_read_one_after_the_other(attack):
    page, address, ids, requests = attack
    goto(page, address, "trajectory", run=hostile.RUN, id=ids[0])
    for number in range(len(ids)):
        page.wait_for_function(f"document.querySelector('h3')?.textContent.startsWith('{number:02d}')")
        page.wait_for_selector(IDLE)
        assert_harmless(page, address, requests)
        if number + 1 < len(ids):
            page.get_by_role("button", name="Next").click()
    assert len(ids) == 30
    assert page.evaluate("document.body.innerHTML.length") < 5_000_000  # 50 MB are not sent to be cut in the browser


@pytest.mark.parametrize("view", ["Review", "Branch", "State", "Gold", "Forks", "Raw"])
def test_every_view_of_a_hostile_trajectory_is_inert(attack, view):
    page, address, ids, requests = attack
    for id in (ids[1], ids[29]):
        goto(page, address, "trajectory", run=hostile.RUN, id=id, view=view)
        assert_harmless(page, address, requests)


def unfold(page, name):
    """Open a selectbox; a screen that is drawn meanwhile closes it again."""
    for _ in range(20):
        page.get_by_role("combobox", name=name, exact=True).press("ArrowDown")
        page.wait_for_timeout(500)
        if page.get_by_role("option").count():
            return
    raise AssertionError(f"{name}: no options")


def test_tables_filters_and_runs_with_hostile_names_are_inert(attack):
    page, address, _, requests = attack
    goto(page, address, "trajectories", run=hostile.RUN, text="<script>", review="rejected")
    page.get_by_text("Filters and order").click()
    page.wait_for_timeout(700)  # it unfolds
    for name in ("environment", "label", "curated set"):
        unfold(page, name)
        assert_harmless(page, address, requests)
        page.keyboard.press("Escape")
        page.get_by_role("listbox").wait_for(state="hidden")
        page.mouse.click(3, 3)
    goto(page, address, "")
    page.get_by_text("Reviews (6)").click()
    assert_harmless(page, address, requests)
    goto(page, address, "trajectory", run="<b>none</b>", id="![x](http://evil.invalid/y.png)")
    assert_harmless(page, address, requests)


def test_a_hostile_page_of_a_world_is_inert_in_its_frame(attack):
    before, address, _, requests = attack
    page = before.context.new_page()
    everything = "".join(hostile.TEXTS[name] for name in list(hostile.TEXTS)[:14])
    page.set_content(sandboxed_page(f"<p id=there>here</p>{everything}"))
    page.frame_locator("iframe").locator("#there").wait_for(state="attached")
    page.wait_for_timeout(500)
    assert not [u for u in requests if not u.startswith((address, "data:", "blob:", "about:"))]
    assert page.evaluate("window.hacked === undefined && document.title === ''")
