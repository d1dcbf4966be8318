"""From an upload to a fine-tuned adapter by clicks, in Chromium: pool, search trajectories by the expert, curated, tuned."""

from __future__ import annotations

import json

import pytest

from .conftest import TOKEN, served
from .test_browser import LONG, fill, fits, press, wait_until_idle

NAMES = ("Adler", "Birke", "Cedar", "Delta", "Eiche", "Falke", "Gamma", "Hafen")
CONTRACTS = "\n\n".join(
    f"The {name} contract runs for {n + 3} years. The deposit of the {name} contract is {100 + n * 37} euros. "
    f"Notice of the {name} contract is given {n + 14} days before its end."
    for n, name in enumerate(NAMES)
)
FILES = (("contracts.txt", "text/plain", CONTRACTS), ("broken.pdf", "application/pdf", "%PDF-1.4 nonsense"))


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """An empty workspace."""
    return tmp_path_factory.mktemp("walk")


@pytest.fixture
def page(chromium, root):
    process, address = served(root / "runs")
    context = chromium.new_context(base_url=address, viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(f"/?token={TOKEN}")
    yield page
    context.close()
    process.kill()
    process.wait()


def wait_for_button(page, name):
    page.get_by_role("button", name=name, exact=True).wait_for(timeout=LONG)
    wait_until_idle(page)


def name_it(page, box_name, value):
    box = page.get_by_role("combobox", name=box_name, exact=True).first
    box.fill(value)
    box.press("Enter")
    wait_until_idle(page)


def test_from_an_upload_to_an_adapter_by_clicks(page, root):
    pytest.importorskip("torch", reason="pip install 'simenv[train]'")
    page.get_by_role("link", name="Data", exact=True).click()
    page.get_by_role("tab", name="Knowledge").wait_for()
    wait_until_idle(page)
    files = [{"name": name, "mimeType": kind, "buffer": text.encode()} for name, kind, text in FILES]
    page.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(files)
    page.get_by_text("documents/contracts.txt: document, 1 passage").wait_for()
    page.get_by_text("Not taken in. broken.pdf: damaged PDF").wait_for()
    wait_until_idle(page)
    name_it(page, "Pool", "contracts")
    page.get_by_text("No licence is stated").wait_for()
    fill(page, page.get_by_label("Licence of these"), "cc-by-4.0")
    press(page, "Make the pool")
    wait_for_button(page, "Let an agent search it")
    assert [json.loads(line)["licence"] for line in (root / "pools/contracts/sources.jsonl").open()] == ["cc-by-4.0"]

    press(page, "Let an agent search it")
    wait_for_button(page, "Start")
    box = page.get_by_role("combobox", name="Dialect", exact=True).first
    box.click()
    box.press_sequentially("short", delay=50)
    page.get_by_role("option").filter(has_text="short").first.click()
    wait_until_idle(page)
    press(page, "Start")
    wait_for_button(page, "Curate it")
    page.get_by_text("A worked example").wait_for()
    assert "dialect: short" in (root / "runs/run-1/config.yaml").read_text()
    overall = json.loads((root / "runs/run-1/report.json").read_text())["environments"]["search"]
    assert (overall["episodes"], overall["success"]) == (20, 1.0)

    press(page, "Curate it")
    wait_for_button(page, "Curate")
    press(page, "Curate")
    page.get_by_text("What became of the trajectories").wait_for(timeout=LONG)
    wait_until_idle(page)

    press(page, "Fine-tune on it")
    wait_for_button(page, "Make it")
    steps = page.get_by_role("slider", name="Steps of practice")
    steps.focus()
    steps.press("Home")
    wait_until_idle(page)
    press(page, "Make it")
    wait_for_button(page, "Start")
    page.get_by_text("samples looked at fit").wait_for()
    assert fits(page)
    press(page, "Start")
    page.get_by_text("How good is it?").wait_for(timeout=LONG)
    wait_until_idle(page)
    page.get_by_text("Its settings, and how much learnt").click()
    page.get_by_text("parameters learnt").wait_for()
    page.get_by_text("as in the runs that it learnt from").wait_for()
    assert (root / "models/set-1/adapter_model.safetensors").is_file()
    assert page.locator('[data-testid="stException"]').count() == 0
