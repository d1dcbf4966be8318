"""A small shop with everything in it, ways to act in it, and a browser where there is one."""

import asyncio
import shutil
from importlib.util import find_spec

import pytest

from simenv.plugins import environment
from simenv.types import Action, Task

Web = environment("web").world

ITEM = {
    "id": "p1",
    "title": "Marlowe Steel Kettle",
    "category": "Kitchen",
    "price": 39.5,
    "rating": 4.2,
    "description": "Boils fast.",
    "options": {"colour": ["red", "blue"], "size": ["S", "M", "L", "XL", "XXL"]},
    "details": {"brand": "Marlowe"},
}
SHOP = {
    "name": "Fern & Co",
    "catalogue": {
        "items": [
            ITEM,
            {
                "id": "p2",
                "title": "Junia Glass Kettle",
                "category": "Kitchen",
                "price": 25,
                "details": {"brand": "Junia"},
            },
            {"id": "p3", "title": "Junia Wall Clock", "category": "Home", "price": 60, "stock": 0},
        ],
        "filters": ["category", "brand"],
        "page_size": 2,
        "order": {"fields": [{"name": "quantity", "kind": "number", "value": 1, "min": 1, "max": 9}]},
    },
    "checkout": {"fields": [{"name": "name", "label": "Full name", "kind": "text"}]},
    "forms": {
        "contact": {
            "title": "Contact",
            "into": "messages",
            "fields": [
                {"name": "email", "kind": "email"},
                {"name": "day", "kind": "date", "required": False},
                {"name": "message", "kind": "textarea"},
                {"name": "copy", "label": "Send me a copy", "kind": "checkbox"},
            ],
        },
        "settings": {
            "title": "Settings",
            "into": "profile",
            "replaces": True,
            "private": True,
            "fields": [{"name": "theme", "kind": "radio", "options": ["Light", "Dark"]}],
        },
    },
    "tables": {
        "orders": {"title": "My orders", "cancel": True, "records": []},
        "profile": {"records": [{"theme": "Light"}]},
        "accounts": {"records": [{"username": "ann", "password": "secret"}]},
    },
    "login": {"table": "accounts", "by": ["username", "password"]},
    "pages": {"about": {"title": "About us", "html": "<p>We sell <b>kettles</b>.</p>"}},
}
GOAL = {
    "records": [{"table": "orders", "match": {"name": "Ann", "items": [{"item": "p1", "options": {"colour": "red"}}]}}]
}


def task(spec=SHOP, goal=GOAL, instruction="Buy the kettle."):
    return Task(id="t", environment="web", instruction=instruction, spec=spec, goal=goal)


class Visit:
    """A world with short names for what is done in it; `seen` is the last observation."""

    def __init__(self, example, **options):
        self.world = Web(Web.Options(**options))
        self.world.check(example.spec)
        self.world.check_goal(example.goal)
        self.seen = asyncio.run(self.world.reset(example))

    def act(self, name, **arguments):
        self.seen = asyncio.run(self.world.step(Action(name=name, arguments=arguments)))
        return self

    def click(self, element):
        return self.act("click", element=element)

    @property
    def facts(self):
        return asyncio.run(self.world.state())

    def grade(self, answer=None):
        return asyncio.run(self.world.grade(answer))


@pytest.fixture
def visit():
    made = []

    def start(example=None, **options):
        made.append(Visit(example or task(), **options))
        return made[-1]

    yield start
    for one in made:
        asyncio.run(one.world.close())


@pytest.fixture
def chromium():
    """Skips, and names what is missing."""
    if find_spec("playwright") is None:
        pytest.skip("the package playwright is not installed: pip install simenv[web]")
    if not any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"))):
        pytest.skip("the package chromium is not installed")
