"""Specs and goals that are valid and strange, as a model may write them: every page opens, every click is answered."""

import asyncio

import pytest
from numpy.random import default_rng

from simenv.errors import WorldError
from simenv.plugins.environments.web.teacher import WebExpert

from .conftest import ITEM, SHOP, Web, task

FORM = {"title": "F", "into": "things", "fields": [{"name": "a", "kind": "text", "required": False}]}
RECORDS = [{}, {"id": [1], "items": 3, "options": "x"}, {"a": {"options": 1}, "id": None}]
ODD = {
    "only a name": {"name": "x"},
    "no items": {"name": "x", "catalogue": {"items": []}},
    "the same item twice": {"name": "x", "catalogue": {"items": [ITEM, ITEM]}},
    "a cart without checkout": {"name": "x", "catalogue": {"items": [ITEM]}},
    "a text quantity": {**SHOP, "catalogue": {"items": [ITEM], "order": {"fields": [{"name": "quantity", "kind": "text"}]}}},
    "a field like an option": {**SHOP, "catalogue": {"items": [ITEM], "order": {"fields": [{"name": "size", "kind": "text"}]}}},
    "filters of nothing": {**SHOP, "catalogue": {"items": [ITEM], "filters": ["weight", "shape"]}},
    "unique of no field": {"name": "x", "forms": {"f": {**FORM, "unique": "b"}}},
    "no fields": {"name": "x", "forms": {"f": {**FORM, "fields": []}}},
    "replaces nothing": {"name": "x", "forms": {"f": {**FORM, "replaces": True}}},
    "login without accounts": {
        "name": "x", "login": {"table": "none", "by": ["a", "b"]}, "forms": {"f": {**FORM, "private": True}},
    },
    "records of any shape": {
        "name": "x",
        "tables": {"t": {"title": "T", "cancel": True, "records": RECORDS}},
    },
    "a hub of nothing": {"name": "x", "hub": {"title": "H", "holds": ["/page/none"]}},
    "a start nowhere": {"name": "x", "at": "/nowhere/at/all?q=1"},
    "webshop without options": {
        "name": "x", "layout": "webshop", "catalogue": {"items": [{"id": "a", "title": "b", "price": 1}]},
    },
    "webshop with nothing": {"name": "x", "layout": "webshop"},
    "empty values": {
        "name": "x", "tagline": "",
        "catalogue": {"items": [{"id": "a", "title": " ", "price": 0, "category": "", "options": {}}]},
    },
}  # fmt: skip
GOALS = [
    {"records": [{"table": "nowhere", "match": {"a": 1}}]},
    {"records": [{"table": "orders", "match": {"items": [{"item": "nothing"}]}}]},
    {
        "records": [
            {"table": "things", "match": {"a": "b"}},
            {"table": "t", "match": {"id": "x", "status": "cancelled"}},
        ]
    },
    {"user": "nobody"},
    {"answer": {"number": 1}, "about": "/page/none"},
    {"webshop": {"name": "", "query": "", "category": "", "attributes": [], "options": [], "price_upper": 5}},
]


@pytest.mark.parametrize("name", ODD)
def test_a_random_visitor_is_always_answered(visit, name):
    rng = default_rng(0)
    for goal in GOALS:
        example = task(ODD[name], goal)
        shop = visit(example)
        WebExpert().plan(shop.world, example)
        for _ in range(40):
            number = int(rng.integers(max(1, len(shop.seen.choices))))
            kinds = shop.seen.choices[number] if shop.seen.choices else ""
            if "textbox" in kinds or "searchbox" in kinds:
                shop.act("type", element=number, text="3 x")
            elif "combobox" in kinds:
                shop.act("select", element=number, option="nothing")
            else:
                shop.click(number)
            shop.seen.model_dump_json()
        WebExpert().plan(shop.world, example)
        shop.grade("1")
        other = visit(example)
        other.world.load(shop.world.save())
        assert other.facts == shop.facts


@pytest.mark.parametrize("name", ["id", "item", "items", "price", "options", "status", "total"])
def test_fields_may_not_take_the_names_of_what_the_site_writes(name):
    form = {**FORM, "fields": [{"name": name, "kind": "text"}]}
    with pytest.raises(WorldError, match=r"\$\.forms\.f\.fields\[0\]\.name"):
        Web.check({"name": "x", "forms": {"f": form}})


def test_an_order_of_a_text_quantity_counts_as_one(visit):
    shop = visit(task(ODD["a text quantity"])).click("Catalogue").click(ITEM["title"]).click("red")
    shop.act("select", element="Size", option="S").act("type", element="Quantity", text="many").click("Add to cart")
    assert "Cart (1)" in shop.seen.text and shop.facts["site"]["cart"][0]["quantity"] == 1


def test_two_worlds_do_not_share_a_page(visit):
    one, two = visit(), visit()
    one.click("Contact").act("type", element="Message", text="mine")
    assert "mine" not in two.click("Contact").seen.text
    assert asyncio.run(one.world.state()) != asyncio.run(two.world.state())
