"""What a simulator is told of the pages: every example is the engine's own, and the part that never changes comes first."""

import asyncio
from functools import cache

from simenv.plugins import environment
from simenv.prompts import render
from simenv.types import Action, Task

WEB = environment("web")
SHOP = {
    "name": "Fern Shop",
    "tagline": "Open to all.",
    "catalogue": {
        "title": "Shop",
        "filters": ["category"],
        "page_size": 2,
        "order": {"fields": [{"name": "quantity", "kind": "number", "min": 1, "max": 9, "value": 1}]},
        "items": [
            {
                "id": "p0", "title": "Oak Lamp", "category": "Lamps", "price": 1249.5, "rating": 4.0,
                "details": {"brand": "Moss"}, "description": "A lamp of oak.", "features": ["Dimmable"],
                "options": {"colour": ["red", "blue"]},
            },
            {"id": "p1", "title": "Elm Desk", "category": "Desks", "price": 80},
            {"id": "p2", "title": "Fir Desk", "category": "Desks", "price": 35.25},
        ],
    },
    "checkout": {"fields": [{"name": "street", "kind": "text"}], "submit": "Place order"},
    "login": {"table": "users", "by": ["username", "password"]},
    "pages": {"about": {"title": "About us", "html": "<p>Small.</p>"}, "jobs": {"title": "Jobs", "html": "<p>None.</p>"}},
    "hub": {"title": "More", "holds": ["/page/about", "/page/jobs"]},
    "forms": {
        "contact": {
            "title": "Contact", "intro": "Write to us.", "into": "messages", "submit": "Send", "thanks": "We have it.",
            "fields": [
                {"name": "name", "label": "Your name", "kind": "text"},
                {"name": "topic", "kind": "select", "options": ["Order", "Other"]},
                {"name": "plan", "kind": "radio", "options": ["A", "B"]},
                {"name": "born", "kind": "date"},
                {"name": "text", "kind": "textarea"},
                {"name": "password", "kind": "password", "required": False},
                {"name": "copy", "label": "Send a copy", "kind": "checkbox"},
            ],
        }
    },
    "tables": {"orders": {"title": "My orders", "cancel": True}, "users": {"records": []}},
}  # fmt: skip
STAND = {
    "id": "B0KS77F3T7", "title": "Folding Phone Stand", "price": 30.5, "rating": 4.3,
    "options": {"colour": ["black", "red"]}, "features": ["Folds", "Light"],
}  # fmt: skip
WEBSHOP = {
    "name": "WebShop",
    "layout": "webshop",
    "notice": "[…]",
    "catalogue": {"items": [STAND, STAND | {"id": "B0KS77F3T8"}], "page_size": 1},
}
VISIT = (
    ("click", "Shop"), ("click", "Oak Lamp"), ("click", "red"), ("type", "Quantity", "2"), ("click", "Add to cart"),
    ("click", "Go to checkout"), ("type", "Street", "Low Road 1"), ("click", "Place order"), ("click", "Contact"),
    ("type", "Your name", "Ann"), ("select", "Topic", "Order"), ("click", "B"), ("type", "Text", "hello there"),
    ("type", "Password", "pw"), ("click", "Send a copy"), ("click", "Send"), ("type", "Born", "2020-01-02"),
    ("click", "Send"), ("click", "My orders"), ("click", "Log in"),
)  # fmt: skip
PURCHASE = (
    ("search", "phone stand"), ("click", "B0KS77F3T7"), ("click", "red"), ("click", "Features"), ("click", "< Prev"),
    ("click", "Buy Now"),
)  # fmt: skip


async def _pages(spec, visit):
    world, texts = WEB.world(), []
    texts.append((await world.reset(Task(id="t", environment="web", instruction="-", spec=spec, goal={}))).text)
    for name, *values in visit:
        arguments = dict(zip(WEB.world.actions[name].schema["properties"], values, strict=True))
        observation = await world.step(Action(name=name, arguments=arguments))
        assert not observation.invalid, observation.text
        texts.append(observation.text)
    return texts


@cache
def pages(shop):
    return "\n".join(asyncio.run(_pages(WEBSHOP if shop else SHOP, PURCHASE if shop else VISIT)))


def examples(spec):
    text = render(WEB.simulate, spec=spec, opening="").split("# What the state holds")[0]
    return [line for line in text.split("\n") if line.startswith(("Page: ", "<html>", "… <main>"))]


def test_every_example_of_a_page_is_the_engines():
    for spec, shop in ((SHOP, False), (WEBSHOP, True)):
        lines = examples(spec)
        assert len(lines) >= 8
        for line in lines:
            assert line.strip("… ") in pages(shop), line


def test_a_site_is_told_only_of_its_own_kinds_of_pages():
    plain = "\n".join(examples({"name": "Club", "forms": SHOP["forms"]}))
    assert "(/form/contact)" in plain
    assert "(/cart)" not in plain
    assert "(/search" not in plain
    assert "(/form/contact)" not in "\n".join(examples(WEBSHOP))


def test_what_goes_before_the_site_is_the_same_for_every_site_of_a_kind():
    other = SHOP | {"name": "Other", "tagline": "Elsewhere."}
    first, second = (render(WEB.simulate, spec=s, opening="").split("# The site")[0] for s in (SHOP, other))
    assert first == second
